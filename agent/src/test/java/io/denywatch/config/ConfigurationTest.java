package io.denywatch.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.command.TestWorld;
import io.denywatch.denial.LoadBalancer;
import io.denywatch.denial.LoadBalancer.ServicePort;
import io.denywatch.denial.Transport;
import io.denywatch.exposition.HostPort;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import io.denywatch.tail.FileTail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {
    @TempDir
    private Path directory = Path.of("");

    private static Configuration read(String... assignments) {
        return ConfigurationReader.read(Settings.read(null, List.of(assignments)), new TestWorld().world());
    }

    private Configuration readFile(String yaml, String... assignments) throws IOException {
        Path file = Files.writeString(directory.resolve("config.yaml"), yaml);
        return ConfigurationReader.read(Settings.read(file, List.of(assignments)), new TestWorld().world());
    }

    private static Configuration readIn(Map<String, String> environment, String... assignments) {
        return ConfigurationReader.read(
                Settings.read(null, List.of(assignments)),
                new TestWorld().withEnvironment(environment).world());
    }

    private static String refusal(String... assignments) {
        CommandFailure failure = assertThrows(CommandFailure.class, () -> read(assignments));
        assertEquals(CommandFailure.USAGE, failure.exitCode());
        return failure.line();
    }

    private String fileRefusal(String yaml) {
        CommandFailure failure = assertThrows(CommandFailure.class, () -> readFile(yaml));
        assertEquals(CommandFailure.USAGE, failure.exitCode());
        return failure.line();
    }

    @Test
    void defaultsAreThoseOfTheTable() {
        Configuration configuration = read();

        assertEquals("test-host", configuration.node());
        assertEquals(SourceKind.FILE, configuration.source().kind());
        assertEquals(Path.of("/var/log/syslog"), configuration.source().path());
        assertEquals(FileTail.Start.END, configuration.source().startAt());
        assertTrue(configuration.source().learnZone());
        assertEquals(List.of("calico-packet", "calico-drop"), configuration.prefixes());
        assertEquals(Discovery.ANY, configuration.loadBalancers().discovery());
        assertEquals(List.of(), configuration.loadBalancers().known());
        assertEquals(256, configuration.loadBalancers().max());
        assertEquals(new Configuration.SourceSettings(1024, 20, 64), configuration.sources());
        assertEquals("127.0.0.1", configuration.http().listen().getAddress().getHostAddress());
        assertEquals(9464, configuration.http().listen().getPort());
        assertEquals(Path.of("/var/lib/denywatch"), configuration.checkpointDirectory());
    }

    @Test
    void takesTheNodeFromTheEnvironmentUnlessConfigured() {
        ProcessContext world =
                new TestWorld().withEnvironment(Map.of("NODE_NAME", "worker-7")).world();

        assertEquals(
                "worker-7",
                ConfigurationReader.read(Settings.read(null, List.of()), world).node());
        assertEquals(
                "worker-8",
                ConfigurationReader.read(Settings.read(null, List.of("node=worker-8")), world)
                        .node());
    }

    @Test
    void readsWholeFile() throws IOException {
        Configuration configuration = readFile("""
                node: worker-1
                source: {kind: file, path: /tmp/log, startAt: beginning, timezone: Europe/Berlin}
                packets:
                  prefixes: [mine]
                loadBalancers:
                  static:
                    - 203.0.113.0/28
                    - 2001:db8::1
                    - {address: 10.0.0.1, namespace: shop, service: web, ports: [tcp/80, udp/53]}
                  max: 300
                sources: {trackedPerLoadBalancer: 64, exportedPerLoadBalancer: 64, ipv6PrefixLength: 56}
                http: {listen: "[::1]:0"}
                blocklist: {mode: off, neverBlock: [10.0.0.0/8]}
                checkpoint: {directory: /tmp/state}
                """);

        assertEquals(Discovery.STATIC, configuration.loadBalancers().discovery());
        assertEquals(
                new LoadBalancer(
                        List.of(IpPrefix.parse("10.0.0.1")),
                        "shop",
                        "web",
                        List.of(new ServicePort(Transport.TCP, 80), new ServicePort(Transport.UDP, 53)),
                        List.of()),
                configuration.loadBalancers().known().get(2));
        assertEquals(
                LoadBalancer.at(IpPrefix.parse("2001:db8::1")),
                configuration.loadBalancers().known().get(1));
        assertFalse(configuration.source().learnZone());
        assertEquals(0, configuration.http().listen().getPort());
        assertEquals(
                List.of(IpPrefix.parse("10.0.0.0/8")),
                configuration.blocklist().exempt().blocks());
    }

    @Test
    void refusesNamesAndPortsThatNoTotalsAreKeptFor() {
        String name = "x".repeat(64);
        assertEquals(
                "loadBalancers.static: service \"" + name
                        + "\" is not allowed; allowed: at most 63 characters of printable ASCII",
                refusal("loadBalancers.static=[{address: 10.0.0.1, service: " + name + "}]"));
        String ports =
                IntStream.rangeClosed(1, 65).mapToObj(port -> "tcp/" + port).collect(Collectors.joining(", "));
        assertEquals(
                "loadBalancers.static: 65 ports of a load balancer are not allowed; allowed: at most 64",
                refusal("loadBalancers.static=[{address: 10.0.0.1, ports: [" + ports + "]}]"));
    }

    @Test
    void readsEachKindOfSource() {
        for (SourceKind kind : SourceKind.values()) {
            assertEquals(kind, read("source.kind=" + kind.label()).source().kind());
        }
    }

    @Test
    void discoversLoadBalancersInAPodUnlessTheyAreListed() {
        Map<String, String> pod = Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1");

        assertEquals(Discovery.ANY, read().loadBalancers().discovery());
        assertEquals(Discovery.KUBERNETES, readIn(pod).loadBalancers().discovery());
        assertEquals(
                Discovery.STATIC,
                readIn(pod, "loadBalancers.static=[10.0.0.1]").loadBalancers().discovery());
        assertEquals(
                Discovery.ANY,
                readIn(pod, "loadBalancers.discover=any").loadBalancers().discovery());
        assertEquals(
                Discovery.KUBERNETES,
                read("loadBalancers.discover=kubernetes").loadBalancers().discovery());
    }

    @Test
    void servesOthersInAPodOnly() {
        Map<String, String> pod = Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1");

        assertEquals("[127.0.0.1:9464, off]", addresses(read()));
        assertEquals("[0.0.0.0:9464, 0.0.0.0:9465]", addresses(readIn(pod)));
        assertEquals("[0.0.0.0:9464, off]", addresses(readIn(pod, "http.probes=off")));
        assertEquals("[10.0.0.1:1, [::1]:2]", addresses(read("http.listen=10.0.0.1:1", "http.probes=[::1]:2")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"[::]:9464", "[::1]:0", "'[::]:9464'", "\"[::]:9464\"", "[2001:db8::a:b]:65535", "0.0.0.0:1"})
    void takesAnAddressInBracketsWithoutQuotes(String listen) throws IOException {
        List<String> wanted = List.of(listen.replaceAll("['\"]", ""), "off");

        assertEquals(wanted.toString(), addresses(read("http.listen=" + listen)));
        for (String file : List.of(
                "http:\n  listen: " + listen + "\n",
                "http:\n  listen: " + listen + "   # all of them\n  allowedHosts: [a.example]\nnode: a\n",
                "http.listen: " + listen + "\n",
                "http: {listen: " + listen + ", allowedHosts: [a.example]}\nnode: a\n",
                "http: {allowedHosts: [a.example], listen: " + listen + "}\n")) {
            assertEquals(wanted.toString(), addresses(readFile(file)), file);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a: b", "[x]/log", "*.log", "@x", "%x", "`x`", "{a}/log", "/it's [x]: y", "/a{b,c}d: e"})
    void takesATextThatLooksLikeYaml(String path) throws IOException {
        assertEquals(Path.of(path), read("source.path=" + path).source().path());
        assertEquals(
                Path.of(path),
                readFile("source:\n  path: " + path + "\nnode: a\n").source().path());
    }

    private static String addresses(Configuration configuration) {
        return List.of(
                        HostPort.text(configuration.http().listen()),
                        configuration.http().probes().map(HostPort::text).orElse("off"))
                .toString();
    }

    @Test
    void assignmentsWinOverTheFileAndLaterOverEarlier() throws IOException {
        Configuration configuration = readFile(
                "sources: {trackedPerLoadBalancer: 64}\nhttp: {listen: 127.0.0.1:1}\n",
                "http.listen=127.0.0.1:2",
                "http.listen=127.0.0.1:3",
                "loadBalancers.static=[10.0.0.1]");

        assertEquals(3, configuration.http().listen().getPort());
        assertEquals(64, configuration.sources().trackedPerLoadBalancer());
        assertEquals(
                List.of(LoadBalancer.at(IpPrefix.parse("10.0.0.1"))),
                configuration.loadBalancers().known());
    }

    @Test
    void emptyFileIsAllDefaults() throws IOException {
        assertEquals(read(), readFile(""));
        assertEquals(read(), readFile("# nothing\n"));
        assertEquals(read(), readFile("source:\n"));
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void everySettingRefusesAnotherTypeNamingKeyAndAllowed(Setting setting) {
        String refusal = refusal(setting.key() + "={a: 1}");

        assertTrue(refusal.startsWith(setting.key() + ": {\"a\":1} is not allowed"), refusal);
        assertTrue(refusal.endsWith("allowed: " + setting.allowed()), refusal);
        assertTrue(refusal(setting.key() + "=").startsWith(setting.key() + ": nothing is not allowed"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    node                           | has blank           | "has blank" is not allowed
                    source.kind                    | pipe                | "pipe" is not allowed
                    source.startAt                 | middle              | "middle" is not allowed
                    source.timezone                | Mars/Olympus        | "Mars/Olympus" is not allowed
                    packets.prefixes               | []                  | 0 prefixes is not allowed
                    packets.prefixes               | [1]                 | 1 is not allowed
                    loadBalancers.discover         | dns                 | "dns" is not allowed
                    loadBalancers.static           | [10.0.0.1/33]       | "10.0.0.1/33" has no prefix length
                    loadBalancers.static           | [10.0.0.1/8]        | has bits set after the prefix
                    loadBalancers.static           | [{service: a}]      | {"service":"a"} is not allowed
                    loadBalancers.static           | [{address: 10.0.0.1, prots: []}] | did you mean ports?
                    loadBalancers.static           | [{address: 10.0.0.1, ports: [tcp/0]}] | port "tcp/0" is not allowed
                    loadBalancers.static           | [{address: 10.0.0.1, ports: tcp}] | ports "tcp" is not allowed
                    loadBalancers.max              | 0                   | 0 is not allowed; allowed: a whole number from 1
                    loadBalancers.max              | 4097                | 4097 is not allowed
                    loadBalancers.max              | '"1"'               | "1" is not allowed
                    sources.trackedPerLoadBalancer | 15                  | 15 is not allowed
                    sources.trackedPerLoadBalancer | 1.5                 | 1.5 is not allowed
                    sources.exportedPerLoadBalancer | 1001               | 1001 is not allowed
                    sources.ipv6PrefixLength       | 129                 | 129 is not allowed
                    http.listen                    | 9464                | 9464 is not allowed
                    http.listen                    | 0.0.0.0:65536       | "0.0.0.0:65536" is not allowed
                    http.listen                    | 256.0.0.1:1         | "256.0.0.1:1" is not allowed
                    http.listen                    | example.org:1       | "example.org:1" is not allowed
                    http.listen                    | '"::1:9464"'        | "::1:9464" is not allowed
                    http.probes                    | 9465                | 9465 is not allowed
                    http.probes                    | on                  | "on" is not allowed
                    http.allowedHosts              | [a b]               | "a b" is not allowed
                    http.allowedHosts              | ['a:1']             | "a:1" is not allowed
                    http.allowedHosts              | ['*']               | "*" is not allowed
                    blocklist.mode                 | on                  | "on" is not allowed
                    """)
    void refusesWrongValue(String key, String value, String problem) {
        String refusal = refusal(key + "=" + value);

        assertTrue(refusal.startsWith(key + ": "), refusal);
        assertTrue(refusal.contains(problem), refusal);
    }

    @Test
    void exportsNoMoreThanItTracks() {
        String refusal = refusal("sources.trackedPerLoadBalancer=16");

        assertEquals(
                "sources.exportedPerLoadBalancer: 20 is not allowed; allowed: at most"
                        + " sources.trackedPerLoadBalancer, which is 16",
                refusal);
    }

    @ParameterizedTest
    @CsvSource({
        "source.pth, source.path",
        "sorce.path, source.path",
        "htp.listen, http.listen",
        "nod, node",
        "soruces, sources",
        "loadBalancers.statics, loadBalancers.static",
        "source.path.x, source.path"
    })
    void suggestsTheNearestKey(String wrong, String meant) {
        assertEquals(wrong + ": unknown setting; did you mean " + meant + "?", refusal(wrong + "=x"));
    }

    @Test
    void refusesBrokenFilesInOneLine() {
        assertTrue(fileRefusal("node: a\nnode: b\n").contains("line 2"), fileRefusal("node: a\nnode: b\n"));
        assertTrue(fileRefusal("node: [\n").contains("is not YAML"), fileRefusal("node: [\n"));
        assertTrue(fileRefusal("just text\n").contains("\"just text\""), fileRefusal("just text\n"));
        assertTrue(fileRefusal("source: /var/log\n").startsWith("source: \"/var/log\" is not allowed"));
        assertTrue(fileRefusal("---\nnode: a\n---\nnode: b\n").contains("is not YAML"));
    }

    @Test
    void namesFileThatCannotBeRead() {
        Path missing = directory.resolve("missing.yaml");

        assertTrue(assertThrows(CommandFailure.class, () -> Settings.read(missing, List.of()))
                .line()
                .contains(missing + " does not exist"));
        assertTrue(assertThrows(CommandFailure.class, () -> Settings.read(directory, List.of()))
                .line()
                .contains(directory + " is a directory"));
    }
}

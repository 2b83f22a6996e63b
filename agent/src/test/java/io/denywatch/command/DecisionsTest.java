package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.ip.Ip;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whom the default rules promote: a log that an agent follows and one that is replayed must lead to the same. */
class DecisionsTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Instant START = Instant.parse("2026-03-01T09:59:00Z");
    private static final String NODE = "203.0.113.1";
    private static final String NODE_IPV6 = "2001:db8:ffff::1";
    private static final String CONTROL = "192.0.2.200"; // scans at the very end, so that all before is decided
    private static final int SCAN_THRESHOLD = 20;
    private static final long STEP_MILLIS = 10;

    /** Ports that scanners try first, 49152 to 49157 among them, to which Linux also gives outgoing connections. */
    private static final int[] TOP_PORTS = {
        7, 9, 13, 21, 22, 23, 25, 26, 37, 53, 79, 80, 81, 88, 106, 110, 111, 113, 119, 135, 139, 143, 144, 179, 199,
        389, 427, 443, 444, 445, 465, 513, 514, 515, 543, 544, 548, 554, 587, 631, 646, 873, 990, 993, 995, 1025, 1026,
        1027, 1028, 1029, 1110, 1433, 1720, 1723, 1755, 1900, 2000, 2001, 2049, 2121, 2717, 3000, 3128, 3306, 3389,
        3986, 4899, 5000, 5009, 5051, 5060, 5101, 5190, 5357, 5432, 5631, 5666, 5800, 5900, 6000, 6001, 6646, 7070,
        8000, 8008, 8009, 8080, 8081, 8443, 8888, 9100, 9999, 10000, 32768, 49152, 49153, 49154, 49155, 49156, 49157
    };

    @TempDir
    private Path directory = Path.of("");

    private final List<String> lines = new ArrayList<>();
    private int sent;

    /** A packet, a moment after the one before. */
    private void packet(String source, String destination, String transport) {
        Instant at = START.plusMillis(STEP_MILLIS * sent++);
        boolean ipv6 = source.indexOf(':') >= 0;
        lines.add(at + " n1 kernel: calico-packet: IN=eth1 OUT= MAC= SRC=" + written(source) + " DST="
                + written(ipv6 ? NODE_IPV6 : destination) + " LEN=60 "
                + (ipv6
                        ? "TC=0 HOPLIMIT=57 FLOWLBL=7 PROTO="
                        : "TOS=0x00 PREC=0x00 TTL=57 ID=" + sent % 65_536 + " DF PROTO=")
                + transport + " ");
    }

    /** As the kernel writes it: in IPv6, all digits. */
    private static String written(String address) {
        Ip ip = Ip.parse(address);
        return ip.isIpv4()
                ? address
                : String.format(Locale.ROOT, "%016x%016x", ip.high(), ip.low()).replaceAll("(.{4})(?!$)", "$1:");
    }

    private void udp(String source, int from, int to) {
        packet(source, NODE, "UDP SPT=" + from + " DPT=" + to + " LEN=40");
    }

    private void tcp(String source, int from, int to, String flags) {
        tcp(source, NODE, from, to, flags);
    }

    private void tcp(String source, String destination, int from, int to, String flags) {
        packet(
                source,
                destination,
                "TCP SPT=" + from + " DPT=" + to + " WINDOW=1024 RES=0x00 " + (flags.isEmpty() ? "" : flags + " ")
                        + "URGP=0");
    }

    private void scan(String source, String flags, int from, IntStream ports) {
        ports.forEach(port -> tcp(source, from, port, flags));
    }

    private Path write() throws IOException {
        return Files.writeString(
                directory.resolve("syslog"),
                String.join("\n", lines) + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING);
    }

    private static Object[] arguments(String command, Stream<String> settings, Object... more) {
        return Stream.concat(
                        Stream.concat(Stream.of(command), settings.flatMap(setting -> Stream.of("--set", setting))),
                        Stream.of(more))
                .toArray();
    }

    private static JsonNode replay(Path log, String... settings) {
        TestWorld world = new TestWorld();
        assertEquals(0, world.run(arguments("replay", Stream.of(settings), log, "--output", "json")), world::err);
        JsonNode replayed = JSON.readTree(world.out());
        assertEquals(replayed.get("lines"), replayed.get("packets"), "well-formed lines");
        return replayed;
    }

    /** Each source that is promoted, with the rule. */
    private static List<String> promotions(JsonNode replay) {
        return replay.get("promotions")
                .valueStream()
                .map(promotion -> promotion.get("source").asString() + " "
                        + promotion.get("rule").asString())
                .distinct()
                .toList();
    }

    /** The sources that an agent in dry-run promotes, which reads all of it in one round, and decides by evidence. */
    private Set<String> agentPromotions(Path log, String... settings) throws IOException {
        return agentPromotions(log, "http.listen=127.0.0.1:0", () -> {}, settings);
    }

    private Set<String> agentPromotions(Path log, String listen, Runnable meanwhile, String... settings)
            throws IOException {
        Path state = Files.createTempDirectory(directory, "state");
        Stream<String> own = Stream.of(
                "source.kind=file",
                "source.path=" + log,
                "source.startAt=beginning",
                listen,
                "blocklist.mode=dry-run",
                "checkpoint.directory=" + state);
        Instant end = START.plusMillis(STEP_MILLIS * sent);
        TestWorld world = new TestWorld().living(end, out -> {
            meanwhile.run();
            return out.contains("\"" + CONTROL + "\"");
        });
        assertEquals(0, world.run(arguments("agent", Stream.concat(own, Stream.of(settings)))), world::err);
        return world.out()
                .lines()
                .map(JSON::readTree)
                .filter(decision -> decision.path("decision").asString("").equals("blocked"))
                .map(decision -> decision.get("source").asString())
                .collect(Collectors.toSet());
    }

    /** Both promote these and the control. */
    private void promotes(String... expected) throws IOException {
        scan(CONTROL, "SYN", 50_000, IntStream.rangeClosed(1, SCAN_THRESHOLD));
        assertTrue(STEP_MILLIS * sent < 60_000, "the packets must be timely for an agent: " + sent);
        Path log = write();
        List<String> all = Stream.concat(Stream.of(expected), Stream.of(CONTROL + " port-scan"))
                .toList();
        assertEquals(all, promotions(replay(log)), "replay");
        assertEquals(
                all.stream().map(each -> each.substring(0, each.indexOf(' '))).collect(Collectors.toSet()),
                agentPromotions(log),
                "agent");
    }

    @Test
    void lateRepliesAreNoScan() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 100; i++) {
            int called = 32_768 + random.nextInt(28_232);
            udp("1.1.1.1", 53, called);
            udp("192.0.2.123", 123, called);
            udp("142.250.74.68", 443, called);
            tcp("104.16.132.229", 443, called, "ACK");
            tcp(
                    "151.101.1.140",
                    443,
                    called,
                    List.of("RST", "ACK RST", "ACK FIN", "ACK PSH FIN").get(i % 4));
            tcp("192.0.2.80", 80, called, "ACK SYN");
            tcp("192.0.2.64", 6443, called, "ACK PSH");
        }
        promotes();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SYN", "ACK", "FIN", "", "URG PSH FIN", "ACK FIN", "RST", "ACK SYN", "SYN FIN"})
    void aScanOfServicePortsIsOneFromWhateverPortAndWithWhateverFlags(String flags) throws IOException {
        scan("198.51.100.1", flags, 53, IntStream.rangeClosed(1, 1_024));
        scan("198.51.100.2", flags, 443, IntStream.of(TOP_PORTS));
        scan("198.51.100.3", flags, 53, IntStream.rangeClosed(30_000, 30_100)); // node ports
        promotes("198.51.100.1 port-scan", "198.51.100.2 port-scan", "198.51.100.3 port-scan");
    }

    @Test
    void aScanByUdpIsOneFromWhateverPort() throws IOException {
        IntStream.rangeClosed(1, 200).forEach(port -> udp("198.51.100.1", 53, port));
        IntStream.of(TOP_PORTS).forEach(port -> udp("198.51.100.2", 53, port));
        IntStream.rangeClosed(30_000, 30_100).forEach(port -> udp("198.51.100.3", 123, port));
        IntStream.rangeClosed(40_000, 40_100).forEach(port -> udp("198.51.100.4", 50_000, port));
        promotes(
                "198.51.100.1 port-scan", "198.51.100.2 port-scan", "198.51.100.3 port-scan", "198.51.100.4 port-scan");
    }

    @Test
    void amongPortsOfOutgoingConnectionsOnlyWhatCouldReplyIsNoScan() throws IOException {
        scan("198.51.100.1", "SYN", 53, IntStream.rangeClosed(40_000, 40_100));
        scan("198.51.100.2", "FIN", 443, IntStream.rangeClosed(40_000, 40_100));
        scan("198.51.100.3", "", 443, IntStream.rangeClosed(40_000, 40_100));
        scan("198.51.100.4", "URG PSH FIN", 443, IntStream.rangeClosed(40_000, 40_100));
        scan("198.51.100.5", "ACK", 50_000, IntStream.rangeClosed(40_000, 40_100));
        promotes(
                "198.51.100.1 port-scan",
                "198.51.100.2 port-scan",
                "198.51.100.3 port-scan",
                "198.51.100.4 port-scan",
                "198.51.100.5 port-scan");
    }

    @Test
    void repliesAreStillPackets() throws IOException {
        for (int i = 0; i < 400; i++) {
            udp("198.51.100.1", 53, 40_000 + i);
        }
        promotes("198.51.100.1 noisy");
    }

    /** 1,100 sources of one packet each, and then a scanner; the least evidence, which an open breaker refuses. */
    private JsonNode crowd(IntFunction<String> source) throws IOException {
        for (int i = 0; i < 1_100; i++) {
            tcp(source.apply(i), 50_000, 443, "SYN");
        }
        scan(CONTROL, "SYN", 50_000, IntStream.rangeClosed(1, SCAN_THRESHOLD));
        return replay(write());
    }

    @Test
    void aCrowdOfOneNetworkSavesNoScanner() throws IOException {
        List<IntFunction<String>> networks = List.of(
                i -> "2001:db8:7:" + Integer.toHexString(i) + "::1", // /64s of one /48
                i -> "2001:db8:" + Integer.toHexString(i) + "::1", // /48s of one /32
                i -> "45.8.7." + i % 256, // one /24
                i -> "45.8." + i % 5 + "." + i / 5, // some /24s of one /16
                i -> "45.8." + i % 256 + "." + i / 256); // all of them
        for (int i = 0; i < networks.size(); i++) {
            lines.clear();
            sent = 0;
            JsonNode replayed = crowd(networks.get(i));
            assertEquals(List.of(CONTROL + " port-scan"), promotions(replayed), "network " + i);
            Set<String> blocked = agentPromotions(directory.resolve("syslog"));
            assertEquals(Set.of(CONTROL), blocked, "network " + i);
        }
        lines.clear();
        sent = 0;
        JsonNode forged = crowd(i -> "45." + i % 200 + "." + i / 200 + ".7");
        assertEquals(List.of(), promotions(forged));
        assertEquals(1, forged.at("/backtest/refusals/breaker").asInt(), forged.get("backtest")::toString);
    }

    /**
     * A destination that is counted becomes a source: it is exempt with any discovery. The agent is told of it once it has
     * published the counts; it then reads the rest of the log.
     */
    @ParameterizedTest
    @CsvSource({"any, 203.0.113.7", "any, " + NODE_IPV6, "static, 203.0.113.7"})
    void aCountedDestinationIsExempt(String discover, String own) throws IOException {
        boolean ipv6 = own.contains(":");
        tcp(ipv6 ? "2001:db8:9::1" : "198.51.100.1", own, 50_000, 443, "SYN");
        List<String> before = List.copyOf(lines);
        scan(own, "SYN", 50_000, IntStream.rangeClosed(1, 100));
        scan(CONTROL, "SYN", 50_000, IntStream.rangeClosed(1, SCAN_THRESHOLD));
        List<String> all = List.copyOf(lines);
        String[] settings = {
            "loadBalancers.discover=" + discover,
            "loadBalancers.static=" + (discover.equals("static") ? "[{address: " + own + "}]" : "[]")
        };

        JsonNode replayed = replay(write(), settings);
        assertEquals(List.of(CONTROL + " port-scan"), promotions(replayed));
        assertEquals(5, replayed.at("/backtest/refusals/never_block").asInt(), replayed.get("backtest")::toString);

        lines.retainAll(before);
        Path log = write();
        int port = freePort();
        AtomicBoolean told = new AtomicBoolean();
        Runnable meanwhile = () -> {
            if (!told.get() && published(port).contains("\"" + own + "\"")) {
                told.set(true);
                append(log, all.subList(before.size(), all.size()));
            }
        };
        assertEquals(Set.of(CONTROL), agentPromotions(log, "http.listen=127.0.0.1:" + port, meanwhile, settings));
        assertTrue(told.get());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** What the agent says of load balancers, empty while it does not listen. */
    private static String published(int port) {
        try (InputStream document =
                URI.create("http://127.0.0.1:" + port + "/api/v1/nlbs").toURL().openStream()) {
            return new String(document.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private static void append(Path log, List<String> more) {
        try {
            Files.writeString(log, String.join("\n", more) + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As many service ports as the rule asks for, hidden among packets that look like replies. */
    @Test
    void nothingHidesAScanOfServicePorts() throws IOException {
        for (long seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            lines.clear();
            sent = 0;
            int[] service =
                    random.ints(1, 32_768).distinct().limit(SCAN_THRESHOLD).toArray();
            for (int port : service) {
                for (int i = random.nextInt(5); i > 0; i--) {
                    tcp("198.51.100.1", 443, 32_768 + random.nextInt(28_232), "ACK");
                    udp("198.51.100.1", 53, 32_768 + random.nextInt(28_232));
                }
                int from = 1 + random.nextInt(65_535);
                if (random.nextBoolean()) {
                    udp("198.51.100.1", from, port);
                } else {
                    tcp(
                            "198.51.100.1",
                            from,
                            port,
                            List.of("ACK", "RST", "SYN", "ACK SYN", "").get(random.nextInt(5)));
                }
            }
            assertEquals(List.of("198.51.100.1 port-scan"), promotions(replay(write())), "seed " + seed);
        }
    }
}

package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.config.ConfigurationReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DoctorCommandTest {
    private static final String LINE =
            "2026-03-01T09:59:30+00:00 n1 kernel: calico-packet: IN=eth0 OUT= SRC=198.51.100.7"
                    + " DST=192.0.2.10 LEN=40 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=2 \n";

    @TempDir
    private Path root = Path.of("");

    @BeforeEach
    void makeNode() throws IOException {
        for (String directory : List.of("var/log", "var/lib", "dev")) {
            Files.createDirectories(root.resolve(directory));
        }
        Files.writeString(root.resolve("var/log/syslog"), LINE);
        Files.writeString(root.resolve("dev/kmsg"), "");
    }

    private TestWorld run(int code, String... arguments) {
        TestWorld world = new TestWorld();
        Object[] all = new Object[arguments.length + 3];
        all[0] = "doctor";
        all[1] = "--root";
        all[2] = root;
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        assertEquals(code, world.run(all), () -> world.out() + world.err());
        return world;
    }

    private JsonNode json(int code, String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "--output";
        all[1] = "json";
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return new JsonMapper().readTree(run(code, all).out());
    }

    private static List<String> ids(JsonNode diagnosis) {
        return diagnosis
                .get("findings")
                .valueStream()
                .map(finding -> finding.get("id").asString())
                .toList();
    }

    @Test
    void saysInOneLineThatANodeIsHealthy() {
        String out = run(0).out();

        assertTrue(out.startsWith("OK\n  log-readable: /var/log/syslog: "), out);
        assertTrue(out.endsWith("\n\nhealthy: 0 errors, 0 warnings, 0 notes, 6 ok\n"), out);
    }

    /** As {@code kubectl exec} runs it where the agent makes no API calls, and its pod has no token. */
    @Test
    void checksInAPodWhatItsAgentIsConfiguredFor() throws IOException {
        Files.move(root.resolve("var/log/syslog"), root.resolve("var/log/kern.log"));
        Path file = Files.writeString(
                root.resolve("denywatch.yaml"), "{source: {path: /var/log/kern.log}, loadBalancers: {discover: any}}");
        TestWorld pod = new TestWorld()
                .withEnvironment(Map.of(ConfigurationReader.IN_POD, "10.96.0.1", "DENYWATCH_CONFIG", file.toString()));

        assertEquals(0, pod.run("doctor", "--root", root), () -> pod.out() + pod.err());

        assertTrue(pod.out().startsWith("OK\n  log-readable: /var/log/kern.log: "), pod.out());
        assertFalse(pod.out().contains("cluster-"), pod.out());
    }

    @Test
    void putsProblemsFirstWithWhatToDo() throws IOException {
        Files.delete(root.resolve("var/log/syslog"));

        String out = run(1).out();

        assertTrue(out.startsWith("ERRORS\n  log-missing: /var/log/syslog: does not exist;"), out);
        assertTrue(out.contains("\n      why: Without a log, nothing is counted.\n      do:  Set source.path"), out);
        assertTrue(out.contains("\nOK\n  kmsg-readable: "), out);
        assertTrue(out.endsWith("\nnot healthy: 1 error, 0 warnings, 0 notes, 2 ok\n"), out);
        assertFalse(out.contains("\u001b"), out);
    }

    @Test
    void printsOneJsonObject() throws IOException {
        Files.delete(root.resolve("var/log/syslog"));

        JsonNode diagnosis = json(1);

        assertEquals(
                List.of("at", "findings", "summary", "healthy"),
                diagnosis.propertyStream().map(property -> property.getKey()).toList());
        assertEquals(
                "{\"ok\":2,\"note\":0,\"warning\":0,\"error\":1}",
                diagnosis.get("summary").toString());
        assertFalse(diagnosis.get("healthy").asBoolean());
        JsonNode finding = diagnosis.get("findings").get(0);
        assertEquals(
                List.of("id", "severity", "what", "why", "todo", "caveats"),
                finding.propertyStream().map(property -> property.getKey()).toList());
        assertEquals("log-missing", finding.get("id").asString());
        assertEquals("error", finding.get("severity").asString());
        assertTrue(json(1).toString().equals(diagnosis.toString()));
    }

    @Test
    void takesSettingsAsTheAgentDoes() throws IOException {
        Files.writeString(root.resolve("var/log/messages"), LINE.replace("calico-packet", "mine"));
        Path configuration = Files.writeString(root.resolve("denywatch.yaml"), "packets: {prefixes: [mine]}\n");

        assertTrue(ids(json(0, "--set", "source.path=/var/log/messages")).contains("only-other-prefixes"));
        assertFalse(ids(json(0, "--set", "source.path=/var/log/messages", "--config", configuration.toString()))
                .contains("only-other-prefixes"));
    }

    @Test
    void letsTheOptionWinOverTheConfiguredPathAndKind() {
        assertTrue(ids(json(0, "--set", "source.path=/x", "--log", "/var/log/syslog"))
                .contains("log-readable"));
        assertTrue(ids(json(0, "--set", "source.kind=kmsg", "--log", "/var/log/syslog"))
                .contains("log-readable"));
    }

    @Test
    void saysWhichSourceTheAgentWouldChoose() throws IOException {
        assertEquals("source-chosen", ids(json(0, "--set", "source.kind=auto")).getFirst());
        assertTrue(ids(json(0, "--set", "source.kind=auto")).contains("log-readable"));
        Files.delete(root.resolve("var/log/syslog"));
        assertFalse(ids(json(0, "--set", "source.kind=auto")).contains("log-missing"));
        Files.delete(root.resolve("dev/kmsg"));
        assertTrue(ids(json(1, "--set", "source.kind=auto")).contains("log-missing"));
    }
}

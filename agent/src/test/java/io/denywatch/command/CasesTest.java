package io.denywatch.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.testing.Cases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Small logs of nodes in the field, as {@code replay} and {@code parse} count them. */
class CasesTest {
    private static final String PACKET = Cases.text("kernel-tag-with-pid")
            .lines()
            .findFirst()
            .orElseThrow()
            .replace("kernel[978]: [158271.044311]", "kernel:");

    @TempDir
    private Path directory = Path.of("");

    private JsonNode replay(String log) throws IOException {
        Path file = Files.writeString(directory.resolve("log"), log, ISO_8859_1);
        TestWorld world = new TestWorld();
        assertEquals(0, world.run("replay", file.toString(), "--output", "json"), world::err);
        return JsonMapper.shared().readTree(world.out());
    }

    private void assertCounts(int packets, int unrecognized, String suppressed, String log) throws IOException {
        JsonNode report = replay(log);
        assertEquals(packets, report.path("packets").asInt(), log);
        assertEquals(unrecognized, report.path("unrecognized").asInt(-1), log);
        assertEquals(suppressed, report.path("suppressed").toString(), log);
    }

    @Test
    void fieldsOfRfc5424MayHaveValues() throws IOException {
        assertCounts(3, 0, "{}", Cases.text("rfc5424-fields"));
    }

    @Test
    void linesThatWereFoldedCountAsSuppressed() throws IOException {
        assertCounts(1, 0, "{\"syslogd\":7}", Cases.text("last-message-repeated"));
    }

    @Test
    void whatWasFoldedIsTheLineBefore() throws IOException {
        String other = "Sep  5 14:34:42 worker-1 kernel: eth0: link up\n";
        String packet = PACKET + "\n";
        String notice = "Sep  5 14:34:49 worker-1 last message repeated 7 times\n";
        assertCounts(1, 0, "{}", packet + other + notice);
        assertCounts(1, 0, "{\"syslogd\":7}", other + packet + notice);
        assertCounts(1, 0, "{\"syslogd\":14}", packet + notice + notice + other + notice);
        assertCounts(0, 1, "{\"syslogd\":7}", packet.replace("kernel:", "kernel[1]:") + notice);
        assertCounts(1, 0, "{}", packet + notice.replace("last", "app[1]: last")); // anybody could write that
        assertCounts(0, 0, "{\"syslogd\":7}", notice); // it may have been one, in the file before
    }

    @Test
    void noticesCountByWhatWasLost() throws IOException {
        String notices = Cases.text("notices");
        assertCounts(0, 0, "{\"journald\":93586}", notices);
        assertCounts(0, 0, "{}", String.join("\n", notices.lines().limit(3).toList()) + "\n");
    }

    @Test
    void eachLineWithOurPrefixIsCountedOrVisible() throws IOException {
        assertCounts(2, 2, "{}", Cases.text("other-stamps"));
        assertCounts(0, 3, "{}", Cases.text("kernel-tag-with-pid"));
    }

    @Test
    void responsesMayHaveAnyPrefixThatGoesOnFromOurs() throws IOException {
        assertCounts(0, 0, "{}", PACKET.replace("calico-packet:", "calico-packet-resp-est:") + "\n");
    }

    @Test
    void parseSaysWhatItDoesNotUnderstand() {
        TestWorld world =
                new TestWorld().withInput(Cases.text("kernel-tag-with-pid").getBytes(ISO_8859_1));
        assertEquals(0, world.run("parse", "--any-prefix"), world::err);
        assertTrue(world.out().isEmpty(), world::out);
        assertTrue(world.err().contains("unrecognized 3"), world::err);
        assertTrue(
                world.err().contains("3 lines have a prefix of a packet line, but the tag has a process id"),
                world::err);
        assertFalse(world.err().contains("--any-prefix"), world::err);
    }

    @Test
    void parseReadsWhatOtherToolsPrintOrSaysSo() {
        String message = PACKET.substring(PACKET.indexOf("calico-packet"));
        for (String head : new String[] {
            "Sat 2026-09-05 14:34:41 UTC worker-1 kernel: ", "[Sat Sep  5 14:34:41 2026] ", "[158271.044316] "
        }) {
            TestWorld world = new TestWorld().withInput((head + message + "\n").getBytes(ISO_8859_1));
            assertEquals(0, world.run("parse"), world::err);
            assertTrue(world.err().contains("packets 1"), () -> head + world.err());
        }
        String talos = "172.20.0.2: kern:  notice: [2026-09-05T14:34:41.123456789Z]: ";
        TestWorld world = new TestWorld().withInput((talos + message + "\n").getBytes(ISO_8859_1));
        assertEquals(0, world.run("parse"), world::err);
        assertTrue(world.err().contains("unrecognized 1"), world::err);
        assertTrue(world.err().contains("--any-prefix"), world::err);
        TestWorld any = new TestWorld().withInput((talos + message + "\n").getBytes(ISO_8859_1));
        assertEquals(0, any.run("parse", "--any-prefix"), any::err);
        assertTrue(any.err().contains("packets 1"), any::err);
    }

    @Test
    void parsePrintsLinesThatAreNotUnderstoodWhenAsked() {
        TestWorld world = new TestWorld().withInput(Cases.text("other-stamps").getBytes(ISO_8859_1));
        assertEquals(0, world.run("parse", "--malformed"), world::err);
        JsonNode line = JsonMapper.shared()
                .readTree(world.out()
                        .lines()
                        .filter(json -> json.contains("unrecognized"))
                        .findFirst()
                        .orElseThrow());
        assertEquals("head", line.path("reason").asString());
        assertTrue(line.path("text").asString().startsWith("Sep  5 14:34:44 2026 worker-1"), world::out);
    }
}

package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.api.OutputOption;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ParseAndReplayTest {
    private static final String HEAD = "2026-03-01T10:00:00.000001+00:00 n1 kernel: calico-packet: ";
    private static final String TCP = HEAD + "IN=eth0 OUT= MAC=02:00:00:00:00:02:02:00:00:00:00:01:08:00 SRC=192.0.2.7"
            + " DST=203.0.113.5 LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=1 DF PROTO=TCP SPT=40000 DPT=443 WINDOW=64240"
            + " RES=0x00 ACK SYN URGP=0 ";
    private static final String IPV6 = HEAD + "IN=eth0 OUT= MAC= SRC=2001:0db8:0000:0000:0000:0000:0000:0001"
            + " DST=2001:0db8:0000:0000:0000:0000:0000:0002 LEN=80 TC=8 HOPLIMIT=61 FLOWLBL=7 PROTO=UDP SPT=1 DPT=53"
            + " LEN=40 ";
    private static final String BROKEN = HEAD + "IN=eth0 OUT= MAC= SRC=192.0.2.256 DST=203.0.113.5 LEN=60 ";
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    private Path directory = Path.of("");

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        return packed.toByteArray();
    }

    private static byte[] bytes(String... lines) {
        return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void printsEachFieldOfTheContractAndNoOther() {
        TestWorld world = new TestWorld().withInput(bytes(TCP, "unrelated", IPV6));

        assertEquals(0, world.run("parse"), world::err);

        List<String> lines = world.out().lines().toList();
        assertEquals(
                "{\"time\":\"2026-03-01T10:00:00.000001Z\",\"host\":\"n1\",\"prefix\":\"calico-packet:\",\"kind\":\"packet\","
                        + "\"repeat\":1,\"in\":\"eth0\",\"mac\":\"02:00:00:00:00:02:02:00:00:00:00:01:08:00\","
                        + "\"src\":\"192.0.2.7\",\"dst\":\"203.0.113.5\",\"len\":60,\"tos\":0,\"prec\":0,\"ttl\":63,"
                        + "\"id\":1,\"df\":true,\"proto\":\"TCP\",\"spt\":40000,\"dpt\":443,\"flags\":[\"ACK\",\"SYN\"],"
                        + "\"window\":64240}",
                lines.get(0));
        assertEquals(
                "{\"time\":\"2026-03-01T10:00:00.000001Z\",\"host\":\"n1\",\"prefix\":\"calico-packet:\",\"kind\":\"packet\","
                        + "\"repeat\":1,\"in\":\"eth0\",\"src\":\"2001:db8::1\",\"dst\":\"2001:db8::2\",\"len\":80,"
                        + "\"tos\":8,\"ttl\":61,\"proto\":\"UDP\",\"spt\":1,\"dpt\":53,\"udpLen\":40}",
                lines.get(1));
        assertEquals(2, lines.size());
        assertTrue(world.err().startsWith("lines 3, packets 2, responses 0, other 1"), world.err());
    }

    @Test
    void saysWhereMalformedLineBegins() throws IOException {
        Path file = Files.write(directory.resolve("log"), bytes(TCP, BROKEN));
        TestWorld world = new TestWorld();

        assertEquals(0, world.run("parse", "--malformed", file), world::err);

        JsonNode malformed = JSON.readTree(world.out().lines().toList().get(1));
        assertEquals("malformed", malformed.get("kind").asString());
        assertEquals("bad_address", malformed.get("reason").asString());
        assertEquals(TCP.length() + 1, malformed.get("offset").asInt());
        assertEquals(BROKEN, malformed.get("text").asString());
        int column = malformed.get("column").asInt();
        assertTrue(column >= BROKEN.indexOf("192.0.2.256") && column <= BROKEN.indexOf(" DST="), () -> "" + column);
        assertTrue(world.err().contains("malformed 1 (bad_address 1)"), world.err());
    }

    @Test
    void whatSendersAndFilesAreCalledNeverReachesATerminalAsACommand() {
        String controls = "\u001b[2J\u007f\u0085\u009b\u202e\u2028\u2066\ud83d\ude00";
        String packet = TCP.replace("IN=eth0", "IN=" + controls.substring(1)).replace(" n1 ", " n" + controls + " ");
        TestWorld world = new TestWorld().withInput((packet + "\n").getBytes(StandardCharsets.UTF_8));

        world.run("parse", "--malformed", "-", "/none\u001b[2J\u007f");

        assertTrue(world.out().chars().allMatch(c -> c == '\n' || (c >= ' ' && c <= '~')), world.out());
        assertTrue(world.out().contains("\\u007F") && world.out().contains("\\u009B"), world.out());
        String message = world.err();
        assertTrue(
                message.codePoints()
                        .allMatch(c -> c == '\n'
                                || (!Character.isISOControl(c)
                                        && Character.getType(c) != Character.FORMAT
                                        && Character.getType(c) != Character.LINE_SEPARATOR)),
                message);
        assertTrue(message.contains("/none\\u001b[2J"), message);
    }

    @Test
    void textForPeopleIsPrintable() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new OutputOption().print(out, () -> "a\u009bb\u202ec\n", List::of);
        assertEquals("a\\u009bb\\u202ec\n", out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void parsesTheOtherFilesWhenOneCannotBeRead() throws IOException {
        Path file = Files.write(directory.resolve("log.gz"), gzip(bytes(TCP)));
        TestWorld world = new TestWorld();

        assertEquals(1, world.run("parse", directory.resolve("none"), directory, file));

        assertEquals(1, world.out().lines().count());
        assertEquals(3, world.err().lines().count(), world.err());
        assertTrue(world.err().contains(directory.resolve("none") + ": does not exist"), world.err());
        assertTrue(world.err().contains(directory + ": is a directory"), world.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"background", "scan", "flood", "spoofed"})
    void replayFindsWhatTheSimulationWrote(String scenario) throws IOException {
        Path file = directory.resolve("log");
        TestWorld simulation = new TestWorld();
        assertEquals(
                0,
                simulation.run(
                        "simulate", "--output", file, "--packets", 30_000, "--sources", 600, "--scenario", scenario));
        Path packed = Files.write(directory.resolve("log.gz"), gzip(Files.readAllBytes(file)));
        TestWorld world = new TestWorld();

        assertEquals(0, world.run("replay", "--output", "json", packed), world::err);

        ObjectNode expected = (ObjectNode) JSON.readTree(simulation.out());
        expected.remove(List.of("seed", "scenario", "seconds"));
        ObjectNode found = (ObjectNode) JSON.readTree(world.out());
        assertTrue(found.get("promotions").isArray());
        found.remove(List.of("promotions", "backtest", "seconds"));
        for (JsonNode source : found.findParents("atMost")) {
            assertEquals(source.get("packets"), source.get("atMost")); // every source fits the table
            ((ObjectNode) source).remove("atMost");
        }
        forgetOrderOfEquals(expected);
        forgetOrderOfEquals(found);
        assertEquals(expected, found);
    }

    @Test
    void replayTellsWhomTheRulesWouldHaveBlocked() throws IOException {
        StringBuilder log = new StringBuilder();
        for (int second = 0; second < 50; second++) {
            String line = new String(bytes(TCP), StandardCharsets.UTF_8);
            log.append(line.replaceFirst("(T?[0-9]{2}:[0-9]{2}):[0-9]{2}", String.format("$1:%02d", second)));
        }
        Path file = Files.writeString(directory.resolve("log"), log);
        String rule = "blocklist.rules=[{name: r, packets: 10 within 20s, for: 1m}]";

        TestWorld json = new TestWorld();
        assertEquals(0, json.run("replay", "--output", "json", file, "--set", rule), json::err);
        TestWorld text = new TestWorld();
        assertEquals(0, text.run("replay", file, "--set", rule), text::err);
        TestWorld spared = new TestWorld();
        assertEquals(
                0, spared.run("replay", file, "--set", rule, "--set", "blocklist.neverBlock=[0.0.0.0/0]"), spared::err);

        JsonNode report = JSON.readTree(json.out());
        assertEquals(1, report.get("promotions").size());
        JsonNode promotion = report.get("promotions").get(0);
        assertEquals("r", promotion.get("rule").asString());
        assertEquals(10, promotion.get("evidence").get("count").asInt());
        assertEquals(40, promotion.get("packetsKeptOut").asInt());
        assertEquals(40, report.get("backtest").get("packetsKeptOut").asInt());
        assertTrue(text.out().contains("with these rules, blocks 1,"), text::out);
        assertTrue(spared.out().contains("would have blocked no source"), spared::out);
        assertTrue(spared.out().contains("never_block 5"), spared::out);
    }

    /** Which of several equal sources or ports makes it into the first twenty is not part of the contract. */
    private static void forgetOrderOfEquals(JsonNode report) {
        for (JsonNode nlb : report.get("nlbs").values()) {
            for (String list : List.of("topSources", "topPorts")) {
                List<JsonNode> entries = nlb.get(list).values().stream().toList();
                long least =
                        entries.isEmpty() ? 0 : entries.getLast().get("packets").asLong();
                ((ObjectNode) nlb)
                        .putPOJO(
                                list,
                                entries.stream()
                                        .filter(entry -> entry.get("packets").asLong() > least)
                                        .map(JsonNode::toString)
                                        .sorted()
                                        .toList()
                                        .toString());
            }
        }
    }

    @Test
    void replayCountsNothingInEmptyAndBinaryFiles() throws IOException {
        Path empty = Files.createFile(directory.resolve("empty"));
        byte[] noise = new byte[100_000];
        new Random(17).nextBytes(noise);
        Path binary = Files.write(directory.resolve("binary"), noise);
        TestWorld world = new TestWorld();

        assertEquals(0, world.run("replay", "--output", "json", empty, binary), world::err);

        JsonNode report = JSON.readTree(world.out());
        assertEquals(0, report.get("packets").asInt());
        assertTrue(report.get("from").isNull() && report.get("to").isNull());
        assertEquals(0, report.get("nlbs").size());
    }

    @Test
    void replayNamesFileWithTruncatedGzip() throws IOException {
        byte[] packed = gzip(bytes(TCP, TCP, IPV6));
        Path file = Files.write(directory.resolve("cut.gz"), Arrays.copyOf(packed, packed.length - 12));
        TestWorld world = new TestWorld();

        assertEquals(1, world.run("replay", file));

        assertEquals(
                "denywatch replay: " + file + ": ends in the middle of its gzip data",
                world.err().strip());
        assertEquals("", world.out());
    }

    @Test
    void replayCountsOnlyConfiguredLoadBalancersByName() throws IOException {
        Path file = Files.write(directory.resolve("log"), bytes(TCP, TCP, IPV6));
        TestWorld world = new TestWorld();

        assertEquals(0, world.run("replay", "--output", "json", "--set", "loadBalancers.static=[2001:db8::2]", file));

        JsonNode nlbs = JSON.readTree(world.out()).get("nlbs");
        assertEquals("other", nlbs.at("/0/nlb").asString());
        assertEquals(2, nlbs.at("/0/packets").asInt());
        assertEquals("2001:db8::2", nlbs.at("/1/nlb").asString());
    }

    @Test
    void replayTextNamesLoadBalancerSourceAndPort() throws IOException {
        Path file = Files.write(directory.resolve("log"), bytes(TCP));
        TestWorld world = new TestWorld();

        assertEquals(0, world.run("replay", file), world::err);

        assertTrue(world.out().contains("203.0.113.5  packets 1,"), world.out());
        assertTrue(world.out().contains("192.0.2.7"), world.out());
        assertTrue(world.out().contains("tcp/443"), world.out());
    }

    @Test
    void replayReportsWhichSourcesAFeedContainsAndWhichOfThemWereLetIn() throws IOException {
        String response = TCP.replace("calico-packet: ", "calico-packet:-est ")
                .replace("IN=eth0 OUT=", "IN= OUT=eth0")
                .replace("SRC=192.0.2.7 DST=203.0.113.5", "SRC=203.0.113.5 DST=192.0.2.8")
                .replace("MAC=02:00:00:00:00:02:02:00:00:00:00:01:08:00 ", "");
        Path log = Files.write(
                directory.resolve("log"), bytes(TCP, TCP, TCP.replace("192.0.2.7", "198.51.100.1"), response));
        Path feed = Files.writeString(directory.resolve("feed"), "192.0.2.0/28\n# 198.51.100.1\n");
        TestWorld world = new TestWorld();

        assertEquals(0, world.run("replay", "--output", "json", "--feed", feed, log), world::err);
        JsonNode match = JSON.readTree(world.out()).path("feed");
        assertEquals(2, match.path("packets").asInt(), world::out);
        assertEquals(3, match.path("allPackets").asInt(), world::out);

        world = new TestWorld();
        assertEquals(0, world.run("replay", "--feed", feed, log), world::err);
        assertTrue(world.out().contains("which sent 2 of 3 packets"), world::out);

        world = new TestWorld();
        assertEquals(1, world.run("replay", "--feed", directory.resolve("none"), log));
        assertTrue(world.err().contains("does not exist"), world::err);
    }
}

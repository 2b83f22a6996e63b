package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Packets one after the other, and what an agent and {@code replay} make of the log that has them. */
final class SentLog {
    static final int SCAN_THRESHOLD = 20;
    static final String NODE = "203.0.113.1";
    static final String NODE_IPV6 = "2001:db8:ffff::1";

    /** Scans at the very end, so that all before is decided. */
    static final String CONTROL = "192.0.2.200";

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Instant START = Instant.parse("2026-03-01T09:59:00Z");
    private static final long STEP_MILLIS = 10;

    private final Path directory;
    final List<String> lines = new ArrayList<>();
    private int sent;

    SentLog(Path directory) {
        this.directory = directory;
    }

    /** A packet, a moment after the one before. */
    void packet(String source, String destination, String transport) {
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

    void udp(String source, int from, int to) {
        packet(source, NODE, "UDP SPT=" + from + " DPT=" + to + " LEN=40");
    }

    void tcp(String source, int from, int to, String flags) {
        tcp(source, NODE, from, to, flags);
    }

    void tcp(String source, String destination, int from, int to, String flags) {
        packet(
                source,
                destination,
                "TCP SPT=" + from + " DPT=" + to + " WINDOW=1024 RES=0x00 " + (flags.isEmpty() ? "" : flags + " ")
                        + "URGP=0");
    }

    void scan(String source, String flags, int from, IntStream ports) {
        ports.forEach(port -> tcp(source, from, port, flags));
    }

    Path write() throws IOException {
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

    static JsonNode replay(Path log, String... settings) {
        TestWorld world = new TestWorld();
        assertEquals(0, world.run(arguments("replay", Stream.of(settings), log, "--output", "json")), world::err);
        JsonNode replayed = JSON.readTree(world.out());
        assertEquals(replayed.get("lines"), replayed.get("packets"), "well-formed lines");
        return replayed;
    }

    /** Each source that is promoted, with the rule. */
    static List<String> promotions(JsonNode replay) {
        return replay.get("promotions")
                .valueStream()
                .map(promotion -> promotion.get("source").asString() + " "
                        + promotion.get("rule").asString())
                .distinct()
                .toList();
    }

    /** The sources that an agent in dry-run promotes, which reads all of it in one round, and decides by evidence. */
    Set<String> agentPromotions(Path log, String... settings) throws IOException {
        return agentPromotions(log, "http.listen=127.0.0.1:0", () -> {}, settings);
    }

    Set<String> agentPromotions(Path log, String listen, Runnable meanwhile, String... settings) throws IOException {
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

    /** As many packets as an agent must still find timely. */
    boolean isTimely() {
        return STEP_MILLIS * sent < 60_000;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** What the agent says of load balancers, empty while it does not listen. */
    static String published(int port) {
        try (InputStream document =
                URI.create("http://127.0.0.1:" + port + "/api/v1/nlbs").toURL().openStream()) {
            return new String(document.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    static void append(Path log, List<String> more) {
        try {
            Files.writeString(log, String.join("\n", more) + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

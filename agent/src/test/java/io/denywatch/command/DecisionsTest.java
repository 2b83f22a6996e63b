package io.denywatch.command;

import static io.denywatch.command.SentLog.CONTROL;
import static io.denywatch.command.SentLog.NODE_IPV6;
import static io.denywatch.command.SentLog.SCAN_THRESHOLD;
import static io.denywatch.command.SentLog.append;
import static io.denywatch.command.SentLog.freePort;
import static io.denywatch.command.SentLog.promotions;
import static io.denywatch.command.SentLog.published;
import static io.denywatch.command.SentLog.replay;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Whom the default rules promote: a log that an agent follows and one that is replayed must lead to the same. */
class DecisionsTest {

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

    private SentLog log = new SentLog(Path.of(""));

    @BeforeEach
    void noPackets() {
        log = new SentLog(directory);
    }

    /** Both promote these and the control. */
    private void promotes(String... expected) throws IOException {
        log.scan(CONTROL, "SYN", 50_000, IntStream.rangeClosed(1, SCAN_THRESHOLD));
        assertTrue(log.isTimely(), "the packets must be timely for an agent");
        Path file = log.write();
        List<String> all = Stream.concat(Stream.of(expected), Stream.of(CONTROL + " port-scan"))
                .toList();
        assertEquals(all, promotions(replay(file)), "replay");
        assertEquals(
                all.stream().map(each -> each.substring(0, each.indexOf(' '))).collect(Collectors.toSet()),
                log.agentPromotions(file),
                "agent");
    }

    @Test
    void lateRepliesAreNoScan() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 100; i++) {
            int called = 32_768 + random.nextInt(28_232);
            log.udp("1.1.1.1", 53, called);
            log.udp("192.0.2.123", 123, called);
            log.udp("142.250.74.68", 443, called);
            log.tcp("104.16.132.229", 443, called, "ACK");
            log.tcp(
                    "151.101.1.140",
                    443,
                    called,
                    List.of("RST", "ACK RST", "ACK FIN", "ACK PSH FIN").get(i % 4));
            log.tcp("192.0.2.80", 80, called, "ACK SYN");
            log.tcp("192.0.2.64", 6443, called, "ACK PSH");
        }
        promotes();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SYN", "ACK", "FIN", "", "URG PSH FIN", "ACK FIN", "RST", "ACK SYN", "SYN FIN"})
    void aScanOfServicePortsIsOneFromWhateverPortAndWithWhateverFlags(String flags) throws IOException {
        log.scan("198.51.100.1", flags, 53, IntStream.rangeClosed(1, 1_024));
        log.scan("198.51.100.2", flags, 443, IntStream.of(TOP_PORTS));
        log.scan("198.51.100.3", flags, 53, IntStream.rangeClosed(30_000, 30_100)); // node ports
        promotes("198.51.100.1 port-scan", "198.51.100.2 port-scan", "198.51.100.3 port-scan");
    }

    @Test
    void aScanByUdpIsOneFromWhateverPort() throws IOException {
        IntStream.rangeClosed(1, 200).forEach(port -> log.udp("198.51.100.1", 53, port));
        IntStream.of(TOP_PORTS).forEach(port -> log.udp("198.51.100.2", 53, port));
        IntStream.rangeClosed(30_000, 30_100).forEach(port -> log.udp("198.51.100.3", 123, port));
        IntStream.rangeClosed(40_000, 40_100).forEach(port -> log.udp("198.51.100.4", 50_000, port));
        promotes(
                "198.51.100.1 port-scan", "198.51.100.2 port-scan", "198.51.100.3 port-scan", "198.51.100.4 port-scan");
    }

    @Test
    void amongPortsOfOutgoingConnectionsOnlyWhatCouldReplyIsNoScan() throws IOException {
        log.scan("198.51.100.1", "SYN", 53, IntStream.rangeClosed(40_000, 40_100));
        log.scan("198.51.100.2", "FIN", 443, IntStream.rangeClosed(40_000, 40_100));
        log.scan("198.51.100.3", "", 443, IntStream.rangeClosed(40_000, 40_100));
        log.scan("198.51.100.4", "URG PSH FIN", 443, IntStream.rangeClosed(40_000, 40_100));
        log.scan("198.51.100.5", "ACK", 50_000, IntStream.rangeClosed(40_000, 40_100));
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
            log.udp("198.51.100.1", 53, 40_000 + i);
        }
        promotes("198.51.100.1 noisy");
    }

    /** 1,100 sources of one packet each, and then a scanner; the least evidence, which an open breaker refuses. */
    private JsonNode crowd(IntFunction<String> source) throws IOException {
        for (int i = 0; i < 1_100; i++) {
            log.tcp(source.apply(i), 50_000, 443, "SYN");
        }
        log.scan(CONTROL, "SYN", 50_000, IntStream.rangeClosed(1, SCAN_THRESHOLD));
        return replay(log.write());
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
            log = new SentLog(directory);
            JsonNode replayed = crowd(networks.get(i));
            assertEquals(List.of(CONTROL + " port-scan"), promotions(replayed), "network " + i);
            Set<String> blocked = log.agentPromotions(directory.resolve("syslog"));
            assertEquals(Set.of(CONTROL), blocked, "network " + i);
        }
        log = new SentLog(directory);
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
        log.tcp(ipv6 ? "2001:db8:9::1" : "198.51.100.1", own, 50_000, 443, "SYN");
        List<String> before = List.copyOf(log.lines);
        log.scan(own, "SYN", 50_000, IntStream.rangeClosed(1, 100));
        log.scan(CONTROL, "SYN", 50_000, IntStream.rangeClosed(1, SCAN_THRESHOLD));
        List<String> all = List.copyOf(log.lines);
        String[] settings = {
            "loadBalancers.discover=" + discover,
            "loadBalancers.static=" + (discover.equals("static") ? "[{address: " + own + "}]" : "[]")
        };

        JsonNode replayed = replay(log.write(), settings);
        assertEquals(List.of(CONTROL + " port-scan"), promotions(replayed));
        assertEquals(5, replayed.at("/backtest/refusals/never_block").asInt(), replayed.get("backtest")::toString);

        log.lines.retainAll(before);
        Path file = log.write();
        int port = freePort();
        AtomicBoolean told = new AtomicBoolean();
        Runnable meanwhile = () -> {
            if (!told.get() && published(port).contains("\"" + own + "\"")) {
                told.set(true);
                append(file, all.subList(before.size(), all.size()));
            }
        };
        assertEquals(Set.of(CONTROL), log.agentPromotions(file, "http.listen=127.0.0.1:" + port, meanwhile, settings));
        assertTrue(told.get());
    }

    /** A client has a port of its own for each connection: many source ports are no scan. */
    @Test
    void manyConnectionsToFewPortsAreNoScan() throws IOException {
        for (int i = 0; i < 250; i++) {
            log.tcp("198.51.100.1", 34_000 + i, 443, "SYN");
            log.udp("198.51.100.2", 34_000 + i, 53);
        }
        promotes();
    }

    /** Stamps of classic syslog, lines of other programs, and a rule of one port less than were scanned. */
    @Test
    void aScanIsFoundInALogOfTheClassicFormat() throws IOException {
        log.scan("198.51.100.1", "SYN", 50_000, IntStream.rangeClosed(1, SCAN_THRESHOLD));
        log.scan("198.51.100.2", "SYN", 50_000, IntStream.range(1, SCAN_THRESHOLD));
        Path file = log.write();
        List<String> classic = Files.readAllLines(file).stream()
                .map(line -> "Mar  1 09:59:01 n1" + line.substring(line.indexOf(" n1") + 3)
                        + "\nMar  1 09:59:01 n1 sshd[7]: Connection closed by 198.51.100.9 port 40000")
                .toList();
        Files.write(file, classic);
        TestWorld world = new TestWorld();
        assertEquals(0, world.run("replay", file, "--output", "text"), world::err);
        assertTrue(world.out().contains("with these rules, blocks 1,"), world.out());
        assertTrue(world.out().lines().anyMatch(line -> line.matches("198\\.51\\.100\\.1 +port-scan .*")), world.out());
    }

    /** 60 clients of one address that try again: the rule blocks them, and the hint says what they may be. */
    @Test
    void whoMayBeManyClientsIsHintedAt() throws IOException {
        for (int round = 0; round < 6; round++) {
            for (int client = 0; client < 60; client++) {
                log.tcp("198.51.100.1", 30_000 + 17 * client, 443, "SYN");
            }
        }
        log.scan(CONTROL, "SYN", 50_000, IntStream.rangeClosed(1, SCAN_THRESHOLD));
        Path file = log.write();
        JsonNode evidence = replay(file).at("/promotions/0/evidence");
        String hint = evidence.path("hint").asString("");
        assertTrue(
                hint.startsWith(
                        "looks like many clients behind one address (NAT): 300 of 300 packets ask for a connection"
                                + " to tcp/443, from about "),
                evidence::toString);
        assertTrue(replay(file).at("/promotions/1/evidence/hint").isMissingNode());

        TestWorld world = new TestWorld();
        assertEquals(0, world.run("replay", file, "--output", "text"), world::err);
        assertTrue(world.out().contains("\nhint: 198.51.100.1 " + hint + "\n"), world.out());
        assertEquals(
                1, world.out().lines().filter(line -> line.startsWith("hint: ")).count(), world.out());
    }

    /** As many service ports as the rule asks for, hidden among packets that look like replies. */
    @Test
    void nothingHidesAScanOfServicePorts() throws IOException {
        for (long seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            log = new SentLog(directory);
            int[] service =
                    random.ints(1, 32_768).distinct().limit(SCAN_THRESHOLD).toArray();
            for (int port : service) {
                for (int i = random.nextInt(5); i > 0; i--) {
                    log.tcp("198.51.100.1", 443, 32_768 + random.nextInt(28_232), "ACK");
                    log.udp("198.51.100.1", 53, 32_768 + random.nextInt(28_232));
                }
                int from = 1 + random.nextInt(65_535);
                if (random.nextBoolean()) {
                    log.udp("198.51.100.1", from, port);
                } else {
                    log.tcp(
                            "198.51.100.1",
                            from,
                            port,
                            List.of("ACK", "RST", "SYN", "ACK SYN", "").get(random.nextInt(5)));
                }
            }
            assertEquals(List.of("198.51.100.1 port-scan"), promotions(replay(log.write())), "seed " + seed);
        }
    }
}

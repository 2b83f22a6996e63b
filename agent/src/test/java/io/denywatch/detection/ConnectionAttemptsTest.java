package io.denywatch.detection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Sent;
import io.denywatch.blocklist.WindowsModel;
import io.denywatch.denial.Transport;
import io.denywatch.packet.PacketHeader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ConnectionAttemptsTest {
    private static final String SOURCE = "198.51.100.7";
    private static final int THRESHOLD = 300;
    private static final int START = 1_000_000;

    /** When Linux sends a SYN, in seconds after the first. */
    private static final int[] SYN_AT = {0, 1, 3, 7, 15, 31};

    private final List<Detection> found = new ArrayList<>();
    private final SourceWindows windows = new SourceWindows(
            List.of(WindowsModel.rule(Measure.PACKETS, THRESHOLD, 60, Transport.values())), 64, 1, found::add);

    /** Clients of one address, each of which tries again until it gives up, from a port of its own. */
    private static List<Sent> office(int clients, SplittableRandom random) {
        List<Sent> packets = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            int begins = START + random.nextInt(20);
            int from = 1_024 + random.nextInt(64_000);
            for (int after : SYN_AT) {
                packets.add(Sent.tcp(SOURCE, 443, begins + after).from(from, PacketHeader.SYN));
            }
        }
        packets.sort(Comparator.comparingLong(Sent::micros));
        return packets;
    }

    private String hint(List<Sent> packets) {
        packets.forEach(packet -> packet.to(windows));
        assertEquals(1, found.size());
        return found.getFirst().evidence().hint();
    }

    @Test
    void clientsThatTryAgainBehindOneAddressAreHintedAt() {
        for (long seed = 0; seed < 50; seed++) {
            found.clear();
            SplittableRandom random = new SplittableRandom(seed);
            SourceWindows fresh = new SourceWindows(
                    List.of(WindowsModel.rule(Measure.PACKETS, THRESHOLD, 60, Transport.values())),
                    64,
                    seed,
                    found::add);
            office(55 + random.nextInt(40), random).forEach(packet -> packet.to(fresh));
            String hint = found.getFirst().evidence().hint();
            assertTrue(hint.startsWith("looks like many clients behind one address (NAT): "), "seed " + seed + hint);
            assertTrue(hint.contains(" ask for a connection to tcp/443, from about "), hint);
        }
    }

    /** Each is as loud as the office. */
    @Test
    void scansAndFloodsAreNot() {
        List<Sent> scan = new ArrayList<>();
        List<Sent> portByPort = new ArrayList<>();
        List<Sent> onePort = new ArrayList<>();
        List<Sent> replies = new ArrayList<>();
        List<Sent> datagrams = new ArrayList<>();
        List<Sent> fewClients = new ArrayList<>();
        for (int i = 0; i < THRESHOLD; i++) {
            int second = START + i / 10;
            scan.add(Sent.tcp(SOURCE, 1 + i, second).from(40_000 + i % 60, PacketHeader.SYN));
            portByPort.add(Sent.tcp(SOURCE, 443, second).from(2_000 + i, PacketHeader.SYN));
            onePort.add(Sent.tcp(SOURCE, 443, second));
            replies.add(Sent.tcp(SOURCE, 443, second).from(40_000 + i % 60, PacketHeader.SYN | PacketHeader.ACK));
            datagrams.add(Sent.tcp(SOURCE, 443, second).over(Transport.UDP).from(40_000 + i % 60, 0));
            fewClients.add(Sent.tcp(SOURCE, 443, second).from(40_000 + i % 6, PacketHeader.SYN));
        }
        for (List<Sent> each : List.of(scan, portByPort, onePort, replies, datagrams, fewClients)) {
            found.clear();
            SourceWindows fresh = new SourceWindows(
                    List.of(WindowsModel.rule(Measure.PACKETS, THRESHOLD, 60, Transport.values())), 64, 1, found::add);
            each.forEach(packet -> packet.to(fresh));
            assertEquals(
                    List.of(""),
                    found.stream().map(detection -> detection.evidence().hint()).toList(),
                    each.getFirst().toString());
        }
    }

    /** A flood of more ports than can be counted must not look as if they came again. */
    @Test
    void whereTooManyPortsWereUsedNothingIsSaid() {
        DetectionRule rule = WindowsModel.rule(Measure.PACKETS, 5_000, 60, Transport.TCP);
        SourceWindows fresh = new SourceWindows(List.of(rule), 64, 1, found::add);
        for (int i = 0; i < 5_000; i++) {
            Sent.tcp(SOURCE, 443, START + i / 200)
                    .from(1_024 + i, PacketHeader.SYN)
                    .to(fresh);
        }
        assertEquals("", found.getFirst().evidence().hint());
    }

    @Test
    void whatWasMoreThanTwoMinutesAgoIsForgotten() {
        office(80, new SplittableRandom(1)).stream().limit(THRESHOLD - 1).forEach(packet -> packet.to(windows));
        List<Sent> later = new ArrayList<>();
        for (int i = 0; i < THRESHOLD; i++) {
            later.add(Sent.tcp(SOURCE, 443, START + 300 + i / 10).from(2_000 + i, PacketHeader.SYN));
        }
        assertEquals("", hint(later));
    }

    @Test
    void aCrowdOfOthersDoesNotTakeThePlaceOfALoudSource() {
        SplittableRandom random = new SplittableRandom(3);
        List<Sent> packets = new ArrayList<>(office(80, random));
        for (int i = 0; i < 4_000; i++) {
            packets.add(Sent.tcp("10." + random.nextInt(256) + "." + random.nextInt(256) + ".1", 22, START + i / 100));
        }
        packets.sort(Comparator.comparingLong(Sent::micros));
        assertNotEquals("", hint(packets));
    }
}

package io.denywatch.detection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.denywatch.blocklist.Sent;
import io.denywatch.blocklist.WindowsModel;
import io.denywatch.denial.ObservedPacket;
import io.denywatch.denial.ObservedPacket.EventTime;
import io.denywatch.denial.Transport;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.packet.PacketHeader;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SourceWindowsTest {
    private static final ObservedPacket PACKET = new ObservedPacket();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final String SCANNER = "198.51.100.7";

    private final List<Detection> found = new ArrayList<>();

    private SourceWindows windows(DetectionRule... rules) {
        return new SourceWindows(List.of(rules), 64, 1, found::add);
    }

    private static DetectionRule packets(int threshold, int withinSeconds) {
        return WindowsModel.rule(Measure.PACKETS, threshold, withinSeconds, Transport.TCP);
    }

    @Test
    void spanEndsWhereTrueTimeEndsIt() {
        SourceWindows windows = windows(packets(2, 10));
        Sent.tcp(SCANNER, 22, 100).to(windows);
        Sent.tcp(SCANNER, 22, 110).to(windows);
        assertEquals(List.of(), found, "ten seconds apart are not within ten seconds");
        Sent.tcp(SCANNER, 22, 119).to(windows);
        assertEquals(1, found.size());
    }

    @Test
    void firesAgainOnlyAfterTheThresholdIsReachedAgain() {
        SourceWindows windows = windows(packets(3, 10));
        List<Integer> at = new ArrayList<>();
        for (int i = 1; i <= 9; i++) {
            Sent.tcp(SCANNER, 22, 100).to(windows);
            if (found.size() > at.size()) {
                at.add(i);
            }
        }
        assertEquals(List.of(3, 6, 9), at);
    }

    @Test
    void packetOutOfOrderIsPutInItsPlace() {
        SourceWindows windows = windows(packets(3, 10));
        Sent.tcp(SCANNER, 22, 108).to(windows);
        Sent.tcp(SCANNER, 22, 101).to(windows);
        Sent.tcp(SCANNER, 22, 111).to(windows); // 101 has left
        assertEquals(List.of(), found);
        Sent.tcp(SCANNER, 22, 101).to(windows); // too old
        assertEquals(List.of(), found);
        Sent.tcp(SCANNER, 22, 102).to(windows);
        assertEquals(102, found.getFirst().reachedMicros() / Sent.SECOND);
        assertEquals(102, found.getFirst().evidence().firstSeen().getEpochSecond());
    }

    @Test
    void windowThatEndedBeforeTheNewestPacketIsMissed() {
        SourceWindows windows = windows(packets(3, 10));
        Sent.tcp(SCANNER, 22, 100).to(windows);
        Sent.tcp(SCANNER, 22, 101).to(windows);
        Sent.tcp(SCANNER, 22, 112).to(windows);
        Sent.tcp(SCANNER, 22, 105).to(windows);
        assertEquals(List.of(), found, "documented, not wished for");
    }

    @Test
    void keyThatIsMetAgainStaysInTheWindow() {
        SourceWindows windows = windows(WindowsModel.rule(Measure.DISTINCT_PORTS, 3, 10, Transport.TCP));
        Sent.tcp(SCANNER, 1, 100).to(windows);
        Sent.tcp(SCANNER, 2, 105).to(windows);
        Sent.tcp(SCANNER, 1, 109).to(windows);
        Sent.tcp(SCANNER, 1, 101).to(windows); // older than what is known of it
        Sent.tcp(SCANNER, 3, 114).to(windows);
        assertEquals(3, found.getFirst().evidence().count());
        assertEquals(
                List.of("tcp/3", "tcp/1", "tcp/2"), found.getFirst().evidence().ports());
    }

    @Test
    void whatARuleDoesNotCountChangesNothing() {
        SourceWindows windows = windows(
                WindowsModel.rule(Measure.DISTINCT_PORTS, 2, 10, Transport.TCP, Transport.ICMP),
                WindowsModel.rule(Measure.DISTINCT_LOAD_BALANCERS, 2, 10, Transport.TCP));
        Sent.tcp(SCANNER, 22, 100).to("192.0.2.1", true).to(windows);
        Sent.tcp(SCANNER, -1, 100).over(Transport.ICMP).to(windows);
        Sent.tcp(SCANNER, 23, 100).over(Transport.UDP).to(windows);
        Sent.tcp(SCANNER, 22, 100).to("192.0.2.2", false).to(windows);
        Sent.tcp(SCANNER, 22, 100).over(Transport.UDP).to("192.0.2.3", true).to(windows);
        assertEquals(List.of(), found);
        Sent.tcp(SCANNER, 22, 100).to("192.0.2.4", true).to(windows);
        assertEquals(
                List.of(Ip.parse("192.0.2.4"), Ip.parse("192.0.2.3"), Ip.parse("192.0.2.1")),
                found.getFirst().evidence().loadBalancers());
    }

    @Test
    void timesThatNoClockTellsAreIgnored() {
        SourceWindows windows = windows(packets(2, 3_600));
        for (long micros : new long[] {Long.MIN_VALUE, -1, (1L << 32) * Sent.SECOND, Long.MAX_VALUE}) {
            for (int i = 0; i < 3; i++) {
                new Sent(Ip.parse(SCANNER), Transport.TCP, 22, Sent.LOAD_BALANCER, true, micros).to(windows);
            }
        }
        assertEquals(List.of(), found);
        Sent.tcp(SCANNER, 22, 0).to(windows);
        Sent.tcp(SCANNER, 22, (1L << 32) - 1).to(windows);
        assertEquals(List.of(), found, "136 years are not an hour");
        Sent.tcp(SCANNER, 22, (1L << 32) - 3_600).to(windows);
        assertEquals(1, found.size());
    }

    @Test
    void sourceIsCountedOnAfterTheClockWasSetBack() {
        SourceWindows windows = windows(packets(2, 10));
        Sent.tcp(SCANNER, 22, 100_000).to(windows);
        Sent.tcp(SCANNER, 22, 50_000).to(windows);
        Sent.tcp(SCANNER, 22, 50_001).to(windows);
        assertEquals(1, found.size());
    }

    @Test
    void ipv6BlockIsOneSourceAndNeverWiderThanItsHost() {
        for (int configured : new int[] {1, 48, 64, 65, 100, 128}) {
            found.clear();
            SourceWindows windows = new SourceWindows(List.of(packets(2, 10)), configured, 1, found::add);
            Sent.tcp("2001:db8::1", 22, 100).to(windows);
            Sent.tcp("2001:db8:0:1::1", 22, 100).to(windows);
            Sent.tcp("::1", 22, 100).to(windows);
            assertEquals(List.of(), found, "other /64 blocks, at " + configured);
            Sent.tcp("2001:db8::1", 22, 100).to(windows);
            assertEquals(
                    List.of(WindowsModel.prefix(Ip.parse("2001:db8::1"), Math.max(64, configured))),
                    found.stream().map(Detection::source).toList());
            Sent.tcp("2001:db8:0:1:ffff::", 22, 100).to(windows);
            assertEquals(configured <= 64 ? 2 : 1, found.size(), "the same /64, at " + configured);
        }
    }

    @Test
    void ipv4SourceIsOneAddressWhateverIsConfigured() {
        SourceWindows windows = new SourceWindows(List.of(packets(2, 10)), 1, 1, found::add);
        Sent.tcp("198.51.100.1", 22, 100).to(windows);
        Sent.tcp("198.51.100.2", 22, 100).to(windows);
        assertEquals(List.of(), found);
        Sent.tcp("198.51.100.2", 22, 100).to(windows);
        assertEquals(IpPrefix.parse("198.51.100.2"), found.getFirst().source());
    }

    @Test
    void publishesTheNewestDetectionsWhenTold() {
        SourceWindows windows = windows(packets(2, 10));
        windows.publish();
        assertSame(Detections.NONE, windows.detections());
        for (int i = 0; i < 20_000; i++) {
            Sent.tcp(SCANNER, 22, 100).to(windows);
        }
        assertSame(Detections.NONE, windows.detections(), "not yet told");
        windows.publish();
        Detections published = windows.detections();
        assertEquals(10_000, published.last());
        assertEquals(found.subList(10_000 - Detections.RECENT_MAX, 10_000), published.recent());
        windows.publish();
        assertSame(published, windows.detections(), "nothing changed");
        Sent.tcp("198.51.100.8", 22, 100).to(windows);
        windows.publish();
        assertEquals(1, windows.detections().signs().fewPacketSources());
        assertEquals(100, windows.detections().signs().second());
        assertSame(published.recent(), windows.detections().recent(), "no offence is copied for that");
    }

    @Test
    void allocatesNothingPerPacketOnceTheTablesAreAsLargeAsTheyGet() {
        SourceWindows windows = windows(
                packets(1_000_000, 60),
                WindowsModel.rule(Measure.DISTINCT_PORTS, 256, 600, Transport.TCP),
                WindowsModel.rule(Measure.DISTINCT_LOAD_BALANCERS, 256, 600, Transport.TCP));
        SplittableRandom random = new SplittableRandom(1);
        send(windows, 300_000, random);
        long least = Long.MAX_VALUE; // the JVM itself allocates now and then, but not for each packet
        for (int round = 0; round < 3; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            send(windows, 100_000, random);
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least, "bytes for 100,000 packets");
        assertEquals(List.of(), found);
        windows.publish();
        assertTrue(windows.detections().evicted().sources() > 100_000, "the tables were full");
    }

    /** Half of the packets from new sources, half from a few that walk through ports and load balancers. */
    private static void send(SourceWindows windows, int count, SplittableRandom random) {
        for (int i = 0; i < count; i++) {
            long bits = random.nextLong();
            long source = (bits & 1) == 0 ? bits >>> 32 : bits >>> 32 & 0xff;
            windows.packet(PACKET.from(0, Ip.IPV4_MAPPED_LOW | source)
                    .with(Transport.TCP, (int) (bits >>> 22) & 0xffff, (int) (bits >>> 8) & 127, PacketHeader.SYN)
                    .countedAt(0, Ip.IPV4_MAPPED_LOW | (bits >>> 16 & 63), true, false)
                    .at(i * 100L, EventTime.CURRENT));
        }
    }

    @Test
    void refusesWhatItHasNoRoomFor() {
        List<DetectionRule> nine = Collections.nCopies(9, packets(2, 10));
        assertEquals(
                "rules must be at most 8: 9",
                assertThrows(IllegalArgumentException.class, () -> new SourceWindows(nine, 64, 1, found::add))
                        .getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> new SourceWindows(List.of(packets(9, 9)), new AggregationPrefix(64), 1, found::add, 8, 8));
        assertThrows(
                IllegalArgumentException.class,
                () -> new SourceWindows(List.of(packets(9, 9)), new AggregationPrefix(64), 1, found::add, 6, 9));
        assertThrows(IllegalArgumentException.class, () -> new AggregationPrefix(63));
        assertThrows(IllegalArgumentException.class, () -> new AggregationPrefix(129));
    }
}

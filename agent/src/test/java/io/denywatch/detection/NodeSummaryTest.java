package io.denywatch.detection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.denywatch.blocklist.Sent;
import io.denywatch.denial.ObservedPacket;
import io.denywatch.denial.ObservedPacket.EventTime;
import io.denywatch.denial.Transport;
import io.denywatch.detection.NodeSummary.RuleSums;
import io.denywatch.detection.NodeSummary.SourceSum;
import io.denywatch.ip.Ip;
import io.denywatch.packet.PacketHeader;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NodeSummaryTest {
    private static final String SCANNER = "198.51.100.7";
    private static final long AT = 1_000_000;

    private final List<Detection> found = new ArrayList<>();

    private static DetectionRule rule(Measure measure, int threshold, RuleScope scope) {
        return new DetectionRule(
                measure.label(),
                measure,
                threshold,
                120,
                Set.of(Transport.TCP),
                Duration.ofMinutes(10),
                Duration.ofHours(1),
                scope);
    }

    private static DetectionRule ofCluster(Measure measure, int threshold) {
        return rule(measure, threshold, new RuleScope.ClusterScope(2));
    }

    private SourceWindows windows(DetectionRule... rules) {
        return new SourceWindows(List.of(rules), 64, 1, found::add);
    }

    private static RuleSums sums(SourceWindows windows) {
        windows.summarize(1_000 * AT);
        return windows.summary().rules().getFirst();
    }

    @Test
    void aRuleOfTheClusterIsReportedAndNeverFires() {
        SourceWindows windows = windows(ofCluster(Measure.PACKETS, 10));
        for (int packet = 0; packet < 1_000; packet++) {
            Sent.tcp(SCANNER, 22, AT - 50).to(windows);
        }
        assertEquals(List.of(), found);
        SourceSum sum = sums(windows).sources().getFirst();
        assertEquals(SCANNER, sum.source().compact());
        assertEquals(1_000, sum.amount());
        assertEquals(List.of("tcp/22"), sum.ports());
        assertEquals(AT - 50, sum.firstSeen().getEpochSecond());
    }

    @Test
    void rulesOfThisNodeFireAsIfThereWereNoOther() {
        DetectionRule own = rule(Measure.DISTINCT_PORTS, 5, RuleScope.NODE);
        SourceWindows both = windows(ofCluster(Measure.DISTINCT_PORTS, 20), own, ofCluster(Measure.PACKETS, 10));
        for (int port = 1; port <= 20; port++) {
            Sent.tcp(SCANNER, port, AT - 50).to(both);
        }
        assertEquals(
                List.of(own, own, own, own), found.stream().map(Detection::rule).toList());
        assertEquals(
                2,
                sums(both).sources().size()
                        + both.summary().rules().get(1).sources().size());
    }

    @Test
    void countsOnlyTheSecondsThatMayBeAdded() {
        DetectionRule rule = ofCluster(Measure.PACKETS, 10);
        SourceWindows windows = windows(rule);
        long oldest = AT - NodeSummary.countedSeconds(rule) + 1;
        Sent.tcp(SCANNER, 22, oldest - 1).to(windows);
        Sent.tcp(SCANNER, 22, oldest + 1).to(windows);
        Sent.tcp(SCANNER, 22, AT + 1).to(windows);
        assertEquals(1, sums(windows).sources().getFirst().amount());
    }

    @Test
    void keepsTheLatestKeys() {
        SourceWindows windows = windows(ofCluster(Measure.DISTINCT_PORTS, 6));
        for (int port = 1; port <= 10; port++) {
            Sent.tcp(SCANNER, port, AT - 50 + port).to(windows);
        }
        SourceSum sum = sums(windows).sources().getFirst();
        assertEquals(List.of("tcp/10", "tcp/9", "tcp/8"), sum.keys(), "half of the threshold on one of two nodes");
        assertEquals(3, sum.amount());
    }

    @Test
    void reportsThoseWithTheHighestAmounts() {
        SourceWindows windows = windows(ofCluster(Measure.DISTINCT_NODES, 3));
        for (int source = 0; source < NodeSummary.SOURCES_MAX + 10; source++) {
            for (int packet = 0; packet <= source; packet++) {
                Sent.tcp("198.51." + source / 256 + "." + source % 256, 22, AT - 50)
                        .to(windows);
            }
        }
        RuleSums sums = sums(windows);
        assertEquals(NodeSummary.SOURCES_MAX, sums.sources().size());
        assertEquals(10, sums.leftOut());
        assertEquals(NodeSummary.SOURCES_MAX + 10, sums.sources().getFirst().amount());
        assertEquals(11, sums.sources().getLast().amount());
    }

    @Test
    void anEstablishedSourceIsReportedAsSuchAndNotCounted() {
        SourceWindows windows = windows(ofCluster(Measure.PACKETS, 10));
        Sent.tcp(SCANNER, 22, AT - 50).to(windows);
        Ip client = Ip.parse(SCANNER);
        windows.established(client.high(), client.low(), (AT - 40) * Sent.SECOND);
        assertEquals(List.of(), sums(windows).sources());
        assertEquals(
                SCANNER, windows.summary().established().getFirst().source().compact());
    }

    @Test
    void isMadeOnceASecondAndAfterTheClockWasSetBack() {
        SourceWindows windows = windows(ofCluster(Measure.PACKETS, 10));
        windows.summarize(1_000 * AT);
        NodeSummary first = windows.summary();
        windows.summarize(1_000 * AT + 999);
        assertSame(first, windows.summary());
        windows.summarize(1_000 * AT + 1_000);
        assertTrue(windows.summary().at().isAfter(first.at()));
        windows.summarize(1_000 * AT - 60_000);
        assertTrue(windows.summary().at().isBefore(first.at()));
    }

    @Test
    void nothingIsMadeWithoutSuchRules() {
        SourceWindows windows = windows(rule(Measure.PACKETS, 10, RuleScope.NODE));
        windows.summarize(1_000 * AT);
        assertSame(NodeSummary.NONE, windows.summary());
    }

    @Test
    void packetsAllocateNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        SourceWindows windows = windows(
                ofCluster(Measure.PACKETS, 10),
                ofCluster(Measure.DISTINCT_PORTS, 256),
                ofCluster(Measure.DISTINCT_LOAD_BALANCERS, 256),
                ofCluster(Measure.DISTINCT_NODES, 5));
        SplittableRandom random = new SplittableRandom(3);
        ObservedPacket packet = new ObservedPacket();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 8; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 100_000; i++) {
                long bits = random.nextLong();
                packet.from(0, 0xffff_c633_0000L | (bits & 0x3fff))
                        .with(Transport.TCP, 50_000, (int) (bits >>> 20 & 0xffff), PacketHeader.SYN)
                        .countedAt(0, 0xffff_c000_0200L | (bits >>> 40 & 0xff), true, false)
                        .at((AT + round) * Sent.SECOND + i, EventTime.CURRENT);
                windows.packet(packet);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least);
    }
}

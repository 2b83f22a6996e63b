package io.denywatch.sums;

import static io.denywatch.sums.Summaries.NOW;
import static io.denywatch.sums.Summaries.SCANNER;
import static io.denywatch.sums.Summaries.packets;
import static io.denywatch.sums.Summaries.ports;
import static io.denywatch.sums.Summaries.rule;
import static io.denywatch.sums.Summaries.summary;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.api.ApiJson;
import io.denywatch.api.SummaryDocument;
import io.denywatch.blocklist.Sent;
import io.denywatch.denial.Transport;
import io.denywatch.detection.DetectionListener;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Measure;
import io.denywatch.detection.NodeSummary;
import io.denywatch.detection.SourceWindows;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.sums.ClusterSums.Reached;
import io.denywatch.sums.ClusterSums.SumsResult;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ClusterSumsTest {
    private static final List<Measure> MEASURES = Arrays.stream(Measure.values())
            .filter(measure -> measure != Measure.DISTINCT_SOURCES)
            .toList();

    private final SortedMap<String, NodeSummary> summaries = new TreeMap<>();

    private SumsResult add(DetectionRule rule) {
        return ClusterSums.of(List.of(rule), summaries, NOW);
    }

    private List<String> reached(DetectionRule rule) {
        return add(rule).reached().stream()
                .map(reached ->
                        reached.source().compact() + " " + reached.evidence().count() + " " + reached.nodes())
                .toList();
    }

    @Test
    void addsPacketsOfAllNodes() {
        DetectionRule rule = rule(Measure.PACKETS, 300, 2);
        summaries.put("a", summary(rule, packets(SCANNER, 120)));
        summaries.put("b", summary(rule, packets(SCANNER, 100)));
        assertEquals(List.of(), reached(rule), "220 of 300");

        summaries.put("c", summary(rule, packets(SCANNER, 80)));
        assertEquals(List.of(SCANNER + " 300 [a, b, c]"), reached(rule));
        assertEquals(
                "counted on 3 nodes: a, b, c",
                add(rule).reached().getFirst().evidence().hint());
    }

    @Test
    void countsEachPortOnce() {
        DetectionRule rule = rule(Measure.DISTINCT_PORTS, 20, 2);
        summaries.put("a", summary(rule, ports(SCANNER, 1, 11)));
        summaries.put("b", summary(rule, ports(SCANNER, 1, 11)));
        assertEquals(List.of(), reached(rule), "the same ten ports");

        summaries.put("c", summary(rule, ports(SCANNER, 11, 21)));
        assertEquals(List.of(SCANNER + " 20 [a, b, c]"), reached(rule));
    }

    @Test
    void countsNodesThatASourceTouchedOnlyALittle() {
        DetectionRule rule = rule(Measure.DISTINCT_NODES, 4, 2);
        for (String node : List.of("a", "b", "c")) {
            summaries.put(node, summary(rule, packets(SCANNER, 1)));
        }
        assertEquals(List.of(), reached(rule));
        summaries.put("d", summary(rule, packets(SCANNER, 1)));
        assertEquals(List.of(SCANNER + " 4 [a, b, c, d]"), reached(rule));
    }

    @Test
    void oneLyingAgentBlocksNothingAlone() {
        for (Measure measure : MEASURES) {
            DetectionRule rule = rule(measure, 20, 2);
            boolean counts = measure == Measure.PACKETS || measure == Measure.DISTINCT_NODES;
            summaries.clear();
            summaries.put("liar", summary(rule, counts ? packets(SCANNER, Integer.MAX_VALUE) : ports(SCANNER, 1, 33)));
            assertEquals(List.of(), reached(rule), "alone: " + measure);

            summaries.put("honest", summary(rule, counts ? packets(SCANNER, 9) : ports(SCANNER, 100, 109)));
            assertEquals(List.of(), reached(rule), "an honest agent saw less than half: " + measure);
        }
    }

    @Test
    void asManyNodesAsConfiguredMustHaveDeniedTheSource() {
        DetectionRule rule = rule(Measure.PACKETS, 30, 3);
        summaries.put("a", summary(rule, packets(SCANNER, 1_000)));
        summaries.put("b", summary(rule, packets(SCANNER, 1_000)));
        assertEquals(List.of(), reached(rule), "each counts for a third");
        summaries.put("c", summary(rule, packets(SCANNER, 10)));
        assertEquals(List.of(SCANNER + " 30 [a, b, c]"), reached(rule));
    }

    @Test
    void anEstablishedConnectionOnAnyNodeRefusesTheSource() {
        DetectionRule rule = rule(Measure.PACKETS, 100, 2);
        summaries.put("a", summary(rule, packets(SCANNER, 500), packets("198.51.100.8", 500)));
        summaries.put("b", summary(rule, packets(SCANNER, 500), packets("198.51.100.8", 500)));
        summaries.put(
                "c", Summaries.established(Summaries.at(NOW.minusSeconds(3_000), rule), SCANNER)); // a wrong clock
        assertEquals(List.of("198.51.100.8 100 [a, b]"), reached(rule));
        assertEquals(1, add(rule).established());
    }

    @Test
    void anEstablishedIpv6SourceRefusesAllOfItsNetwork() {
        DetectionRule rule = rule(Measure.PACKETS, 100, 2);
        summaries.put("a", Summaries.established(summary(rule, packets("2001:db8::/64", 500)), "2001:db8::1/128"));
        summaries.put("b", summary(rule, packets("2001:db8::/64", 500)));
        assertEquals(List.of(), reached(rule));
    }

    @Test
    void summariesOfAnotherTimeAreNotAdded() {
        DetectionRule rule = rule(Measure.PACKETS, 100, 2);
        summaries.put("a", summary(rule, packets(SCANNER, 500)));
        for (int seconds : List.of(-ClusterSums.BEHIND_SECONDS_MAX, ClusterSums.AHEAD_SECONDS_MAX + 1)) {
            summaries.put("b", Summaries.at(NOW.plusSeconds(seconds), rule, packets(SCANNER, 500)));
            assertEquals(List.of(), reached(rule), seconds + " s");
            assertEquals(
                    Map.of(AgentState.COUNTED, 1, AgentState.CLOCK, 1),
                    add(rule).agents());
        }
        for (int seconds : List.of(1 - ClusterSums.BEHIND_SECONDS_MAX, ClusterSums.AHEAD_SECONDS_MAX)) {
            summaries.put("b", Summaries.at(NOW.plusSeconds(seconds), rule, packets(SCANNER, 500)));
            assertEquals(1, reached(rule).size(), seconds + " s");
        }
    }

    @Test
    void anAgentThatWithholdsCountsForNothing() {
        DetectionRule rule = rule(Measure.PACKETS, 100, 2);
        summaries.put("a", summary(rule, packets(SCANNER, 500)));
        summaries.put("b", NodeSummary.withheld(NOW, "the log is not trusted"));
        assertEquals(List.of(), reached(rule));
        assertEquals(
                Map.of(AgentState.COUNTED, 1, AgentState.WITHHELD, 1), add(rule).agents());
    }

    @Test
    void amountsOfAnotherRuleAreNotAdded() {
        DetectionRule rule = rule(Measure.PACKETS, 100, 2);
        summaries.put("a", summary(rule, packets(SCANNER, 500)));
        summaries.put("b", summary(rule(Measure.PACKETS, 101, 2), packets(SCANNER, 500)));
        assertEquals(List.of(), reached(rule));
    }

    /** Any packets on any nodes, with clocks that differ: what is found was sent within the rule's span. */
    @Test
    void sumsNeverExceedTheTruth() {
        for (long seed = 1; seed <= 60; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            DetectionRule rule = rule(MEASURES.get((int) (seed % MEASURES.size())), random.nextInt(3, 30), 2);
            Map<IpPrefix, List<Packet>> sent = new HashMap<>();
            summaries.clear();
            int nodes = random.nextInt(2, 8);
            for (int node = 0; node < nodes; node++) {
                long at = NOW.getEpochSecond()
                        + random.nextInt(1 - ClusterSums.BEHIND_SECONDS_MAX, 1 + ClusterSums.AHEAD_SECONDS_MAX);
                summaries.put("node-" + node, node(node, rule, at, sent, random));
            }
            for (Reached reached : ClusterSums.of(List.of(rule), summaries, NOW).reached()) {
                long truth = truth(rule, sent.getOrDefault(reached.source(), List.of()));
                String what = "seed " + seed + ": " + reached + ", in truth " + truth;
                assertTrue(reached.evidence().count() <= truth, what);
                assertTrue(truth >= rule.threshold(), what);
            }
        }
    }

    private record Packet(int node, int port, Ip target, long second) {}

    private static NodeSummary node(
            int node, DetectionRule rule, long at, Map<IpPrefix, List<Packet>> sent, SplittableRandom random) {
        SourceWindows windows = new SourceWindows(List.of(rule), 64, 1, DetectionListener.NONE);
        long second = at - 1_200;
        while ((second += random.nextInt(0, 30)) <= at) {
            Ip source = Ip.parse("198.51.100." + random.nextInt(1, 6));
            Packet packet =
                    new Packet(node, random.nextInt(1, 40), Ip.parse("192.0.2." + random.nextInt(1, 40)), second);
            sent.computeIfAbsent(IpPrefix.of(source), _ -> new ArrayList<>()).add(packet);
            new Sent(source, Transport.TCP, packet.port(), packet.target(), true, second * Sent.SECOND).to(windows);
        }
        windows.summarize(1_000 * at);
        return windows.summary();
    }

    /** The most within any span of the rule that ends when the agent adds, or a little later. */
    private static long truth(DetectionRule rule, List<Packet> packets) {
        long end = NOW.getEpochSecond() + ClusterSums.AHEAD_SECONDS_MAX;
        Set<Object> distinct = new HashSet<>();
        for (Packet packet : packets) {
            if (packet.second() > end - rule.withinSeconds()) {
                distinct.add(
                        switch (rule.measure()) {
                            case PACKETS -> new Object();
                            case DISTINCT_PORTS -> packet.port();
                            case DISTINCT_LOAD_BALANCERS -> packet.target();
                            case DISTINCT_NODES -> packet.node();
                            case DISTINCT_SOURCES -> throw new IllegalStateException("of one node only");
                        });
            }
        }
        return distinct.size();
    }

    /** 300 agents with full summaries; prints bytes and time, which depend on the machine. */
    @Test
    void addsUpThreeHundredAgents() {
        DetectionRule rule = rule(Measure.DISTINCT_NODES, 200, 2);
        SplittableRandom random = new SplittableRandom(7);
        long bytes = 0;
        List<SummaryDocument> documents = new ArrayList<>();
        for (int node = 0; node < 300; node++) {
            SourceWindows windows = new SourceWindows(List.of(rule), 64, node, DetectionListener.NONE);
            for (int packet = 0; packet < 4; packet++) { // the scanner touches each node a little
                Sent.tcp(SCANNER, 30_000 + packet, NOW.getEpochSecond() - 100 + packet)
                        .to(windows);
            }
            for (int noise = 0; noise < 400; noise++) {
                String other = "203.0." + random.nextInt(256) + "." + random.nextInt(256);
                Sent.tcp(other, random.nextInt(65_536), NOW.getEpochSecond() - random.nextInt(300))
                        .to(windows);
            }
            windows.summarize(NOW.toEpochMilli());
            SummaryDocument document = SummaryDocument.of(windows.summary());
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ApiJson.write(document, out);
            bytes += out.size();
            documents.add(document);
        }
        long before = System.nanoTime();
        for (int node = 0; node < documents.size(); node++) {
            summaries.put("node-" + node, documents.get(node).summary(List.of(rule)));
        }
        SumsResult result = add(rule);
        long nanos = System.nanoTime() - before;
        System.out.printf(
                "300 agents: %,d bytes a round, %,d ms to check and add %,d sources%n",
                bytes,
                nanos / 1_000_000,
                summaries.values().stream()
                        .mapToInt(each -> each.rules().getFirst().sources().size())
                        .sum());
        assertEquals(1, result.reached().size());
        assertEquals(300, result.reached().getFirst().evidence().count());
        assertEquals(
                "counted on 300 nodes: node-0, node-1, node-10, node-100, node-101, node-102, node-103, node-104 and"
                        + " 292 more",
                result.reached().getFirst().evidence().hint());
        assertTrue(bytes < 300L * NodeSummary.BYTES_MAX);
    }

    @Test
    void theTimesOfOneSpanFitTheTimesThatAreAdded() {
        Instant oldest = NOW.minusSeconds(ClusterSums.BEHIND_SECONDS_MAX - 1);
        Instant newest = NOW.plusSeconds(ClusterSums.AHEAD_SECONDS_MAX);
        DetectionRule rule = rule(Measure.PACKETS, 10, 2);
        Instant first = oldest.minusSeconds(NodeSummary.countedSeconds(rule)).plusSeconds(1);
        assertTrue(newest.getEpochSecond() - first.getEpochSecond() < rule.withinSeconds());
    }
}

package io.denywatch.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.Sent;
import io.denywatch.blocklist.SharedBlocklist;
import io.denywatch.count.RequestCounts;
import io.denywatch.denial.Transport;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionListener;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.detection.Measure;
import io.denywatch.detection.RuleScope;
import io.denywatch.detection.SourceWindows;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.sums.AgentState;
import io.denywatch.sums.ClusterRules;
import io.denywatch.sums.ClusterRulesStatus;
import io.denywatch.sums.HttpSummaries;
import io.denywatch.sums.HttpSummaries.AgentAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Three agents in one process, over HTTP. */
class SummaryRouteTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final String SCANNER = "198.51.100.7";
    private static final DetectionRule RULE = new DetectionRule(
            "touches-all-nodes",
            Measure.DISTINCT_NODES,
            3,
            600,
            Set.of(Transport.TCP),
            Duration.ofMinutes(10),
            Duration.ofHours(1),
            new RuleScope.ClusterScope(2));

    private static SourceWindows windows(String source) {
        SourceWindows windows = new SourceWindows(List.of(RULE), 64, 1, DetectionListener.NONE);
        Sent.tcp(source, 30_080, NOW.getEpochSecond() - 60).to(windows);
        windows.summarize(NOW.toEpochMilli());
        return windows;
    }

    private static MetricsServer serve(SourceWindows windows) throws Exception {
        IngestSnapshot snapshot = Snapshots.busy();
        return MetricsServer.start(
                Snapshots.SETTINGS,
                new Published(
                        () -> snapshot,
                        () -> EstablishedSources.NONE,
                        () -> BlocklistStatus.OFF,
                        () -> Diagnosis.NONE,
                        () -> RequestCounts.NONE,
                        () -> SharedBlocklist.OFF,
                        () -> SharedWork.NONE,
                        windows::summary,
                        () -> ClusterRulesStatus.OFF),
                () -> NOW);
    }

    private static String url(MetricsServer server) {
        return server.scheme() + "://" + HostPort.text(server.address());
    }

    private static ClusterRules leader(SourceWindows own, List<AgentAddress> others) {
        return new ClusterRules(
                List.of(RULE),
                "node-a",
                () -> true,
                own::summary,
                new HttpSummaries(() -> others, List.of(RULE), 60_000),
                () -> NOW,
                20);
    }

    @Test
    void threeAgentsFindTogetherWhatNoneFindsAlone() throws Exception {
        try (MetricsServer b = serve(windows(SCANNER));
                MetricsServer c = serve(windows(SCANNER))) {
            ClusterRules rules = leader(
                    windows(SCANNER), List.of(new AgentAddress("node-b", url(b)), new AgentAddress("node-c", url(c))));
            rules.poll(NOW.toEpochMilli());

            List<Detection> found = rules.detections().recent();
            assertEquals(1, found.size());
            assertEquals(SCANNER, found.getFirst().source().compact());
            assertEquals(
                    "counted on 3 nodes: node-a, node-b, node-c",
                    found.getFirst().evidence().hint());
            assertEquals(
                    Map.of(AgentState.COUNTED, 3, AgentState.UNREACHABLE, 0, AgentState.INVALID, 0),
                    rules.status().agents());
        }
    }

    @Test
    void aSilentAgentIsSkippedAndCounted() throws Exception {
        try (MetricsServer b = serve(windows(SCANNER));
                MetricsServer c = serve(windows(SCANNER));
                ServerSocket silent = new ServerSocket(0)) { // connections are accepted, and nothing is answered
            ClusterRules rules = leader(
                    windows(SCANNER),
                    List.of(
                            new AgentAddress("node-b", url(b)),
                            new AgentAddress("node-c", url(c)),
                            new AgentAddress("node-d", "http://127.0.0.1:" + silent.getLocalPort())));
            rules.poll(NOW.toEpochMilli());

            assertEquals(1, rules.detections().recent().size());
            assertEquals(1, rules.status().agents().get(AgentState.UNREACHABLE));
        }
    }

    @Test
    void otherDocumentsAreNoSummaries() throws Exception {
        try (MetricsServer b = serve(windows(SCANNER))) {
            ClusterRules rules =
                    leader(windows(SCANNER), List.of(new AgentAddress("node-b", url(b) + "/api/v1/nlbs?x=")));
            rules.poll(NOW.toEpochMilli());
            assertEquals(1, rules.status().agents().get(AgentState.INVALID));
        }
    }
}

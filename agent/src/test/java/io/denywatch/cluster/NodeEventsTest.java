package io.denywatch.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.Decision;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.denial.Transport;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.Measure;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.testing.RealApiServer;
import io.fabric8.kubernetes.api.model.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeEventsTest {
    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00.5Z");
    private static final DetectionRule RULE = new DetectionRule(
            "ports",
            Measure.DISTINCT_PORTS,
            20,
            60,
            Set.of(Transport.TCP),
            Duration.ofMinutes(10),
            Duration.ofHours(1));
    private static final Evidence EVIDENCE =
            new Evidence(20, List.of("tcp/22", "tcp/23"), List.of(Ip.parse("198.51.100.1")), NOW.minusSeconds(9), NOW);
    private static final BlockEntry ENTRY =
            new BlockEntry(IpPrefix.parse("203.0.113.9/32"), NOW, NOW.plusSeconds(600), "ports", 1, EVIDENCE);
    private static final Detection OFFENCE = new Detection(1, ENTRY.source(), RULE, EVIDENCE, 0);

    /** What {@code kubectl describe node} asks for. */
    private static List<Event> events(RealApiServer server, String node) {
        return server.admin()
                .v1()
                .events()
                .inAnyNamespace()
                .withField("involvedObject.kind", "Node")
                .withField("involvedObject.name", node)
                .withField("involvedObject.namespace", "")
                .withField("involvedObject.uid", node)
                .list()
                .getItems();
    }

    private static void tell(NodeEvents told, Decision decision, int times, Instant at) {
        Collections.nCopies(times, decision).forEach(one -> told.decided(one, BlocklistMode.ENFORCE, at));
    }

    @Test
    void aDecisionIsTheNodesEventWithItsEvidence() throws ClusterException {
        RealApiServer server = RealApiServer.shared();
        try (ClusterConnection connection = FollowedCluster.connect(server.adminKubeconfig())) {
            NodeEvents told = new NodeEvents(connection, "told");
            told.decided(new Decision.Blocked(ENTRY, OFFENCE), BlocklistMode.DRY_RUN, NOW);
            told.decided(new Decision.Revoked(ENTRY, new Range(ENTRY.source(), "node a")), BlocklistMode.ENFORCE, NOW);
            server.await("both", () -> events(server, "told").size() == 2);
            Event blocked = events(server, "told").stream()
                    .filter(event -> event.getReason().equals("SourceBlocked"))
                    .findFirst()
                    .orElseThrow();
            assertEquals("2026-11-24T10:00:00Z", blocked.getLastTimestamp());
            assertEquals("Warning", blocked.getType());
            assertEquals(
                    "mode dry-run, nothing is written: 203.0.113.9/32 is blocked until 2026-11-24T10:10:00Z by rule ports,"
                            + " blocked 1 times before: count 20, ports tcp/22 tcp/23, load balancers 198.51.100.1, seen"
                            + " 2026-11-24T09:59:51Z to 2026-11-24T10:00:00Z",
                    blocked.getMessage());
            assertEquals(0, told.dropped());
        }
    }

    @Test
    void aFloodOfDecisionsIsAHandfulOfEventsAndTheNextSaysHowManyWereLeftOut() throws ClusterException {
        RealApiServer server = RealApiServer.shared();
        try (ClusterConnection connection = FollowedCluster.connect(server.adminKubeconfig())) {
            NodeEvents told = new NodeEvents(connection, "flooded");
            tell(told, new Decision.Expired(ENTRY), 1_000, NOW);
            server.await("all sent", () -> events(server, "flooded").size() + told.dropped() == 1_000);
            long sent = events(server, "flooded").size();
            assertTrue(sent >= 1 && sent <= NodeEvents.BURST, "sent " + sent);
            tell(told, new Decision.Expired(ENTRY), 1, NOW.plusMillis(NodeEvents.INTERVAL_MILLIS * 10L));
            server.await("one more", () -> events(server, "flooded").size() == sent + 1);
            assertEquals(
                    1,
                    events(server, "flooded").stream()
                            .filter(event -> event.getMessage()
                                    .endsWith(" (" + (1_000 - sent) + " decisions before this one were left out)"))
                            .count());
        }
    }

    @Test
    void refusalsAreToldOnceInAWhileAndNeverThoseThatTheOperatorWished() throws ClusterException {
        RealApiServer server = RealApiServer.shared();
        try (ClusterConnection connection = FollowedCluster.connect(server.adminKubeconfig())) {
            NodeEvents told = new NodeEvents(connection, "refusing");
            tell(told, new Decision.Refused(OFFENCE, DetectionOutcome.NEVER_BLOCK, null), 50, NOW);
            tell(told, new Decision.Refused(OFFENCE, DetectionOutcome.LIMIT, null), 50, NOW);
            tell(told, new Decision.Expired(ENTRY), 1, NOW);
            server.await("two", () -> events(server, "refusing").size() == 2);
            assertEquals(0, told.dropped());
        }
    }

    @Test
    void eventsThatMayNotBeWrittenAreCounted() throws ClusterException {
        RealApiServer server = RealApiServer.shared();
        try (ClusterConnection connection = FollowedCluster.connect(server.kubeconfig(server.newAccount()))) {
            NodeEvents told = new NodeEvents(connection, "mute");
            tell(told, new Decision.Expired(ENTRY), 3, NOW);
            server.await("refused", () -> told.dropped() == 3);
            assertEquals(List.of(), events(server, "mute"));
        }
    }
}

package io.denywatch.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.testing.RealApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseElectionTest {
    private static final String NAMESPACE = "default";

    private final AtomicLong nanos = new AtomicLong(); // the agents' clock, which only tests advance
    private final List<LeaseElection> agents = new ArrayList<>();
    private long pollMillis;

    @TempDir
    private Path root = Path.of("");

    private LeaseElection agent(KubernetesClient client, String node) {
        LeaseElection agent = new LeaseElection(client, NAMESPACE, node, "process", nanos::get, Duration.ofMillis(50));
        agents.add(agent);
        return agent;
    }

    private void poll() {
        pollMillis += 100;
        agents.forEach(agent -> agent.poll(pollMillis));
    }

    @AfterEach
    void end() {
        agents.forEach(LeaseElection::close);
    }

    private static void deleteLease(RealApiServer server) {
        server.admin()
                .leases()
                .inNamespace(NAMESPACE)
                .withName(Leadership.LEASE_NAME)
                .delete();
    }

    @Test
    void oneOfThreeLeadsAndWhenItEndsAnotherOneDoes() {
        RealApiServer server = RealApiServer.shared();
        deleteLease(server);
        for (String node : List.of("a", "b", "c")) {
            agent(server.admin(), node);
        }
        server.await("one leads, and all know which", () -> {
            poll();
            return agents.stream().filter(LeaseElection::isHere).count() == 1
                    && agents.stream().allMatch(agent -> agent.leader().isPresent());
        });
        LeaseElection first =
                agents.stream().filter(LeaseElection::isHere).findFirst().orElseThrow();
        String node = first.leader().orElseThrow().node();
        first.close();
        assertFalse(first.isHere());
        agents.remove(first);
        nanos.addAndGet(Leadership.ASK_AGAIN.toNanos());
        server.await("another one leads", () -> {
            poll();
            return agents.stream().filter(LeaseElection::isHere).count() == 1;
        });
        LeaseElection next =
                agents.stream().filter(LeaseElection::isHere).findFirst().orElseThrow();
        assertFalse(next.leader().orElseThrow().node().equals(node));
    }

    @Test
    void whileTheServerIsAwayLeadershipEndsAndWhenItIsBackThereIsALeader() {
        RealApiServer server = RealApiServer.shared();
        deleteLease(server);
        LeaseElection agent = agent(server.admin(), "a");
        server.await("leads", () -> {
            poll();
            return agent.isHere();
        });
        server.stop();
        try {
            nanos.addAndGet(Leadership.RENEWED_WITHIN.toNanos());
            assertFalse(agent.isHere());
            server.await("failure seen", () -> {
                poll();
                return !agent.problem().isEmpty();
            });
            assertFalse(agent.isHere());
        } finally {
            server.start();
        }
        server.await("leads again", () -> {
            poll();
            return agent.isHere() && agent.problem().isEmpty();
        });
    }

    @Test
    void anAccountThatMayNotUseTheLeaseIsToldWhatItLacks() {
        RealApiServer server = RealApiServer.shared();
        deleteLease(server);
        try (KubernetesClient client = server.client(server.newAccount().token())) {
            LeaseElection agent = agent(client, "a");
            server.await("failure seen", () -> {
                poll();
                return !agent.problem().isEmpty();
            });
            assertEquals(
                    "no leader can be elected: 403; missing: get on leases of coordination.k8s.io in namespace "
                            + NAMESPACE,
                    agent.problem());
            assertFalse(agent.isHere());
            end();
            agents.clear();
        }
    }

    @Test
    void theNamespaceIsThatOfTheEnvironmentOrOfTheServiceAccount() throws IOException {
        assertEquals(Optional.empty(), OwnNamespace.find(Map.of(), root));
        Path file = root.resolve(OwnNamespace.FILE);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "watch\n");
        assertEquals(Optional.of("watch"), OwnNamespace.find(Map.of(), root));
        assertEquals(Optional.of("other"), OwnNamespace.find(Map.of(OwnNamespace.VARIABLE, "other"), root));
        Files.writeString(file, "../etc");
        assertEquals(Optional.empty(), OwnNamespace.find(Map.of(), root));
        assertTrue(OwnNamespace.find(Map.of(OwnNamespace.VARIABLE, "a/b"), root).isEmpty());
    }
}

package io.denywatch.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The Lease under agents whose clocks differ, whose requests fail or take long, and that end at any time. */
class ElectionLeaseTest {
    private static final long MILLI = 1_000_000;
    private static final KubernetesClient UNUSED =
            new KubernetesClientBuilder().withConfig(Config.empty()).build();

    /** The field keeps the level. */
    private static final Logger LOG = Logger.getLogger(Leadership.class.getName());

    private long nowNanos = 1;
    private @Nullable Lease stored;
    private int version;

    @BeforeAll
    static void logNothing() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void logAgain() {
        LOG.setLevel(null);
    }

    private static KubernetesClientException failure(int code) {
        return new KubernetesClientException("failure", code, null);
    }

    /** The elector, as the client implements it, on an agent of its own. */
    private final class Agent {
        final String name;
        final long offsetNanos;
        final ElectionLease lease;
        long delayNanos; // of the request being sent
        boolean offline;
        boolean answersLost;
        long dueNanos;
        int reads;

        Agent(String node, String process, long offsetNanos) {
            name = node + process;
            this.offsetNanos = offsetNanos;
            lease = new ElectionLease(
                    new ElectionLease.Store() {
                        @Override
                        public @Nullable Lease get() {
                            reads++;
                            if (offline) {
                                throw failure(0);
                            }
                            return stored;
                        }

                        @Override
                        public Lease create(Lease wanted) {
                            return write(wanted, stored == null);
                        }

                        @Override
                        public Lease update(Lease wanted) {
                            return write(
                                    wanted,
                                    stored != null
                                            && stored.getMetadata()
                                                    .getResourceVersion()
                                                    .equals(wanted.getMetadata().getResourceVersion()));
                        }

                        private Lease write(Lease wanted, boolean accepted) {
                            if (offline) {
                                throw failure(0);
                            }
                            if (!accepted) {
                                throw failure(409);
                            }
                            stored = new LeaseBuilder(wanted)
                                    .editMetadata()
                                    .withResourceVersion(Integer.toString(++version))
                                    .endMetadata()
                                    .build();
                            if (answersLost) {
                                throw failure(0);
                            }
                            return Objects.requireNonNull(stored);
                        }
                    },
                    "denywatch",
                    node,
                    process,
                    () -> nowNanos - delayNanos + offsetNanos);
        }

        /** One attempt; a request that is sent now was sent {@code delay} ago by the agent's clock. */
        boolean attempt(long delay) {
            delayNanos = delay;
            try {
                LeaderElectionRecord found = lease.get(UNUSED);
                ZonedDateTime now =
                        Instant.EPOCH.plusNanos(nowNanos + offsetNanos).atZone(ZoneOffset.UTC);
                LeaderElectionRecord mine = new LeaderElectionRecord(lease.identity(), Leadership.LEASE, now, now, 0);
                if (found == null) {
                    lease.create(UNUSED, mine);
                    return true;
                }
                boolean isOurs = lease.identity().equals(found.getHolderIdentity());
                boolean isFree = found.getHolderIdentity().isEmpty()
                        || found.getRenewTime()
                                .plus(found.getLeaseDuration())
                                .isBefore(Instant.parse("2026-12-01T00:00:00Z").atZone(ZoneOffset.UTC));
                if (isOurs || isFree) {
                    lease.update(UNUSED, mine);
                    return true;
                }
                return false;
            } catch (KubernetesClientException e) {
                return false;
            } finally {
                delayNanos = 0;
            }
        }

        boolean leads() {
            return lease.isHeld();
        }
    }

    private void pass(Duration time) {
        nowNanos += time.toNanos();
    }

    @Test
    void neverDoTwoLeadAndNoneBeginsBeforeTheWritesOfTheLastOneHaveArrived() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        long longest = Duration.ofSeconds(5).toNanos(); // time limit of a request
        int elections = 0;
        for (int round = 0; round < 30; round++) {
            stored = null;
            List<Agent> agents = new ArrayList<>();
            for (int i = 0; i < 2 + random.nextInt(5); i++) {
                agents.add(new Agent("node-" + i, "0", random.nextLong(-(1L << 60), 1L << 60)));
            }
            Map<String, Long> lastLed = new HashMap<>();
            String last = "";
            for (int step = 0; step < 36_000; step++) { // an hour
                nowNanos += 100 * MILLI;
                for (int i = 0; i < agents.size(); i++) {
                    Agent agent = agents.get(i);
                    if (random.nextInt(3_000) == 0) {
                        agent.offline = !agent.offline;
                    }
                    if (random.nextInt(3_000) == 0) {
                        agent.answersLost = !agent.answersLost;
                    }
                    if (random.nextInt(6_000) == 0) { // killed, and started again
                        agent = new Agent("node-" + i, Integer.toString(step), random.nextLong(1L << 60));
                        agents.set(i, agent);
                    }
                    if (stored != null && random.nextInt(10_000) == 0) { // someone edits it
                        stored = new LeaseBuilder(stored)
                                .editMetadata()
                                .addToAnnotations("edited", "at-" + step)
                                .withResourceVersion(Integer.toString(++version))
                                .endMetadata()
                                .build();
                    }
                    if (nowNanos >= agent.dueNanos) {
                        agent.attempt(random.nextLong(longest));
                        agent.dueNanos = nowNanos
                                + Leadership.RETRY.toNanos()
                                + (agent.leads() ? 0 : random.nextLong(Leadership.RETRY.toNanos() * 6 / 5));
                    }
                }
                List<Agent> leading = agents.stream().filter(Agent::leads).toList();
                String where = "seed " + seed + ", round " + round + ", step " + step;
                assertTrue(leading.size() <= 1, () -> where + ": " + leading.size() + " lead");
                for (Agent leader : leading) {
                    if (!leader.name.equals(last)) {
                        elections++;
                        lastLed.forEach((name, at) -> assertTrue(
                                name.equals(leader.name) || nowNanos - at >= longest,
                                () -> where + ": " + leader.name + " leads " + (nowNanos - at) / MILLI + " ms after "
                                        + name));
                        last = leader.name;
                    }
                    lastLed.put(leader.name, nowNanos);
                }
            }
        }
        assertTrue(elections > 100, "seed " + seed + ": " + elections + " elections");
    }

    @Test
    void anAgentWhoseClockIsAheadTakesNothingFromALeaderThatRenews() {
        Agent leader = new Agent("a", "1", 0);
        Agent ahead = new Agent("b", "1", Duration.ofDays(1).toNanos());
        assertTrue(leader.attempt(0));
        for (int i = 0; i < 100; i++) {
            pass(Leadership.RETRY);
            assertTrue(leader.attempt(0));
            assertFalse(ahead.attempt(0));
        }
        assertEquals(Optional.of("a"), ahead.lease.leader().map(Leadership.Leader::node));
    }

    @Test
    void aLeaderWithoutAnswersStopsOnItsOwnAndTheNextOneBeginsLater() {
        Agent leader = new Agent("a", "1", 0);
        Agent next = new Agent("b", "1", 0);
        leader.attempt(0);
        assertFalse(next.attempt(0));
        leader.offline = true;
        pass(Leadership.RENEWED_WITHIN.minusMillis(1));
        assertTrue(leader.leads());
        assertFalse(next.attempt(0));
        pass(Duration.ofMillis(1));
        assertFalse(leader.leads());
        assertFalse(next.attempt(0));
        pass(Leadership.ASK_AGAIN);
        assertTrue(next.attempt(0));
        assertTrue(next.leads());
    }

    @Test
    void theNextAgentOfANodeIsNotTakenForTheLastOne() {
        assertTrue(new Agent("a", "1", 0).attempt(0));
        Agent again = new Agent("a", "2", 0);
        assertFalse(again.attempt(0));
        pass(Leadership.LEASE);
        assertTrue(again.attempt(0));
    }

    @Test
    void aLeaseThatIsGivenBackIsTakenAtOnce() {
        Agent leader = new Agent("a", "1", 0);
        Agent next = new Agent("b", "1", 0);
        leader.attempt(0);
        next.attempt(0);
        leader.lease.release();
        assertFalse(leader.leads());
        pass(Leadership.ASK_AGAIN);
        assertTrue(next.attempt(0));
        assertTrue(next.leads());
    }

    @Test
    void aLeaseThatIsNotHeldIsNotGivenBack() {
        Agent leader = new Agent("a", "1", 0);
        Agent other = new Agent("b", "1", 0);
        leader.attempt(0);
        other.attempt(0);
        int before = version;
        other.lease.release();
        pass(Leadership.RENEWED_WITHIN);
        leader.lease.release();
        assertEquals(before, version);
    }

    @Test
    void whileAnotherOneLeadsTheServerIsAskedSeldom() {
        Agent leader = new Agent("a", "1", 0);
        Agent waiting = new Agent("b", "1", 0);
        leader.attempt(0);
        for (int seconds = 0; seconds < 600; seconds += 5) {
            leader.attempt(0);
            waiting.attempt(0);
            pass(Duration.ofSeconds(5));
        }
        assertEquals(40, waiting.reads);
    }

    @Test
    void aLeaseFromWhichAnythingIsMissingIsTakenAfterItsTime() {
        for (Lease odd : List.of(
                new LeaseBuilder().withNewMetadata().endMetadata().build(),
                new LeaseBuilder()
                        .withNewMetadata()
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity("x")
                        .endSpec()
                        .build(),
                new LeaseBuilder()
                        .withNewMetadata()
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity("_")
                        .withLeaseDurationSeconds(Integer.MAX_VALUE)
                        .endSpec()
                        .build())) {
            stored = new LeaseBuilder(odd)
                    .editMetadata()
                    .withResourceVersion("7")
                    .endMetadata()
                    .build();
            Agent agent = new Agent("a", "1", 0);
            agent.attempt(0);
            assertEquals(Optional.empty(), agent.leads() ? Optional.empty() : agent.lease.leader());
            pass(Leadership.LEASE);
            assertTrue(agent.attempt(0), () -> odd.toString());
            assertTrue(agent.leads());
        }
    }

    @Test
    void withoutAnAnswerThereIsAProblemUntilThereIsOne() {
        Agent agent = new Agent("a", "1", 0);
        agent.offline = true;
        assertFalse(agent.attempt(0));
        assertTrue(agent.lease.problem().startsWith("no leader can be elected"), agent.lease.problem());
        agent.offline = false;
        assertTrue(agent.attempt(0));
        assertEquals("", agent.lease.problem());
    }
}

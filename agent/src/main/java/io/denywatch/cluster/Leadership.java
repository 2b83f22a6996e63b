package io.denywatch.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Which of the cluster's agents does the work that only one may do. {@link #poll} is confined to the cluster thread,
 * {@link #close} to the main thread after that thread has ended; any thread may ask.
 *
 * <p>At most one agent leads at any time, whatever their clocks say and whether or not the API server responds. An
 * agent stops leading on its own {@link #RENEWED_WITHIN} after it sent the last renewal that succeeded. Another agent
 * takes over no sooner than {@link #LEASE} after it first saw that renewal, and both measure this with monotonic
 * clocks. The difference is longer than a request takes, so a write that the former leader sent in time arrives before
 * its successor begins. No agent leads meanwhile; what needs a leader must be able to wait. The one exception: if
 * someone deletes the Lease, two agents may lead until the former one tries to renew it.
 */
public sealed interface Leadership extends AutoCloseable permits LeaseElection, Leadership.NoElection {
    /** The name of the Lease, which is in the agents' namespace. */
    String LEASE_NAME = "denywatch";

    /** How long another agent waits for a renewal before it takes over. */
    Duration LEASE = Duration.ofSeconds(30);

    /** How long an agent leads after its last successful renewal. */
    Duration RENEWED_WITHIN = Duration.ofSeconds(20);

    /** Time between two renewals, and the shortest time between two attempts to take over. */
    Duration RETRY = Duration.ofSeconds(5);

    /**
     * How long an answer about another leader is used. With 300 agents the API server gets about 15 requests for the
     * Lease per second.
     */
    Duration ASK_AGAIN = Duration.ofSeconds(15);

    /**
     * The agent that was elected last.
     *
     * @param node its node
     * @param since when it was elected, by its own clock
     */
    record Leader(String node, Instant since) {}

    /** Whether this agent leads now. Ask again before each write: the answer becomes false while nothing happens. */
    boolean isHere();

    /** Who was elected last, as far as known. */
    Optional<Leader> leader();

    /** Why nothing is known or nobody can be elected, in one line; empty if all is well. */
    String problem();

    /** Does what is due; does not wait. Returns 0 if there was nothing to do. */
    int poll(long nowMillis);

    /** Takes part no more. If this agent leads, another one may then take over at once. */
    @Override
    void close();

    /** The leadership of an agent without a feature that needs a leader. It never leads. */
    record NoElection() implements Leadership {
        @Override
        public boolean isHere() {
            return false;
        }

        @Override
        public Optional<Leader> leader() {
            return Optional.empty();
        }

        @Override
        public String problem() {
            return "";
        }

        @Override
        public int poll(long nowMillis) {
            return 0;
        }

        @Override
        public void close() {
            // takes no part
        }
    }
}

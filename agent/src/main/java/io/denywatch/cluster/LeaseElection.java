package io.denywatch.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The election of one agent through a Lease, by the client's elector on the client's threads. */
public final class LeaseElection implements Leadership {
    /** The elector logs each failed request. {@link ElectionLease} does so once; the field keeps the level. */
    private static final Logger ELECTOR_LOG = Logger.getLogger(LeaderElector.class.getName());

    private final KubernetesClient client; // not owned
    private final ElectionLease lease;
    private final Duration retry;
    private @Nullable CompletableFuture<?> election;
    private long attemptMillis = Long.MIN_VALUE;
    private long polledMillis = Long.MIN_VALUE;

    /**
     * Takes no part before the first {@link #poll}.
     *
     * @param connection not owned
     * @param namespace of the Lease
     * @param node the node of this agent
     * @param process different for each process
     */
    public LeaseElection(ClusterConnection connection, String namespace, String node, String process) {
        this(connection.client(), namespace, node, process, connection.nanos(), RETRY);
    }

    LeaseElection(
            KubernetesClient client,
            String namespace,
            String node,
            String process,
            LongSupplier nanos,
            Duration retry) {
        this.client = client;
        this.retry = retry;
        lease = new ElectionLease(new ElectionLease.ApiStore(client, namespace), namespace, node, process, nanos);
        ELECTOR_LOG.setLevel(Level.OFF);
    }

    @Override
    public boolean isHere() {
        return lease.isHeld();
    }

    @Override
    public Optional<Leader> leader() {
        return lease.leader();
    }

    @Override
    public String problem() {
        return lease.problem();
    }

    /** Starts an elector unless one is running. An elector ends when it loses the Lease. */
    @Override
    public int poll(long nowMillis) {
        boolean setBack = nowMillis < polledMillis;
        polledMillis = nowMillis;
        if ((election != null && !election.isDone()) || (nowMillis < attemptMillis && !setBack)) {
            return 0;
        }
        attemptMillis = nowMillis + retry.toMillis();
        election = client.leaderElector()
                .withConfig(new LeaderElectionConfigBuilder()
                        .withName(LEASE_NAME)
                        .withLock(lease)
                        .withLeaseDuration(LEASE)
                        .withRenewDeadline(RENEWED_WITHIN)
                        .withRetryPeriod(retry)
                        .withLeaderCallbacks(new LeaderCallbacks(() -> {}, () -> {}, leader -> {}))
                        .build())
                .build()
                .start();
        return 1;
    }

    @Override
    public void close() {
        if (election != null) {
            election.cancel(true);
            lease.release();
        }
    }
}

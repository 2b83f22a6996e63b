package io.denywatch.cluster;

import static java.net.HttpURLConnection.HTTP_CONFLICT;
import static java.net.HttpURLConnection.HTTP_FORBIDDEN;

import io.denywatch.cluster.Leadership.Leader;
import io.denywatch.process.LogOnce;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.Lock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The Lease that agents compete for, as the client's elector needs it. The elector calls it on the client's threads;
 * all methods are thread-safe.
 *
 * <p>The client's own lock would compare this node's clock with the time that the leader wrote, so an agent whose clock
 * is ahead would take the Lease from a leader that renews it. This one tells the elector that a Lease has expired only
 * if it saw no renewal for {@link Leadership#LEASE}. Unlike the client's, it needs no permission to patch.
 */
final class ElectionLease implements Lock {
    private static final ZonedDateTime EXPIRED = Instant.EPOCH.atZone(ZoneOffset.UTC);
    private static final ZonedDateTime ALIVE =
            Instant.parse("9999-01-01T00:00:00Z").atZone(ZoneOffset.UTC);

    /** Between the node and a part that is different for each process. */
    private static final char SEPARATOR = '_';

    /** Where the Lease is. Each method may throw a {@link KubernetesClientException}. */
    interface Store {
        /** The Lease; null if there is none. */
        @Nullable
        Lease get();

        /** Creates the Lease and returns it as it is then. */
        Lease create(Lease lease);

        /** Replaces the Lease if it still has the given resource version, and returns it as it is then. */
        Lease update(Lease lease);
    }

    /**
     * The API server.
     *
     * @param client not owned
     */
    record ApiStore(KubernetesClient client, String namespace) implements Store {
        @Override
        public @Nullable Lease get() {
            return client.leases()
                    .inNamespace(namespace)
                    .withName(Leadership.LEASE_NAME)
                    .get();
        }

        @Override
        public Lease create(Lease lease) {
            return client.resource(lease).create();
        }

        @Override
        public Lease update(Lease lease) {
            return client.resource(lease).update();
        }
    }

    private final Store store;
    private final String namespace;
    private final String identity;
    private final LongSupplier nanos;
    private final LogOnce access = new LogOnce(System.getLogger(Leadership.class.getName()), "a leader can be elected");

    private @Nullable Lease last; // as it was last read or written
    private long askedNanos;
    private boolean replaced; // since then, by another agent
    private long renewalSeenNanos; // when the last renewal by another agent was first seen
    private volatile Optional<Leader> leader = Optional.empty();

    /** When the last renewal that succeeded was sent; empty if this agent does not lead. */
    private volatile Optional<Long> renewedNanos = Optional.empty();

    /**
     * A Lease that has not been read.
     *
     * @param node the node of this agent
     * @param process different for each process, because the next agent of a node must not count as the last one
     * @param nanos a monotonic clock in nanoseconds
     */
    ElectionLease(Store store, String namespace, String node, String process, LongSupplier nanos) {
        this.store = store;
        this.namespace = namespace;
        identity = node + SEPARATOR + process;
        this.nanos = nanos;
    }

    /** Whether this agent leads now. */
    boolean isHeld() {
        return renewedNanos
                .filter(sent -> nanos.getAsLong() - sent < Leadership.RENEWED_WITHIN.toNanos())
                .isPresent();
    }

    /** Who was elected last, as far as known. */
    Optional<Leader> leader() {
        return leader;
    }

    String problem() {
        return access.problem();
    }

    @Override
    public synchronized @Nullable LeaderElectionRecord get(KubernetesClient elector) {
        long now = nanos.getAsLong();
        Lease known = last;
        if (known != null && !replaced && isOthers(known) && now - askedNanos < Leadership.ASK_AGAIN.toNanos()) {
            return toRecord(known, ALIVE);
        }
        Lease found;
        try {
            found = store.get();
        } catch (KubernetesClientException e) {
            throw failed("get", e);
        }
        if (known == null || found == null || !renewal(found).equals(renewal(known))) {
            renewalSeenNanos = now;
        }
        askedNanos = now;
        replaced = false;
        keep(found);
        if (found == null) {
            return null;
        }
        boolean expired = now - renewalSeenNanos >= Leadership.LEASE.toNanos();
        if (isOthers(found) && !expired) { // otherwise a write follows
            access.worked();
        }
        return toRecord(found, expired ? EXPIRED : ALIVE);
    }

    @Override
    public synchronized void create(KubernetesClient elector, LeaderElectionRecord wanted) {
        write(
                "create",
                wanted,
                new LeaseBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(Leadership.LEASE_NAME)
                        .endMetadata()
                        .build());
    }

    @Override
    public synchronized void update(KubernetesClient elector, LeaderElectionRecord wanted) {
        write("update", wanted, Objects.requireNonNull(last, "read before it is updated"));
    }

    /** Gives the Lease back if it is held, so that another agent does not have to wait. */
    synchronized void release() {
        if (isHeld() && last != null) {
            renewedNanos = Optional.empty(); // before another one can take it
            try {
                store.update(new LeaseBuilder(last)
                        .editSpec()
                        .withHolderIdentity(null)
                        .endSpec()
                        .build());
            } catch (KubernetesClientException e) {
                access.failed("the Lease could not be released, so the next leader is elected "
                        + Leadership.LEASE.toSeconds() + " s later: " + ApiFailures.cause(e));
            }
        }
    }

    private void write(String verb, LeaderElectionRecord wanted, Lease found) {
        long sentNanos = nanos.getAsLong();
        Lease lease = new LeaseBuilder(found)
                .editOrNewSpec()
                .withHolderIdentity(identity)
                .withLeaseDurationSeconds(Math.toIntExact(Leadership.LEASE.toSeconds()))
                .withAcquireTime(wanted.getAcquireTime())
                .withRenewTime(wanted.getRenewTime())
                .withLeaseTransitions(wanted.getLeaderTransitions())
                .endSpec()
                .build();
        try {
            boolean create = verb.equals("create");
            keep(create ? store.create(lease) : store.update(lease));
        } catch (KubernetesClientException e) {
            throw failed(verb, e);
        }
        access.worked();
        renewedNanos = Optional.of(sentNanos);
    }

    private void keep(@Nullable Lease lease) {
        last = lease;
        if (lease == null || isOthers(lease)) {
            renewedNanos = Optional.empty();
        }
        leader = Optional.ofNullable(lease).flatMap(ElectionLease::leaderOf);
    }

    private KubernetesClientException failed(String verb, KubernetesClientException e) {
        if (e.getCode() == HTTP_CONFLICT) { // another agent was faster
            replaced = true;
            renewedNanos = Optional.empty();
            return e;
        }
        access.failed("no leader can be elected: "
                + (e.getCode() == HTTP_FORBIDDEN
                        ? "403; missing: " + verb + " on leases of coordination.k8s.io in namespace " + namespace
                        : ApiFailures.cause(e)));
        return e;
    }

    private boolean isOthers(Lease lease) {
        return !identity.equals(holder(lease));
    }

    private static String holder(Lease lease) {
        LeaseSpec spec = lease.getSpec();
        return spec == null || spec.getHolderIdentity() == null ? "" : spec.getHolderIdentity();
    }

    /** Whatever changes with each renewal; other changes of the object are no sign of life. */
    private static String renewal(Lease lease) {
        LeaseSpec spec = lease.getSpec();
        return spec == null ? "" : holder(lease) + ' ' + spec.getRenewTime() + ' ' + spec.getLeaseTransitions();
    }

    private static Optional<Leader> leaderOf(Lease lease) {
        String holder = holder(lease);
        int end = holder.lastIndexOf(SEPARATOR);
        ZonedDateTime since = holder.isEmpty() ? null : lease.getSpec().getAcquireTime();
        return end <= 0
                ? Optional.empty()
                : Optional.of(new Leader(holder.substring(0, end), since == null ? Instant.EPOCH : since.toInstant()));
    }

    /** What the elector needs to know; anyone who may write the Lease may have left out any of it. */
    private static LeaderElectionRecord toRecord(Lease lease, ZonedDateTime renewed) {
        LeaseSpec spec = lease.getSpec() == null ? new LeaseSpec() : lease.getSpec();
        Integer transitions = spec.getLeaseTransitions();
        return new LeaderElectionRecord(
                holder(lease),
                Leadership.LEASE,
                spec.getAcquireTime() == null ? EXPIRED : spec.getAcquireTime(),
                renewed,
                transitions == null ? 0 : transitions);
    }

    @Override
    public String identity() {
        return identity;
    }

    @Override
    public String describe() {
        return "Lease " + namespace + "/" + Leadership.LEASE_NAME;
    }
}

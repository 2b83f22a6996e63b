package io.denywatch.cluster.sets;

import io.denywatch.blocklist.StoreException;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.CalicoApi.Origin;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ListWatch;
import io.denywatch.cluster.ListWatch.WatchedResource;
import io.denywatch.cluster.Permission;
import io.denywatch.policy.SetLabels;
import io.denywatch.process.BackOff;
import io.denywatch.process.LogOnce;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Follows the GlobalNetworkSets that carry one label, and publishes snapshots of them. Confined to the cluster thread,
 * which may wait here for seconds for the API server. Any thread may read {@link #sets}.
 *
 * <p>The API group is chosen once, like that of the agent's own sets: another group could lack labels, and a set that
 * seems to be missing would end its exemptions.
 */
public final class SetWatch implements AutoCloseable {
    /** Shortest time between two publications, in milliseconds: a burst of changes is published once. */
    static final int PUBLISH_MILLIS_MIN = 250;

    /** Longest wait after the first failed attempt to find the API group, in milliseconds; it doubles. */
    static final int RETRY_MILLIS = 10_000;

    /** Longest wait after any such attempt, in milliseconds. */
    static final int RETRY_MILLIS_MAX = 40_000;

    private final ClusterConnection connection;
    private final CalicoApi api;
    private final boolean allowV1;
    private final String label;
    private final RandomGenerator random;
    private final BackOff backOff;
    private final LogOnce group;
    private @Nullable ListWatch<ClusterNetworkSet> watch; // null until the group is known
    private long attemptMillis = Long.MIN_VALUE;
    private boolean changed;
    private long publishedMillis;
    private volatile Sets published = Sets.UNKNOWN;

    /**
     * What is known of the sets. Immutable.
     *
     * @param sets by name; as last reported, also while they cannot be read
     * @param known whether they were read since the start
     * @param problem why they cannot be read now, in one line; empty if all is well
     */
    public record Sets(List<ClusterNetworkSet> sets, boolean known, String problem) {
        /** Nothing is known. */
        public static final Sets UNKNOWN = new Sets(List.of(), false, "");

        /** Copies the list. */
        public Sets {
            sets = List.copyOf(sets);
        }
    }

    /**
     * Creates a watch; sends nothing yet.
     *
     * @param connection not owned
     * @param allowV1 whether the operator chose Calico's own objects where the supported API is not served
     * @param label that the sets carry, with the value {@link SetLabels#MARKED}
     * @param random spreads the agents' requests
     */
    public SetWatch(ClusterConnection connection, boolean allowV1, String label, RandomGenerator random) {
        this.connection = connection;
        this.allowV1 = allowV1;
        this.label = label;
        this.random = random;
        api = new CalicoApi(connection, allowV1);
        backOff = new BackOff(RETRY_MILLIS, RETRY_MILLIS_MAX, random);
        group = new LogOnce(System.getLogger(SetWatch.class.getName()), "Calico's API is found");
    }

    /**
     * Processes what arrived, does what is due, and publishes. Call it several times a second.
     *
     * @return 0 if nothing has changed
     */
    public int poll(long nowMillis) {
        if (watch == null && (nowMillis >= attemptMillis || nowMillis < attemptMillis - RETRY_MILLIS_MAX)) {
            begin(nowMillis);
        }
        ListWatch<ClusterNetworkSet> open = watch;
        boolean news = open != null && open.poll(nowMillis);
        changed |= news || !problem().equals(published.problem());
        if (changed && Math.abs(nowMillis - publishedMillis) >= PUBLISH_MILLIS_MIN) {
            changed = false;
            publishedMillis = nowMillis;
            published = look(open);
        }
        return news ? 1 : 0;
    }

    private void begin(long nowMillis) {
        try {
            Optional<Origin> origin = api.origin();
            String problem = origin.map(found -> refusal(found.group()))
                    .orElse("neither " + CalicoApi.GROUP_V3 + "/v3 nor " + CalicoApi.GROUP_V1 + "/v1 is served");
            if (problem.isEmpty()) {
                watch = new ListWatch<>(connection, kind(origin.orElseThrow()), random);
                group.worked();
                return;
            }
            group.failed(name() + " cannot be read: " + problem);
        } catch (StoreException e) {
            group.failed(name() + " cannot be read: " + e.getMessage());
        }
        attemptMillis = nowMillis + backOff.failed();
    }

    private String refusal(String found) {
        return found.equals(CalicoApi.GROUP_V3) || allowV1
                ? ""
                : CalicoApi.GROUP_V3 + "/v3 is not served; to use " + found + "/v1 instead, set blocklist.api to it";
    }

    private WatchedResource<ClusterNetworkSet> kind(Origin origin) {
        return new WatchedResource<>(
                name(),
                "/apis/" + origin.group() + "/" + origin.version() + "/globalnetworksets",
                List.of(""),
                label + "=" + SetLabels.MARKED,
                Permission.FOLLOWED_SETS.inGroup(origin.group()),
                object -> Optional.of(ClusterNetworkSet.read(object)).filter(set -> set.isMarked(label)),
                ClusterNetworkSet::size);
    }

    private String name() {
        return "network sets labelled " + label;
    }

    private String problem() {
        return watch == null ? group.problem() : watch.problem();
    }

    private Sets look(@Nullable ListWatch<ClusterNetworkSet> open) {
        List<ClusterNetworkSet> sets = open == null
                ? List.of()
                : open.items().stream()
                        .sorted(Comparator.comparing(ClusterNetworkSet::name))
                        .toList();
        return new Sets(sets, open != null && open.isKnown(), problem());
    }

    /** What is known. */
    public Sets sets() {
        return published;
    }

    /** Ends the watch; what is known stays. */
    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
    }
}

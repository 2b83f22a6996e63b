package io.denywatch.explain;

import io.denywatch.blocklist.ManualEntry;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.blocklist.StoreException;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterView;
import io.denywatch.cluster.ClusterWatch;
import io.denywatch.cluster.Permission;
import io.denywatch.cluster.sets.BlocklistSet;
import io.denywatch.cluster.sets.ManualBlocklist;
import io.denywatch.cluster.survey.CalicoPolicies;
import io.denywatch.cluster.survey.ClusterSurvey;
import io.denywatch.config.ClusterOptions;
import io.denywatch.config.Configuration;
import io.denywatch.config.ConfigurationReader;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** The cluster's blocklist as one person reaches it; each failure is one line. Confined to one thread. */
final class BlocklistAccess implements AutoCloseable {
    /** How long the cluster may take to tell which addresses are its own. */
    private static final long RANGES_MILLIS_MAX = 10_000;

    private static final long POLL_NANOS = 20_000_000;

    private final ProcessContext world;
    private final Configuration configuration;
    private final ClusterConnection connection;
    private final CalicoApi api;
    private final ManualBlocklist manual;

    /**
     * Who is never to be blocked.
     *
     * @param ranges as configured, and as far as the cluster tells
     * @param complete whether all is known that an agent waits for before it blocks anybody
     * @param problem what of the cluster's cannot be read, in one line; empty if all is known
     */
    record Known(NeverBlock ranges, boolean complete, String problem) {}

    private BlocklistAccess(ProcessContext world, Configuration configuration, ClusterConnection connection) {
        this.world = world;
        this.configuration = configuration;
        this.connection = connection;
        // Who adds an entry has asked neverBlock() before, or was told to force it.
        api = new CalicoApi(connection, configuration.blocklist().crdAllowed());
        manual = new ManualBlocklist(connection, api, () -> new NeverBlock(List.of()));
    }

    /** Nothing is sent yet. */
    static BlocklistAccess open(ProcessContext world, Configuration configuration, ClusterOptions options) {
        return new BlocklistAccess(world, configuration, options.connect(world));
    }

    /** All that is in force. */
    List<BlocklistSet> sets() {
        return attempt(manual::list);
    }

    /** Ends the command where nothing could be written: asked before what takes longer. */
    void check() {
        if (attempt(api::detect) instanceof CalicoApi.NotReady(String problem)) {
            throw CommandFailure.failed(problem);
        }
    }

    /** Blocks a source. */
    void add(ManualEntry entry) {
        attempt(() -> {
            manual.add(entry);
            return entry;
        });
    }

    /** Unblocks addresses; the result is the names of the objects that were changed. */
    List<String> remove(IpPrefix addresses, Instant allowedUntil) {
        return attempt(() -> manual.remove(addresses, world.clock().instant(), allowedUntil));
    }

    /** Who is never to be blocked, by what the cluster tells now. What it refuses is not asked for again. */
    Known neverBlock() {
        try (ClusterWatch watch = new ClusterWatch(
                connection,
                configuration.node(),
                true,
                world.environment().getOrDefault(ConfigurationReader.IN_POD, ""),
                RandomGenerator.getDefault())) {
            long deadline = world.clock().millis() + RANGES_MILLIS_MAX;
            ClusterView view = watch.view();
            while (!view.complete() && view.problem().isEmpty()) {
                long now = world.clock().millis();
                if (now >= deadline || world.stop().requested()) {
                    return known(view, "no answer");
                }
                if (watch.poll(now) == 0) {
                    world.stop().pause(POLL_NANOS);
                }
                view = watch.view();
            }
            return known(view, view.problem());
        }
    }

    /** With whom policies let in by name, if this person may read them. */
    private Known known(ClusterView view, String problem) {
        List<Range> ranges = new ArrayList<>(view.neverBlock());
        ClusterSurvey survey =
                ClusterSurvey.take(connection, configuration.blocklist().crdAllowed(), Permission.Need.DISCOVERY);
        survey.policies().map(CalicoPolicies::allowedRanges).ifPresent(ranges::addAll);
        String unread = survey.policies().isPresent() ? "" : survey.unreachable() + survey.policiesProblem();
        return new Known(configuration.neverBlock(ranges), view.complete(), problem.isEmpty() ? unread : problem);
    }

    private interface Request<T> {
        T send() throws StoreException;
    }

    private static <T> T attempt(Request<T> request) {
        try {
            return request.send();
        } catch (StoreException e) {
            throw CommandFailure.failed(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}

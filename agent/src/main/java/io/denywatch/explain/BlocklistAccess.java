package io.denywatch.explain;

import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.blocklist.StoreException;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterView;
import io.denywatch.cluster.ClusterWatch;
import io.denywatch.cluster.Permission;
import io.denywatch.cluster.sets.BlocklistSet;
import io.denywatch.cluster.sets.FeedStore;
import io.denywatch.cluster.sets.ManualBlocklist;
import io.denywatch.cluster.sets.SetExemptions;
import io.denywatch.cluster.survey.CalicoPolicies;
import io.denywatch.cluster.survey.ClusterSurvey;
import io.denywatch.config.ClusterOptions;
import io.denywatch.config.Configuration;
import io.denywatch.config.ConfigurationReader;
import io.denywatch.config.Setting;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Access to the cluster's blocklist with the credentials of the caller. Confined to one thread. Each failure is one
 * line.
 */
public final class BlocklistAccess implements AutoCloseable {
    /** The longest wait for the cluster's own addresses. */
    private static final long RANGES_MILLIS_MAX = 10_000;

    private static final long POLL_NANOS = 20_000_000;

    private final ProcessContext world;
    private final Configuration configuration;
    private final ClusterConnection connection;
    private final CalicoApi api;
    private final ManualBlocklist manual;

    /**
     * The exempt addresses.
     *
     * @param ranges the configured ranges, and those that the cluster reports
     * @param complete whether everything is known that an agent waits for before it blocks a source
     * @param problem the part of the cluster that cannot be read, in one line; empty if all is known
     */
    public record KnownExemptions(NeverBlock ranges, boolean complete, String problem) {}

    private BlocklistAccess(ProcessContext world, Configuration configuration, ClusterConnection connection) {
        this.world = world;
        this.configuration = configuration;
        this.connection = connection;
        // The caller has checked neverBlock() before, or uses --force.
        api = new CalicoApi(connection, configuration.blocklist().crdAllowed());
        manual = new ManualBlocklist(connection, api, () -> new NeverBlock(List.of()));
    }

    /** Opens the access; sends nothing yet. */
    public static BlocklistAccess open(ProcessContext world, Configuration configuration, ClusterOptions options) {
        return new BlocklistAccess(world, configuration, options.connect(world));
    }

    /** Reads all sets of the blocklist. */
    List<BlocklistSet> sets() {
        return attempt(manual::list);
    }

    /** Ends the command if the blocklist cannot be written now; called before the slower steps. */
    public void check() {
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

    /** What network sets exempt by their label, whether or not the local configuration asks for it. */
    SetExemptions exemptSets() {
        SetExemptions found = attempt(manual::exemptions);
        if (configuration.blocklist().exempt().live()) {
            return found;
        }
        // The agents have a configuration of their own.
        String condition = ", if the agents have " + Setting.BLOCKLIST_LIVE_EXEMPTIONS.key();
        return new SetExemptions(
                found.ranges().stream()
                        .map(range -> new Range(range.addresses(), range.reason() + condition))
                        .toList(),
                found.problems());
    }

    /** The exempt addresses, as the cluster reports them now. */
    public KnownExemptions neverBlock() {
        try (ClusterWatch watch = new ClusterWatch(
                connection,
                configuration.node(),
                true,
                true,
                world.environment().getOrDefault(ConfigurationReader.IN_POD, ""),
                configuration.blocklist().crdAllowed(),
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

    /** Adds the sources that policies explicitly allow, if the caller may read policies. */
    private KnownExemptions known(ClusterView view, String problem) {
        List<Range> ranges = new ArrayList<>(view.neverBlock());
        ClusterSurvey survey = ClusterSurvey.take(
                connection, configuration.blocklist().crdAllowed(), Set.of(Permission.Need.DISCOVERY));
        ranges.addAll(exemptSets().ranges());
        survey.policies().map(CalicoPolicies::allowedRanges).ifPresent(ranges::addAll);
        String unread = survey.policies().isPresent() ? "" : survey.unreachable() + survey.policiesProblem();
        return new KnownExemptions(
                configuration.neverBlock(ranges), view.complete(), problem.isEmpty() ? unread : problem);
    }

    /** The imported feeds. */
    public FeedStore feeds() {
        return new FeedStore(connection, api);
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

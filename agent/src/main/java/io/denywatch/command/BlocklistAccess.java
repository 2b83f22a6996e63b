package io.denywatch.command;

import io.denywatch.blocklist.ManualEntry;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.StoreException;
import io.denywatch.cluster.BlocklistSet;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterWatch;
import io.denywatch.cluster.ManualBlocklist;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;

/** The cluster's blocklist as one person reaches it; each failure is one line. Confined to one thread. */
final class BlocklistAccess implements AutoCloseable {
    /** How long the cluster may take to tell which addresses are its own. */
    private static final long RANGES_MILLIS_MAX = 10_000;

    private static final long POLL_NANOS = 20_000_000;

    private final World world;
    private final Configuration configuration;
    private final ClusterConnection connection;
    private final ManualBlocklist manual;

    private BlocklistAccess(World world, Configuration configuration, ClusterConnection connection) {
        this.world = world;
        this.configuration = configuration;
        this.connection = connection;
        // Who adds an entry has asked neverBlock() before, or was told to force it.
        manual = new ManualBlocklist(
                connection,
                new CalicoApi(connection, configuration.blocklist().crdAllowed()),
                () -> new NeverBlock(List.of()));
    }

    /** Nothing is sent yet. */
    static BlocklistAccess open(World world, Configuration configuration, ClusterOptions options) {
        return new BlocklistAccess(world, configuration, options.connect());
    }

    /** All that is in force. */
    List<BlocklistSet> sets() {
        return attempt(manual::list);
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
        return attempt(() -> manual.remove(addresses, allowedUntil));
    }

    /** What is never to be blocked: as configured, and as the cluster tells now. */
    NeverBlock neverBlock() {
        try (ClusterWatch watch = new ClusterWatch(
                connection,
                configuration.node(),
                true,
                world.environment().getOrDefault(ConfigurationReader.IN_POD, ""),
                RandomGenerator.getDefault())) {
            long deadline = world.clock().millis() + RANGES_MILLIS_MAX;
            while (!watch.view().complete()) {
                long now = world.clock().millis();
                if (now >= deadline || world.stop().requested()) {
                    throw CommandFailure.failed("the cluster did not tell which addresses are its own: "
                            + (watch.view().problem().isEmpty()
                                    ? "no answer"
                                    : watch.view().problem()));
                }
                if (watch.poll(now) == 0) {
                    world.stop().pause(POLL_NANOS);
                }
            }
            return configuration.neverBlock(watch.view().neverBlock());
        }
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

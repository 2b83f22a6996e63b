package io.denywatch.agent;

import io.denywatch.config.Configuration;
import io.denywatch.exposition.Published;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import java.util.concurrent.CountDownLatch;

/**
 * An agent, built in stages, each of which knows only the earlier ones: the cluster, the log and its counts, the
 * sums of all nodes, the blocklist, the server. The loops start only after all stages are built; the server listens as soon as it is built.
 * Closed in the opposite order. Confined to the main thread.
 */
final class Agent implements AutoCloseable {
    private static final long WATCH_NANOS = 1_000_000_000;

    private final ProcessContext world;
    private final Cluster cluster;
    private final Counting counting;
    private final Summing summing;
    private final Serving serving;
    private final CountDownLatch broken = new CountDownLatch(1);
    private final Loops loops;

    private Agent(ProcessContext world, Cluster cluster, Counting counting, Summing summing, Serving serving) {
        this.world = world;
        this.cluster = cluster;
        this.counting = counting;
        this.summing = summing;
        this.serving = serving;
        loops = new Loops(world, broken::countDown);
    }

    /**
     * Builds and starts an agent.
     *
     * @throws CommandFailure if a setting cannot work on this machine; the message names it
     */
    static Agent start(Configuration configuration, ProcessContext world) {
        Cluster cluster = Cluster.open(configuration, world);
        try {
            Counting counting = new Counting(configuration, world, cluster);
            try {
                Summing summing = Summing.of(configuration, world, counting, cluster);
                Blocking blocking = Blocking.of(configuration, world, counting, summing, cluster);
                Sharing sharing = new Sharing(configuration, world, counting, cluster);
                Published published = new Published(
                        counting::snapshot,
                        counting::established,
                        blocking::status,
                        () -> summing.with(cluster.diagnosis()),
                        cluster::requests,
                        sharing::list,
                        cluster::sharedWork,
                        summing::summary,
                        summing::status);
                Serving serving = Serving.start(configuration, published, world);
                Agent agent = new Agent(world, cluster, counting, summing, serving);
                counting.start(agent.loops);
                cluster.start(agent.loops);
                summing.start(agent.loops);
                blocking.start(agent.loops);
                sharing.start(agent.loops);
                serving.announce();
                return agent;
            } catch (RuntimeException e) {
                counting.close();
                throw e;
            }
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** Waits until the process is asked to stop, or a thread has ended because of an unexpected error. */
    void await() {
        while (!world.stop().requested() && broken.getCount() > 0) {
            world.stop().pause(WATCH_NANOS);
        }
    }

    /** Whether a thread has ended because of an unexpected error. */
    boolean isBroken() {
        return broken.getCount() == 0;
    }

    @Override
    public void close() {
        loops.close();
        serving.close();
        summing.close();
        counting.close();
        cluster.close();
    }
}

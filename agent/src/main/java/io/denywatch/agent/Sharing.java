package io.denywatch.agent;

import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.SharedBlocklist;
import io.denywatch.cluster.sets.SetWatch;
import io.denywatch.config.Configuration;
import io.denywatch.config.Exemptions;
import io.denywatch.process.ProcessContext;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the blocklist of the whole cluster for programs outside of it, if the configuration asks for it. {@link
 * #poll} is confined to a thread of its own; any thread may ask for the {@link #list}.
 */
final class Sharing {
    /** Shortest time between two lists, in milliseconds. */
    static final long EVERY_MILLIS = 1_000;

    private final Configuration configuration;
    private final Cluster cluster;
    private final Exemptions exemptions;
    private SetWatch.@Nullable Sets shared;
    private @Nullable NeverBlock exempt;
    private long polledMillis = Long.MIN_VALUE;
    private volatile SharedBlocklist list;

    /** Starts nothing yet. */
    Sharing(Configuration configuration, ProcessContext world, Counting counting, Cluster cluster) {
        this.configuration = configuration;
        this.cluster = cluster;
        exemptions = Blocking.exemptions(configuration, world, counting, cluster);
        list = isOn() ? new SharedBlocklist.NotYetKnown("it was not read yet") : SharedBlocklist.OFF;
    }

    private boolean isOn() {
        return configuration.blocklist().countBlocked();
    }

    /** Starts the thread, if there is anything to do. */
    void start(Loops loops) {
        if (isOn()) {
            loops.startWaiting("sharing", this::poll);
        }
    }

    /** Makes a new list if anything has changed. Always returns 0: the next round may wait. */
    @SuppressWarnings("ReferenceEquality") // each publication is another object
    int poll(long nowMillis) {
        if (nowMillis >= polledMillis && nowMillis < polledMillis + EVERY_MILLIS) { // false if the clock was set back
            return 0;
        }
        polledMillis = nowMillis;
        SetWatch.Sets sets = cluster.blockedSets();
        NeverBlock.Known known = exemptions.known();
        // Without blocking, the agent does not read the cluster's own addresses.
        boolean complete = configuration.blocklist().mode() == BlocklistMode.OFF
                ? cluster.liveExemptions().isPresent()
                : known.complete();
        if (!sets.known()) {
            list = new SharedBlocklist.NotYetKnown(sets.problem().isEmpty() ? "it was not read yet" : sets.problem());
        } else if (!complete) {
            list = new SharedBlocklist.NotYetKnown("not all exempt addresses are known yet");
        } else if (sets != shared || known.ranges() != exempt) {
            shared = sets;
            exempt = known.ranges();
            list = SharedBlocklist.of(
                    sets.sets().stream().flatMap(set -> set.nets().stream()).toList(), exempt);
        }
        return 0;
    }

    /** The list as last made. */
    SharedBlocklist list() {
        return list;
    }
}

package io.denywatch.agent;

import io.denywatch.cluster.sets.ClusterNetworkSet;
import io.denywatch.cluster.sets.SetWatch;
import io.denywatch.denial.BlockedPrefixes;
import io.denywatch.denial.BlockedPrefixes.BlockedPrefix;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.LogOnce;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a look-up of the cluster's blocklist whenever its sets change. Confined to the cluster thread, except
 * {@link #sources}, which any thread may call.
 */
final class BlockedLookup {
    /** Shortest time between two look-ups, in milliseconds. */
    static final long MILLIS_MIN = 500;

    /** Prefixes for which this time grows by a millisecond, so that making look-ups takes a small part of the time. */
    static final int PREFIXES_PER_MILLI = 100;

    private final LogOnce full = new LogOnce(
            System.getLogger(BlockedLookup.class.getName()), "all addresses on the cluster's blocklist are recognized");
    private final SecureRandom random = new SecureRandom();
    private List<ClusterNetworkSet> used = List.of();
    private long madeMillis;
    private volatile BlockedPrefixes sources = BlockedPrefixes.NONE;

    /** Takes the sets as last reported. */
    @SuppressWarnings("ReferenceEquality") // it is the same list until the sets change
    void take(SetWatch.Sets now, long nowMillis) {
        long wait = MILLIS_MIN + sources.size() / PREFIXES_PER_MILLI;
        if (now.sets() == used || Math.abs(nowMillis - madeMillis) < wait) {
            return;
        }
        used = now.sets();
        madeMillis = nowMillis;
        List<BlockedPrefix> prefixes = new ArrayList<>();
        for (ClusterNetworkSet set : used) {
            for (IpPrefix net : set.nets()) {
                prefixes.add(new BlockedPrefix(net, set.origin()));
            }
        }
        BlockedPrefixes made = BlockedPrefixes.of(prefixes, random.nextLong());
        if (made.leftOut() > 0) {
            full.failed(
                    "packets of " + made.leftOut() + " addresses on the cluster's blocklist are not recognized: it has"
                            + " more than " + BlockedPrefixes.PREFIXES_MAX);
        } else {
            full.worked();
        }
        sources = made;
    }

    /** The addresses on the blocklist, as last reported. */
    BlockedPrefixes sources() {
        return sources;
    }
}

package io.denywatch.blocklist;

import io.denywatch.denial.SeededHash;
import io.denywatch.ip.Ip;

/**
 * How many sources began or did something within the last minute of event time. Of each IPv4 /24 and IPv6 /48
 * only the first {@link #PER_PREFIX_MAX} in 64 seconds count: one network that is real has many addresses, and only what
 * comes from many networks tells of forged ones. Confined to the ingest thread.
 *
 * <p>Memory is 33 KiB. Two prefixes may share a place in the table and then count as one; which, nobody outside knows.
 */
final class RecentSources {
    /** For how long a source counts, in seconds. */
    static final int WITHIN_SECONDS = 60;

    /** Sources of one prefix that count, at most. */
    static final int PER_PREFIX_MAX = 50;

    private static final int PREFIXES = 8_192; // a power of two
    private static final int IPV4_HOST_BITS = 8;
    private static final int IPV6_SUBNET_BITS = 16;
    private static final int PERIOD_BITS = 6; // of seconds, and of the count beside it: more than the maximum

    private final SeededHash hash;
    private final int[] bySecond = new int[WITHIN_SECONDS]; // sources by second modulo this
    private final int[] prefixes =
            new int[PREFIXES]; // a period and, in the lowest bits, the sources that counted in it
    private long newest; // Unix seconds
    private int count;

    RecentSources(SeededHash hash) {
        this.hash = hash;
    }

    /** Lets the minute end no earlier than at this second, unless the clock was set back: then it begins again. */
    void moveOn(long second) {
        if (second < newest && second >= newest - SourceWindows.SET_BACK_SECONDS) {
            return;
        }
        boolean restart = second < newest || second - newest >= WITHIN_SECONDS;
        for (long leaving = restart ? second - WITHIN_SECONDS + 1 : newest + 1; leaving <= second; leaving++) {
            int slot = slot(leaving);
            count -= bySecond[slot];
            bySecond[slot] = 0;
        }
        newest = second;
    }

    /** The newest second told of. */
    long newest() {
        return newest;
    }

    int count() {
        return count;
    }

    /** A source that does not count did it at this second; the second at which it counts now, or 0 if it does not. */
    long add(long high, long low, long second) {
        if (!isWithin(second) || !hasPrefixRoom(high, low)) {
            return 0;
        }
        addAgain(second);
        return second;
    }

    /** A source that was taken out counts at this second, which is in the minute. */
    void addAgain(long second) {
        bySecond[slot(second)]++;
        count++;
    }

    /** Takes out a source that counts at this second, 0 for one that never did; whether it still counted. */
    boolean remove(long second) {
        // After the clock was set back there are sources that the minute, begun again, does not hold.
        boolean counts = isWithin(second) && bySecond[slot(second)] > 0;
        if (counts) {
            bySecond[slot(second)]--;
            count--;
        }
        return counts;
    }

    private boolean hasPrefixRoom(long high, long low) {
        long key = Ip.isIpv4(high, low) ? hash.of(0, low >>> IPV4_HOST_BITS) : hash.of(high >>> IPV6_SUBNET_BITS, 0);
        int place = (int) key & PREFIXES - 1;
        int period = (int) (newest >>> PERIOD_BITS) << PERIOD_BITS;
        int sources = (prefixes[place] & -(1 << PERIOD_BITS)) == period ? prefixes[place] - period : 0;
        if (sources == PER_PREFIX_MAX) {
            return false;
        }
        prefixes[place] = period + sources + 1;
        return true;
    }

    private boolean isWithin(long second) {
        return second <= newest && second > newest - WITHIN_SECONDS;
    }

    private static int slot(long second) {
        return Math.floorMod(second, WITHIN_SECONDS);
    }
}

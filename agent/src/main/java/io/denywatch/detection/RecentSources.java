package io.denywatch.detection;

import io.denywatch.ip.Ip;
import io.denywatch.sketch.SeededHash;

/**
 * Counts the sources that did something within the last minute of event time. In 64 seconds, at most
 * {@link #PER_PREFIX_MAX} sources count from each IPv4 /24 or IPv6 /48, and at most {@link #PER_PROVIDER_MAX} from each
 * IPv4 /16 or IPv6 /32, the usual size of a provider's block. One real network has many addresses, so only sources from
 * many networks indicate forgery. Confined to the ingest thread.
 *
 * <p>Memory is 65 KiB. Two prefixes that share a place in a table count as one; the hash is seeded, so an attacker
 * cannot predict which.
 */
final class RecentSources {
    /** For how long a source counts, in seconds. */
    static final int WITHIN_SECONDS = 60;

    /** The most sources that count from one prefix. */
    static final int PER_PREFIX_MAX = 50;

    /** The most sources that count from one prefix of a provider's size. */
    static final int PER_PROVIDER_MAX = 200;

    private static final int PREFIXES = 8_192; // a power of two
    private static final int IPV4_HOST_BITS = 8;
    private static final int IPV6_SUBNET_BITS = 16;
    private static final int IPV4_PROVIDER_BITS = 16;
    private static final int IPV6_PROVIDER_BITS = 32;
    private static final int PERIOD_BITS = 6; // of seconds
    private static final int COUNT_BITS = 8; // beside the period; enough for both maxima

    private final SeededHash hash;
    private final int[] bySecond = new int[WITHIN_SECONDS]; // sources by second modulo this
    // A period and, in the lowest bits, the sources that counted in it.
    private final int[] prefixes = new int[PREFIXES];
    private final int[] providers = new int[PREFIXES];
    private long newest; // Unix seconds
    private int count;

    RecentSources(SeededHash hash) {
        this.hash = hash;
    }

    /** Moves the end of the minute forward to this second. If the clock was set back, counting starts over. */
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

    /** The newest second seen. */
    long newest() {
        return newest;
    }

    int count() {
        return count;
    }

    /** Counts a source at this second if its prefixes have room. Returns the second at which it counts, or 0. */
    long add(long high, long low, long second) {
        if (!isWithin(second)) {
            return 0;
        }
        boolean ipv4 = Ip.isIpv4(high, low);
        int prefix = place(ipv4 ? hash.of(0, low >>> IPV4_HOST_BITS) : hash.of(high >>> IPV6_SUBNET_BITS, 0));
        int provider = place(ipv4 ? hash.of(0, low >>> IPV4_PROVIDER_BITS) : hash.of(high >>> IPV6_PROVIDER_BITS, 0));
        if (counted(prefixes, prefix) >= PER_PREFIX_MAX || counted(providers, provider) >= PER_PROVIDER_MAX) {
            return 0;
        }
        count(prefixes, prefix);
        count(providers, provider);
        addAgain(second);
        return second;
    }

    /** Counts a removed source again, at a second within the minute. */
    void addAgain(long second) {
        bySecond[slot(second)]++;
        count++;
    }

    /** Removes a source that was counted at this second (0 if it never was). Returns whether it still counted. */
    boolean remove(long second) {
        // After the clock was set back, the minute starts over and no longer contains earlier sources.
        boolean counts = isWithin(second) && bySecond[slot(second)] > 0;
        if (counts) {
            bySecond[slot(second)]--;
            count--;
        }
        return counts;
    }

    private static int place(long key) {
        return (int) key & PREFIXES - 1;
    }

    /** Sources that counted at this place in the present period. */
    private int counted(int[] table, int place) {
        return (table[place] & -(1 << COUNT_BITS)) == period() ? table[place] - period() : 0;
    }

    private void count(int[] table, int place) {
        table[place] = period() + counted(table, place) + 1;
    }

    private int period() {
        return (int) (newest >>> PERIOD_BITS) << COUNT_BITS;
    }

    private boolean isWithin(long second) {
        return second <= newest && second > newest - WITHIN_SECONDS;
    }

    private static int slot(long second) {
        return Math.floorMod(second, WITHIN_SECONDS);
    }
}

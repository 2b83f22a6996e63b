package io.denywatch.count;

/**
 * Arithmetic of counts: sums stop at {@link #MAX} and never turn negative. Every counter is a {@code long} from 0 to
 * {@link #MAX} that grows by {@link #sum} alone. Allocates nothing.
 */
public final class Count {
    /**
     * The most that a counter can show: 2^53. Prometheus keeps samples as doubles, and these are exact up to here;
     * beyond, an increase by one would not be seen. Counters that stop here may also be added up, 1,023 of them, before
     * a long overflows.
     */
    public static final long MAX = 1L << 53;

    private Count() {}

    /**
     * A counter and what it grows by, or {@link #MAX} if the sum is more.
     *
     * @param counter 0 to {@link #MAX}
     * @param more at least 0
     */
    public static long sum(long counter, long more) {
        long sum = counter + more;
        return Long.compareUnsigned(sum, MAX) > 0 ? MAX : sum; // an overflow is a large number without sign
    }

    /** The nearest number that a counter can have. */
    public static long nearest(long number) {
        return Math.clamp(number, 0, MAX);
    }
}

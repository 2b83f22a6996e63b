package io.denywatch.count;

/**
 * Arithmetic of counts: sums stop at {@link #MAX} and never become negative. Stateless: any thread may use it. Every
 * counter is a {@code long} from 0 to {@link #MAX} that grows only by {@link #sum}. Allocates nothing.
 */
public final class Count {
    /**
     * The highest value of a counter: 2^53. Prometheus keeps samples as doubles, which are exact up to here. Above it,
     * an increase by one would be invisible. Up to 1,023 counters at this value can be added before a long overflows.
     */
    public static final long MAX = 1L << 53;

    private Count() {}

    /**
     * The sum of a counter and its increase, or {@link #MAX} if that is less.
     *
     * @param counter 0 to {@link #MAX}
     * @param more at least 0
     */
    public static long sum(long counter, long more) {
        long sum = counter + more;
        return Long.compareUnsigned(sum, MAX) > 0 ? MAX : sum; // an overflow is a large unsigned number
    }

    /** The nearest value that a counter can have. */
    public static long nearest(long number) {
        return Math.clamp(number, 0, MAX);
    }
}

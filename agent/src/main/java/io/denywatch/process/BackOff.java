package io.denywatch.process;

import java.util.random.RandomGenerator;

/**
 * How long to wait after failures: up to twice as long after each, and of each span between half and all of it, so that
 * agents which failed at the same time do not come back at the same time. Confined to one thread.
 */
public final class BackOff {
    private final long first;
    private final long longest;
    private final RandomGenerator random;
    private long span;

    /**
     * Nothing failed yet.
     *
     * @param first the longest wait after the first failure
     * @param longest of all waits
     */
    public BackOff(long first, long longest, RandomGenerator random) {
        this.first = first;
        this.longest = longest;
        this.random = random;
    }

    /** The wait after one more failure. */
    public long failed() {
        span = span == 0 ? first : Math.min(longest, 2 * span);
        return random.nextLong(span / 2, span + 1);
    }

    /** Whether it failed since it last worked. */
    public boolean isFailing() {
        return span > 0;
    }

    /** It works again. */
    public void worked() {
        span = 0;
    }
}

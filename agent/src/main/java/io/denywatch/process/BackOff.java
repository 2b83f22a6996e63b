package io.denywatch.process;

import java.util.random.RandomGenerator;

/**
 * How long to wait after failures. The longest wait doubles with each failure; the actual one is a random part of it,
 * at least half, so that agents that failed together do not retry together. Confined to one thread.
 */
public final class BackOff {
    private final long first;
    private final long longest;
    private final RandomGenerator random;
    private long span;

    /**
     * A back-off before the first failure.
     *
     * @param first the longest wait after the first failure
     * @param longest the longest wait after any failure
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

    /** Records a success: the next failure counts as the first. */
    public void worked() {
        span = 0;
    }
}

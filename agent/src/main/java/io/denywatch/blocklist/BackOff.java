package io.denywatch.blocklist;

import java.util.SplittableRandom;

/**
 * Exponential back-off with jitter: each failure doubles the longest wait, and each wait is between half and all of it,
 * so that agents which failed together do not retry together. Confined to one thread.
 */
final class BackOff {
    /** The shortest wait, in milliseconds. */
    static final long MILLIS_MIN = 1_000;

    /** The longest wait, in milliseconds. */
    static final long MILLIS_MAX = 15_000;

    private final SplittableRandom random;
    private long spanMillis = MILLIS_MIN;

    BackOff(long seed) {
        random = new SplittableRandom(seed);
    }

    /** The wait after one more failure, in milliseconds. */
    long failed() {
        spanMillis = Math.min(MILLIS_MAX, 2 * spanMillis);
        return random.nextLong(spanMillis / 2, spanMillis + 1);
    }

    /** Resets the wait. */
    void worked() {
        spanMillis = MILLIS_MIN;
    }
}

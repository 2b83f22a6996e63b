package io.denywatch.exposition;

import io.denywatch.count.Count;

/**
 * Limits the logging of a frequent event to once a minute. Confined to one thread.
 */
final class OncePerMinute {
    private static final long MINUTE_NANOS = 60_000_000_000L;

    private boolean told;
    private long toldAtNanos;
    private long untold;

    /**
     * Counts an occurrence of the event.
     *
     * @param nanos of a clock that never goes back
     * @return occurrences since the event was last logged, if it is to be logged now; else 0
     */
    long happened(long nanos) {
        untold = Count.sum(untold, 1);
        if (told && nanos - toldAtNanos < MINUTE_NANOS) {
            return 0;
        }
        told = true;
        toldAtNanos = nanos;
        long happened = untold;
        untold = 0;
        return happened;
    }
}

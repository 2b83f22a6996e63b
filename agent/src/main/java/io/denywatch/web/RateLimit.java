package io.denywatch.web;

/** A token bucket over all requests. Confined to the event loop. */
public final class RateLimit {
    private final long intervalNanos; // 0 for no limit
    private final int burst;
    private double tokens;
    private long filledAtNanos;
    private boolean begun;

    RateLimit(long intervalNanos, int burst) {
        this.intervalNanos = intervalNanos;
        this.burst = burst;
    }

    /** Whether one more request may be answered now. */
    public boolean take(long nanos) {
        if (intervalNanos == 0) {
            return true;
        }
        tokens = begun ? Math.min(burst, tokens + (double) (nanos - filledAtNanos) / intervalNanos) : burst;
        begun = true;
        filledAtNanos = nanos;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}

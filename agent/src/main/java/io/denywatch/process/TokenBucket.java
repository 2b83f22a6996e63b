package io.denywatch.process;

import io.denywatch.count.Count;

/**
 * Lets a burst pass, then one more per interval; if the interval is 0, everything passes. All times are in the same
 * unit. Confined to one thread.
 */
public final class TokenBucket {
    private final int burst;
    private final long interval;
    private int tokens;
    private long filledAt;
    private long asked;

    /**
     * A full bucket.
     *
     * @param burst the most that pass at once
     * @param interval after which one more passes
     */
    public TokenBucket(int burst, long interval) {
        this.burst = burst;
        this.interval = interval;
        tokens = burst;
    }

    /** Whether one may pass now. A clock that was set back counts as stopped. */
    public boolean take(long now) {
        if (interval == 0) {
            return true;
        }
        long due = Math.max(0, (now - filledAt) / interval);
        if (tokens == burst || tokens + due >= burst) {
            tokens = burst;
            filledAt = now;
        } else {
            tokens += (int) due;
            filledAt += due * interval;
        }
        if (tokens == 0) {
            return false;
        }
        tokens--;
        return true;
    }

    /**
     * Like {@link #take}, but returns how many have asked since the last one that passed, including this one, or 0 if
     * this one does not pass.
     */
    public long takeAll(long now) {
        asked = Count.sum(asked, 1);
        if (!take(now)) {
            return 0;
        }
        long all = asked;
        asked = 0;
        return all;
    }
}

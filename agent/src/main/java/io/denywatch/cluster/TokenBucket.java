package io.denywatch.cluster;

/** Lets a burst pass, then one each interval. Confined to its caller's thread. */
final class TokenBucket {
    private final int burst;
    private final long intervalMillis;
    private int tokens;
    private long filledMillis;

    /**
     * A full bucket.
     *
     * @param burst how many pass at once, at most
     * @param intervalMillis after which one more passes
     */
    TokenBucket(int burst, long intervalMillis) {
        this.burst = burst;
        this.intervalMillis = intervalMillis;
        tokens = burst;
    }

    /** Whether one may pass now. A clock set back is taken for one that stands. */
    boolean take(long nowMillis) {
        if (tokens == burst) {
            filledMillis = nowMillis;
        }
        long due = Math.max(0, (nowMillis - filledMillis) / intervalMillis);
        tokens = (int) Math.min(burst, tokens + due);
        filledMillis += due * intervalMillis;
        if (tokens == 0) {
            return false;
        }
        tokens--;
        return true;
    }
}

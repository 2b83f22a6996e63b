package io.denywatch.blocklist;

import java.time.Instant;

/** When others' overdue entries are taken out of the store. Confined to the enforcer thread. */
final class OverdueRounds {
    /** How often, in milliseconds. */
    static final long MILLIS = 30_000;

    private final BlocklistStore store;
    private final LogOnce problem = new LogOnce("overdue blocklist entries");
    private long dueAtMillis = Long.MAX_VALUE;

    OverdueRounds(BlocklistStore store) {
        this.store = store;
    }

    /** Lets the next round be due at this time. */
    void dueAt(long millis) {
        dueAtMillis = millis;
    }

    /** Makes a round if one is due; whether one was. */
    boolean tick(long nowMillis) {
        if (nowMillis < dueAtMillis) {
            return false;
        }
        dueAtMillis = nowMillis + MILLIS;
        try {
            store.removeOverdue(Instant.ofEpochMilli(nowMillis));
            problem.worked();
        } catch (StoreException e) {
            problem.failed(String.valueOf(e.getMessage()));
        }
        return true;
    }

    /** What does not work, in one line, or empty. */
    String problem() {
        return problem.problem();
    }
}

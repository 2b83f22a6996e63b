package io.denywatch.blocklist;

import io.denywatch.process.LogOnce;
import java.time.Instant;

/** Schedules the removal of overdue entries of others. Confined to the enforcer thread. */
final class OverdueRounds {
    /** How often, in milliseconds. */
    static final long MILLIS = 30_000;

    private final BlocklistStore store;
    private final LogOnce removal =
            new LogOnce(System.getLogger(OverdueRounds.class.getName()), "overdue blocklist entries: works again");
    private long dueAtMillis = Long.MAX_VALUE;

    OverdueRounds(BlocklistStore store) {
        this.store = store;
    }

    /** Lets the next round be due at this time. */
    void dueAt(long millis) {
        dueAtMillis = millis;
    }

    /** Runs a round if one is due. Returns whether one was. */
    boolean tick(long nowMillis) {
        if (nowMillis < dueAtMillis) {
            return false;
        }
        dueAtMillis = nowMillis + MILLIS;
        try {
            store.removeOverdue(Instant.ofEpochMilli(nowMillis));
            removal.worked();
        } catch (StoreException e) {
            removal.failed("overdue blocklist entries: " + e.getMessage(), "; trying again");
        }
        return true;
    }

    /** The current problem in one line, or empty. */
    String problem() {
        return removal.problem();
    }
}

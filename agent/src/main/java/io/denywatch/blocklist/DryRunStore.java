package io.denywatch.blocklist;

import java.time.Instant;

/**
 * Holds the blocklist in memory and nowhere else: nothing takes effect, and a restart begins with nobody. Confined to the
 * enforcer thread.
 */
public final class DryRunStore implements BlocklistStore {
    private Blocklist kept = Blocklist.EMPTY;

    /** What was saved last; nobody else changes it, and people decide nothing here. */
    @Override
    public Stored load() {
        return new Stored(kept, kept.entries().keySet(), true, ManualList.EMPTY);
    }

    @Override
    public void save(Blocklist wanted) {
        kept = wanted;
    }

    /** Nothing is overdue here but what the enforcer takes out itself. */
    @Override
    public int removeOverdue(Instant now) {
        return 0;
    }
}

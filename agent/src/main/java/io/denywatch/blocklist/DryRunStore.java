package io.denywatch.blocklist;

import java.time.Instant;

/**
 * A store in memory for mode dry-run: nothing takes effect, and a restart begins with an empty list. Confined to the
 * enforcer thread.
 */
public final class DryRunStore implements BlocklistStore {
    private Blocklist kept = Blocklist.EMPTY;

    /** Returns what was saved last, without manual decisions. */
    @Override
    public Stored load() {
        return new Stored(kept, kept.entries().keySet(), true, ManualList.EMPTY);
    }

    @Override
    public void save(Blocklist wanted) {
        kept = wanted;
    }

    /** Does nothing: the enforcer removes overdue entries itself. */
    @Override
    public int removeOverdue(Instant now) {
        return 0;
    }
}

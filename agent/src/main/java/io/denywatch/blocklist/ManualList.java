package io.denywatch.blocklist;

import java.util.List;

/**
 * What people decided: it holds for all nodes. Immutable.
 *
 * @param entries blocked by hand
 * @param exemptions not to be blocked for a while
 */
public record ManualList(List<ManualEntry> entries, List<ManualExemption> exemptions) {
    /** Nothing. */
    public static final ManualList EMPTY = new ManualList(List.of(), List.of());

    /** Copies the lists. */
    public ManualList {
        entries = List.copyOf(entries);
        exemptions = List.copyOf(exemptions);
    }
}

package io.denywatch.blocklist;

import java.util.List;

/**
 * The manual decisions, which hold for all nodes. Immutable.
 *
 * @param entries blocked by hand
 * @param exemptions temporary exemptions
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

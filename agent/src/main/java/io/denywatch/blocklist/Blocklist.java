package io.denywatch.blocklist;

import io.denywatch.ip.IpPrefix;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The sources that one agent blocks, and those it remembers. Immutable.
 *
 * @param entries by source, in the order in which they were blocked
 * @param priorBlocks by source, the one to be forgotten first in front
 */
public record Blocklist(Map<IpPrefix, BlockEntry> entries, Map<IpPrefix, PriorBlock> priorBlocks) {
    /** Nobody. */
    public static final Blocklist EMPTY = new Blocklist(Map.of(), Map.of());

    /** Copies the maps, and keeps their order. */
    public Blocklist {
        entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        priorBlocks = Collections.unmodifiableMap(new LinkedHashMap<>(priorBlocks));
    }

    /**
     * Whether both block the same sources until the same deadlines; evidence and repeats aside, of which a store may leave
     * something out.
     */
    public boolean sameBlocks(Blocklist other) {
        return entries.size() == other.entries.size()
                && entries.values().stream().allMatch(entry -> {
                    BlockEntry twin = other.entries.get(entry.source());
                    return twin != null && twin.until().equals(entry.until());
                });
    }
}

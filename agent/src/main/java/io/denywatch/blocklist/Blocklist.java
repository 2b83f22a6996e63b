package io.denywatch.blocklist;

import io.denywatch.ip.IpPrefix;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The sources that one agent blocks, and its memory of earlier blocks. Immutable.
 *
 * @param entries by source, in the order in which they were blocked
 * @param priorBlocks by source, ordered by when they are forgotten
 */
public record Blocklist(Map<IpPrefix, BlockEntry> entries, Map<IpPrefix, PriorBlock> priorBlocks) {
    /** An empty blocklist. */
    public static final Blocklist EMPTY = new Blocklist(Map.of(), Map.of());

    /** Copies the maps, and keeps their order. */
    public Blocklist {
        entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        priorBlocks = Collections.unmodifiableMap(new LinkedHashMap<>(priorBlocks));
    }

    /**
     * Whether both block the same sources until the same deadlines; ignoring evidence and prior blocks, which a store
     * may have shortened.
     */
    public boolean sameBlocks(Blocklist other) {
        return entries.size() == other.entries.size()
                && entries.values().stream().allMatch(entry -> {
                    BlockEntry twin = other.entries.get(entry.source());
                    return twin != null && twin.until().equals(entry.until());
                });
    }
}

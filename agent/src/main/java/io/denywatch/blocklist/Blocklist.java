package io.denywatch.blocklist;

import io.denywatch.detection.Detection;
import io.denywatch.detection.Evidence;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
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
     * Whether both block the same sources until the same deadlines. Evidence and prior blocks are ignored, because a
     * store may have shortened them.
     */
    public boolean sameBlocks(Blocklist other) {
        return entries.size() == other.entries.size()
                && entries.values().stream().allMatch(entry -> {
                    BlockEntry twin = other.entries.get(entry.source());
                    return twin != null && twin.until().equals(entry.until());
                });
    }

    /**
     * A blocked source. Immutable; its deadline alone decides when it ends.
     *
     * @param source as in {@link Detection}
     * @param at when it was blocked
     * @param until when the block ends
     * @param rule by name
     * @param priorBlocks how often the source had been blocked before, 0 for the first time
     * @param evidence for it
     */
    public record BlockEntry(
            IpPrefix source, Instant at, Instant until, String rule, int priorBlocks, Evidence evidence) {
        /** Whether the deadline has passed. */
        public boolean isOver(Instant now) {
            return !now.isBefore(until);
        }
    }

    /**
     * A record that a source was blocked before, which makes its next block longer. Immutable.
     *
     * @param source as in {@link Detection}
     * @param times how often it was blocked, 1 or more
     * @param forgetAt when it is forgotten
     */
    public record PriorBlock(IpPrefix source, int times, Instant forgetAt) {
        /**
         * Whether that block may be all that denied the evidence's first packet, because its end had not reached all
         * nodes. Where a Log rule comes before the blocklist, such evidence would renew the block for ever. An end in
         * the future comes from a wrong clock and explains nothing.
         */
        boolean explains(Detection detection, Duration rememberFor, Instant now) {
            Instant end = forgetAt.minus(rememberFor);
            return !end.isAfter(now) && detection.evidence().firstSeen().isBefore(end.plus(PromotionPolicy.SETTLING));
        }
    }
}

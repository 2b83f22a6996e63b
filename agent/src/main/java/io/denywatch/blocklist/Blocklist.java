package io.denywatch.blocklist;

import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
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
        /**
         * The divisor of the jitter: a block lasts longer by up to its duration divided by this, so that blocks made
         * together do not end together.
         */
        static final int JITTER_PART = 10;

        private static final int DOUBLINGS_MAX = 16; // the shortest block, doubled so often, is longer than the longest

        /** Whether the deadline has passed. */
        public boolean isOver(Instant now) {
            return !now.isBefore(until);
        }

        /**
         * The deadline of a block: the rule's duration, doubled for each prior block, plus jitter.
         *
         * @param at start of the block, in whole seconds
         */
        static Instant deadline(DetectionRule rule, IpPrefix source, int priorBlocks, Instant at) {
            long maxSeconds = rule.maxBlock().toSeconds();
            long seconds = Math.min(maxSeconds, rule.blockFor().toSeconds() << Math.min(priorBlocks, DOUBLINGS_MAX));
            long jitterSeconds = Math.floorMod(scatter(source, at), seconds / JITTER_PART + 1);
            return at.plusSeconds(Math.min(maxSeconds, seconds + jitterSeconds));
        }

        /** A pseudo-random number derived from source and time: SplitMix64's finaliser (Steele, Lea, Flood 2014). */
        private static long scatter(IpPrefix source, Instant at) {
            long z = source.network().high() * 31 + source.network().low() * 17 + at.getEpochSecond();
            z = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
            z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
            return z ^ z >>> 31;
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
         * Whether the evidence's first packet may have been denied only by that block, because its end had not yet
         * reached all nodes. Where a Log rule comes before the blocklist, such evidence would renew the block for ever.
         * An end in the future comes from a wrong clock and explains nothing.
         */
        boolean explains(Detection detection, Duration rememberFor, Instant now) {
            Instant end = forgetAt.minus(rememberFor);
            return !end.isAfter(now) && detection.evidence().firstSeen().isBefore(end.plus(PromotionPolicy.SETTLING));
        }
    }
}

package io.denywatch.blocklist;

import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.Decision.RecentDecision;
import io.denywatch.count.Histogram;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.EvictedWindows;
import io.denywatch.detection.SpoofingSigns;
import java.util.List;
import java.util.Map;

/**
 * A snapshot of what the enforcer thread knows. Immutable; published through one volatile field.
 *
 * @param mode as configured
 * @param rules as configured
 * @param entriesLimit as configured
 * @param wanted this agent's blocklist
 * @param storedEntries entries found in the stored objects when they were last read or written; 0 in dry-run
 * @param overdueEntries entries past their deadline in the stored objects, as last read
 * @param manual blocks and exemptions by hand, as last read
 * @param breakerOpen whether only overwhelming evidence blocks, because sources may be forged
 * @param signs of forged sources
 * @param promotions detections since start by rule and outcome; every rule with every outcome
 * @param expirations blocks that ended by their deadline, since start
 * @param displacements blocks that ended early because the list was full and another source had more evidence against
 *     it; since start
 * @param evicted windows and sources dropped from memory before they could reach a threshold; since start
 * @param repairs foreign changes to the stored objects that were undone, since start
 * @param timeToBlock from the event time of the packet that reached a threshold to the entry being stored
 * @param lastSyncMillis when the stored objects were last known to be as wanted, Unix milliseconds; 0 for never
 * @param missedDetections detections that were overwritten before they were read, were read too late, or were dropped
 *     because logged packets are not proven to be denied; since start
 * @param decisions the latest effective decision of each kind on each source, since start; the earliest first
 * @param problem why the store can't be read or written now, or why no source is newly blocked, in one line; empty if
 *     all is well
 */
public record BlocklistStatus(
        BlocklistMode mode,
        List<DetectionRule> rules,
        int entriesLimit,
        Blocklist wanted,
        int storedEntries,
        int overdueEntries,
        ManualList manual,
        boolean breakerOpen,
        SpoofingSigns signs,
        Map<RuleOutcome, Long> promotions,
        long expirations,
        long displacements,
        EvictedWindows evicted,
        long repairs,
        Histogram timeToBlock,
        long lastSyncMillis,
        long missedDetections,
        List<RecentDecision> decisions,
        String problem) {

    /** Nothing is decided. */
    public static final BlocklistStatus OFF = new BlocklistStatus(
            BlocklistMode.OFF,
            List.of(),
            0,
            Blocklist.EMPTY,
            0,
            0,
            ManualList.EMPTY,
            false,
            SpoofingSigns.NONE,
            Map.of(),
            0,
            0,
            EvictedWindows.NONE,
            0,
            Histogram.SECONDS,
            0,
            0,
            List.of(),
            "");

    /** Copies the collections. */
    public BlocklistStatus {
        rules = List.copyOf(rules);
        promotions = Map.copyOf(promotions);
        decisions = List.copyOf(decisions);
    }

    /**
     * A label pair of a counter.
     *
     * @param rule by name
     * @param outcome what became of the detection
     */
    public record RuleOutcome(String rule, DetectionOutcome outcome) {}
}

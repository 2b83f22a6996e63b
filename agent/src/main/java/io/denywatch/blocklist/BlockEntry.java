package io.denywatch.blocklist;

import io.denywatch.detection.Detection;
import io.denywatch.detection.Evidence;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;

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
public record BlockEntry(IpPrefix source, Instant at, Instant until, String rule, int priorBlocks, Evidence evidence) {
    /** Whether the deadline has passed. */
    public boolean isOver(Instant now) {
        return !now.isBefore(until);
    }
}

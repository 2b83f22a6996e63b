package io.denywatch.blocklist;

import io.denywatch.detection.Detection;
import io.denywatch.detection.Detections;
import io.denywatch.detection.SubnetLengths;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The state carried from one decision to the next. Immutable.
 *
 * @param blocklist the sources blocked and remembered
 * @param latest when single sources were blocked within {@link #RATE_SPAN}, the oldest first
 * @param breaker whether promotions are stopped
 * @param waiting detections that found no room, one of each source, the strongest first, at most {@link #WAITING_MAX};
 *     they are reconsidered for at most {@link Detections#AGE_SECONDS_MAX}
 */
public record EnforcementState(Blocklist blocklist, List<Instant> latest, Breaker breaker, List<Detection> waiting) {
    /** The span of {@link BlocklistLimits#newEntriesPerMinuteMax}. */
    public static final Duration RATE_SPAN = Duration.ofMinutes(1);

    /** The most detections that wait; beyond that, the weakest are dropped. */
    public static final int WAITING_MAX = 1_000;

    /** The state before the first decision. */
    public static final EnforcementState NONE = new EnforcementState(Blocklist.EMPTY, List.of(), new Breaker.Closed());

    /** Copies the lists. */
    public EnforcementState {
        latest = List.copyOf(latest);
        waiting = List.copyOf(waiting);
    }

    /** A state without waiting detections. */
    public EnforcementState(Blocklist blocklist, List<Instant> latest, Breaker breaker) {
        this(blocklist, latest, breaker, List.of());
    }

    /**
     * The state after a restart, derived from the stored blocklist. Sources that were blocked within the last minute
     * and are no longer listed are not counted.
     */
    public static EnforcementState restored(Blocklist blocklist, Instant now) {
        // Entries keep whole seconds: each may be up to a second younger than it says.
        List<Instant> latest = blocklist.entries().values().stream()
                .filter(entry -> !SubnetLengths.isSubnet(entry.source()))
                .map(entry -> entry.at().plusSeconds(1))
                .filter(at -> at.isAfter(now.minus(RATE_SPAN)))
                .sorted()
                .toList();
        return new EnforcementState(blocklist, latest, new Breaker.Closed());
    }
}

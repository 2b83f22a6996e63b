package io.denywatch.detection;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * What the ingest thread publishes for the enforcer. Immutable; published through one volatile field.
 *
 * @param last number of the newest detection, 0 before the first
 * @param recent the newest detections by ascending number, at most {@link #RECENT_MAX}; a slow reader may miss some,
 *     and the numbers show how many
 * @param signs that sources may be forged
 * @param evicted windows and sources that were dropped for lack of memory
 * @param established sources with established connections; detections of them may be older than these connections
 */
public record Detections(
        long last,
        List<Detection> recent,
        SpoofingSigns signs,
        EvictedWindows evicted,
        EstablishedSources established) {
    /** The most detections held for readers. */
    public static final int RECENT_MAX = 4_096;

    /**
     * The greatest distance between event time and the clock at which a detection may lead to a block, in seconds. It
     * covers packets that were read late as well as detections that waited for too long.
     */
    public static final long AGE_SECONDS_MAX = 120;

    /** No detections yet. */
    public static final Detections NONE =
            new Detections(0, List.of(), SpoofingSigns.NONE, EvictedWindows.NONE, EstablishedSources.NONE);

    /** Whether a detection is recent enough to be acted upon. */
    public static boolean isTimely(Detection detection, Instant now) {
        return isTimely(Instant.EPOCH.plus(detection.reachedMicros(), ChronoUnit.MICROS), now);
    }

    public static boolean isTimely(Instant event, Instant now) {
        return Duration.between(event, now).abs().toSeconds() <= AGE_SECONDS_MAX;
    }
}

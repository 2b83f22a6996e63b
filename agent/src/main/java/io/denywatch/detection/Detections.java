package io.denywatch.detection;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * What the ingest thread tells the slow loop: immutable, published through one volatile field.
 *
 * @param last number of the newest offence, 0 before the first
 * @param recent the newest offences by ascending number, at most {@link #RECENT_MAX}: who reads them seldom may miss some,
 *     and sees by the numbers how many
 * @param signs that sources may be forged
 * @param evicted what had to go from memory
 * @param established who was answered: offences of theirs may be from before that
 */
public record Detections(
        long last,
        List<Detection> recent,
        SpoofingSigns signs,
        EvictedWindows evicted,
        EstablishedSources established) {
    /** Offences held until they are read. */
    public static final int RECENT_MAX = 4_096;

    /**
     * How far from the clock event time may be for anything to be decided by it, in seconds: a packet read later than that
     * is late and no reason to block, and so is one that was read in time and waited since.
     */
    public static final long AGE_SECONDS_MAX = 120;

    /** None yet. */
    public static final Detections NONE =
            new Detections(0, List.of(), SpoofingSigns.NONE, EvictedWindows.NONE, EstablishedSources.NONE);

    /** Whether an offence is near enough to be acted upon. */
    public static boolean isTimely(Detection detection, Instant now) {
        return isTimely(Instant.EPOCH.plus(detection.reachedMicros(), ChronoUnit.MICROS), now);
    }

    public static boolean isTimely(Instant event, Instant now) {
        return Duration.between(event, now).abs().toSeconds() <= AGE_SECONDS_MAX;
    }
}

package io.denywatch.detection;

import java.time.Instant;

/**
 * Signs that sources may be forged, in the last minute of event time. Only a limited number of sources per network
 * counts ({@link RecentSources}). Immutable.
 *
 * @param fewPacketSources sources first seen in that minute that have sent at most {@link #FEW_PACKETS}
 * @param detectedSources sources that reached a rule's threshold, each counted once
 * @param second the last second of that minute, Unix time; 0 before the first packet
 */
public record SpoofingSigns(int fewPacketSources, int detectedSources, long second) {
    /**
     * The most packets that a source of few packets can have sent. A real connection attempt sends more, because it is
     * retried.
     */
    public static final int FEW_PACKETS = 3;

    /** No signs. */
    public static final SpoofingSigns NONE = new SpoofingSigns(0, 0, 0);

    /**
     * These signs, or none if they are older than {@link Detections#AGE_SECONDS_MAX}: they do not change while no
     * packets arrive.
     */
    public SpoofingSigns at(Instant now) {
        return Detections.isTimely(Instant.ofEpochSecond(second), now) ? this : NONE;
    }
}

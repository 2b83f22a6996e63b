package io.denywatch.detection;

import java.time.Instant;

/**
 * Signs that sources may be forged, in the last minute of event time. Of each network some sources count, not all:
 * {@link RecentSources}.
 *
 * @param fewPacketSources sources first seen in that minute that have sent at most {@link #FEW_PACKETS}
 * @param detectedSources sources that reached a rule's threshold, however often
 * @param second with which the minute ended, Unix seconds; 0 before the first packet
 */
public record SpoofingSigns(int fewPacketSources, int detectedSources, long second) {
    /** A source of no more packets is one of a few packets: a connection attempt is more, because it is repeated. */
    public static final int FEW_PACKETS = 3;

    /** None. */
    public static final SpoofingSigns NONE = new SpoofingSigns(0, 0, 0);

    /**
     * These as far as they still tell something: where no packet comes any more, they stand still, and are none after
     * {@link Detections#AGE_SECONDS_MAX}.
     */
    public SpoofingSigns at(Instant now) {
        return Detections.isTimely(Instant.ofEpochSecond(second), now) ? this : NONE;
    }
}

package io.denywatch.blocklist;

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
 * @param onePacketSources sources that were first seen in the last minute of event time and sent a single packet: many of
 *     them are forged
 * @param onePacketSecond the second of event time with which that minute ended, Unix seconds; 0 before the first packet
 * @param evicted sources forgotten since start because their table was full
 * @param answers who was answered: offences of theirs may be from before that
 */
public record Offences(
        long last, List<Offence> recent, int onePacketSources, long onePacketSecond, long evicted, Answers answers) {
    /** Offences held until they are read. */
    public static final int RECENT_MAX = 4_096;

    /**
     * How far from the clock event time may be for anything to be decided by it, in seconds: a packet read later than that
     * is late and no reason to block, and so is one that was read in time and waited since.
     */
    public static final long AGE_SECONDS_MAX = 120;

    /** None yet. */
    public static final Offences NONE = new Offences(0, List.of(), 0, 0, 0, Answers.NONE);

    /**
     * The count of {@link #onePacketSources} as far as it still tells something: where no packet comes any more, it stands
     * still, and after {@link #AGE_SECONDS_MAX} it is 0.
     */
    int onePacketSources(Instant now) {
        return isTimely(Instant.ofEpochSecond(onePacketSecond), now) ? onePacketSources : 0;
    }

    /** Whether an offence is near enough to be acted upon. */
    static boolean isTimely(Offence offence, Instant now) {
        return isTimely(Instant.EPOCH.plus(offence.reachedMicros(), ChronoUnit.MICROS), now);
    }

    private static boolean isTimely(Instant event, Instant now) {
        return Duration.between(event, now).abs().toSeconds() <= AGE_SECONDS_MAX;
    }
}

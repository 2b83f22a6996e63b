package io.denywatch.blocklist;

import java.time.Duration;
import java.time.Instant;

/**
 * Whether anything is believed at all: a burst of sources that send a single packet each is forged, and who forges
 * sources can have anybody blocked. Not stored: after a restart it is closed until the next count. Immutable.
 */
public sealed interface Breaker {
    /** How long the count must stay below half of its limit before the breaker closes. */
    Duration CALM = Duration.ofMinutes(5);

    /** Promotions go on. */
    record Closed() implements Breaker {}

    /**
     * Nothing is promoted.
     *
     * @param restlessAt when the count was last at half of its limit or above
     */
    record Open(Instant restlessAt) implements Breaker {}

    /**
     * What a new count makes of it.
     *
     * @param onePacketSources as in {@link Offences}
     * @param max with more, it opens
     */
    default Breaker after(int onePacketSources, int max, Instant now) {
        boolean restless = onePacketSources * 2L >= max;
        return switch (this) {
            case Closed closed -> onePacketSources > max ? new Open(now) : closed;
            case Open open when restless || now.isBefore(open.restlessAt) -> new Open(now); // or the clock was set back
            case Open open -> now.isBefore(open.restlessAt.plus(CALM)) ? open : new Closed();
        };
    }
}

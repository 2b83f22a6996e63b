package io.denywatch.blocklist;

import io.denywatch.detection.SpoofingSigns;
import java.time.Duration;
import java.time.Instant;

/**
 * Whether ordinary evidence is believed: many sources that send a few packets each, or many that reach a threshold at a
 * time, may be forged, and forged ones can get anybody blocked. Not stored: after a restart it is closed until
 * the next count. Immutable.
 */
public sealed interface Breaker {
    /** How long the counts must stay below half of their limits before the breaker closes. */
    Duration CALM = Duration.ofMinutes(5);

    /** Promotions go on. */
    record Closed() implements Breaker {}

    /**
     * Nothing is promoted but on {@link Claim#OVERWHELMING} evidence.
     *
     * @param restlessAt when a count was last at half of its limit or above
     */
    record Open(Instant restlessAt) implements Breaker {}

    /** What new counts make of it. */
    default Breaker after(SpoofingSigns signs, BlocklistLimits limits, Instant now) {
        return switch (this) {
            case Closed closed -> isAbove(signs, limits) ? new Open(now) : closed;
            case Open open
            when isRestless(signs, limits) || now.isBefore(open.restlessAt) ->
                new Open(now); // or the clock was set back
            case Open open -> now.isBefore(open.restlessAt.plus(CALM)) ? open : new Closed();
        };
    }

    private static boolean isAbove(SpoofingSigns signs, BlocklistLimits limits) {
        return signs.fewPacketSources() > limits.fewPacketSourcesMax()
                || signs.detectedSources() > limits.detectedSourcesMax();
    }

    private static boolean isRestless(SpoofingSigns signs, BlocklistLimits limits) {
        return signs.fewPacketSources() * 2L >= limits.fewPacketSourcesMax()
                || signs.detectedSources() * 2L >= limits.detectedSourcesMax();
    }
}

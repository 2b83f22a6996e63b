package io.denywatch.blocklist;

import io.denywatch.detection.SpoofingSigns;
import java.time.Duration;
import java.time.Instant;

/**
 * The circuit breaker that stops promotions when sources may be forged: when many sources send only a few packets, or
 * many reach a threshold at once. With forged sources an attacker could have any address blocked. Immutable. Not
 * stored; it is closed after a restart until the next count.
 */
public sealed interface Breaker {
    /** How long the counts must stay below half of their limits before the breaker closes. */
    Duration CALM = Duration.ofMinutes(5);

    /** Promotions are allowed. */
    record Closed() implements Breaker {}

    /**
     * Only {@link Claim#OVERWHELMING} evidence is promoted.
     *
     * @param restlessAt when a count was last at half of its limit or above
     */
    record Open(Instant restlessAt) implements Breaker {}

    /** The state of the breaker after these counts. */
    default Breaker after(SpoofingSigns signs, BlocklistLimits limits, Instant now) {
        return switch (this) {
            case Closed closed -> isAbove(signs, limits) ? new Open(now) : closed;
            case Open open
            when isRestless(signs, limits) || now.isBefore(open.restlessAt) ->
                new Open(now); // isBefore: the clock was set back
            case Open open -> now.isBefore(open.restlessAt.plus(CALM)) ? open : new Closed();
        };
    }

    /** Why these counts open the breaker, in one line. */
    static String reason(SpoofingSigns signs, BlocklistLimits limits) {
        String what = signs.detectedSources() > limits.detectedSourcesMax()
                ? "over " + limits.detectedSourcesMax() + " sources reached a rule in a minute"
                : "over " + limits.fewPacketSourcesMax() + " sources sent no more than " + SpoofingSigns.FEW_PACKETS
                        + " packets in a minute";
        return "possible spoofing: " + what + ". New blocks are paused until there are fewer than half as many for "
                + CALM.toMinutes() + " minutes, except for sources that send " + Claim.OVERWHELMING_PACKETS
                + " packets or more in a minute or two.";
    }

    private static boolean isAbove(SpoofingSigns signs, BlocklistLimits limits) {
        return signs.fewPacketSources() > limits.fewPacketSourcesMax()
                || signs.detectedSources() > limits.detectedSourcesMax();
    }

    /** Whether these counts keep an open breaker open: at least half of a limit. */
    static boolean isRestless(SpoofingSigns signs, BlocklistLimits limits) {
        return signs.fewPacketSources() * 2L >= limits.fewPacketSourcesMax()
                || signs.detectedSources() * 2L >= limits.detectedSourcesMax();
    }
}

package io.denywatch.blocklist;

import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;

/**
 * A source that was blocked by hand. Immutable.
 *
 * @param source an IPv4 address, or an IPv6 block never shorter than /64
 * @param at when
 * @param until when it ends
 * @param reason as given
 * @param by user name, as the API server knows it; else empty
 */
public record ManualEntry(IpPrefix source, Instant at, Instant until, String reason, String by) {
    /** The longest duration of a manual decision: after a year it has to be made again. */
    public static final Duration LONGEST = Duration.ofDays(366);

    /** When it ends, even if its stored end was edited. */
    public Instant lastsUntil() {
        Instant latest = at.plus(LONGEST);
        return until.isBefore(latest) ? until : latest;
    }
}

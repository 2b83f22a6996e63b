package io.denywatch.blocklist;

import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;

/**
 * A source that somebody put into the blocklist by hand.
 *
 * @param source an IPv4 address, or an IPv6 block never shorter than /64
 * @param at when
 * @param until when it ends
 * @param reason as given
 * @param by whom, as far as the API server knows; else empty
 */
public record ManualEntry(IpPrefix source, Instant at, Instant until, String reason, String by) {
    /** The longest time that a decision may hold: what nobody has looked at for a year is to be decided again. */
    public static final Duration LONGEST = Duration.ofDays(366);

    /** When it is over, whatever somebody made of its end. */
    public Instant lastsUntil() {
        Instant latest = at.plus(LONGEST);
        return until.isBefore(latest) ? until : latest;
    }
}

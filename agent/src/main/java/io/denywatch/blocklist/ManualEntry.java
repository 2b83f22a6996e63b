package io.denywatch.blocklist;

import io.denywatch.ip.IpPrefix;
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
public record ManualEntry(IpPrefix source, Instant at, Instant until, String reason, String by) {}

package io.denywatch.blocklist;

import io.denywatch.ip.IpPrefix;
import java.time.Instant;

/**
 * Somebody took addresses out of the blocklist: until then, no agent blocks them.
 *
 * @param addresses whom
 * @param until when it ends
 */
public record Allowance(IpPrefix addresses, Instant until) {}

package io.denywatch.detection;

import io.denywatch.ip.IpPrefix;
import java.time.Instant;

/**
 * A source with an established connection according to the log, so not all of its packets are denied. Immutable.
 *
 * @param source as in {@link Detection}
 * @param at event time of the latest established response
 */
public record EstablishedSource(IpPrefix source, Instant at) {}

package io.denywatch.detection;

import io.denywatch.ip.IpPrefix;
import java.time.Instant;

/**
 * A logged connection was answered, so its source is not, or not only, denied.
 *
 * @param source as in {@link Detection}
 * @param at when it was last answered, event time
 */
public record EstablishedSource(IpPrefix source, Instant at) {}

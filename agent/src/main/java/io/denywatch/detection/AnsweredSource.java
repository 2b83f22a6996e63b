package io.denywatch.detection;

import io.denywatch.ip.IpPrefix;
import java.time.Instant;

/**
 * A logged connection was answered, so its source is not, or not only, denied.
 *
 * @param source as in {@link Offence}
 * @param at when it was last answered, event time
 */
public record AnsweredSource(IpPrefix source, Instant at) {}

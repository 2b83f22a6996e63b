package io.denywatch.blocklist;

import io.denywatch.detection.Offence;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;

/**
 * That a source was blocked before, for its next ban to be longer.
 *
 * @param source as in {@link Offence}
 * @param times how often it was blocked, 1 or more
 * @param forgetAt when that no longer counts
 */
public record Repeat(IpPrefix source, int times, Instant forgetAt) {}

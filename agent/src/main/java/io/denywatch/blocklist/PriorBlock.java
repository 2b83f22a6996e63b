package io.denywatch.blocklist;

import io.denywatch.detection.Detection;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;

/**
 * That a source was blocked before, for its next ban to be longer.
 *
 * @param source as in {@link Detection}
 * @param times how often it was blocked, 1 or more
 * @param forgetAt when that no longer counts
 */
public record PriorBlock(IpPrefix source, int times, Instant forgetAt) {}

package io.denywatch.blocklist;

import io.denywatch.detection.Detection;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;

/**
 * The memory that a source was blocked before, which makes its next block longer. Immutable.
 *
 * @param source as in {@link Detection}
 * @param times how often it was blocked, 1 or more
 * @param forgetAt when it is forgotten
 */
public record PriorBlock(IpPrefix source, int times, Instant forgetAt) {}

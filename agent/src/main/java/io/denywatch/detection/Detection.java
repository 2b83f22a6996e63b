package io.denywatch.detection;

import io.denywatch.ip.IpPrefix;

/**
 * A source, or a subnet, reached a rule's threshold. Immutable.
 *
 * @param number of this detection since start, from 1
 * @param source an IPv4 address, or an IPv6 prefix of /64 or longer; for a rule of subnets, a prefix of the rule's length
 * @param rule that was reached
 * @param evidence what was counted
 * @param reachedMicros event time of the packet that reached it, Unix microseconds
 */
public record Detection(long number, IpPrefix source, DetectionRule rule, Evidence evidence, long reachedMicros) {}

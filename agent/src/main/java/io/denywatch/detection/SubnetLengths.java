package io.denywatch.detection;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.List;

/**
 * How long the prefixes are that may be blocked: those of a rule that counts the sources of a subnet, or {@link #NONE}.
 * Immutable.
 *
 * @param ipv4 {@link #IPV4_MIN} to 32; 32 means single addresses only
 * @param ipv6 {@link #IPV6_MIN} to 64; 64 means single sources only
 */
public record SubnetLengths(int ipv4, int ipv6) {
    /** The widest IPv4 subnet that can be blocked: 4,096 addresses. */
    public static final int IPV4_MIN = 20;

    /** The widest IPv6 subnet that can be blocked: the largest block that one site usually gets (RFC 6177). */
    public static final int IPV6_MIN = 48;

    /** Single sources only: an IPv4 address, or an IPv6 prefix of /64 or longer. */
    public static final SubnetLengths NONE = new SubnetLengths(32, AggregationPrefix.IPV6_LENGTH_MIN);

    /** The widest subnets that any rule can have. */
    public static final SubnetLengths WIDEST = new SubnetLengths(IPV4_MIN, IPV6_MIN);

    private static final int IPV4_OFFSET = 96;

    /** Checks the ranges; the message names the part, the value and what is allowed. */
    public SubnetLengths {
        check("prefixLength", ipv4, IPV4_MIN, 32);
        check("prefixLength6", ipv6, IPV6_MIN, AggregationPrefix.IPV6_LENGTH_MIN);
    }

    private static void check(String part, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    part + " " + value + " is not allowed; allowed: " + min + " to " + (max - 1));
        }
    }

    /** The widest subnet that one of these rules can detect; {@link #NONE} without such a rule. */
    public static SubnetLengths widest(List<DetectionRule> rules) {
        int ipv4 = NONE.ipv4;
        int ipv6 = NONE.ipv6;
        for (DetectionRule rule : rules) {
            ipv4 = Math.min(ipv4, rule.subnets().ipv4);
            ipv6 = Math.min(ipv6, rule.subnets().ipv6);
        }
        return new SubnetLengths(ipv4, ipv6);
    }

    /** Whether the prefix is wider than a single source. */
    public static boolean isSubnet(IpPrefix prefix) {
        return !NONE.permits(prefix);
    }

    /** The length that applies to an address, in bits of the 128-bit form. */
    public int length(Ip address) {
        return address.isIpv4() ? ipv4 + IPV4_OFFSET : ipv6;
    }

    /** Whether the prefix is at least as long. */
    public boolean permits(IpPrefix prefix) {
        return prefix.length() >= length(prefix.network());
    }

    /** The subnet that contains an address. */
    public IpPrefix around(Ip address) {
        int length = length(address);
        return new IpPrefix(
                new Ip(address.high() & IpPrefix.highMask(length), address.low() & IpPrefix.lowMask(length)), length);
    }

    /** How many sources the smaller one of the two subnets has. */
    int sourcesMin() {
        return 1 << Math.min(NONE.ipv4 - ipv4, NONE.ipv6 - ipv6);
    }
}

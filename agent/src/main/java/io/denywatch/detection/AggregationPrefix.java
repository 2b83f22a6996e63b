package io.denywatch.detection;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;

/**
 * The part of an address that identifies a source: a whole IPv4 address, or a prefix of an IPv6 address, because an
 * IPv6 host can use any address of at least a /64. Immutable.
 *
 * @param ipv6PrefixLength in bits, {@link #IPV6_LENGTH_MIN} to 128
 */
public record AggregationPrefix(int ipv6PrefixLength) {
    /** The widest IPv6 prefix that counts as one source. */
    static final int IPV6_LENGTH_MIN = 64;

    public AggregationPrefix {
        if (ipv6PrefixLength < IPV6_LENGTH_MIN || ipv6PrefixLength > 128) {
            throw new IllegalArgumentException(
                    "ipv6PrefixLength must be " + IPV6_LENGTH_MIN + " to 128: " + ipv6PrefixLength);
        }
    }

    /** The prefix of this length, 1 to 128; lengths below {@link #IPV6_LENGTH_MIN} are raised to it. */
    public static AggregationPrefix atLeast(int ipv6PrefixLength) {
        return new AggregationPrefix(Math.max(IPV6_LENGTH_MIN, ipv6PrefixLength));
    }

    /** The low 64 bits of an address's source; the high 64 bits are those of the address. */
    public long low(long high, long low) {
        return Ip.isIpv4(high, low) ? low : low & IpPrefix.lowMask(ipv6PrefixLength);
    }

    /** A masked source as a prefix. */
    public IpPrefix prefix(long high, long low) {
        return new IpPrefix(new Ip(high, low), Ip.isIpv4(high, low) ? 128 : ipv6PrefixLength);
    }
}

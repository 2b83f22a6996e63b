package io.denywatch.detection;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;

/**
 * What of an address is a source: all of an IPv4 address, and the first bits of an IPv6 address, for a host has at least
 * a /64 of those to choose from.
 *
 * @param ipv6PrefixLength in bits, {@link #IPV6_LENGTH_MIN} to 128
 */
public record AggregationPrefix(int ipv6PrefixLength) {
    /** Nothing wider is ever taken for one source. */
    static final int IPV6_LENGTH_MIN = 64;

    public AggregationPrefix {
        if (ipv6PrefixLength < IPV6_LENGTH_MIN || ipv6PrefixLength > 128) {
            throw new IllegalArgumentException(
                    "ipv6PrefixLength must be " + IPV6_LENGTH_MIN + " to 128: " + ipv6PrefixLength);
        }
    }

    /** The mask for sources that are shown at this length, 1 to 128, which may be too wide for here. */
    public static AggregationPrefix atLeast(int ipv6PrefixLength) {
        return new AggregationPrefix(Math.max(IPV6_LENGTH_MIN, ipv6PrefixLength));
    }

    /** The second half of an address's source; the first is that of the address. */
    public long low(long high, long low) {
        return Ip.isIpv4(high, low) ? low : low & IpPrefix.lowMask(ipv6PrefixLength);
    }

    /** A source, masked already, as a block. */
    public IpPrefix prefix(long high, long low) {
        return new IpPrefix(new Ip(high, low), Ip.isIpv4(high, low) ? 128 : ipv6PrefixLength);
    }
}

package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.math.BigInteger;
import java.util.List;

/** All addresses of an IP version. */
final class IpSpace {
    private static final Intervals IPV4 = Intervals.addresses(List.of(IpPrefix.parse("0.0.0.0/0")), 4);
    private static final Intervals IPV6 = new Intervals(List.of(new Intervals.Interval(
            BigInteger.ZERO, BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE))));

    private IpSpace() {}

    static Intervals of(int ipVersion) {
        return ipVersion == 4 ? IPV4 : IPV6;
    }
}

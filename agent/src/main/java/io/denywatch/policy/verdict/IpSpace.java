package io.denywatch.policy.verdict;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Intervals;

/** All addresses of an IP version. */
final class IpSpace {
    private static final Intervals IPV4 = Intervals.block(IpPrefix.parse("0.0.0.0/0"));
    private static final Intervals IPV6 = Intervals.block(IpPrefix.parse("::/0"));

    private IpSpace() {}

    static Intervals of(int ipVersion) {
        return ipVersion == 4 ? IPV4 : IPV6;
    }
}

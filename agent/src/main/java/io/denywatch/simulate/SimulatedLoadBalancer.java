package io.denywatch.simulate;

import io.denywatch.ip.Ip;
import java.util.List;
import java.util.stream.Stream;

/**
 * A load balancer of the simulated cluster, with an address reserved for documentation (RFC 5737, RFC 3849).
 *
 * @param address its address
 */
record SimulatedLoadBalancer(Ip address) {
    /** All load balancers: six with IPv4 addresses, then two with IPv6 addresses. */
    static final List<SimulatedLoadBalancer> ALL = Stream.of(
                    "203.0.113.10",
                    "203.0.113.11",
                    "203.0.113.12",
                    "203.0.113.13",
                    "203.0.113.14",
                    "203.0.113.15",
                    "2001:db8:ffff::10",
                    "2001:db8:ffff::11")
            .map(text -> new SimulatedLoadBalancer(Ip.parse(text)))
            .toList();

    /** The number of IPv4 addresses, which come first in {@link #ALL}. */
    static final int IPV4_COUNT = 6;

    boolean isIpv6() {
        return !address.isIpv4();
    }

    /** The 32 bits of an IPv4 address. */
    int ipv4() {
        return (int) address.low();
    }
}

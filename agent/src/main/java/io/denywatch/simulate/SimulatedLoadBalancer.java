package io.denywatch.simulate;

import io.denywatch.ip.Ip;
import java.util.List;
import java.util.stream.Stream;

/**
 * A load balancer of the simulated cluster, in the blocks kept for documentation (RFC 5737, RFC 3849).
 *
 * @param address its address
 */
record SimulatedLoadBalancer(Ip address) {
    /** All of them: six in IPv4, then two in IPv6. */
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

    /** How many of {@link #ALL} are IPv4; they come first. */
    static final int IPV4_COUNT = 6;

    boolean isIpv6() {
        return !address.isIpv4();
    }

    /** The 32 bits of an IPv4 address. */
    int ipv4() {
        return (int) address.low();
    }
}

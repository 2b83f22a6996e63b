package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A port at which Felix accepts packets to host endpoints before any policy.
 *
 * @param protocol TCP, UDP or SCTP
 * @param port 0 to 65535
 * @param net the sources that are accepted; null for all
 */
public record FailsafePort(Protocol protocol, int port, @Nullable IpPrefix net) {
    /** Where FelixConfiguration names no others: felix/config/config_params.go, v3.28.5, v3.31.7 and v3.32.1. */
    public static final List<FailsafePort> INBOUND = Stream.concat(
                    IntStream.of(22, 179, 2_379, 2_380, 5_473, 6_443, 6_666, 6_667)
                            .mapToObj(port -> new FailsafePort(Protocol.TCP, port, null)),
                    Stream.of(new FailsafePort(Protocol.UDP, 68, null)))
            .toList();

    /** Those that stay open at a load balancer although it is denied. */
    static List<FailsafePort> at(List<LoadBalancer> loadBalancers, List<FailsafePort> inbound) {
        return inbound.stream()
                .filter(one -> loadBalancers.stream()
                        .anyMatch(to -> to.protocols().contains(one.protocol)
                                && (to.port() == null || to.port() == one.port)))
                .toList();
    }

    @Override
    public String toString() {
        return protocol + " " + port + (net == null ? "" : " from " + net);
    }
}

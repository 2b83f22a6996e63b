package io.denywatch.denial;

import io.denywatch.ip.Ip;
import java.util.Comparator;
import java.util.List;

/**
 * All load balancers of a cluster as of one moment, and what of this node leads to them. Immutable, and in one order
 * however it was put together: so what comes of it depends on what the cluster says, not on when it said it.
 *
 * @param all by namespace and Service
 * @param nodeAddresses at which this node can be reached, each once; what is beyond {@link #NODE_ADDRESSES_MAX} is left
 *     out
 */
public record DiscoveredLoadBalancers(List<LoadBalancer> all, List<Ip> nodeAddresses) {
    /** Addresses of a node at which node ports are looked for, at most. */
    public static final int NODE_ADDRESSES_MAX = 32;

    private static final Comparator<LoadBalancer> ORDER = Comparator.comparing(LoadBalancer::namespace)
            .thenComparing(LoadBalancer::service)
            .thenComparing(LoadBalancer::toString); // a name is there once, but nobody has checked that

    /** A cluster without any. */
    public static final DiscoveredLoadBalancers NONE = new DiscoveredLoadBalancers(List.of(), List.of());

    /** Puts both lists in order. */
    public DiscoveredLoadBalancers {
        all = all.stream().sorted(ORDER).toList();
        nodeAddresses = nodeAddresses.stream()
                .sorted()
                .distinct()
                .limit(NODE_ADDRESSES_MAX)
                .toList();
    }
}

package io.denywatch.denial;

import io.denywatch.ip.Ip;
import java.util.Comparator;
import java.util.List;

/**
 * All load balancers of a cluster at one moment, and the addresses of this node. Immutable. Both lists are sorted, so
 * that results depend on what the cluster contains and not on the order in which it was learned.
 *
 * @param all sorted by namespace and Service
 * @param nodeAddresses at which this node can be reached, each once, at most {@link #NODE_ADDRESSES_MAX}
 */
public record DiscoveredLoadBalancers(List<LoadBalancer> all, List<Ip> nodeAddresses) {
    /** The most addresses of a node at which node ports are recognized. */
    public static final int NODE_ADDRESSES_MAX = 32;

    private static final Comparator<LoadBalancer> ORDER = Comparator.comparing(LoadBalancer::namespace)
            .thenComparing(LoadBalancer::service)
            .thenComparing(LoadBalancer::toString); // names should be unique, but that is not checked

    /** A cluster without load balancers. */
    public static final DiscoveredLoadBalancers NONE = new DiscoveredLoadBalancers(List.of(), List.of());

    /** Sorts both lists. */
    public DiscoveredLoadBalancers {
        all = all.stream().sorted(ORDER).toList();
        nodeAddresses = nodeAddresses.stream()
                .sorted()
                .distinct()
                .limit(NODE_ADDRESSES_MAX)
                .toList();
    }
}

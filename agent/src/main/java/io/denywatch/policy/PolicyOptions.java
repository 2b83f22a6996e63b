package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What the policies are to be written for.
 *
 * @param loadBalancers the load balancers that are denied to all but the allowed sources
 * @param allowed the sources that are let in to them
 * @param selector which host endpoints the policies apply to
 * @param nodePorts the ports of nodes that are denied
 * @param only which policies are wanted
 * @param beforeTracking whether the blocklist applies before connection tracking, where network cards can do it and
 *     established connections are cut as well
 */
public record PolicyOptions(
        List<LoadBalancer> loadBalancers,
        List<IpPrefix> allowed,
        String selector,
        Port.Range nodePorts,
        Set<Part> only,
        boolean beforeTracking) {
    /** Automatic host endpoints carry their node's labels, and every node has this one. */
    public static final String DEFAULT_SELECTOR = "has(kubernetes.io/hostname)";

    /** The range that Kubernetes takes node ports from by default. */
    public static final Port.Range DEFAULT_NODE_PORTS = new Port.Range(30_000, 32_767);

    /** One of the policies. */
    public enum Part {
        /** Blocks the sources on the blocklist. */
        BLOCKLIST("blocklist", 200),
        /** Lets allowed sources in to the load balancers. */
        ALLOWLIST("allowlist", 500),
        /** Logs what is denied behind it. */
        LOG_DENIED_PACKETS("log-denied-packets", 790),
        /** Denies the load balancers to all others. */
        DENY_LB("deny-lb", 800),
        /** Denies the node ports to all. */
        DENY_NODEPORTS("deny-nodeports", 1_100);

        private final String policyName;
        private final int order;

        Part(String policyName, int order) {
            this.policyName = policyName;
            this.order = order;
        }

        /** The policy's name. It has no dot, for before Calico 3.32 a dot stands behind the name of a tier. */
        public String policyName() {
            return policyName;
        }

        /** The policy's order. */
        public int order() {
            return order;
        }
    }

    /** Checks that the policies wanted can be written, and that each log line will be of a packet that is denied. */
    public PolicyOptions {
        loadBalancers = List.copyOf(loadBalancers);
        allowed = List.copyOf(allowed);
        if (only.isEmpty()) {
            throw new IllegalArgumentException("only [] is not allowed; allowed: one or more policies");
        }
        only = Set.copyOf(EnumSet.copyOf(only));
        if (Selector.parse(selector) instanceof Selector.All && selector.isBlank()) {
            throw new IllegalArgumentException(
                    "selector \"\" is not allowed; allowed: one that selects host endpoints, such as "
                            + DEFAULT_SELECTOR);
        }
        boolean denies =
                only.contains(Part.DENY_NODEPORTS) || (only.contains(Part.DENY_LB) && !loadBalancers.isEmpty());
        if (only.contains(Part.LOG_DENIED_PACKETS) && !denies) {
            throw new IllegalArgumentException(
                    "log-denied-packets alone is not allowed; allowed: with deny-nodeports, or with deny-lb and load"
                            + " balancers, for it logs what they deny");
        }
    }

    /** Everything for these load balancers and allowed sources. */
    public static PolicyOptions of(List<LoadBalancer> loadBalancers, List<IpPrefix> allowed) {
        return new PolicyOptions(
                loadBalancers, allowed, DEFAULT_SELECTOR, DEFAULT_NODE_PORTS, EnumSet.allOf(Part.class), false);
    }
}

package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

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
 * @param names of the policies, one for each part
 * @param exempt sources that the blocklist never denies, beside the allowed ones and the load balancers
 */
public record PolicyOptions(
        List<LoadBalancer> loadBalancers,
        List<IpPrefix> allowed,
        String selector,
        Port.Range nodePorts,
        Set<Part> only,
        boolean beforeTracking,
        Map<Part, String> names,
        Exempt exempt) {
    /** Automatic host endpoints carry their node's labels, and every node has this one. */
    public static final String DEFAULT_SELECTOR = "has(kubernetes.io/hostname)";

    /** The range that Kubernetes takes node ports from by default. */
    public static final Port.Range DEFAULT_NODE_PORTS = new Port.Range(30_000, 32_767);

    /** Policies before Calico 3.32 are in the tier that stands before a dot of their name. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?");

    /** One of the policies. */
    public enum Part {
        /** Blocks the sources on the blocklist. */
        BLOCKLIST(200),
        /** Lets allowed sources in to the load balancers. */
        ALLOWLIST(500),
        /** Logs what is denied after it. */
        LOG_DENIED_PACKETS(790),
        /** Denies the load balancers to all others. */
        DENY_LB(800),
        /** Denies the node ports to all. */
        DENY_NODEPORTS(1_100);

        private final int order;

        Part(int order) {
            this.order = order;
        }

        /** What it is called here: {@code deny-lb}. */
        public String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** The policy's name unless another is given. It is cluster-wide, so it must not be one that others choose, too. */
        public String defaultName() {
            return "denywatch-" + id();
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
        names = completed(names);
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

    /** Those with their usual names, and without exempt sources. */
    public PolicyOptions(
            List<LoadBalancer> loadBalancers,
            List<IpPrefix> allowed,
            String selector,
            Port.Range nodePorts,
            Set<Part> only,
            boolean beforeTracking) {
        this(loadBalancers, allowed, selector, nodePorts, only, beforeTracking, Map.of(), Exempt.NONE);
    }

    /** Everything for these load balancers and allowed sources. */
    public static PolicyOptions of(List<LoadBalancer> loadBalancers, List<IpPrefix> allowed) {
        return new PolicyOptions(
                loadBalancers, allowed, DEFAULT_SELECTOR, DEFAULT_NODE_PORTS, EnumSet.allOf(Part.class), false);
    }

    /** The same with these names, and the usual ones for parts that have none here. */
    public PolicyOptions named(Map<Part, String> others) {
        return new PolicyOptions(loadBalancers, allowed, selector, nodePorts, only, beforeTracking, others, exempt);
    }

    /** The same with these sources exempt. */
    public PolicyOptions exempting(Exempt others) {
        return new PolicyOptions(loadBalancers, allowed, selector, nodePorts, only, beforeTracking, names, others);
    }

    /** The name of a part's policy. */
    public String name(Part part) {
        return names.getOrDefault(part, part.defaultName());
    }

    /** Whether a policy may have this name. */
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    private static Map<Part, String> completed(Map<Part, String> names) {
        Map<Part, String> all = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            String name = names.getOrDefault(part, part.defaultName());
            if (!isName(name)) {
                throw new IllegalArgumentException("name \"" + name + "\" of " + part.id()
                        + " is not allowed; allowed: lower-case letters, digits and '-', and no dot");
            }
            all.put(part, name);
        }
        if (new HashSet<>(all.values()).size() < all.size()) {
            throw new IllegalArgumentException(
                    "names " + all.values() + " are not allowed; allowed: one for each policy");
        }
        return Map.copyOf(all);
    }
}

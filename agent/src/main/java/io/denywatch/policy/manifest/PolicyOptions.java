package io.denywatch.policy.manifest;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.BlocklistRules;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Intervals;
import io.denywatch.policy.Port;
import io.denywatch.policy.Selector;
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
 * @param nodePorts what of nodes is denied
 * @param only which policies are wanted
 * @param beforeTracking whether the blocklist applies before connection tracking, where network cards can do it and
 *     established connections are cut as well
 * @param names of the policies, one for each part
 * @param exempt sources that the blocklist never denies, beside the allowed ones and the load balancers
 */
public record PolicyOptions(
        List<ProtectedAddress> loadBalancers,
        List<IpPrefix> allowed,
        String selector,
        NodePortOptions nodePorts,
        Set<Part> only,
        boolean beforeTracking,
        Map<Part, String> names,
        ExemptSources exempt) {
    /** Automatic host endpoints carry their node's labels, and every node has this one. */
    public static final String DEFAULT_SELECTOR = "has(kubernetes.io/hostname)";

    /** The range that Kubernetes takes node ports from by default, at the addresses of all host endpoints. */
    public static final NodePortOptions DEFAULT_NODE_PORTS =
            new NodePortOptions(List.of(new Port.PortRange(30_000, 32_767)), List.of(), List.of());

    /** Of endpoints, only workloads have it; network sets have none of their own, and host endpoints neither. */
    private static final String WORKLOADS = "has(projectcalico.org/orchestrator)";

    /** Policies before Calico 3.32 are in the tier that stands before a dot of their name. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?");

    /**
     * What of nodes is denied.
     *
     * @param ports by number
     * @param addresses of nodes, whose packets pass; empty for those that the host endpoints state as theirs. A whole IP
     *     version: node ports are denied whatever the destination, and nobody's packets pass for it
     * @param allowed sources that are let in
     */
    public record NodePortOptions(List<Port.PortRange> ports, List<IpPrefix> addresses, List<IpPrefix> allowed) {
        /** Copies the lists. */
        public NodePortOptions {
            ports = List.copyOf(ports);
            addresses = List.copyOf(addresses);
            allowed = List.copyOf(allowed);
        }

        /** Whether it is one of the ports. */
        public boolean has(int port) {
            return ports.stream().anyMatch(range -> range.first() <= port && port <= range.last());
        }
    }

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
        if (Selector.parse(selector).excludes(Selector.global())) {
            throw new IllegalArgumentException("selector \"" + selector
                    + "\" is not allowed; allowed: one that selects host endpoints, such as " + DEFAULT_SELECTOR
                    + ": they are in no namespace");
        }
        boolean denies =
                only.contains(Part.DENY_NODEPORTS) || (only.contains(Part.DENY_LB) && !loadBalancers.isEmpty());
        if (denies && selectsNetworkSets(selector)) {
            throw new IllegalArgumentException("selector \"" + selector
                    + "\" is not allowed; allowed: one that asks for a label of host endpoints, such as "
                    + DEFAULT_SELECTOR
                    + ": this one selects network sets, too, and what they hold would not be denied");
        }
        if (!only.contains(Part.DENY_NODEPORTS) && !nodePorts.allowed().isEmpty()) {
            throw new IllegalArgumentException("allow-nodeports "
                    + nodePorts.allowed().getFirst() + " is not allowed; allowed: with deny-nodeports");
        }
        if (only.contains(Part.ALLOWLIST)) {
            checkVersions("allow", allowed, "load balancers", addresses(loadBalancers));
            if (only.contains(Part.DENY_NODEPORTS) && !nodePorts.addresses().isEmpty()) {
                checkVersions("allow-nodeports", nodePorts.allowed(), "node nets", nodePorts.addresses());
            }
        }
        if (only.contains(Part.LOG_DENIED_PACKETS) && !denies) {
            throw new IllegalArgumentException(
                    "log-denied-packets alone is not allowed; allowed: with deny-nodeports, or with deny-lb and load"
                            + " balancers, for it logs what they deny");
        }
    }

    /** Whether the selector takes network sets without labels of their own for nodes, so that what they hold is let in. */
    public boolean selectsNetworkSets() {
        return selectsNetworkSets(selector);
    }

    private static boolean selectsNetworkSets(String selector) {
        Selector nodes = Selector.parse(selector);
        return nodes.matches(Map.of()) || nodes.matches(BlocklistRules.LABELS);
    }

    private static void checkVersions(String what, List<IpPrefix> sources, String whose, List<IpPrefix> destinations) {
        for (IpPrefix source : sources) {
            if (destinations.stream().noneMatch(net -> Intervals.ipVersion(net) == Intervals.ipVersion(source))) {
                throw new IllegalArgumentException(what + " " + source + " is not allowed; allowed: "
                        + (destinations.isEmpty()
                                ? "with " + whose + " that it lets in to"
                                : "IPv" + Intervals.ipVersion(destinations.getFirst()) + ", as all " + whose + " are"));
            }
        }
    }

    private static List<IpPrefix> addresses(List<ProtectedAddress> loadBalancers) {
        return loadBalancers.stream().map(ProtectedAddress::address).toList();
    }

    /** Whether the policies apply, or may apply, to the host endpoint. */
    public boolean appliesTo(HostEndpoint endpoint) {
        return endpoint.isComplete() && endpoint.maybeSelectedBy(Selector.parse(selector));
    }

    /** The same with these policies. */
    public PolicyOptions with(Set<Part> others) {
        return new PolicyOptions(loadBalancers, allowed, selector, nodePorts, others, beforeTracking, names, exempt);
    }

    /** Selects the nodes: the host endpoints that the policies apply to. Their addresses are those they state as theirs. */
    String nodes() {
        return "(" + selector + ") && !has(" + Selector.NAMESPACE + ")";
    }

    /** Selects pods and nodes, which are denied nothing but by the blocklist. */
    String podsAndNodes() {
        return nodes() + " || " + WORKLOADS;
    }

    /** Those with their usual names, and without exempt sources. */
    public PolicyOptions(
            List<ProtectedAddress> loadBalancers,
            List<IpPrefix> allowed,
            String selector,
            NodePortOptions nodePorts,
            Set<Part> only,
            boolean beforeTracking) {
        this(loadBalancers, allowed, selector, nodePorts, only, beforeTracking, Map.of(), ExemptSources.NONE);
    }

    /** Everything for these load balancers and allowed sources. */
    public static PolicyOptions of(List<ProtectedAddress> loadBalancers, List<IpPrefix> allowed) {
        return new PolicyOptions(
                loadBalancers, allowed, DEFAULT_SELECTOR, DEFAULT_NODE_PORTS, EnumSet.allOf(Part.class), false);
    }

    /** The same with these names, and the usual ones for parts that have none here. */
    public PolicyOptions named(Map<Part, String> others) {
        return new PolicyOptions(loadBalancers, allowed, selector, nodePorts, only, beforeTracking, others, exempt);
    }

    /** The same with these sources exempt. */
    public PolicyOptions exempting(ExemptSources others) {
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
                        + " is not allowed; allowed: at most 253 lower-case letters, digits and '-', and no dot");
            }
            all.put(part, name);
        }
        if (new HashSet<>(all.values()).size() < all.size()) {
            throw new IllegalArgumentException(
                    "names " + all.values() + " are not allowed; allowed: one for each policy");
        }
        return Map.copyOf(all);
    }

    /**
     * Sources that the blocklist's policy lets pass, whatever the network sets hold.
     *
     * @param always nothing narrows these
     * @param special private and special ranges
     * @param mayBlock parts of {@code special} that may be blocked all the same
     */
    public record ExemptSources(List<IpPrefix> always, List<IpPrefix> special, List<IpPrefix> mayBlock) {
        /** No source. */
        public static final ExemptSources NONE = new ExemptSources(List.of(), List.of(), List.of());

        /** Copies the lists. */
        public ExemptSources {
            always = List.copyOf(always);
            special = List.copyOf(special);
            mayBlock = List.copyOf(mayBlock);
        }
    }
}

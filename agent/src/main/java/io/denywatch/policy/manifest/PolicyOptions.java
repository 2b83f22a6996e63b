package io.denywatch.policy.manifest;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.BlocklistRules;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Intervals;
import io.denywatch.policy.LoadBalancerRules;
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
import java.util.stream.Stream;

/**
 * Options of the printed policies.
 *
 * @param loadBalancers load balancers to which only the allowed sources have access
 * @param allowed sources with access to them
 * @param selector which host endpoints the policies apply to
 * @param nodePorts node ports to deny
 * @param only policies to print
 * @param beforeTracking whether the blocklist applies before connection tracking, where network cards can enforce it
 *     and established connections end as well
 * @param names of the policies, one for each part
 * @param exempt sources that the blocklist never denies, in addition to the allowed ones and the load balancers
 * @param logBlocked whether the blocklist logs each packet before it denies it; not before connection tracking
 */
public record PolicyOptions(
        List<ProtectedAddress> loadBalancers,
        List<IpPrefix> allowed,
        String selector,
        NodePortOptions nodePorts,
        Set<Part> only,
        boolean beforeTracking,
        Map<Part, String> names,
        ExemptSources exempt,
        boolean logBlocked) {
    /** Selects automatic host endpoints: they have their node's labels, and every node has this one. */
    public static final String DEFAULT_SELECTOR = "has(kubernetes.io/hostname)";

    /** The default range of node ports in Kubernetes, at the addresses of all host endpoints. */
    public static final NodePortOptions DEFAULT_NODE_PORTS =
            new NodePortOptions(List.of(new Port.PortRange(30_000, 32_767)), List.of(), List.of());

    /** Selects pods: network sets and host endpoints do not have this label. */
    private static final String WORKLOADS = "has(projectcalico.org/orchestrator)";

    /** Has no dot: before Calico 3.32, the text before a dot is the tier of the policy. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?");

    /**
     * Node ports to deny.
     *
     * @param ports by number
     * @param addresses of nodes, which are also allowed as sources; empty for the addresses that the host endpoints
     *     state. With all addresses of an IP version, node ports are denied at every destination, and no source is
     *     allowed because of it
     * @param allowed sources with access
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
        /** Allows the allowed sources to access the load balancers. */
        ALLOWLIST(500),
        /** Logs what is denied after it. */
        LOG_DENIED_PACKETS(790),
        /** Denies all others access to the load balancers. */
        DENY_LB(800),
        /** Denies access to node ports. */
        DENY_NODEPORTS(1_100);

        private final int order;

        Part(int order) {
            this.order = order;
        }

        /** Its name in options: {@code deny-lb}. */
        public String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** The policy's default name. Policies are cluster-wide, so it has a prefix that others do not use. */
        public String defaultName() {
            return "denywatch-" + id();
        }

        /** The policy's order. */
        public int order() {
            return order;
        }
    }

    /** Checks that the policies can be printed, and that each log line will mean a denied packet. */
    public PolicyOptions {
        loadBalancers = List.copyOf(loadBalancers);
        allowed = List.copyOf(allowed);
        if (only.isEmpty()) {
            throw new IllegalArgumentException("only [] is not allowed; allowed: one or more policies");
        }
        only = Set.copyOf(EnumSet.copyOf(only));
        names = completed(names);
        if (logBlocked && beforeTracking) {
            throw new IllegalArgumentException(
                    "log-blocked with xdp is not allowed; allowed: one of them, because network"
                            + " cards apply no policy with a Log rule");
        }
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
                    + "\" is not allowed; allowed: one that requires a label of host endpoints, such as "
                    + DEFAULT_SELECTOR
                    + ": this one also selects network sets, whose addresses would not be denied");
        }
        checkDiscovered(loadBalancers, only);
        if (!only.contains(Part.DENY_NODEPORTS) && !nodePorts.allowed().isEmpty()) {
            throw new IllegalArgumentException("allow-nodeports "
                    + nodePorts.allowed().getFirst() + " is not allowed; allowed: with deny-nodeports");
        }
        if (only.contains(Part.ALLOWLIST)) {
            if (loadBalancers.stream().noneMatch(ProtectedAddress::isDiscovered)) {
                checkVersions("allow", allowed, "load balancers", addresses(loadBalancers));
            }
            if (only.contains(Part.DENY_NODEPORTS) && !nodePorts.addresses().isEmpty()) {
                checkVersions("allow-nodeports", nodePorts.allowed(), "node nets", nodePorts.addresses());
            }
        }
        if (only.contains(Part.LOG_DENIED_PACKETS) && !denies) {
            throw new IllegalArgumentException(
                    "log-denied-packets alone is not allowed; allowed: with deny-nodeports, or with deny-lb and load"
                            + " balancers, because it logs what they deny");
        }
    }

    /** Whether the selector also selects network sets (unlabelled, or the blocklist's), which would count as nodes. */
    public boolean selectsNetworkSets() {
        return selectsNetworkSets(selector);
    }

    private static boolean selectsNetworkSets(String selector) {
        Selector nodes = Selector.parse(selector);
        return nodes.matches(Map.of())
                || nodes.matches(BlocklistRules.LABELS)
                || nodes.matches(LoadBalancerRules.LABELS);
    }

    /** No packet may be logged twice: an address in the network sets may also be given, or be that of a node. */
    private static void checkDiscovered(List<ProtectedAddress> loadBalancers, Set<Part> only) {
        if (loadBalancers.stream().anyMatch(ProtectedAddress::isDiscovered)) {
            if (!loadBalancers.stream().allMatch(ProtectedAddress::isDiscovered)) {
                throw new IllegalArgumentException(
                        "nlb discovered is not allowed with addresses; allowed: without them, because it stands for all"
                                + " load balancers");
            }
            if (only.contains(Part.DENY_NODEPORTS)) {
                throw new IllegalArgumentException(
                        "nlb discovered is not allowed with deny-nodeports; allowed: without it, because it covers the"
                                + " node ports of load balancers; print deny-nodeports on its own");
            }
        }
    }

    private static void checkVersions(String what, List<IpPrefix> sources, String whose, List<IpPrefix> destinations) {
        for (IpPrefix source : sources) {
            if (destinations.stream().noneMatch(net -> Intervals.ipVersion(net) == Intervals.ipVersion(source))) {
                throw new IllegalArgumentException(what + " " + source + " is not allowed; allowed: "
                        + (destinations.isEmpty()
                                ? "with " + whose + " to which it gives access"
                                : "IPv" + Intervals.ipVersion(destinations.getFirst()) + ", as all " + whose + " are"));
            }
        }
    }

    private static List<IpPrefix> addresses(List<ProtectedAddress> loadBalancers) {
        return loadBalancers.stream()
                .flatMap(one -> Stream.ofNullable(one.address()))
                .toList();
    }

    /** The addresses of the load balancers that are given by address. */
    List<IpPrefix> addresses() {
        return addresses(loadBalancers);
    }

    /** Whether the policies apply, or may apply, to the host endpoint. */
    public boolean appliesTo(HostEndpoint endpoint) {
        return endpoint.isComplete() && endpoint.maybeSelectedBy(Selector.parse(selector));
    }

    /** A copy with these policies. */
    public PolicyOptions with(Set<Part> others) {
        return new PolicyOptions(
                loadBalancers, allowed, selector, nodePorts, others, beforeTracking, names, exempt, logBlocked);
    }

    /** Selects the nodes: the host endpoints that the policies apply to, with the addresses that they state. */
    String nodes() {
        return "(" + selector + ") && !has(" + Selector.NAMESPACE + ")";
    }

    /** Selects pods and nodes, which only the blocklist may deny. */
    String podsAndNodes() {
        return nodes() + " || " + WORKLOADS;
    }

    /** Options with default names and without exempt sources. */
    public PolicyOptions(
            List<ProtectedAddress> loadBalancers,
            List<IpPrefix> allowed,
            String selector,
            NodePortOptions nodePorts,
            Set<Part> only,
            boolean beforeTracking) {
        this(loadBalancers, allowed, selector, nodePorts, only, beforeTracking, Map.of(), ExemptSources.NONE, false);
    }

    /** Options for these load balancers and allowed sources, and defaults for the rest. */
    public static PolicyOptions of(List<ProtectedAddress> loadBalancers, List<IpPrefix> allowed) {
        return new PolicyOptions(
                loadBalancers, allowed, DEFAULT_SELECTOR, DEFAULT_NODE_PORTS, EnumSet.allOf(Part.class), false);
    }

    /** A copy with these names, and default names for other parts. */
    public PolicyOptions named(Map<Part, String> others) {
        return new PolicyOptions(
                loadBalancers, allowed, selector, nodePorts, only, beforeTracking, others, exempt, logBlocked);
    }

    /** A copy with these exempt sources. */
    public PolicyOptions exempting(ExemptSources others) {
        return new PolicyOptions(
                loadBalancers, allowed, selector, nodePorts, only, beforeTracking, names, others, logBlocked);
    }

    /** A copy whose blocklist logs what it denies. */
    public PolicyOptions loggingBlocked() {
        return new PolicyOptions(
                loadBalancers, allowed, selector, nodePorts, only, beforeTracking, names, exempt, true);
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
     * Sources that the blocklist's policy never denies, whatever the network sets contain.
     *
     * @param always always exempt
     * @param special private and special ranges
     * @param mayBlock parts of {@code special} that may be blocked
     */
    public record ExemptSources(List<IpPrefix> always, List<IpPrefix> special, List<IpPrefix> mayBlock) {
        /** No exempt source. */
        public static final ExemptSources NONE = new ExemptSources(List.of(), List.of(), List.of());

        /** Copies the lists. */
        public ExemptSources {
            always = List.copyOf(always);
            special = List.copyOf(special);
            mayBlock = List.copyOf(mayBlock);
        }
    }
}

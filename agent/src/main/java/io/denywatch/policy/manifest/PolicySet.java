package io.denywatch.policy.manifest;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Action;
import io.denywatch.policy.BlocklistRules;
import io.denywatch.policy.EntityMatch;
import io.denywatch.policy.Intervals;
import io.denywatch.policy.LoadBalancerRules;
import io.denywatch.policy.Policy;
import io.denywatch.policy.Port;
import io.denywatch.policy.Protocol;
import io.denywatch.policy.Rule;
import io.denywatch.policy.Stage;
import io.denywatch.policy.manifest.PolicyOptions.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * The policies that deny load balancers and node ports, log denied packets and block the sources on the blocklist. The
 * policies after {@code log-denied-packets} deny each packet that it logs, and no packet is logged twice.
 *
 * @param options their options
 * @param policies in the order in which they are evaluated; none without a rule
 */
public record PolicySet(PolicyOptions options, List<Policy> policies) {
    private static final List<Protocol> PROTOCOLS = List.of(Protocol.TCP, Protocol.UDP, Protocol.SCTP);
    private static final List<Integer> IP_VERSIONS = List.of(4, 6);

    /** Copies the list. */
    public PolicySet {
        policies = List.copyOf(policies);
    }

    /** Writes the policies for these options. */
    public static PolicySet of(PolicyOptions options) {
        IntFunction<EntityMatch> others = ipVersion -> others(options, ipVersion);
        List<Rule> nodePorts = nodePorts(options, others, 0);
        List<Rule> denyLb = loadBalancers(options, others);
        List<Rule> logs = new ArrayList<>();
        if (options.only().contains(Part.DENY_LB)) {
            boolean nodePortsToo = options.only().contains(Part.DENY_NODEPORTS);
            denyLb.stream()
                    .flatMap(rule -> nodePortsToo ? withoutNodePorts(options, rule) : Stream.of(rule))
                    .forEach(logs::add);
        }
        if (options.only().contains(Part.DENY_NODEPORTS)) {
            logs.addAll(nodePorts);
        }
        List<Policy> policies = new ArrayList<>();
        for (Part part : Part.values()) {
            List<Rule> rules = switch (part) {
                case BLOCKLIST -> options.logBlocked() ? logged(blocked(options)) : blocked(options);
                case ALLOWLIST -> allowed(options);
                case LOG_DENIED_PACKETS ->
                    logs.stream().map(rule -> rule.does(Action.LOG)).toList();
                case DENY_LB -> denyLb;
                case DENY_NODEPORTS -> nodePorts;
            };
            if (options.only().contains(part) && !rules.isEmpty()) {
                Stage stage = part == Part.BLOCKLIST && options.beforeTracking() ? Stage.DO_NOT_TRACK : Stage.PRE_DNAT;
                policies.add(Policy.ingress(stage, options.name(part), part.order(), options.selector(), rules));
            }
        }
        return new PolicySet(options, policies);
    }

    /**
     * One rule for each IP version, because Calico does not allow nets of both in one rule, and another one for the
     * parts of special ranges that may be blocked. Before connection tracking there is a single rule without nets,
     * because network cards support no other.
     */
    private static List<Rule> blocked(PolicyOptions options) {
        EntityMatch listed = EntityMatch.ANY.selected(BlocklistRules.SELECTOR, "global()");
        if (options.beforeTracking()) {
            return List.of(Rule.of(Action.DENY).from(listed));
        }
        List<Rule> rules = new ArrayList<>();
        for (int ipVersion : IP_VERSIONS) {
            List<IpPrefix> always = ofVersion(exempt(options), ipVersion);
            if (always.stream().anyMatch(PolicySet::isEverything)) {
                continue; // Calico refuses a rule that leaves out everything
            }
            Rule deny = Rule.of(Action.DENY).ofVersion(ipVersion);
            List<IpPrefix> mayBlock = ofVersion(options.exempt().mayBlock().stream(), ipVersion);
            if (!mayBlock.isEmpty()) {
                rules.add(deny.from(listed.inNets(mayBlock).notInNets(always)));
            }
            Stream<IpPrefix> all = Stream.concat(always.stream(), options.exempt().special().stream());
            rules.add(deny.from(listed.notInNets(ofVersion(all, ipVersion))));
        }
        return rules;
    }

    /** Each rule, and before it one that logs the same packets. */
    private static List<Rule> logged(List<Rule> rules) {
        return rules.stream()
                .flatMap(rule -> Stream.of(rule.does(Action.LOG), rule))
                .toList();
    }

    /** Exempt sources, without private and special ranges. */
    static Stream<IpPrefix> exempt(PolicyOptions options) {
        return Stream.of(
                        options.exempt().always().stream(),
                        options.allowed().stream(),
                        options.nodePorts().allowed().stream(),
                        options.addresses().stream())
                .flatMap(prefixes -> prefixes);
    }

    /**
     * All sources except pods and nodes.
     *
     * @param ipVersion of the rule's nets; 0 if it has none
     */
    private static EntityMatch others(PolicyOptions options, int ipVersion) {
        Stream<IpPrefix> nodes =
                options.nodePorts().addresses().stream().filter(net -> !isEverything(net)); // such nets exempt nobody
        return EntityMatch.ANY.notSelected(options.podsAndNodes()).notInNets(ofVersion(nodes, ipVersion));
    }

    /**
     * Rules for each protocol, at the addresses of nodes and of load balancers: a node's ports also answer at the
     * address of a load balancer if the node has that address. The nets of a rule have one IP version, because Calico
     * does not allow both.
     *
     * @param ofVersion of the source's nets; 0 if it has none
     */
    private static List<Rule> nodePorts(PolicyOptions options, IntFunction<EntityMatch> source, int ofVersion) {
        List<IpPrefix> addresses = options.nodePorts().addresses();
        Stream<EntityMatch> selected =
                addresses.isEmpty() ? Stream.of(EntityMatch.ANY.selected(options.nodes(), "")) : Stream.empty();
        List<Rule> rules = new ArrayList<>(atNodePorts(options, source.apply(ofVersion), selected));
        for (int ipVersion : ofVersion == 0 ? IP_VERSIONS : List.of(ofVersion)) {
            List<IpPrefix> nets = ofVersion(addresses.stream(), ipVersion);
            if (nets.stream().noneMatch(PolicySet::isEverything)) {
                Stream<IpPrefix> loadBalancers = options.addresses().stream();
                nets = ofVersion(Stream.concat(nets.stream(), loadBalancers), ipVersion);
            }
            Stream<EntityMatch> in = nets.isEmpty()
                    ? Stream.empty()
                    : Stream.of(EntityMatch.ANY.inNets(nets))
                            .map(to -> addresses.isEmpty() ? to.notSelected(options.nodes()) : to);
            rules.addAll(atNodePorts(options, source.apply(ipVersion), in));
        }
        return rules;
    }

    private static List<Rule> atNodePorts(PolicyOptions options, EntityMatch source, Stream<EntityMatch> destinations) {
        return destinations
                .flatMap(to -> PROTOCOLS.stream()
                        .map(protocol -> Rule.of(Action.DENY)
                                .over(protocol)
                                .from(source)
                                .to(to.onPorts(options.nodePorts().ports()))))
                .toList();
    }

    /** The part of a load balancer's rule that no rule of node ports matches. */
    private static Stream<Rule> withoutNodePorts(PolicyOptions options, Rule rule) {
        EntityMatch to = rule.destination();
        if (to.ports().isEmpty()) {
            return Stream.of(rule.to(to.notOnPorts(options.nodePorts().ports())));
        }
        return Stream.of(rule)
                .filter(one -> to.ports().stream()
                        .noneMatch(port -> port instanceof Port.PortRange range
                                && options.nodePorts().has(range.first())));
    }

    /** Rules with sources and load balancers of the same IP version: Calico does not allow both in one rule. */
    private static List<Rule> allowed(PolicyOptions options) {
        List<Rule> rules = new ArrayList<>();
        for (int ipVersion : IP_VERSIONS) {
            List<IpPrefix> sources = ofVersion(options.allowed().stream(), ipVersion);
            if (!sources.isEmpty()) {
                loadBalancers(options, any -> EntityMatch.ANY.inNets(sources)).stream()
                        .filter(rule -> rule.destination().nets().isEmpty()
                                ? rule.ipVersion() == ipVersion
                                : Intervals.ipVersion(rule.destination().nets().getFirst()) == ipVersion)
                        .forEach(rule -> rules.add(rule.does(Action.ALLOW)));
            }
        }
        for (int ipVersion : IP_VERSIONS) {
            List<IpPrefix> sources = ofVersion(options.nodePorts().allowed().stream(), ipVersion);
            if (options.only().contains(Part.DENY_NODEPORTS) && !sources.isEmpty()) {
                nodePorts(options, any -> EntityMatch.ANY.inNets(sources), ipVersion)
                        .forEach(rule -> rules.add(rule.does(Action.ALLOW)));
            }
        }
        return rules;
    }

    /** One rule for each IP version, protocol and port, with all load balancers that have it. */
    private static List<Rule> loadBalancers(PolicyOptions options, IntFunction<EntityMatch> source) {
        List<Rule> rules = new ArrayList<>();
        for (int ipVersion : IP_VERSIONS) {
            for (Protocol protocol : PROTOCOLS) {
                List<ProtectedAddress> these = options.loadBalancers().stream()
                        .filter(one ->
                                one.isOfVersion(ipVersion) && one.protocols().contains(protocol))
                        .toList();
                Rule deny = Rule.of(Action.DENY).over(protocol).from(source.apply(ipVersion));
                List<IpPrefix> whole = nets(these.stream().filter(one -> one.port() == null));
                if (!whole.isEmpty()) {
                    rules.add(deny.to(EntityMatch.ANY.inNets(whole)));
                }
                these.stream()
                        .map(ProtectedAddress::port)
                        .filter(Objects::nonNull)
                        .distinct()
                        .sorted()
                        .forEach(port -> onPort(these, whole, port).forEach(to -> rules.add(deny.to(to))));
            }
        }
        rules.addAll(discovered(options, source));
        return rules;
    }

    /**
     * Rules with the addresses of all load balancers, which are in network sets: one for each IP version and protocol,
     * and for each port unless all ports are meant.
     */
    private static List<Rule> discovered(PolicyOptions options, IntFunction<EntityMatch> source) {
        EntityMatch all = EntityMatch.ANY.selected(LoadBalancerRules.SELECTOR, "global()");
        List<Rule> rules = new ArrayList<>();
        for (int ipVersion : IP_VERSIONS) {
            for (Protocol protocol : PROTOCOLS) {
                Rule deny =
                        Rule.of(Action.DENY).ofVersion(ipVersion).over(protocol).from(source.apply(ipVersion));
                List<ProtectedAddress> these = options.loadBalancers().stream()
                        .filter(one -> one.isDiscovered() && one.protocols().contains(protocol))
                        .toList();
                if (these.stream().anyMatch(one -> one.port() == null)) {
                    rules.add(deny.to(all));
                } else {
                    these.stream()
                            .map(one -> Objects.requireNonNull(one.port()))
                            .distinct()
                            .sorted()
                            .forEach(port -> rules.add(deny.to(all.onPorts(List.of(Port.of(port))))));
                }
            }
        }
        return rules;
    }

    /**
     * A match for the load balancers with this port, except those that are denied on all ports; empty if there are
     * none.
     */
    private static Stream<EntityMatch> onPort(List<ProtectedAddress> these, List<IpPrefix> whole, int port) {
        List<IpPrefix> nets = nets(these.stream().filter(one -> one.port() != null && one.port() == port)).stream()
                .filter(net -> !whole.contains(net))
                .toList();
        return nets.isEmpty()
                ? Stream.empty()
                : Stream.of(EntityMatch.ANY.inNets(nets).onPorts(List.of(Port.of(port))));
    }

    static boolean isEverything(IpPrefix prefix) {
        return prefix.length() == (prefix.isIpv4() ? 96 : 0); // of the 128 bits that IPv4 is mapped into
    }

    private static List<IpPrefix> nets(Stream<ProtectedAddress> loadBalancers) {
        return sorted(loadBalancers.flatMap(one -> Stream.ofNullable(one.address())));
    }

    private static List<IpPrefix> ofVersion(Stream<IpPrefix> prefixes, int ipVersion) {
        return sorted(prefixes.filter(prefix -> Intervals.ipVersion(prefix) == ipVersion));
    }

    private static List<IpPrefix> sorted(Stream<IpPrefix> prefixes) {
        return prefixes.distinct().sorted(IpPrefix.ORDER).toList();
    }
}

package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.PolicyOptions.Part;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The policies that deny load balancers and node ports, log what is denied and block the blocklist. Each packet that
 * {@code log-denied-packets} logs is denied by the policies after it, and none is logged twice.
 *
 * @param options what they are for
 * @param policies in the order in which they are evaluated; none without a rule
 */
public record PolicySet(PolicyOptions options, List<Policy> policies) {
    private static final List<Protocol> NODE_PORT_PROTOCOLS = List.of(Protocol.TCP, Protocol.UDP);
    static final Comparator<IpPrefix> ORDER =
            Comparator.comparing(IpPrefix::network).thenComparingInt(IpPrefix::length);

    private static final List<Integer> IP_VERSIONS = List.of(4, 6);

    /** Copies the list. */
    public PolicySet {
        policies = List.copyOf(policies);
    }

    /** Writes the policies for these options. */
    public static PolicySet of(PolicyOptions options) {
        List<Rule> nodePorts = nodePorts(options);
        List<Rule> logs = new ArrayList<>();
        if (options.only().contains(Part.DENY_LB)) {
            boolean nodePortsToo = options.only().contains(Part.DENY_NODEPORTS);
            logs.addAll(loadBalancers(options, EntityMatch.ANY, nodePortsToo));
        }
        if (options.only().contains(Part.DENY_NODEPORTS)) {
            logs.addAll(nodePorts);
        }
        List<Policy> policies = new ArrayList<>();
        for (Part part : Part.values()) {
            List<Rule> rules = switch (part) {
                case BLOCKLIST -> blocked(options);
                case ALLOWLIST -> allowed(options);
                case LOG_DENIED_PACKETS ->
                    logs.stream().map(rule -> rule.does(Action.LOG)).toList();
                case DENY_LB -> loadBalancers(options, EntityMatch.ANY, false);
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
     * One rule for each IP version, because Calico refuses to mix their nets, and another one for the parts of special
     * ranges that may be blocked. Before tracking there is one rule without nets: network cards take no other.
     */
    private static List<Rule> blocked(PolicyOptions options) {
        EntityMatch listed = EntityMatch.ANY.selected(BlocklistPolicy.SELECTOR, "global()");
        if (options.beforeTracking()) {
            return List.of(Rule.of(Action.DENY).from(listed));
        }
        List<Rule> rules = new ArrayList<>();
        for (int ipVersion : IP_VERSIONS) {
            List<IpPrefix> always = ofVersion(exempt(options), ipVersion);
            if (always.stream().anyMatch(prefix -> prefix.length() == 0)) {
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

    /** Exempt sources, without private and special ranges. */
    static Stream<IpPrefix> exempt(PolicyOptions options) {
        return Stream.of(
                        options.exempt().always().stream(),
                        options.allowed().stream(),
                        options.loadBalancers().stream().map(LoadBalancer::address))
                .flatMap(prefixes -> prefixes);
    }

    private static List<Rule> nodePorts(PolicyOptions options) {
        return NODE_PORT_PROTOCOLS.stream()
                .map(protocol ->
                        Rule.of(Action.DENY).over(protocol).to(EntityMatch.ANY.onPorts(List.of(options.nodePorts()))))
                .toList();
    }

    /** Rules for IPv4 sources hold load balancers of IPv4 only, and so on: Calico refuses to mix them. */
    private static List<Rule> allowed(PolicyOptions options) {
        List<Rule> rules = new ArrayList<>();
        for (int ipVersion : IP_VERSIONS) {
            List<IpPrefix> sources = ofVersion(options.allowed().stream(), ipVersion);
            if (!sources.isEmpty()) {
                loadBalancers(options, EntityMatch.ANY.inNets(sources), false).stream()
                        .filter(rule ->
                                Intervals.ipVersion(rule.destination().nets().getFirst()) == ipVersion)
                        .forEach(rule -> rules.add(rule.does(Action.ALLOW)));
            }
        }
        return rules;
    }

    /** One rule for each IP version, protocol and port, with all load balancers that have it. */
    private static List<Rule> loadBalancers(PolicyOptions options, EntityMatch source, boolean withoutNodePorts) {
        List<Rule> rules = new ArrayList<>();
        for (int ipVersion : IP_VERSIONS) {
            for (Protocol protocol : List.of(Protocol.TCP, Protocol.UDP, Protocol.SCTP)) {
                List<LoadBalancer> these = options.loadBalancers().stream()
                        .filter(one -> Intervals.ipVersion(one.address()) == ipVersion
                                && one.protocols().contains(protocol))
                        .toList();
                boolean cut = withoutNodePorts && NODE_PORT_PROTOCOLS.contains(protocol);
                List<IpPrefix> whole = nets(these.stream().filter(one -> one.port() == null));
                if (!whole.isEmpty()) {
                    EntityMatch to = EntityMatch.ANY.inNets(whole);
                    rules.add(Rule.of(Action.DENY)
                            .over(protocol)
                            .from(source)
                            .to(cut ? to.notOnPorts(List.of(options.nodePorts())) : to));
                }
                these.stream()
                        .map(LoadBalancer::port)
                        .filter(Objects::nonNull)
                        .distinct()
                        .sorted()
                        .filter(port -> !cut || !isIn(options.nodePorts(), port))
                        .forEach(port -> onPort(these, whole, port)
                                .forEach(to -> rules.add(Rule.of(Action.DENY)
                                        .over(protocol)
                                        .from(source)
                                        .to(to))));
            }
        }
        return rules;
    }

    /** The load balancers with this port, without those that are denied on all ports: none, or one match. */
    private static Stream<EntityMatch> onPort(List<LoadBalancer> these, List<IpPrefix> whole, int port) {
        List<IpPrefix> nets = nets(these.stream()
                .filter(one -> one.port() != null && one.port() == port && !whole.contains(one.address())));
        return nets.isEmpty()
                ? Stream.empty()
                : Stream.of(EntityMatch.ANY.inNets(nets).onPorts(List.of(Port.of(port))));
    }

    private static boolean isIn(Port.Range range, int port) {
        return range.first() <= port && port <= range.last();
    }

    private static List<IpPrefix> nets(Stream<LoadBalancer> loadBalancers) {
        return sorted(loadBalancers.map(LoadBalancer::address));
    }

    private static List<IpPrefix> ofVersion(Stream<IpPrefix> prefixes, int ipVersion) {
        return sorted(prefixes.filter(prefix -> Intervals.ipVersion(prefix) == ipVersion));
    }

    private static List<IpPrefix> sorted(Stream<IpPrefix> prefixes) {
        return prefixes.distinct().sorted(ORDER).toList();
    }
}

package io.denywatch.policy;

import io.denywatch.policy.Oddity.Consequence;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The policies of a cluster at one time, and the objects they refer to.
 *
 * @param tiers all tiers; the default one may be missing
 * @param policies all GlobalNetworkPolicies (without staged ones), and all NetworkPolicies of each namespace
 *     in which one of them has a Log rule
 * @param sets all GlobalNetworkSets
 * @param hostEndpoints those of all nodes
 * @param failsafePorts of nodes without their own list
 * @param failsafePortsOf of the others, by node
 * @param versions the versions of Calico that may run
 * @param others oddities of other objects, such as other NetworkPolicies; their texts name the object
 */
public record PolicyState(
        List<Tier> tiers,
        List<Policy> policies,
        List<NetworkSet> sets,
        List<HostEndpoint> hostEndpoints,
        FailsafePorts failsafePorts,
        Map<String, FailsafePorts> failsafePortsOf,
        CalicoVersions versions,
        List<Oddity.Occurrence> others) {
    /** Copies the lists. */
    public PolicyState {
        tiers = List.copyOf(tiers);
        policies = List.copyOf(policies);
        sets = List.copyOf(sets);
        hostEndpoints = List.copyOf(hostEndpoints);
        failsafePortsOf = Map.copyOf(failsafePortsOf);
        others = List.copyOf(others);
    }

    /** A state without failsafe ports, of an unknown version of Calico. */
    public PolicyState(
            List<Tier> tiers, List<Policy> policies, List<NetworkSet> sets, List<HostEndpoint> hostEndpoints) {
        this(tiers, policies, sets, hostEndpoints, FailsafePorts.NONE, Map.of(), CalicoVersions.ALL, List.of());
    }

    /** A copy for these versions of Calico. */
    public PolicyState on(CalicoVersions running) {
        return new PolicyState(tiers, policies, sets, hostEndpoints, failsafePorts, failsafePortsOf, running, others);
    }

    /** A copy with these failsafe ports, in general and of single nodes. */
    public PolicyState keepingOpen(FailsafePorts general, Map<String, FailsafePorts> ofNodes) {
        return new PolicyState(tiers, policies, sets, hostEndpoints, general, ofNodes, versions, others);
    }

    /** Whether each version that may run applies an object as it states. */
    public boolean isPlain(List<Oddity.Occurrence> oddities) {
        return oddities.stream().noneMatch(found -> found.matters(versions));
    }

    /** Whether a version that may run may ignore the policy, put it in another tier or interpret it differently. */
    public boolean mayDiffer(Policy policy) {
        boolean tierIsMissing = !policy.tier().equals(Tier.DEFAULT.name())
                && tiers.stream().noneMatch(tier -> tier.name().equals(policy.tier()));
        return tierIsMissing || !isPlain(PolicyOddities.of(policy));
    }

    /** Whether a version that may run may ignore the policy. */
    public boolean mayBeMissing(Policy policy) {
        return PolicyOddities.of(policy).stream()
                .anyMatch(found -> found.oddity().consequence() == Consequence.MISSING && found.matters(versions));
    }

    /** The oddities that keep Felix from applying any object, each after the name of the object that has it. */
    public Stream<Oddity.Occurrence> breaking() {
        Stream<Oddity.Occurrence> ofPolicies = policies.stream()
                .flatMap(policy -> PolicyOddities.of(policy).stream().map(found -> found.in(policy.title())));
        Stream<Oddity.Occurrence> ofSets =
                sets.stream().flatMap(set -> set.oddities().stream().map(found -> found.in(set.name())));
        Stream<Oddity.Occurrence> ofEndpoints = hostEndpoints.stream()
                .flatMap(endpoint -> endpoint.oddities().stream().map(found -> found.in(endpoint.name())));
        return Stream.of(others.stream(), ofPolicies, ofSets, ofEndpoints)
                .flatMap(Function.identity())
                .filter(found -> found.breaksAll(versions));
    }

    /** The failsafe ports of a node. */
    public FailsafePorts failsafePortsOf(String node) {
        return failsafePortsOf.getOrDefault(node, failsafePorts);
    }

    /** The nodes with a host endpoint in use, sorted. */
    public List<String> nodes() {
        return hostEndpoints.stream()
                .filter(HostEndpoint::isComplete)
                .map(HostEndpoint::node)
                .distinct()
                .sorted()
                .toList();
    }

    /** The host endpoints that Calico uses on a node. */
    public List<HostEndpoint> hostEndpointsOf(String node) {
        List<HostEndpoint> here = hostEndpoints.stream()
                .filter(endpoint -> endpoint.isComplete() && endpoint.node().equals(node))
                .toList();
        return here.stream()
                .filter(endpoint -> rivalOf(endpoint, here).isEmpty())
                .toList();
    }

    /** Whether the selector selects no address of network sets or host endpoints. */
    public boolean selectsNoAddress(Selector selector) {
        return sets.stream().noneMatch(set -> !set.nets().isEmpty() && selector.matches(set.labels()))
                && hostEndpoints.stream()
                        .noneMatch(endpoint -> endpoint.isComplete()
                                && !endpoint.expectedIps().isEmpty()
                                && endpoint.maybeSelectedBy(selector));
    }

    /**
     * One sentence for each host endpoint of these nodes, or of no node, that Calico does not use; it gives the reason.
     */
    public List<String> unusedHostEndpoints(List<String> nodes) {
        Set<String> asked = Set.copyOf(nodes);
        Map<String, List<HostEndpoint>> byNode = hostEndpoints.stream()
                .filter(endpoint -> endpoint.node().isEmpty() || asked.contains(endpoint.node()))
                .collect(Collectors.groupingBy(HostEndpoint::node, TreeMap::new, Collectors.toList()));
        return byNode.values().stream()
                .flatMap(here -> here.stream().flatMap(endpoint -> whyUnused(endpoint, here).stream()))
                .toList();
    }

    /** Why Calico does not use the host endpoint, without a full stop; empty if it does. */
    public Optional<String> whyUnused(HostEndpoint endpoint) {
        return whyUnused(endpoint, hostEndpoints);
    }

    private Optional<String> whyUnused(HostEndpoint endpoint, List<HostEndpoint> ofNode) {
        String name = "HostEndpoint " + endpoint.name();
        if (endpoint.node().isEmpty()) {
            return Optional.of(name + " has no node, so Calico uses it nowhere");
        }
        return endpoint.isComplete()
                ? rivalOf(endpoint, ofNode)
                        .map(rival -> "Calico uses HostEndpoint " + rival.name() + " in place of " + name
                                + ", which is for the same interface")
                : Optional.of(
                        name + " has neither an interfaceName nor an address in expectedIPs, so Calico uses it for no"
                                + " interface");
    }

    /**
     * The host endpoint that Calico uses instead of this one: of several for one interface, the first by name.
     *
     * @param ofNode all of its node
     */
    public Optional<HostEndpoint> rivalOf(HostEndpoint endpoint, List<HostEndpoint> ofNode) {
        return ofNode.stream()
                .filter(other -> other.isComplete() && other.isForSameInterface(endpoint) && isPlain(other.oddities()))
                .min(Comparator.comparing(HostEndpoint::name))
                .filter(first -> first.name().compareTo(endpoint.name()) < 0);
    }
}

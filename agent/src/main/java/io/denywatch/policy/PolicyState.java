package io.denywatch.policy;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a cluster holds of policies at one time.
 *
 * @param tiers all tiers; the default one may be missing
 * @param policies all GlobalNetworkPolicies that are in force (no staged ones), and the NetworkPolicies that log
 * @param sets all GlobalNetworkSets
 * @param hostEndpoints those of all nodes
 * @param failsafePorts of nodes without a list of their own
 * @param failsafePortsOf of the others, by node
 */
public record PolicyState(
        List<Tier> tiers,
        List<Policy> policies,
        List<NetworkSet> sets,
        List<HostEndpoint> hostEndpoints,
        FailsafePorts failsafePorts,
        Map<String, FailsafePorts> failsafePortsOf) {
    /** Copies the lists. */
    public PolicyState {
        tiers = List.copyOf(tiers);
        policies = List.copyOf(policies);
        sets = List.copyOf(sets);
        hostEndpoints = List.copyOf(hostEndpoints);
        failsafePortsOf = Map.copyOf(failsafePortsOf);
    }

    /** One in which no ports are kept open. */
    public PolicyState(
            List<Tier> tiers, List<Policy> policies, List<NetworkSet> sets, List<HostEndpoint> hostEndpoints) {
        this(tiers, policies, sets, hostEndpoints, FailsafePorts.NONE, Map.of());
    }

    /** The ports that are kept open at a node's host endpoints. */
    public FailsafePorts failsafePortsOf(String node) {
        return failsafePortsOf.getOrDefault(node, failsafePorts);
    }

    /** The nodes that have a host endpoint in use, in order. */
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
        return hostEndpoints.stream()
                .filter(endpoint -> endpoint.isComplete() && endpoint.node().equals(node))
                .filter(endpoint -> rivalOf(endpoint).isEmpty())
                .toList();
    }

    /** The host endpoint that Calico uses in place of this one: of several for one interface, the first by name. */
    Optional<HostEndpoint> rivalOf(HostEndpoint endpoint) {
        return hostEndpoints.stream()
                .filter(other -> other.isComplete() && other.isForSameInterface(endpoint))
                .min(Comparator.comparing(HostEndpoint::name))
                .filter(first -> first.name().compareTo(endpoint.name()) < 0);
    }
}

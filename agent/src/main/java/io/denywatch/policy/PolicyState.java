package io.denywatch.policy;

import java.util.List;

/**
 * What a cluster holds of policies at one time.
 *
 * @param tiers all tiers; the default one may be missing
 * @param policies all GlobalNetworkPolicies that are in force (no staged ones), and the NetworkPolicies that log
 * @param sets all GlobalNetworkSets
 * @param hostEndpoints those of all nodes
 */
public record PolicyState(
        List<Tier> tiers, List<Policy> policies, List<NetworkSet> sets, List<HostEndpoint> hostEndpoints) {
    /** Copies the lists. */
    public PolicyState {
        tiers = List.copyOf(tiers);
        policies = List.copyOf(policies);
        sets = List.copyOf(sets);
        hostEndpoints = List.copyOf(hostEndpoints);
    }
}

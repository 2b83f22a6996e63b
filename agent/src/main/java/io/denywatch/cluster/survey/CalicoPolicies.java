package io.denywatch.cluster.survey;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.policy.NetworkSet;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.verdict.AllowedSources;
import java.util.List;
import java.util.Map;

/**
 * Calico's policies and settings in a cluster at one time. Immutable.
 *
 * @param source the API it was read from
 * @param state the policies and the objects they refer to
 * @param namespacedSets NetworkSets, each with the label of its namespace
 * @param dataPlane of nodes without their own settings
 * @param dataPlanes of the others, by node
 */
public record CalicoPolicies(
        CalicoApi.Origin source,
        PolicyState state,
        List<NetworkSet> namespacedSets,
        FelixSettings dataPlane,
        Map<String, FelixSettings> dataPlanes) {
    /** Copies the collections. */
    public CalicoPolicies {
        namespacedSets = List.copyOf(namespacedSets);
        dataPlanes = Map.copyOf(dataPlanes);
    }

    /** Sources that policies allow explicitly and that the blocklist could cut off. */
    public AllowedSources allowedSources() {
        return AllowedSources.of(state, namespacedSets);
    }

    /** These sources, as exempt ranges. */
    public List<Range> allowedRanges() {
        return allowedSources().sources().entrySet().stream()
                .map(source -> new Range(source.getKey(), "allowed by policy " + source.getValue()))
                .toList();
    }

    /** The data plane of a node. */
    public FelixSettings dataPlaneOf(String node) {
        return dataPlanes.getOrDefault(node, dataPlane);
    }
}

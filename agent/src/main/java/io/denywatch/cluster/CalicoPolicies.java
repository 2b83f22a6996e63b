package io.denywatch.cluster;

import io.denywatch.policy.PolicyState;
import java.util.Map;

/**
 * What a cluster holds of Calico's policies and settings at one time. Immutable.
 *
 * @param source where it was read
 * @param state the policies, and to what they apply
 * @param dataPlane of nodes without settings of their own
 * @param dataPlanes of the others, by node
 */
public record CalicoPolicies(
        CalicoApi.Origin source, PolicyState state, DataPlane dataPlane, Map<String, DataPlane> dataPlanes) {
    /** Copies the map. */
    public CalicoPolicies {
        dataPlanes = Map.copyOf(dataPlanes);
    }

    /** The data plane of a node. */
    public DataPlane dataPlaneOf(String node) {
        return dataPlanes.getOrDefault(node, dataPlane);
    }
}

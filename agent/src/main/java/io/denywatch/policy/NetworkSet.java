package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.Map;

/**
 * A GlobalNetworkSet.
 *
 * @param name its name
 * @param labels by which rules select it
 * @param nets what belongs to it
 */
public record NetworkSet(String name, Map<String, String> labels, List<IpPrefix> nets) {
    /** Copies the collections. */
    public NetworkSet {
        labels = Map.copyOf(labels);
        nets = List.copyOf(nets);
    }
}

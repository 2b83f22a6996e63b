package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.Map;

/**
 * A GlobalNetworkSet.
 *
 * @param name its name
 * @param labels by which rules select it
 * @param nets its addresses, as far as they can be read
 * @param oddities parts of it that Felix may interpret differently
 */
public record NetworkSet(
        String name, Map<String, String> labels, List<IpPrefix> nets, List<Oddity.Occurrence> oddities) {
    /** Copies the collections. */
    public NetworkSet {
        labels = Map.copyOf(labels);
        nets = List.copyOf(nets);
        oddities = List.copyOf(oddities);
    }

    /** A network set without oddities. */
    public NetworkSet(String name, Map<String, String> labels, List<IpPrefix> nets) {
        this(name, labels, nets, List.of());
    }
}

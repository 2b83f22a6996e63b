package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.Map;

/**
 * A GlobalNetworkSet.
 *
 * @param name its name
 * @param labels by which rules select it
 * @param nets what belongs to it, as far as it can be read
 * @param oddities what was found in it that Felix may read in another way than all the rest says
 */
public record NetworkSet(
        String name, Map<String, String> labels, List<IpPrefix> nets, List<Oddity.Occurrence> oddities) {
    /** Copies the collections. */
    public NetworkSet {
        labels = Map.copyOf(labels);
        nets = List.copyOf(nets);
        oddities = List.copyOf(oddities);
    }

    /** One with nothing odd in it. */
    public NetworkSet(String name, Map<String, String> labels, List<IpPrefix> nets) {
        this(name, labels, nets, List.of());
    }
}

package io.denywatch.cluster.sets;

import io.denywatch.cluster.Addresses;
import io.denywatch.cluster.CalicoMetadata;
import io.denywatch.cluster.MemoryBudget;
import io.denywatch.denial.BlockOrigin;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.SetLabels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * The part of a GlobalNetworkSet that concerns addresses, no matter who wrote it. Immutable.
 *
 * @param name of the set
 * @param labels those that denywatch defines
 * @param nets as Calico reads them, in the order of the object, each once
 * @param unreadable how many nets cannot be read; they match no packet
 */
public record ClusterNetworkSet(String name, Map<String, String> labels, List<IpPrefix> nets, int unreadable) {
    /** Values of a set besides its labels and nets. */
    private static final int VALUES = 4;

    /** Copies the collections. */
    public ClusterNetworkSet {
        labels = labels.entrySet().stream()
                .filter(label -> label.getKey().startsWith(SetLabels.PREFIX))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
        nets = List.copyOf(nets);
    }

    /** What is kept of a set. */
    static ClusterNetworkSet read(JsonNode object) {
        CalicoMetadata metadata = CalicoMetadata.of(object);
        List<String> texts = Addresses.elements(object.path("spec").path("nets"))
                .map(net -> net.asString(""))
                .toList();
        return of(metadata.name(), metadata.labels(), texts);
    }

    static ClusterNetworkSet of(String name, Map<String, String> labels, List<String> texts) {
        List<IpPrefix> nets = new ArrayList<>(texts.size());
        int unreadable = 0;
        for (String text : texts) {
            Optional<IpPrefix> net = IpPrefix.covering(text);
            net.ifPresent(nets::add);
            unreadable += net.isPresent() ? 0 : 1;
        }
        return new ClusterNetworkSet(name, labels, nets.stream().distinct().toList(), unreadable);
    }

    /** Whether it has a label with the value that marks a set. */
    public boolean isMarked(String label) {
        return SetLabels.MARKED.equals(labels.get(label));
    }

    /** Who put its addresses on the blocklist, if it belongs to it. */
    public BlockOrigin origin() {
        if (labels.containsKey(SetLabels.FEED)) {
            return BlockOrigin.FEED;
        }
        return SetName.parse(name).isPresent() ? BlockOrigin.PROMOTION : BlockOrigin.MANUAL;
    }

    /** Its estimated size in memory; the estimate errs on the high side. */
    long size() {
        return (long) (VALUES + 2 * labels.size() + nets.size()) * MemoryBudget.BYTES_PER_VALUE;
    }
}

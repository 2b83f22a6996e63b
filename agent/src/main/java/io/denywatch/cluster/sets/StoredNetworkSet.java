package io.denywatch.cluster.sets;

import io.denywatch.blocklist.Blocklist;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.ManualList;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.CalicoApi.Usable;
import io.denywatch.detection.SubnetLengths;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.BlocklistRules;
import io.denywatch.policy.SetLabels;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A GlobalNetworkSet, as it was read or is to be written. Immutable.
 *
 * @param object the object, which is never modified
 */
public record StoredNetworkSet(GenericKubernetesResource object) {
    /** The annotation in which Calico's API server keeps an object's metadata; direct writers must not change it. */
    private static final String METADATA_OF_V3 = "projectcalico.org/metadata";

    /**
     * The parts of a set that its writer controls.
     *
     * @param labels those that the writer sets; the object may have others
     * @param annotations those that the writer sets; the object may have others
     * @param owners all of them
     * @param nets all of them, as text
     */
    record Parts(
            Map<String, String> labels,
            Map<String, String> annotations,
            List<OwnerReference> owners,
            List<String> nets) {
        Parts {
            labels = Map.copyOf(labels);
            annotations = Map.copyOf(annotations);
            owners = List.copyOf(owners);
            nets = List.copyOf(nets);
        }

        static List<String> texts(Collection<IpPrefix> nets) {
            return nets.stream().map(IpPrefix::toString).toList();
        }
    }

    /** A set that does not exist yet. */
    static StoredNetworkSet blank(Usable api, String name) {
        return new StoredNetworkSet(new GenericKubernetesResourceBuilder()
                .withApiVersion(api.group() + "/" + api.version())
                .withKind(CalicoApi.NETWORK_SET_KIND)
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .addToAdditionalProperties("spec", Map.of("nets", List.of()))
                .build());
    }

    String name() {
        return object.getMetadata().getName();
    }

    /** The version that the next write must state; empty if the set does not exist yet. */
    Optional<String> resourceVersion() {
        return Optional.ofNullable(object.getMetadata().getResourceVersion()).filter(version -> !version.isBlank());
    }

    Optional<String> uid() {
        return Optional.ofNullable(object.getMetadata().getUid());
    }

    /** Whether the blocklist's policy selects this set. */
    boolean isSelected() {
        return BlocklistRules.VALUE.equals(labels().get(BlocklistRules.LABEL));
    }

    /** Whether Calico's API server wrote this object, although it is now read from the storage group. */
    boolean isWrittenThroughV3(Usable api) {
        return api.group().equals(CalicoApi.GROUP_V1) && annotations().containsKey(METADATA_OF_V3);
    }

    private Map<String, String> labels() {
        Map<String, String> labels = object.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }

    private Map<String, String> annotations() {
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        return annotations == null ? Map.of() : annotations;
    }

    List<OwnerReference> owners() {
        List<OwnerReference> owners = object.getMetadata().getOwnerReferences();
        return owners == null ? List.of() : owners;
    }

    /** The nets as text. */
    public List<String> netTexts() {
        Object spec = object.getAdditionalProperties().get("spec");
        Object nets = spec instanceof Map<?, ?> map ? map.get("nets") : null;
        List<String> texts = new ArrayList<>();
        if (nets instanceof List<?> list) {
            list.forEach(net -> texts.add(String.valueOf(net)));
        }
        return texts;
    }

    /** The nets as Calico reads them, regardless of their author. */
    Set<IpPrefix> nets() {
        Set<IpPrefix> nets = new LinkedHashSet<>();
        netTexts().forEach(text -> IpPrefix.covering(text).ifPresent(nets::add));
        return nets;
    }

    /** What is in it, no matter who wrote it. */
    ClusterNetworkSet asRead() {
        return ClusterNetworkSet.of(name(), labels(), netTexts());
    }

    /** What a node's agent wrote. */
    Blocklist blocklist() {
        return EntryText.read(annotations().getOrDefault(EntryText.ANNOTATION, ""));
    }

    /** The manual decisions. */
    ManualList manual() {
        return ManualText.read(annotations());
    }

    /** Whether it has these parts; additional labels and annotations do not count. */
    boolean has(Parts parts) {
        List<String> texts = netTexts();
        return labels().entrySet().containsAll(parts.labels().entrySet())
                && annotations().entrySet().containsAll(parts.annotations().entrySet())
                && owners().equals(parts.owners())
                && texts.size() == parts.nets().size()
                && new HashSet<>(texts).equals(new HashSet<>(parts.nets()));
    }

    /** This set with these parts replaced; everything else stays as it was read. */
    StoredNetworkSet with(Parts parts) {
        Map<String, Object> spec = new LinkedHashMap<>();
        if (object.getAdditionalProperties().get("spec") instanceof Map<?, ?> found) {
            found.forEach((key, value) -> spec.put(String.valueOf(key), value));
        }
        spec.put("nets", parts.nets());
        return new StoredNetworkSet(new GenericKubernetesResourceBuilder(object)
                .editMetadata()
                .addToLabels(parts.labels())
                .addToAnnotations(parts.annotations())
                .withOwnerReferences(parts.owners())
                .endMetadata()
                .addToAdditionalProperties("spec", spec)
                .build());
    }

    /**
     * The parts that remove sources and their entries from a node's set; the remaining nets are checked as in any
     * write.
     */
    Parts without(Predicate<IpPrefix> out, NeverBlock neverBlock) {
        Map<String, String> annotations = new LinkedHashMap<>();
        String text = annotations().getOrDefault(EntryText.ANNOTATION, "");
        if (AnnotationText.isReadable(text)) { // otherwise a newer agent may have written it
            Blocklist found = blocklist();
            List<BlockEntry> left = found.entries().values().stream()
                    .filter(entry -> !out.test(entry.source()))
                    .toList();
            annotations.put(
                    EntryText.ANNOTATION,
                    EntryText.write(left, found.priorBlocks().values()));
        }
        List<IpPrefix> nets = nets().stream().filter(net -> !out.test(net)).toList();
        return new Parts(
                Map.of(),
                annotations,
                owners(),
                Parts.texts(
                        WritableNets.of(nets, neverBlock, SubnetLengths.WIDEST).nets()));
    }

    /**
     * The parts that remove nets, with their pieces of the annotations, from another node's set or the manual set.
     * Everything else stays character for character, and a last piece of each changed annotation lists what was
     * removed: the admission policy requires both of an agent.
     *
     * @param nets to remove
     * @param pieces the first fields of the pieces to remove, by annotation
     */
    Parts without(Set<String> nets, Map<String, Set<String>> pieces) {
        Map<String, String> annotations = new LinkedHashMap<>();
        pieces.forEach((key, firstFields) -> {
            if (!firstFields.isEmpty()) {
                annotations.put(key, AnnotationText.without(annotations().getOrDefault(key, ""), firstFields));
            }
        });
        List<String> left =
                netTexts().stream().filter(net -> !nets.contains(net)).toList();
        return new Parts(Map.of(), annotations, owners(), left);
    }

    /**
     * The parts that make this a set of a feed.
     *
     * @param nets all of them
     * @param status for the first set of the feed
     */
    Parts ofFeed(String feed, Collection<IpPrefix> nets, Optional<FeedStatus> status) {
        return new Parts(
                Map.of(BlocklistRules.LABEL, BlocklistRules.VALUE, SetLabels.FEED, feed),
                status.map(FeedStatus::annotations).orElse(Map.of()),
                owners(),
                Parts.texts(nets));
    }

    /** The parts of a feed's set without these addresses; a net that contains more is cut. */
    Parts withoutAddresses(IpPrefix addresses) {
        List<IpPrefix> left =
                nets().stream().flatMap(net -> net.minus(List.of(addresses))).toList();
        return new Parts(Map.of(), Map.of(), owners(), Parts.texts(left));
    }

    /** The status of the feed of which this is the first set. */
    FeedStatus feedStatus() {
        return FeedStatus.read(annotations());
    }

    /** Whether the agent's text has a version that can be changed; a newer agent may have written another. */
    boolean isReadable() {
        return AnnotationText.isReadable(annotations().getOrDefault(EntryText.ANNOTATION, ""));
    }

    /**
     * The parts that make this the manual set with these decisions. Nets that were added without an entry stay.
     *
     * @param out nets to remove in any case
     */
    Parts with(ManualList list, Predicate<IpPrefix> out, NeverBlock neverBlock) {
        Set<IpPrefix> nets = nets();
        manual().entries().forEach(entry -> nets.remove(entry.source()));
        nets.removeIf(out);
        list.entries().forEach(entry -> nets.add(entry.source()));
        return new Parts(
                Map.of(BlocklistRules.LABEL, BlocklistRules.VALUE),
                ManualText.write(list),
                owners(),
                Parts.texts(WritableNets.of(nets, neverBlock).nets()));
    }
}

package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.Map;

/**
 * An interface of a node, or all of them, to which policies apply.
 *
 * @param name its name
 * @param node the node
 * @param interfaceName the interface; {@code *} for all of the node
 * @param labels by which policies select it
 * @param expectedIps its addresses
 * @param profiles the names of its profiles
 * @param oddities what was found in it that Felix may read in another way than all the rest says
 */
public record HostEndpoint(
        String name,
        String node,
        String interfaceName,
        Map<String, String> labels,
        List<IpPrefix> expectedIps,
        List<String> profiles,
        List<Oddity.Occurrence> oddities) {
    /** The profile of host endpoints that Calico makes by itself: what no policy decides is accepted. */
    public static final String DEFAULT_ALLOW = "projectcalico-default-allow";

    /** Copies the collections. */
    public HostEndpoint {
        labels = Map.copyOf(labels);
        expectedIps = List.copyOf(expectedIps);
        profiles = List.copyOf(profiles);
        oddities = List.copyOf(oddities);
    }

    /** One with nothing odd in it. */
    public HostEndpoint(
            String name,
            String node,
            String interfaceName,
            Map<String, String> labels,
            List<IpPrefix> expectedIps,
            List<String> profiles) {
        this(name, node, interfaceName, labels, expectedIps, profiles, List.of());
    }

    /** Whether it names a node and what of it; Calico uses no other. */
    public boolean isComplete() {
        return !node.isEmpty() && (!interfaceName.isEmpty() || !expectedIps.isEmpty());
    }

    /** Whether both name the same interface of the same node. */
    boolean isForSameInterface(HostEndpoint other) {
        return !interfaceName.isEmpty() && interfaceName.equals(other.interfaceName) && node.equals(other.node);
    }

    /** Whether it has the labels that it was given and no others: profiles may hand down theirs, and are not read. */
    public boolean hasKnownLabels() {
        return profiles.isEmpty() || profiles.equals(List.of(DEFAULT_ALLOW));
    }

    /** Whether the selector surely selects it. */
    public boolean isSelectedBy(Selector selector) {
        return hasKnownLabels() ? selector.matches(labels) : given().implies(selector);
    }

    /** Whether the selector may select it. */
    public boolean maybeSelectedBy(Selector selector) {
        return hasKnownLabels() ? selector.matches(labels) : !given().excludes(selector);
    }

    /** What is known of its labels: those that it was given win over those that it inherits. */
    private Selector given() {
        return Selector.and(labels.entrySet().stream()
                .<Selector>map(label -> new Selector.In(label.getKey(), List.of(label.getValue())))
                .toList());
    }

    /** Calico renders no policy before connection tracking for all interfaces at once. */
    public boolean takes(Stage stage) {
        return stage != Stage.DO_NOT_TRACK || !interfaceName.equals("*");
    }
}

package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.Map;

/**
 * A HostEndpoint: one interface of a node, or all of them, to which policies apply.
 *
 * @param name its name
 * @param node the node
 * @param interfaceName the interface; {@code *} for all of the node
 * @param labels by which policies select it
 * @param expectedIps its addresses
 * @param profiles the names of its profiles
 * @param oddities parts of it that Felix may interpret differently
 */
public record HostEndpoint(
        String name,
        String node,
        String interfaceName,
        Map<String, String> labels,
        List<IpPrefix> expectedIps,
        List<String> profiles,
        List<Oddity.Occurrence> oddities) {
    /** The profile of automatic host endpoints, which accepts what no policy decides. */
    public static final String DEFAULT_ALLOW = "projectcalico-default-allow";

    /** Copies the collections. */
    public HostEndpoint {
        labels = Map.copyOf(labels);
        expectedIps = List.copyOf(expectedIps);
        profiles = List.copyOf(profiles);
        oddities = List.copyOf(oddities);
    }

    /** A host endpoint without oddities. */
    public HostEndpoint(
            String name,
            String node,
            String interfaceName,
            Map<String, String> labels,
            List<IpPrefix> expectedIps,
            List<String> profiles) {
        this(name, node, interfaceName, labels, expectedIps, profiles, List.of());
    }

    /** Whether it names a node and an interface or address; Calico ignores others. */
    public boolean isComplete() {
        return !node.isEmpty() && (!interfaceName.isEmpty() || !expectedIps.isEmpty());
    }

    /** Whether both name the same interface of the same node. */
    boolean isForSameInterface(HostEndpoint other) {
        return !interfaceName.isEmpty() && interfaceName.equals(other.interfaceName) && node.equals(other.node);
    }

    /** Whether all its labels are known. Profiles may add labels, and profiles are not read. */
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

    /** What is known of its labels: its own take precedence over inherited ones. */
    private Selector given() {
        return Selector.and(labels.entrySet().stream()
                .<Selector>map(label -> new Selector.In(label.getKey(), List.of(label.getValue())))
                .toList());
    }

    /** Whether policies of the stage apply to it: no doNotTrack policy applies to an endpoint for all interfaces. */
    public boolean takes(Stage stage) {
        return stage != Stage.DO_NOT_TRACK || !interfaceName.equals("*");
    }
}

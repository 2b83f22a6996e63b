package io.denywatch.policy;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A GlobalNetworkPolicy or, in a namespace, a NetworkPolicy of Calico.
 *
 * @param name its name as the API gives it
 * @param namespace where it is; null for a global one
 * @param tier the tier that it belongs to
 * @param order lower ones come first; infinite where none is given
 * @param selector which endpoints it applies to; empty for all
 * @param namespaceSelector of a global one: in which namespaces; empty for all, and none
 * @param serviceAccountSelector running as which service accounts; empty for all, and none
 * @param types for which directions it applies; empty for both
 * @param doNotTrack whether it applies before connection tracking
 * @param preDnat whether it applies before the destination is rewritten
 * @param applyOnForward whether it applies to what a host forwards
 * @param ingress its rules for ingress, in order
 * @param egress its rules for egress, in order
 * @param others what else it asks, as text: it may apply to less than all the rest says
 */
public record Policy(
        String name,
        @Nullable String namespace,
        String tier,
        double order,
        String selector,
        String namespaceSelector,
        String serviceAccountSelector,
        Set<Direction> types,
        boolean doNotTrack,
        boolean preDnat,
        boolean applyOnForward,
        List<Rule> ingress,
        List<Rule> egress,
        List<String> others) {
    /**
     * How policies of one tier are evaluated: by order, and by name where that is equal. From Calico 3.32 on, a slash takes
     * part behind the name, so that {@code web-in} comes before {@code web}; versions before it put the tier in front of
     * all names of the default tier.
     */
    static final List<Comparator<Policy>> EVALUATIONS = List.of(
            Comparator.comparingDouble(Policy::order).thenComparing(policy -> policy.name() + "/"),
            Comparator.comparingDouble(Policy::order).thenComparing(Policy::bareName));

    private static final String TIER_IN_FRONT = Tier.DEFAULT.name() + ".";

    /** Copies the collections. */
    public Policy {
        types = Set.copyOf(types);
        ingress = List.copyOf(ingress);
        egress = List.copyOf(egress);
        others = List.copyOf(others);
    }

    /** A global one of the default tier that filters ingress in this stage, on forwarded traffic as well. */
    public static Policy ingress(Stage stage, String name, double order, String selector, List<Rule> rules) {
        return new Policy(
                name,
                null,
                Tier.DEFAULT.name(),
                order,
                selector,
                "",
                "",
                Set.of(Direction.INGRESS),
                stage == Stage.DO_NOT_TRACK,
                stage == Stage.PRE_DNAT,
                true,
                rules,
                List.of(),
                List.of());
    }

    /** Where it is evaluated. */
    public Stage stage() {
        return doNotTrack ? Stage.DO_NOT_TRACK : preDnat ? Stage.PRE_DNAT : Stage.FILTER;
    }

    /** Whether it applies in this direction. */
    public boolean governs(Direction direction) {
        return types.isEmpty() || types.contains(direction);
    }

    /** Its rules for this direction. */
    public List<Rule> rules(Direction direction) {
        return direction == Direction.INGRESS ? ingress : egress;
    }

    /** The name without the default tier in front. */
    String bareName() {
        return name.startsWith(TIER_IN_FRONT) ? name.substring(TIER_IN_FRONT.length()) : name;
    }

    /** The name as people say it: {@code namespace/name}, or the name alone. */
    public String title() {
        return namespace == null ? name : namespace + "/" + name;
    }
}

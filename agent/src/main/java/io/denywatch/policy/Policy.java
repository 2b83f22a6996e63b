package io.denywatch.policy;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A GlobalNetworkPolicy or, in a namespace, a NetworkPolicy of Calico.
 *
 * @param name its name
 * @param namespace where it is; null for a global one
 * @param tier the tier that it belongs to
 * @param order lower ones come first, equal ones by name; infinite where none is given
 * @param selector which endpoints it applies to; empty for all
 * @param namespaceSelector of a global one: in which namespaces; empty for all, and none
 * @param serviceAccountSelector running as which service accounts; empty for all, and none
 * @param types for which directions it applies; empty for both
 * @param doNotTrack whether it applies before connection tracking
 * @param preDnat whether it applies before the destination is rewritten
 * @param applyOnForward whether it applies to what a host forwards
 * @param ingress its rules for ingress, in order
 * @param egress its rules for egress, in order
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
        List<Rule> egress) {
    /** Copies the collections. */
    public Policy {
        types = Set.copyOf(types);
        ingress = List.copyOf(ingress);
        egress = List.copyOf(egress);
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

    /** The name as people say it: {@code namespace/name}, or the name alone. */
    public String title() {
        return namespace == null ? name : namespace + "/" + name;
    }
}

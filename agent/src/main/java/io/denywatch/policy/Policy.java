package io.denywatch.policy;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A GlobalNetworkPolicy or, in a namespace, a NetworkPolicy of Calico.
 *
 * @param name its name as the API gives it
 * @param namespace where it is; null for a global one
 * @param tier the tier that it belongs to
 * @param order lower ones come first; infinite where none is given
 * @param selector which endpoints it applies to; empty for all
 * @param namespaceSelector of a global policy: in which namespaces the endpoints are; empty for endpoints in any
 *     namespace or none
 * @param serviceAccountSelector as which service accounts the endpoints run; empty for endpoints with any service
 *     account or none
 * @param types for which directions it applies; empty for both
 * @param doNotTrack whether it applies before connection tracking
 * @param preDnat whether it applies before the destination is rewritten
 * @param applyOnForward whether it applies to what a host forwards
 * @param ingress its rules for ingress, in order
 * @param egress its rules for egress, in order
 * @param oddities parts of it that Felix may interpret differently
 * @param stored its name in the datastore, where it is known; else the name
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
        List<Oddity.Occurrence> oddities,
        String stored) {
    private static final String TIER_IN_FRONT = Tier.DEFAULT.name() + ".";

    /** Name prefixes of policies that Calico creates from objects of other kinds, with their tiers. */
    private static final Map<String, String> TIERS_OF_PREFIXES = Map.of(
            "knp.default.",
            Tier.DEFAULT.name(),
            "ossg.",
            Tier.DEFAULT.name(),
            "kanp.adminnetworkpolicy.",
            "adminnetworkpolicy",
            "kbanp.baselineadminnetworkpolicy.",
            "baselineadminnetworkpolicy");

    /** Copies the collections. */
    public Policy {
        types = Set.copyOf(types);
        ingress = List.copyOf(ingress);
        egress = List.copyOf(egress);
        oddities = List.copyOf(oddities);
    }

    /** A global policy of the default tier for ingress in this stage, including forwarded traffic. */
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
                List.of(),
                name);
    }

    /** Uses only names: there may be many rules, and policies of equal name with different rules are rare. */
    @Override
    public int hashCode() {
        return Objects.hash(name, namespace);
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

    /**
     * The tiers in which one of these versions may put it. The tier that it names is always among them, because Calico
     * may have been upgraded after the policy was created.
     */
    public Set<String> tiers(CalicoVersions running) {
        Set<String> tiers = new TreeSet<>(Set.of(tier));
        if (running.meets(CalicoVersions.WITHOUT_TIERS)) {
            tiers.add(Tier.DEFAULT.name());
        }
        if (running.meets(CalicoVersions.TIER_FROM_NAME)) {
            tiers.add(tierOfName());
        }
        return tiers;
    }

    /** The tier in the stored name. */
    String tierOfName() {
        for (Map.Entry<String, String> known : TIERS_OF_PREFIXES.entrySet()) {
            if (stored.startsWith(known.getKey())) {
                return known.getValue();
            }
        }
        int dot = stored.indexOf('.');
        return dot < 0 ? Tier.DEFAULT.name() : stored.substring(0, dot);
    }

    /** The name without the default tier in front. */
    public String bareName() {
        return name.startsWith(TIER_IN_FRONT) ? name.substring(TIER_IN_FRONT.length()) : name;
    }

    /** The name for messages: {@code namespace/name}, or the name alone. */
    public String title() {
        return namespace == null ? name : namespace + "/" + name;
    }
}

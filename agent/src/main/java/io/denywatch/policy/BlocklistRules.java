package io.denywatch.policy;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The policy that blocks the addresses in network sets with the blocklist's label. */
public final class BlocklistRules {
    /** The label of network sets whose addresses are to be blocked. */
    public static final String LABEL = "denywatch.io/blocklist";

    /** Its value. */
    public static final String VALUE = "true";

    /** The selector of the policy's sources. */
    public static final String SELECTOR = LABEL + " == '" + VALUE + "'";

    /** The labels of such a set. */
    public static final Map<String, String> LABELS = Map.of(LABEL, VALUE);

    private BlocklistRules() {}

    /** All ingress rules of global policies with the blocklist as their source, except Log rules. */
    public static List<RulePosition> rules(PolicyState state) {
        return ingress(state)
                .filter(position -> position.rule().action() != Action.LOG && takesBlocklist(position))
                .toList();
    }

    /** All ingress rules of global policies, in no order. */
    public static Stream<RulePosition> ingress(PolicyState state) {
        return state.policies().stream()
                .filter(policy -> policy.namespace() == null && policy.governs(Direction.INGRESS))
                .flatMap(policy -> IntStream.range(0, policy.ingress().size())
                        .mapToObj(i -> new RulePosition(policy, Direction.INGRESS, i)));
    }

    /** Orders rules by when a packet meets them. */
    public static Comparator<RulePosition> evaluation(PolicyState state) {
        return stages(state).thenComparing(position -> position.policy().name()).thenComparingInt(RulePosition::index);
    }

    /**
     * Orders rules by when a packet meets them, as far as all versions of Calico agree: policies with equal order
     * compare as equal.
     */
    public static Comparator<RulePosition> stages(PolicyState state) {
        return Comparator.comparing((RulePosition position) -> position.policy().stage())
                .thenComparingDouble(position -> tierOrder(state, position.policy()))
                .thenComparing(position -> position.policy().tier())
                .thenComparingDouble(position -> position.policy().order());
    }

    private static double tierOrder(PolicyState state, Policy policy) {
        return Stream.concat(state.tiers().stream(), Stream.of(Tier.DEFAULT))
                .filter(tier -> tier.name().equals(policy.tier()))
                .mapToDouble(Tier::order)
                .findFirst()
                .orElse(Double.POSITIVE_INFINITY);
    }

    public static boolean takesBlocklist(RulePosition position) {
        try {
            Selector source = EndpointSelector.of(position.rule().source(), null);
            return source.mentions(LABEL) && source.matches(LABELS);
        } catch (IllegalArgumentException unreadable) {
            return false;
        }
    }

    public static boolean isGuarded(RulePosition position) {
        return EndpointSelector.of(position.rule().source(), null).implies(Selector.global());
    }
}

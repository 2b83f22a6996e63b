package io.denywatch.policy.verdict;

import io.denywatch.policy.Action;
import io.denywatch.policy.Direction;
import io.denywatch.policy.Policy;
import io.denywatch.policy.Selector;
import io.denywatch.policy.Stage;
import io.denywatch.policy.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The chains in which the rules of a policy are evaluated at pods, as far as their policies are known. Confined to one
 * thread.
 */
final class PodChains {
    /** The title of these chains. */
    static final String TITLE = "pods";

    /**
     * Where Calico puts the policies of Kubernetes in the default tier (libcalico-go, conversion.go, v3.28.5 to
     * v3.32.1).
     */
    private static final double KUBERNETES_ORDER = 1_000;

    private final Readings readings;
    private final List<Policy> policies; // in the order of evaluation within a tier
    private final List<Tier> tiers;

    PodChains(Readings readings, List<Policy> policies, List<Tier> tiers) {
        this.readings = readings;
        this.policies = policies;
        this.tiers = tiers;
    }

    /** Whether the policy may apply to pods, apart from traffic that a host forwards. */
    boolean maySelect(Policy policy) {
        return readings.selector(policy)
                .map(selector -> !selector.implies(Selector.global()))
                .orElse(true);
    }

    /** Whether another known policy of its tier certainly applies to all pods that the policy may apply to. */
    boolean areGoverned(Policy policy, Direction direction) {
        Optional<Selector> selector = readings.selector(policy);
        return selector.isPresent()
                && policies.stream()
                        .anyMatch(other -> !other.equals(policy)
                                && isOfSamePods(other, policy, direction)
                                && other.tier().equals(policy.tier())
                                && !readings.isUncertain(other)
                                && readings.selector(other)
                                        .map(wider -> selector.get().implies(wider))
                                        .orElse(false));
    }

    /**
     * The chain of a policy at pods. Between two policies of a pod, there may be any number of unknown policies, of
     * namespaces or of Kubernetes. The policies that follow are known only if the policy is in a namespace and comes
     * after those of Kubernetes.
     */
    Chain with(Policy policy, String tierName, Direction direction) {
        List<Chain.PolicyStep> steps = new ArrayList<>(List.of(new Chain.PolicyStep(policy, true)));
        Tier tier = new Tier(tierName, 0, Action.PASS);
        boolean isKnown =
                policy.namespace() != null && tierName.equals(Tier.DEFAULT.name()) && policy.order() > KUBERNETES_ORDER;
        if (isKnown) {
            readings.steps().take(policies.size());
            policies.stream()
                    .filter(other -> !other.equals(policy)
                            && isOfSamePods(other, policy, direction)
                            && other.order() >= policy.order()
                            && readings.tiers(other).contains(tierName))
                    .forEach(other -> steps.add(new Chain.PolicyStep(other, false)));
            tier = tiers.stream()
                    .filter(one -> one.name().equals(tierName))
                    .findFirst()
                    .orElse(tier);
        }
        List<Chain.TierSection> sections = List.of(new Chain.TierSection(tier, steps));
        return new Chain(TITLE, Stage.FILTER, direction, List.of(), sections, Chain.Ending.OPEN);
    }

    private static boolean isOfSamePods(Policy other, Policy policy, Direction direction) {
        return other.stage() == Stage.FILTER
                && other.governs(direction)
                && (other.namespace() == null || other.namespace().equals(policy.namespace()));
    }
}

package io.denywatch.policy.verdict;

import io.denywatch.policy.CalicoVersions;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Tier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The order in which policies of one tier are evaluated: by order, and for equal orders by stored name. Up to 3.31,
 * Calico's clients store a policy of the default tier as {@code default.NAME}, and later versions keep such names,
 * which {@code projectcalico.org/v3} does not show. From 3.32 on, the sort key is the name and a slash, so {@code
 * web-in} comes before {@code web} (felix/calc/policy_sorter.go, v3.31.7 and v3.32.1). The order of two policies may
 * therefore be unknown.
 */
final class EvaluationOrder {
    private static final String TIER_IN_FRONT = Tier.DEFAULT.name() + ".";

    private final CalicoVersions running;
    private final boolean areNamesStored;

    EvaluationOrder(PolicyState state) {
        running = state.versions();
        // Objects of the storage group have their stored names.
        areNamesStored =
                state.policies().stream().anyMatch(policy -> !policy.stored().equals(policy.name()));
    }

    /** All policies, in one of the orders. */
    List<Policy> sorted(List<Policy> policies) {
        return policies.stream().sorted(comparator()).toList();
    }

    private Comparator<Policy> comparator() {
        boolean slash = running.meets(CalicoVersions.WITH_SLASH);
        return Comparator.comparingDouble(Policy::order)
                .thenComparing(
                        policy -> slash ? policy.stored() + "/" : areNamesStored ? policy.stored() : policy.bareName())
                .thenComparing(Policy::stored);
    }

    /** Whether either of two policies of a tier may come first. */
    boolean isOpen(Policy one, Policy other) {
        if (one.order() != other.order()) {
            return false;
        }
        Set<Boolean> before = new HashSet<>();
        if (running.meets(CalicoVersions.WITHOUT_SLASH)) {
            before.add(one.stored().compareTo(other.stored()) < 0);
            if (!areNamesStored) {
                before.add(one.bareName().compareTo(other.bareName()) < 0);
            }
        }
        if (running.meets(CalicoVersions.WITH_SLASH)) {
            for (String first : stored(one)) {
                for (String second : stored(other)) {
                    before.add((first + "/").compareTo(second + "/") < 0);
                }
            }
        }
        return before.size() > 1;
    }

    /** The names under which it may be stored since 3.32. */
    private Set<String> stored(Policy policy) {
        Set<String> names = new TreeSet<>(Set.of(policy.stored()));
        if (!areNamesStored && policy.name().indexOf('.') < 0) {
            names.add(TIER_IN_FRONT + policy.name());
        }
        return names;
    }

    /**
     * Steps that are valid for every possible order. A policy that may come before or after the examined one is placed
     * after it: if it came first, the packets that it decides would not reach the Log rule. Other policies with an
     * unknown order may each come first, so they count as policies that may not apply.
     *
     * @param steps of one tier, in one of the orders
     * @param asked the policy with the Log rule
     */
    List<Chain.PolicyStep> steps(List<Chain.PolicyStep> steps, Policy asked) {
        List<Chain.PolicyStep> ordered = new ArrayList<>();
        int to = 0;
        for (int from = 0; from < steps.size(); from = to) {
            while (to < steps.size()
                    && steps.get(to).policy().order()
                            == steps.get(from).policy().order()) {
                to++;
            }
            addEqual(new ArrayList<>(steps.subList(from, to)), asked, ordered);
        }
        return ordered;
    }

    @SuppressWarnings("ReferenceEquality") // equal policies at different positions are not the same
    private void addEqual(List<Chain.PolicyStep> equal, Policy asked, List<Chain.PolicyStep> ordered) {
        for (Chain.PolicyStep own : equal) {
            if (own.policy() == asked) {
                List<Chain.PolicyStep> before = equal.subList(0, equal.indexOf(own)).stream()
                        .filter(step -> !isOpen(step.policy(), asked))
                        .toList();
                ordered.addAll(before);
                ordered.add(own);
                equal.removeAll(before);
                equal.remove(own);
                break;
            }
        }
        equal.stream()
                .filter(step ->
                        equal.stream().anyMatch(other -> other != step && isOpen(step.policy(), other.policy())))
                .map(step -> new Chain.PolicyStep(step.policy(), false))
                .forEach(ordered::add);
        ordered.addAll(equal);
    }
}

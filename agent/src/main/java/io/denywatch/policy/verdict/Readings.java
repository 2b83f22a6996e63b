package io.denywatch.policy.verdict;

import io.denywatch.policy.EndpointSelector;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Oddity;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Rule;
import io.denywatch.policy.RulePosition;
import io.denywatch.policy.Selector;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Data derived from the policies of a state, computed once for all nodes and {@code Log} rules. Confined to one thread.
 */
public final class Readings {
    private final PolicyState state;
    private final Steps steps;
    private final Conditions conditions;
    private final SelectorKnowledge always;
    private final SelectorKnowledge now;
    private final EvaluationOrder order;
    private final List<Policy> policies;
    private final Optional<Oddity.Occurrence> breaking;
    private final IdentityHashMap<Policy, Optional<Selector>> selectors = new IdentityHashMap<>();
    private final IdentityHashMap<Policy, Boolean> uncertain = new IdentityHashMap<>();
    private final IdentityHashMap<Policy, Set<String>> tiers = new IdentityHashMap<>();
    private final Map<String, IdentityHashMap<Rule, List<PacketBox>>> matches = new HashMap<>(); // by namespace

    public Readings(PolicyState state, Steps steps) {
        this.state = state;
        this.steps = steps;
        conditions = new Conditions(steps);
        always = SelectorKnowledge.always(conditions);
        now = SelectorKnowledge.now(conditions, state);
        breaking = state.breaking().findFirst();
        order = new EvaluationOrder(state);
        policies = order.sorted(state.policies());
    }

    public PolicyState state() {
        return state;
    }

    public Steps steps() {
        return steps;
    }

    /** Knowledge that does not depend on the content of network sets. */
    SelectorKnowledge always() {
        return always;
    }

    /** Knowledge that depends on the current content of network sets. */
    SelectorKnowledge now() {
        return now;
    }

    /** How policies of a tier are evaluated. */
    EvaluationOrder order() {
        return order;
    }

    /** The policies in an order in which Calico may evaluate those of a tier. */
    List<Policy> policies() {
        return policies;
    }

    /** Which packets the rule matches. */
    List<PacketBox> match(RulePosition position) {
        String namespace = position.policy().namespace();
        steps.take(1);
        return matches.computeIfAbsent(namespace == null ? "" : namespace, _ -> new IdentityHashMap<>())
                .computeIfAbsent(position.rule(), rule -> RuleMatch.of(rule, namespace, conditions));
    }

    /** The endpoints that the policy selects; empty if its selectors cannot be read. */
    Optional<Selector> selector(Policy policy) {
        return selectors.computeIfAbsent(policy, Readings::readSelector);
    }

    private static Optional<Selector> readSelector(Policy policy) {
        try {
            return Optional.of(EndpointSelector.of(policy));
        } catch (IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }

    /** Whether Felix may ignore the policy, put it in another tier or interpret it differently. */
    public boolean isUncertain(Policy policy) {
        return uncertain.computeIfAbsent(policy, state::mayDiffer);
    }

    /** Whether Felix certainly uses the host endpoint. */
    public boolean isInUse(HostEndpoint endpoint) {
        return state.isPlain(endpoint.oddities());
    }

    /** The tiers in which the policy may be. */
    Set<String> tiers(Policy policy) {
        return tiers.computeIfAbsent(policy, one -> one.tiers(state.versions()));
    }

    /** The oddity that keeps Felix from applying any policy; empty if there is none. */
    public Optional<Oddity.Occurrence> breaking() {
        return breaking;
    }
}

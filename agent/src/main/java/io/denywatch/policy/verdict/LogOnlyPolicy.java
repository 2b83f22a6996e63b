package io.denywatch.policy.verdict;

import io.denywatch.policy.Action;
import io.denywatch.policy.Direction;
import io.denywatch.policy.Oddity;
import io.denywatch.policy.Policy;
import io.denywatch.policy.Rule;
import io.denywatch.policy.RulePosition;
import io.denywatch.policy.Stage;
import io.denywatch.policy.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A policy that is evaluated after DNAT and has only {@code Log} rules. It decides nothing, and packets that no policy
 * of a tier decides are dropped at the tier's end (felix/rules/endpoints.go, v3.31.7). So it makes a difference exactly
 * where no other policy of its tier applies.
 */
public final class LogOnlyPolicy {
    private final Policy policy;
    private final Direction direction;
    private final Chains chains;

    /**
     * Packets dropped because of such a policy.
     *
     * @param surely whether they are certainly dropped; otherwise it depends on objects that are not read
     * @param what one sentence
     */
    public record Drops(boolean surely, String what) {}

    private LogOnlyPolicy(Policy policy, Direction direction, Chains chains) {
        this.policy = policy;
        this.direction = direction;
        this.chains = chains;
    }

    /** The packets dropped because of it; empty if it is not such a policy or drops nothing. */
    public static Optional<Drops> drops(Policy policy, Direction direction, Chains chains) {
        List<Rule> rules = policy.rules(direction);
        boolean logsOnly = policy.stage() == Stage.FILTER
                && policy.governs(direction)
                && !rules.isEmpty()
                && rules.stream().allMatch(rule -> rule.action() == Action.LOG);
        return logsOnly && chains.dropsAtTierEnd(policy)
                ? new LogOnlyPolicy(policy, direction, chains).drops()
                : Optional.empty();
    }

    private Optional<Drops> drops() {
        List<Drops> doubtful = new ArrayList<>();
        String tierEnd = "the end of tier " + policy.tier() + " for " + direction.label();
        for (Chain chain : chains.atHostEndpoints(policy, direction)) {
            ChainWalk.Fate fate = withoutIt(chain);
            if (fate == null || !fate.reached() || fate.accepter() == null) {
                continue;
            }
            if (isSure(chain) && (fate.acceptingRule() != null || chain.ending() == Chain.Ending.ACCEPTED)) {
                return Optional.of(new Drops(
                        true,
                        "At " + chain.title() + " no other policy of its tier applies, so packets that get there are"
                                + " dropped at " + tierEnd + ". Without this policy, they would not be."));
            }
            doubtful.add(new Drops(
                    false,
                    "At " + chain.title() + " packets that get there may be dropped at " + tierEnd
                            + ". Without this policy, they might be accepted."));
        }
        if (chains.pods().maySelect(policy) && !chains.pods().areGoverned(policy, direction)) {
            doubtful.add(new Drops(
                    false,
                    "Pods that it selects are cut off for " + direction.label() + " where no other policy of tier "
                            + policy.tier() + " applies to them."));
        }
        return doubtful.stream().findFirst();
    }

    /** The fate that packets at the policy would have without it; null if another policy of its tier surely applies. */
    private ChainWalk.@Nullable Fate withoutIt(Chain chain) {
        Policy probe = new Policy(
                policy.name(),
                policy.namespace(),
                policy.tier(),
                policy.order(),
                policy.selector(),
                "",
                "",
                policy.types(),
                false,
                false,
                policy.applyOnForward(),
                List.of(Rule.of(Action.LOG)),
                List.of(Rule.of(Action.LOG)),
                List.of(Oddity.UNKNOWN_FIELD.at("in place of " + policy.title())),
                policy.name());
        List<Chain.TierSection> sections = new ArrayList<>();
        for (Chain.TierSection section : chain.tiers()) {
            if (!section.tier().name().equals(policy.tier())) {
                sections.add(section);
                continue;
            }
            List<Chain.PolicyStep> steps = new ArrayList<>();
            for (Chain.PolicyStep step : section.steps()) {
                if (step.sure() && !step.policy().equals(policy)) {
                    return null;
                }
                steps.add(step.policy().equals(policy) ? new Chain.PolicyStep(probe, true) : step);
            }
            Tier passing = new Tier(section.tier().name(), section.tier().order(), Action.PASS);
            sections.add(new Chain.TierSection(passing, steps));
        }
        RulePosition log = new RulePosition(probe, direction, 0);
        Chain without = new Chain(chain.title(), chain.stage(), direction, chain.accepted(), sections, chain.ending());
        return ChainWalk.of(log, without, chains::match, chains.readings().now());
    }

    /** Whether no uncertainty in the chain can change the fate of packets. */
    private boolean isSure(Chain chain) {
        return !chains.isUncertain(policy)
                && chain.tiers().stream()
                        .flatMap(section -> section.steps().stream())
                        .allMatch(step ->
                                step.sure() && (step.policy().equals(policy) || !chains.isUncertain(step.policy())))
                && chains.endpointsOf(policy).stream().allMatch(endpoint -> chains.surelyApplies(policy, endpoint));
    }
}

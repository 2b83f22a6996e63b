package io.denywatch.policy.verdict;

import io.denywatch.policy.Action;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Rule;
import io.denywatch.policy.RulePosition;
import io.denywatch.policy.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Follows the packets that a {@code Log} rule logs through a chain. It is an abstract interpretation: its sets of
 * packets may be too large but never too small, so what is impossible for such a set is impossible for every packet.
 * Confined to the call of {@link #of}.
 */
final class ChainWalk {
    /** Most other {@code Log} rules to find. */
    private static final int LOGGED_AGAIN_MAX = 16;

    private final RulePosition log;
    private final Function<RulePosition, List<PacketBox>> matches;
    private final SelectorKnowledge facts;
    private final boolean keptOpen;
    private PacketSet here;
    private PacketSet passed;
    private final boolean asksForTaker;
    private boolean isLogged;
    private boolean isReached;
    private @Nullable String denier;
    private @Nullable RulePosition denyingRule;
    private @Nullable String accepter;
    private @Nullable RulePosition acceptingRule;
    private @Nullable RulePosition taker;
    private final List<RulePosition> loggedAgain = new ArrayList<>();

    /**
     * The fate of the packets.
     *
     * @param reached whether any may be logged
     * @param denier what may drop some, in words; null if nothing can
     * @param denyingRule the last rule that may drop some; null for the end of a tier
     * @param accepter what may accept some, in words; null if nothing can
     * @param acceptingRule the first rule that may accept some; null if it is not a rule
     * @param loggedAgain other {@code Log} rules that may log some of them as well
     * @param taker if nothing is logged: the last earlier rule that took packets
     * @param keptOpen if nothing is logged: whether everything that the rule matches is accepted before any policy
     */
    record Fate(
            boolean reached,
            @Nullable String denier,
            @Nullable RulePosition denyingRule,
            @Nullable String accepter,
            @Nullable RulePosition acceptingRule,
            List<RulePosition> loggedAgain,
            @Nullable RulePosition taker,
            boolean keptOpen) {
        Verdict verdict() {
            return accepter == null
                    ? Verdict.SURELY_DENIED
                    : denier == null ? Verdict.SURELY_NOT_DENIED : Verdict.MAY_NOT_BE_DENIED;
        }
    }

    private ChainWalk(
            RulePosition log,
            Chain chain,
            Function<RulePosition, List<PacketBox>> matches,
            SelectorKnowledge facts,
            boolean asksForTaker) {
        this.log = log;
        this.matches = matches;
        this.facts = facts;
        this.asksForTaker = asksForTaker;
        passed = new PacketSet(facts);
        here = PacketSet.of(matches.apply(log), facts); // packets that the rule does not match are not logged
        boolean any = !here.isEmpty();
        here.minus(chain.accepted());
        keptOpen = any && here.isEmpty();
    }

    /**
     * What happens in a chain to the packets that the rule logs.
     *
     * @param chain with the rule
     * @param matches which packets rules match
     */
    static Fate of(
            RulePosition log, Chain chain, Function<RulePosition, List<PacketBox>> matches, SelectorKnowledge facts) {
        Fate fate = new ChainWalk(log, chain, matches, facts, false).walk(chain);
        return fate.reached() || fate.keptOpen() ? fate : new ChainWalk(log, chain, matches, facts, true).walk(chain);
    }

    private Fate walk(Chain chain) {
        for (Chain.TierSection section : chain.tiers()) {
            for (Chain.PolicyStep step : section.steps()) {
                if (!isDecided()) {
                    through(step);
                }
            }
            endTier(section, chain.stage());
        }
        end(chain.ending());
        return new Fate(
                isReached, denier, denyingRule, accepter, acceptingRule, List.copyOf(loggedAgain), taker, keptOpen);
    }

    /** Whether no packet is left to follow: nothing is logged, or everything logged is decided. */
    private boolean isDecided() {
        return isLogged && (!isReached || (here.isKnownEmpty() && passed.isKnownEmpty()));
    }

    private void through(Chain.PolicyStep step) {
        List<Rule> rules = step.policy().rules(log.direction());
        boolean isLogs = step.policy().equals(log.policy());
        for (int i = 0; i < rules.size(); i++) {
            RulePosition position = new RulePosition(step.policy(), log.direction(), i);
            if (isLogs && i == log.index()) {
                passed = new PacketSet(facts);
                isLogged = true;
                isReached = !here.isEmpty();
            } else if (isLogged) {
                after(position, step.sure());
            } else if (rules.get(i).action() != Action.LOG) {
                before(position, step.sure());
            }
        }
    }

    /** Before the Log rule, only the packets that rules take are recorded. */
    private void before(RulePosition position, boolean sure) {
        List<PacketBox> match = matches.apply(position);
        if (asksForTaker && here.meets(match)) {
            taker = position;
        }
        take(position, match, sure);
    }

    private void after(RulePosition position, boolean sure) {
        if (position.rule().action() == Action.LOG && loggedAgain.size() >= LOGGED_AGAIN_MAX) {
            return;
        }
        List<PacketBox> match = matches.apply(position);
        if (!here.meets(match)) {
            return;
        }
        switch (position.rule().action()) {
            case ALLOW -> accept(position.toString(), position);
            case DENY -> {
                denier = position.toString();
                denyingRule = position;
            }
            case LOG -> loggedAgain.add(position);
            case PASS -> {}
        }
        take(position, match, sure);
    }

    private void take(RulePosition position, List<PacketBox> match, boolean sure) {
        Action action = position.rule().action();
        if (action == Action.PASS) {
            passed.addAll(here.and(match));
        }
        if (sure && action != Action.LOG) {
            here.minus(match);
        }
    }

    private void accept(String who, @Nullable RulePosition rule) {
        if (accepter == null) {
            accepter = who;
            acceptingRule = rule;
        }
    }

    private void endTier(Chain.TierSection section, Stage stage) {
        boolean drops = stage == Stage.FILTER && section.tier().defaultAction() == Action.DENY;
        if (drops && isLogged && !here.isEmpty()) {
            denier = "the end of tier " + section.tier().name();
            denyingRule = null;
        }
        if (drops && section.isSure()) {
            here = passed;
        } else {
            here.addAll(passed);
        }
        passed = new PacketSet(facts);
    }

    private void end(Chain.Ending ending) {
        if (!isLogged || here.isEmpty()) {
            return;
        }
        if (ending != Chain.Ending.ACCEPTED) {
            denier = denier != null ? denier : "what comes after these policies";
        }
        if (ending != Chain.Ending.DROPPED) {
            accept(
                    ending == Chain.Ending.ACCEPTED
                            ? "the host endpoint's profile " + HostEndpoint.DEFAULT_ALLOW
                            : "what comes after these policies",
                    null);
        }
    }
}

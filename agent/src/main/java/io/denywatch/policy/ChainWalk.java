package io.denywatch.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Follows the packets that a {@code Log} rule logs through a chain: an abstract interpretation over sets of packets that
 * are never too small, so what no packet of such a set can do, no packet does. Confined to the call of {@link #of}.
 */
final class ChainWalk {
    private final RulePosition log;
    private final Function<RulePosition, PacketSet> matches;
    private final Facts facts;
    private final boolean keptOpen;
    private PacketSet here;
    private PacketSet passed = PacketSet.NONE;
    private PacketSet logged = PacketSet.NONE;
    private boolean isLogged;
    private @Nullable String denier;
    private @Nullable RulePosition denyingRule;
    private @Nullable String accepter;
    private @Nullable RulePosition acceptingRule;
    private @Nullable RulePosition taker;
    private final List<RulePosition> loggedAgain = new ArrayList<>();

    /**
     * What became of the packets.
     *
     * @param reached whether any may be logged
     * @param denier what drops some, in words; null if nothing can
     * @param denyingRule the rule among these that did so last; null for the end of a tier
     * @param accepter what may accept some, in words; null if nothing can
     * @param acceptingRule the rule that did so first; null if it was no rule
     * @param loggedAgain other {@code Log} rules that may log some of them as well
     * @param taker where nothing is logged: the last rule before it that took packets
     * @param keptOpen where nothing is logged: whether all that it matches is accepted before any policy
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

    private ChainWalk(RulePosition log, Chain chain, Function<RulePosition, PacketSet> matches, Facts facts) {
        this.log = log;
        this.matches = matches;
        this.facts = facts;
        PacketSet all = facts.possible(matches.apply(log)); // what it does not match, it does not log
        here = all.minus(chain.accepted());
        keptOpen = here.isEmpty() && !all.isEmpty();
    }

    /**
     * What becomes of what the rule logs in a chain.
     *
     * @param chain one that holds the rule
     * @param matches which packets rules match
     */
    static Fate of(RulePosition log, Chain chain, Function<RulePosition, PacketSet> matches, Facts facts) {
        ChainWalk walk = new ChainWalk(log, chain, matches, facts);
        for (Chain.Section section : chain.tiers()) {
            section.steps().forEach(walk::through);
            walk.endTier(section, chain.stage());
        }
        walk.end(chain.ending());
        return new Fate(
                !walk.logged.isEmpty(),
                walk.denier,
                walk.denyingRule,
                walk.accepter,
                walk.acceptingRule,
                List.copyOf(walk.loggedAgain),
                walk.taker,
                walk.keptOpen);
    }

    private void through(Chain.Step step) {
        List<Rule> rules = step.policy().rules(log.direction());
        for (int i = 0; i < rules.size(); i++) {
            RulePosition position = new RulePosition(step.policy(), log.direction(), i);
            PacketSet match = matches.apply(position);
            if (position.equals(log)) {
                here = facts.possible(here.and(match));
                logged = here;
                passed = PacketSet.NONE;
                isLogged = true;
            } else {
                meet(position, match, step.sure());
            }
        }
    }

    private void meet(RulePosition position, PacketSet match, boolean sure) {
        PacketSet met = facts.possible(here.and(match));
        if (met.isEmpty()) {
            return;
        }
        switch (position.rule().action()) {
            case ALLOW -> accept(position.toString(), position);
            case DENY -> {
                if (isLogged) {
                    denier = position.toString();
                    denyingRule = position;
                }
            }
            case PASS -> passed = passed.or(met);
            case LOG -> {
                if (isLogged) {
                    loggedAgain.add(position);
                }
                return;
            }
        }
        if (!isLogged) {
            taker = position;
        }
        if (sure) {
            here = facts.possible(here.minus(match));
        }
    }

    private void accept(String who, @Nullable RulePosition rule) {
        if (isLogged && accepter == null) {
            accepter = who;
            acceptingRule = rule;
        }
    }

    private void endTier(Chain.Section section, Stage stage) {
        boolean drops = stage == Stage.FILTER && section.tier().defaultAction() == Action.DENY;
        if (drops && !here.isEmpty() && isLogged) {
            denier = "the end of tier " + section.tier().name();
            denyingRule = null;
        }
        here = drops && section.isSure() ? passed : here.or(passed);
        passed = PacketSet.NONE;
    }

    private void end(Chain.Ending ending) {
        if (here.isEmpty()) {
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

package io.denywatch.policy.verdict;

import io.denywatch.policy.Action;
import io.denywatch.policy.Direction;
import io.denywatch.policy.EndpointSelector;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Oddity;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.RulePosition;
import io.denywatch.policy.Selector;
import io.denywatch.policy.Side;
import io.denywatch.policy.Stage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each {@code Log} rule whether the packets that it logs are certainly denied afterwards. It is sound but
 * not complete: without a proof the verdict is {@link Verdict#MAY_NOT_BE_DENIED}.
 *
 * @param state the analysed policies
 * @param node the node they were analysed for
 * @param verdicts one verdict for each {@code Log} rule of the state, in the order of its policies
 */
public record VerdictAnalysis(PolicyState state, String node, List<LogVerdict> verdicts) {
    private static final int NAMED_MAX = 3;

    /** Copies the list. */
    public VerdictAnalysis {
        verdicts = List.copyOf(verdicts);
    }

    /** Analyses the policies as they apply on the node. */
    public static VerdictAnalysis of(PolicyState state, String node) {
        return of(new Readings(state, new Steps(Steps.MAX)), node);
    }

    public static VerdictAnalysis of(Readings readings, String node) {
        PolicyState state = readings.state();
        Chains chains = new Chains(readings, node);
        List<LogVerdict> verdicts = new ArrayList<>();
        Map<Object, List<Chain>> ways = new HashMap<>(); // the same for all rules of a policy
        for (RulePosition log : logs(state)) {
            readings.steps().begin(Steps.RULE_MAX);
            try {
                readings.steps().take(Steps.PER_VERDICT);
                List<Chain> itsWays = ways.computeIfAbsent(
                        List.of(log.policy(), log.direction()), _ -> chains.with(log.policy(), log.direction()));
                LogVerdict verdict = verdict(log, itsWays, chains, readings);
                verdicts.add(readings.breaking()
                        .map(found -> unproven(verdict, found))
                        .orElse(verdict));
            } catch (Steps.Exhausted limit) {
                verdicts.add(notFinished(log));
            }
        }
        return new VerdictAnalysis(state, node, verdicts);
    }

    /** The verdicts of an analysis that had no steps left. */
    public static List<LogVerdict> notFinished(PolicyState state) {
        return logs(state).stream().map(VerdictAnalysis::notFinished).toList();
    }

    private static LogVerdict notFinished(RulePosition log) {
        String why = "The analysis was stopped before it was known what happens to the packets that it logs.";
        return new LogVerdict(log, Verdict.NOT_FINISHED, null, why, List.of(), List.of(), List.of(), false);
    }

    /** The Log rules that are evaluated at all, in the order of the policies. */
    private static List<RulePosition> logs(PolicyState state) {
        List<RulePosition> logs = new ArrayList<>();
        for (Policy policy : state.policies()) {
            for (Direction direction : Direction.values()) {
                for (int i = 0; i < policy.rules(direction).size(); i++) {
                    RulePosition position = new RulePosition(policy, direction, i);
                    if (position.rule().action() == Action.LOG && isEvaluated(position)) {
                        logs.add(position);
                    }
                }
            }
        }
        return logs;
    }

    /** The verdict if Felix cannot apply what the API contains: it keeps earlier policies, which are unknown. */
    private static LogVerdict unproven(LogVerdict verdict, Oddity.Occurrence found) {
        return new LogVerdict(
                verdict.log(),
                Verdict.MAY_NOT_BE_DENIED,
                null,
                "Felix may not do what the policies say: " + found + ".",
                verdict.caveats(),
                verdict.hostEndpoints(),
                verdict.loggedAgain(),
                false);
    }

    /** Whether the rule is evaluated at all: there is no egress before DNAT. */
    private static boolean isEvaluated(RulePosition position) {
        return position.policy().governs(position.direction())
                && (position.direction() == Direction.INGRESS
                        || position.policy().stage() != Stage.PRE_DNAT);
    }

    private static LogVerdict verdict(RulePosition log, List<Chain> ways, Chains chains, Readings readings) {
        List<Place> always = places(log, ways, readings, readings.always());
        if (verdict(always) != Verdict.MAY_NOT_BE_DENIED) {
            return judged(log, always, chains, List.of());
        }
        List<Place> now = places(log, ways, readings, readings.now());
        return verdict(now) == Verdict.MAY_NOT_BE_DENIED || !now.getFirst().fate.reached()
                ? judged(log, always, chains, List.of())
                : judged(log, now, chains, List.of(onlyNow(log, readings)));
    }

    /**
     * A caveat: the proof depends on the current content of network sets. It names the rules that select nothing now.
     */
    private static String onlyNow(RulePosition log, Readings readings) {
        List<String> selectNothing = new ArrayList<>();
        for (Policy policy : readings.state().policies()) {
            readings.steps().take(1 + policy.rules(log.direction()).size());
            if (policy.stage() == log.policy().stage() && policy.governs(log.direction())) {
                for (int i = 0; i < policy.rules(log.direction()).size(); i++) {
                    RulePosition position = new RulePosition(policy, log.direction(), i);
                    Action action = position.rule().action();
                    if ((action == Action.ALLOW || action == Action.PASS) && selectsNothing(position, readings)) {
                        selectNothing.add(position.toString());
                    }
                }
            }
        }
        String now = "This holds for what the network sets contain now";
        return selectNothing.isEmpty()
                ? now + "."
                : now + ": " + selectNothing.stream().limit(NAMED_MAX).collect(Collectors.joining(", "))
                        + (selectNothing.size() > NAMED_MAX ? " and others" : "")
                        + (selectNothing.size() == 1 ? " selects" : " select") + " no address.";
    }

    /** Whether one side of the rule selects only addresses of network sets and host endpoints, and none exist. */
    private static boolean selectsNothing(RulePosition position, Readings readings) {
        String namespace = position.policy().namespace();
        return List.of(Side.values()).stream()
                .map(side -> position.rule().at(side))
                .filter(match -> EndpointSelector.isIn(match, namespace))
                .anyMatch(match -> {
                    try {
                        Selector selector = EndpointSelector.of(match, namespace);
                        PolicyState state = readings.state();
                        readings.steps()
                                .take(state.sets().size()
                                        + state.hostEndpoints().size());
                        return selector.implies(Selector.global()) && state.selectsNoAddress(selector);
                    } catch (IllegalArgumentException unreadable) {
                        return false;
                    }
                });
    }

    /** The fate of the packets in one chain. */
    private record Place(String title, ChainWalk.Fate fate) {
        /** Orders fates by importance: possibly accepted, accepted, denied, not logged. */
        int rank() {
            return !fate.reached()
                    ? 3
                    : switch (fate.verdict()) {
                        case MAY_NOT_BE_DENIED -> 0;
                        case NOT_FINISHED, SURELY_NOT_DENIED -> 1;
                        case SURELY_DENIED -> 2;
                    };
        }
    }

    /** One for each chain that may contain the rule, the most important first. */
    private static List<Place> places(
            RulePosition log, List<Chain> chains, Readings readings, SelectorKnowledge facts) {
        return chains.stream()
                .map(chain -> new Place(chain.title(), ChainWalk.of(log, chain, readings::match, facts)))
                .distinct()
                .sorted(Comparator.comparingInt(Place::rank))
                .toList();
    }

    /**
     * The combined verdict of all places where something is logged; where nothing is logged, nothing is accepted
     * either.
     */
    private static Verdict verdict(List<Place> places) {
        List<Verdict> different = places.stream()
                .filter(place -> place.fate.reached())
                .map(place -> place.fate.verdict())
                .distinct()
                .toList();
        return switch (different.size()) {
            case 0 -> Verdict.SURELY_DENIED;
            case 1 -> different.getFirst();
            default -> Verdict.MAY_NOT_BE_DENIED;
        };
    }

    private static LogVerdict judged(RulePosition log, List<Place> places, Chains chains, List<String> provisos) {
        Verdict verdict = verdict(places);
        List<HostEndpoint> endpoints = chains.endpointsOf(log.policy());
        List<String> caveats = new ArrayList<>(provisos);
        caveats.addAll(caveats(log, verdict, chains));
        List<RulePosition> loggedAgain = places.stream()
                .flatMap(place -> place.fate.loggedAgain().stream())
                .distinct()
                .toList();
        if (places.isEmpty()) {
            return new LogVerdict(log, verdict, null, "It applies to nothing.", caveats, endpoints, loggedAgain, false);
        }
        Place first = places.getFirst();
        return new LogVerdict(
                log,
                verdict,
                decider(first.fate),
                why(first.fate, first.title),
                caveats,
                endpoints,
                loggedAgain,
                verdict != Verdict.SURELY_DENIED && isProvenExceptForPods(log, places));
    }

    /** Whether denial would be proven if the policy applied only to host endpoints. */
    private static boolean isProvenExceptForPods(RulePosition log, List<Place> places) {
        List<Place> atHosts = places.stream()
                .filter(place -> !place.title.equals(PodChains.TITLE))
                .toList();
        return log.policy().namespace() == null
                && !atHosts.isEmpty()
                && atHosts.size() < places.size()
                && atHosts.stream()
                        .allMatch(place -> !place.fate.reached() || place.fate.verdict() == Verdict.SURELY_DENIED);
    }

    private static @Nullable RulePosition decider(ChainWalk.Fate fate) {
        if (!fate.reached()) {
            return fate.taker();
        }
        return fate.accepter() == null ? fate.denyingRule() : fate.acceptingRule();
    }

    private static String why(ChainWalk.Fate fate, String place) {
        if (!fate.reached()) {
            String before = fate.keptOpen()
                    ? ": Calico accepts these ports before any policy."
                    : fate.taker() == null ? "." : ": " + fate.taker() + " takes the last of them.";
            return "No packet gets to it at " + place + before;
        }
        return switch (fate.verdict()) {
            case SURELY_DENIED ->
                "All packets that it logs at " + place + " are dropped, the last of them by " + fate.denier() + ".";
            case NOT_FINISHED, SURELY_NOT_DENIED ->
                "All packets that it logs at " + place + " are accepted by " + fate.accepter() + ".";
            case MAY_NOT_BE_DENIED ->
                "Some or all of the packets that it logs at " + place + " may be accepted by " + fate.accepter()
                        + " before they are dropped.";
        };
    }

    private static List<String> caveats(RulePosition log, Verdict verdict, Chains chains) {
        List<String> caveats = new ArrayList<>();
        Policy policy = log.policy();
        boolean atHosts = !chains.endpointsOf(policy).isEmpty();
        if (chains.isUncertain(policy)) {
            caveats.add(
                    chains.mayBeMissing(policy)
                            ? "Felix may treat the policy as missing, and then nothing is logged."
                            : "Felix may treat the policy differently from what it states.");
        }
        if (policy.stage() != Stage.FILTER && !atHosts) {
            caveats.add("The policy applies to no host endpoint of this node, so nothing is logged here.");
        }
        if (atHosts && chains.seesFailsafePorts(log)) {
            caveats.add("Failsafe ports (" + chains.failsafePorts(log.direction())
                    + ") are left out, because Calico accepts"
                    + " them at host endpoints before any policy. Environment variables of calico-node can set others, and are"
                    + " not read.");
        }
        if (verdict == Verdict.SURELY_NOT_DENIED) {
            caveats.add("A policy of the pod that the packet goes to may still deny it.");
        }
        if (policy.stage() == Stage.DO_NOT_TRACK) {
            caveats.add("Packets of established connections are logged as well.");
        }
        return caveats;
    }
}

package io.denywatch.doctor;

import io.denywatch.policy.Action;
import io.denywatch.policy.BlocklistRules;
import io.denywatch.policy.CalicoVersions;
import io.denywatch.policy.Direction;
import io.denywatch.policy.LoadBalancerRules;
import io.denywatch.policy.Oddity;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyOddities;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.RulePosition;
import io.denywatch.policy.Selector;
import io.denywatch.policy.Stage;
import io.denywatch.policy.verdict.Chains;
import io.denywatch.policy.verdict.LogOnlyPolicy;
import io.denywatch.policy.verdict.LogVerdict;
import io.denywatch.policy.verdict.NoEffect;
import io.denywatch.policy.verdict.Readings;
import io.denywatch.policy.verdict.Steps;
import io.denywatch.policy.verdict.Verdict;
import io.denywatch.policy.verdict.VerdictAnalysis;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Findings about the policies of a node. */
public final class PolicyFindings {
    /** The selector that excludes pods from a policy. */
    private static final String NOT_PODS = "&& !has(" + Selector.NAMESPACE + ")";

    /** The number of findings of a kind that are listed one by one. */
    private static final int PER_KIND_MAX = 100;

    private PolicyFindings() {}

    /**
     * All findings, the worst first.
     *
     * @param analysis the policies and their verdicts
     * @param blocklistInUse whether sources are to be blocked, so that a policy must do it
     */
    public static List<Finding> of(VerdictAnalysis analysis, boolean blocklistInUse) {
        return of(analysis, new Readings(analysis.state(), new Steps(Steps.MAX)), blocklistInUse);
    }

    static List<Finding> of(VerdictAnalysis analysis, Readings readings, boolean blocklistInUse) {
        List<Finding> findings = new ArrayList<>();
        analysis.verdicts().forEach(verdict -> ofVerdict(verdict, findings));
        twiceLogged(analysis, findings);
        PolicyState state = analysis.state();
        Chains chains = new Chains(readings, analysis.node());
        List<String> unfinished = new ArrayList<>();
        analysis.verdicts().stream()
                .filter(verdict -> verdict.verdict() == Verdict.NOT_FINISHED)
                .forEach(verdict -> unfinished.add(verdict.log().toString()));
        for (Policy policy : state.policies()) {
            readings.steps().begin(Steps.RULE_MAX);
            try {
                for (Direction direction : Direction.values()) {
                    LogOnlyPolicy.drops(policy, direction, chains)
                            .map(drops -> ofLogOnly(policy, drops))
                            .ifPresent(findings::add);
                    forFailsafePorts(policy, direction, chains, findings);
                }
            } catch (Steps.Exhausted limit) {
                unfinished.add(policy.title());
            }
            if (logs(policy)) {
                withoutEffect(policy, analysis, chains, findings);
            }
        }
        ofFelix(state, findings);
        ofBlocklist(analysis, chains, blocklistInUse, findings);
        LoadBalancerRules.withoutAddress(state)
                .map(rule -> FindingKind.LOAD_BALANCERS_NOT_PUBLISHED.found(
                        rule + " selects the addresses of load balancers, and no network set contains one."))
                .ifPresent(findings::add);
        notFinished(unfinished, findings);
        List<Finding> sorted = limited(findings);
        sorted.sort(Comparator.comparing(Finding::severity).reversed());
        return sorted;
    }

    private static void ofVerdict(LogVerdict verdict, List<Finding> findings) {
        FindingKind kind = switch (verdict.verdict()) {
            case SURELY_DENIED, NOT_FINISHED -> null;
            case MAY_NOT_BE_DENIED -> FindingKind.LOG_MAY_NOT_BE_DENIED;
            case SURELY_NOT_DENIED -> FindingKind.LOG_SURELY_ALLOWED;
        };
        if (kind != null) {
            String remedy = kind.remedy()
                    + (verdict.exceptPods()
                            ? " The proof fails only for pods. If the policy is meant for host endpoints only, append \""
                                    + NOT_PODS + "\" to its selector."
                            : "");
            findings.add(
                    kind.found(verdict.log() + ": " + verdict.why(), remedy).with(verdict.caveats()));
        }
    }

    private static Finding ofLogOnly(Policy policy, LogOnlyPolicy.Drops drops) {
        return (drops.surely() ? FindingKind.LOG_ONLY_POLICY_BLOCKS : FindingKind.LOG_ONLY_POLICY_MAY_BLOCK)
                .found(policy.title() + ": " + drops.what());
    }

    /** Adds one finding for all rules and policies, because there may be many. */
    private static void notFinished(List<String> unfinished, List<Finding> findings) {
        if (!unfinished.isEmpty()) {
            int others = unfinished.size() - 1;
            findings.add(FindingKind.POLICIES_NOT_FINISHED.found(unfinished.getFirst()
                    + ": The analysis was stopped before it was known whether its packets are denied"
                    + (others == 0 ? "." : "; " + others + " more were not finished.")));
        }
    }

    /** Keeps the first findings of each kind and replaces the others by one that states their number. */
    private static List<Finding> limited(List<Finding> findings) {
        Map<FindingKind, Integer> counts = new EnumMap<>(FindingKind.class);
        List<Finding> limited = new ArrayList<>();
        for (Finding finding : findings) {
            if (counts.merge(finding.kind(), 1, Integer::sum) <= PER_KIND_MAX) {
                limited.add(finding);
            }
        }
        counts.forEach((kind, count) -> {
            if (count > PER_KIND_MAX) {
                int more = count - PER_KIND_MAX;
                limited.add(kind.found(more + " more: The same was found " + more + " more times."));
            }
        });
        return limited;
    }

    /** Adds each pair once; two chains may have it in opposite order. */
    private static void twiceLogged(VerdictAnalysis analysis, List<Finding> findings) {
        Set<Set<RulePosition>> pairs = new HashSet<>();
        for (LogVerdict verdict : analysis.verdicts()) {
            for (RulePosition again : verdict.loggedAgain()) {
                if (pairs.add(Set.of(verdict.log(), again))) {
                    findings.add(FindingKind.SEVERAL_LOG_RULES_SEE_SAME_PACKET.found(
                            verdict.log() + ": Packets that it logs may also be logged by " + again + "."));
                }
            }
        }
    }

    private static boolean logs(Policy policy) {
        return List.of(Direction.values()).stream().anyMatch(direction -> logs(policy, direction));
    }

    private static boolean logs(Policy policy, Direction direction) {
        return policy.rules(direction).stream().anyMatch(rule -> rule.action() == Action.LOG);
    }

    private static void withoutEffect(Policy policy, VerdictAnalysis analysis, Chains chains, List<Finding> findings) {
        if (policy.namespace() == null && (policy.stage() != Stage.FILTER || !chains.maySelectPods(policy))) {
            NoEffect.of(policy, analysis.state(), analysis.node(), chains)
                    .ifPresent(none -> findings.add(FindingKind.LOG_WITHOUT_HOST_ENDPOINT.found(
                            policy.title() + ": " + none.why(), none.remedy())));
        }
        for (Direction direction : Direction.values()) {
            if (logs(policy, direction)) {
                NoEffect.of(policy, direction)
                        .ifPresent(none -> findings.add(FindingKind.LOG_RULES_NOT_USED.found(
                                policy.title() + ": " + none.why(), none.remedy())));
            }
        }
    }

    /** Adds rules that log or deny and apply only to host endpoints, where they match only failsafe ports. */
    private static void forFailsafePorts(Policy policy, Direction direction, Chains chains, List<Finding> findings) {
        boolean elsewhere = policy.stage() == Stage.FILTER && (policy.applyOnForward() || chains.maySelectPods(policy));
        if (elsewhere
                || !policy.governs(direction)
                || chains.endpointsOf(policy).isEmpty()) {
            return;
        }
        for (int i = 0; i < policy.rules(direction).size(); i++) {
            RulePosition rule = new RulePosition(policy, direction, i);
            Action action = rule.rule().action();
            if ((action == Action.LOG || action == Action.DENY) && chains.isForFailsafePorts(rule)) {
                findings.add(FindingKind.RULE_FOR_FAILSAFE_PORTS.found(rule + ": It matches failsafe ports only: "
                        + chains.failsafePorts(direction) + " are accepted before it."));
            }
        }
    }

    private static void ofBlocklist(
            VerdictAnalysis analysis, Chains chains, boolean blocklistInUse, List<Finding> findings) {
        PolicyState state = analysis.state();
        List<RulePosition> blocking = BlocklistRules.rules(state);
        blocking.forEach(rule -> ofBlocking(rule, findings));
        Comparator<RulePosition> evaluation = BlocklistRules.evaluation(state);
        RulePosition first = active(blocking, chains).min(evaluation).orElse(null);
        if (first == null) {
            if (blocklistInUse) {
                findings.add(missing(blocking, analysis, chains));
            }
            return;
        }
        BlocklistRules.ingress(state)
                .filter(rule -> rule.rule().action() == Action.ALLOW
                        && rule.policy().stage() != Stage.FILTER
                        && !BlocklistRules.takesBlocklist(rule)
                        && !chains.endpointsOf(rule.policy()).isEmpty())
                .sorted(evaluation)
                .forEach(allow -> ofAllow(allow, first, evaluation.compare(allow, first) < 0, findings));
    }

    /** The policies that deny the sources on the blocklist wherever they are active. */
    static List<Policy> denying(Readings readings) {
        if (readings.breaking().isPresent()) {
            return List.of();
        }
        return BlocklistRules.rules(readings.state()).stream()
                .filter(rule -> rule.rule().action() == Action.DENY)
                .map(RulePosition::policy)
                .distinct()
                .filter(policy -> !readings.isUncertain(policy))
                .toList();
    }

    /** Whether a global policy has this name and does not deny the sources on the blocklist. */
    public static boolean isNameTaken(PolicyState state, String name) {
        return state.policies().stream().anyMatch(policy -> isNamed(policy, name))
                && BlocklistRules.rules(state).stream()
                        .noneMatch(rule -> rule.rule().action() == Action.DENY && isNamed(rule.policy(), name));
    }

    private static boolean isNamed(Policy policy, String name) {
        return policy.namespace() == null && policy.bareName().equals(name);
    }

    private static Stream<RulePosition> active(List<RulePosition> blocking, Chains chains) {
        return blocking.stream()
                .filter(rule -> rule.rule().action() == Action.DENY)
                .filter(rule -> !chains.isUncertain(rule.policy()))
                .filter(rule -> chains.endpointsOf(rule.policy()).stream().anyMatch(chains.readings()::isInUse));
    }

    private static Finding missing(List<RulePosition> blocking, VerdictAnalysis analysis, Chains chains) {
        FindingKind kind = FindingKind.BLOCKLIST_POLICY_MISSING;
        String what = BlocklistRules.SELECTOR
                + ": No active policy at a host endpoint of this node denies the sources that this selects";
        RulePosition idle = blocking.stream()
                .filter(rule -> rule.rule().action() == Action.DENY)
                .findFirst()
                .orElse(null);
        if (idle == null) {
            return kind.found(what + ".");
        }
        if (chains.isUncertain(idle.policy())) {
            return kind.found(what + ": Felix may not apply the policy of " + idle + " as it is.");
        }
        return NoEffect.of(idle.policy(), analysis.state(), analysis.node(), chains)
                .map(none -> kind.found(what + "; " + idle + " does nothing here. " + none.why(), none.remedy()))
                .orElseGet(() -> kind.found(what + "."));
    }

    private static void ofBlocking(RulePosition rule, List<Finding> findings) {
        if (rule.rule().action() != Action.DENY) {
            findings.add(
                    FindingKind.BLOCKLIST_POLICY_NOT_DENY.found(rule + ": Its action for sources on the blocklist is "
                            + rule.rule().action().label() + "."));
        } else if (!BlocklistRules.isGuarded(rule)) {
            findings.add(FindingKind.BLOCKLIST_POLICY_WITHOUT_GLOBAL_GUARD.found(
                    rule + ": Its source selector also selects pods and namespaced network sets."));
        }
    }

    private static void ofAllow(RulePosition allow, RulePosition blocking, boolean before, List<Finding> findings) {
        boolean toSources = allow.rule().source().namesAddresses();
        String what = allow + ": It comes " + (before ? "before " : "after ") + blocking + ".";
        if (before) {
            findings.add((toSources ? FindingKind.ALLOWLIST_BEATS_BLOCKLIST : FindingKind.BLOCKLIST_POLICY_AFTER_ALLOW)
                    .found(what));
        } else if (toSources) {
            findings.add(FindingKind.BLOCKLIST_BEATS_ALLOWLIST.found(what));
        }
    }

    /** Adds objects that Felix treats differently from what they state. */
    private static void ofFelix(PolicyState state, List<Finding> findings) {
        for (Policy policy : state.policies()) {
            addOddities(
                    policy.title(),
                    PolicyOddities.of(policy),
                    state.versions(),
                    FindingKind.VALIDATION_WOULD_DROP_POLICY,
                    findings);
        }
        state.sets()
                .forEach(set -> addOddities(
                        set.name(), set.oddities(), state.versions(), FindingKind.FELIX_IGNORES_OBJECT, findings));
        state.hostEndpoints()
                .forEach(endpoint -> addOddities(
                        endpoint.name(),
                        endpoint.oddities(),
                        state.versions(),
                        FindingKind.FELIX_IGNORES_OBJECT,
                        findings));
        addOddities("another object", state.others(), state.versions(), FindingKind.FELIX_IGNORES_OBJECT, findings);
    }

    private static void addOddities(
            String subject,
            List<Oddity.Occurrence> oddities,
            CalicoVersions running,
            FindingKind missing,
            List<Finding> findings) {
        oddities.stream()
                .filter(found -> found.oddity().holdsIn(running))
                .map(found -> kind(found.oddity(), missing).found(subject + ": " + what(found, running)))
                .forEach(findings::add);
    }

    private static String what(Oddity.Occurrence found, CalicoVersions running) {
        Oddity oddity = found.oddity();
        String versions = oddity.versions().equals(CalicoVersions.ALL)
                ? "."
                : ", in Calico " + oddity.versions() + (running.equals(CalicoVersions.ALL) ? "." : ", as here.");
        return "It has " + found + ": " + oddity.consequence().label() + versions;
    }

    private static FindingKind kind(Oddity oddity, FindingKind missing) {
        return switch (oddity.consequence()) {
            case NOTHING_LOADS -> FindingKind.FELIX_CANNOT_READ_POLICIES;
            case FELIX_STOPS -> FindingKind.FELIX_STOPS;
            case MISSING -> missing;
            case ELSEWHERE -> FindingKind.TIER_IS_UNCERTAIN;
            case OTHER_MATCH, EVERY_ADDRESS -> FindingKind.FELIX_READS_IT_DIFFERENTLY;
            case ENFORCED -> FindingKind.REFUSED_BY_CALICOCTL;
        };
    }
}

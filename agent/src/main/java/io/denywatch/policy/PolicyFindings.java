package io.denywatch.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What an operator should know about the policies of a node. */
public final class PolicyFindings {
    private PolicyFindings() {}

    /**
     * All findings, the worst first.
     *
     * @param analysis the policies and their verdicts
     * @param blocklistInUse whether sources are to be blocked, so that a policy must do it
     */
    public static List<Finding> of(VerdictAnalysis analysis, boolean blocklistInUse) {
        List<Finding> findings = new ArrayList<>();
        analysis.verdicts().forEach(verdict -> ofVerdict(verdict, findings));
        twiceLogged(analysis, findings);
        Chains chains = Chains.of(analysis.state(), analysis.node()).getFirst();
        for (Policy policy : analysis.state().policies()) {
            ofPolicy(policy, chains, findings);
        }
        ofBlocklist(analysis.state(), chains, blocklistInUse, findings);
        findings.sort(Comparator.comparing((Finding finding) -> finding.kind().severity())
                .reversed());
        return findings;
    }

    private static void ofVerdict(LogVerdict verdict, List<Finding> findings) {
        switch (verdict.verdict()) {
            case SURELY_DENIED -> {}
            case MAY_NOT_BE_DENIED ->
                findings.add(new Finding(
                        Finding.Kind.LOG_MAY_NOT_BE_DENIED, verdict.log().toString(), verdict.why()));
            case SURELY_NOT_DENIED ->
                findings.add(new Finding(
                        Finding.Kind.LOG_SURELY_ALLOWED, verdict.log().toString(), verdict.why()));
        }
    }

    /** Each pair once: of two chains, one may have them the other way round. */
    private static void twiceLogged(VerdictAnalysis analysis, List<Finding> findings) {
        Set<Set<RulePosition>> pairs = new HashSet<>();
        for (LogVerdict verdict : analysis.verdicts()) {
            for (RulePosition again : verdict.loggedAgain()) {
                if (pairs.add(Set.of(verdict.log(), again))) {
                    findings.add(new Finding(
                            Finding.Kind.SEVERAL_LOG_RULES_SEE_SAME_PACKET,
                            verdict.log().toString(),
                            "What it logs may be logged by " + again + " as well."));
                }
            }
        }
    }

    private static void ofPolicy(Policy policy, Chains chains, List<Finding> findings) {
        Validity.problems(policy)
                .forEach(problem -> findings.add(new Finding(
                        Finding.Kind.VALIDATION_WOULD_DROP_POLICY,
                        policy.title(),
                        "Calico's validation refuses the policy: " + problem + ".")));
        boolean logs = List.of(Direction.values()).stream()
                .flatMap(direction -> policy.rules(direction).stream())
                .anyMatch(rule -> rule.action() == Action.LOG);
        if (logs && policy.stage() != Stage.FILTER && chains.endpointsOf(policy).isEmpty()) {
            findings.add(new Finding(
                    Finding.Kind.LOG_WITHOUT_HOST_ENDPOINT,
                    policy.title(),
                    "Its selector \"" + policy.selector() + "\" selects no host endpoint of this node."));
        }
        for (Direction direction : Direction.values()) {
            List<Rule> rules = policy.rules(direction);
            if (policy.stage() == Stage.FILTER
                    && policy.governs(direction)
                    && !rules.isEmpty()
                    && rules.stream().allMatch(rule -> rule.action() == Action.LOG)
                    && chains.dropsAtTierEnd(policy)) {
                findings.add(new Finding(
                        Finding.Kind.LOG_ONLY_POLICY_BLOCKS,
                        policy.title(),
                        "It has rules that log for " + direction.label() + ", and none that decides."));
            }
        }
    }

    private static void ofBlocklist(PolicyState state, Chains chains, boolean blocklistInUse, List<Finding> findings) {
        List<RulePosition> blocking = BlocklistPolicy.rules(state);
        blocking.forEach(rule -> ofBlocking(rule, findings));
        Comparator<RulePosition> evaluation = BlocklistPolicy.evaluation(state);
        RulePosition first = active(blocking, chains).min(evaluation).orElse(null);
        if (first == null) {
            if (blocklistInUse) {
                findings.add(new Finding(
                        Finding.Kind.BLOCKLIST_POLICY_MISSING, BlocklistPolicy.SELECTOR, notInForce(blocking)));
            }
            return;
        }
        BlocklistPolicy.ingress(state)
                .filter(rule -> rule.rule().action() == Action.ALLOW
                        && rule.policy().stage() != Stage.FILTER
                        && !BlocklistPolicy.takesBlocklist(rule)
                        && !chains.endpointsOf(rule.policy()).isEmpty())
                .sorted(evaluation)
                .forEach(allow -> ofAllow(allow, first, evaluation.compare(allow, first) < 0, findings));
    }

    /** Whether a policy that is active at a host endpoint of the node denies what is in the blocklist. */
    public static boolean deniesBlocklist(PolicyState state, String node) {
        return active(BlocklistPolicy.rules(state), Chains.of(state, node).getFirst())
                .findAny()
                .isPresent();
    }

    /** Whether a global policy has this name and denies no source for being on the blocklist. */
    public static boolean isNameTaken(PolicyState state, String name) {
        return state.policies().stream().anyMatch(policy -> isNamed(policy, name))
                && BlocklistPolicy.rules(state).stream()
                        .noneMatch(rule -> rule.rule().action() == Action.DENY && isNamed(rule.policy(), name));
    }

    private static boolean isNamed(Policy policy, String name) {
        return policy.namespace() == null && policy.bareName().equals(name);
    }

    private static Stream<RulePosition> active(List<RulePosition> blocking, Chains chains) {
        return blocking.stream()
                .filter(rule -> rule.rule().action() == Action.DENY)
                .filter(rule -> Validity.problems(rule.policy()).isEmpty())
                .filter(rule -> !chains.endpointsOf(rule.policy()).isEmpty());
    }

    private static String notInForce(List<RulePosition> blocking) {
        String what = "No policy in force at a host endpoint of this node denies what this selects";
        return blocking.stream()
                .filter(rule -> rule.rule().action() == Action.DENY)
                .findFirst()
                .map(rule -> what + ", for " + rule
                        + (Validity.problems(rule.policy()).isEmpty()
                                ? rule.policy().stage() == Stage.DO_NOT_TRACK
                                        ? " is doNotTrack and selects none but those with interfaceName \"*\", if any."
                                        : " selects none."
                                : " is of a policy that Calico refuses."))
                .orElse(what + ".");
    }

    private static void ofBlocking(RulePosition rule, List<Finding> findings) {
        if (rule.rule().action() != Action.DENY) {
            findings.add(new Finding(
                    Finding.Kind.BLOCKLIST_POLICY_NOT_DENY,
                    rule.toString(),
                    "Its action for sources on the blocklist is "
                            + rule.rule().action().label() + "."));
        } else if (!BlocklistPolicy.isGuarded(rule)) {
            findings.add(new Finding(
                    Finding.Kind.BLOCKLIST_POLICY_WITHOUT_GLOBAL_GUARD,
                    rule.toString(),
                    "Its source selector takes pods and network sets of namespaces as well."));
        }
    }

    private static void ofAllow(RulePosition allow, RulePosition blocking, boolean before, List<Finding> findings) {
        boolean toSources = allow.rule().source().namesAddresses();
        String what = "It comes " + (before ? "before " : "behind ") + blocking + ".";
        if (before) {
            findings.add(new Finding(
                    toSources ? Finding.Kind.ALLOWLIST_BEATS_BLOCKLIST : Finding.Kind.BLOCKLIST_POLICY_AFTER_ALLOW,
                    allow.toString(),
                    what));
        } else if (toSources) {
            findings.add(new Finding(Finding.Kind.BLOCKLIST_BEATS_ALLOWLIST, allow.toString(), what));
        }
    }
}

package io.denywatch.doctor;

import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.verdict.Chains;
import io.denywatch.policy.verdict.LogVerdict;
import io.denywatch.policy.verdict.NodeKinds;
import io.denywatch.policy.verdict.Readings;
import io.denywatch.policy.verdict.Steps;
import io.denywatch.policy.verdict.VerdictAnalysis;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Findings about the policies on a group of nodes that evaluate them in the same way.
 *
 * @param nodes their names; the findings name host endpoints of the first node
 * @param verdicts one for each {@code Log} rule
 * @param findings the worst first
 */
public record NodeFindings(List<String> nodes, List<LogVerdict> verdicts, List<Finding> findings) {
    /** Steps that the findings take for each rule and node, in addition to the analysis. */
    private static final int STEPS_PER_RULE = 10;

    /** Copies the lists. */
    public NodeFindings {
        nodes = List.copyOf(nodes);
        verdicts = List.copyOf(verdicts);
        findings = List.copyOf(findings);
    }

    /**
     * Analyses the policies on all nodes, once for each group of nodes that are alike. If the steps run out, one
     * finding says that the remaining nodes were not analysed.
     *
     * @param blocklistInUse whether sources are to be blocked, so that a policy must do it
     */
    public static List<NodeFindings> of(PolicyState state, List<String> nodes, boolean blocklistInUse) {
        return of(new Readings(state, new Steps(Steps.MAX)), nodes, blocklistInUse);
    }

    static List<NodeFindings> of(Readings readings, List<String> nodes, boolean blocklistInUse) {
        Steps steps = readings.steps();
        PolicyState state = readings.state();
        long rules = state.policies().stream()
                .mapToLong(
                        policy -> 1 + policy.ingress().size() + policy.egress().size())
                .sum();
        List<NodeFindings> all = new ArrayList<>();
        Set<String> unseen = new LinkedHashSet<>(nodes);
        try {
            for (List<String> alike : new NodeKinds(readings).alike(nodes)) {
                steps.begin(Steps.MAX);
                steps.take(rules * STEPS_PER_RULE);
                VerdictAnalysis analysis = VerdictAnalysis.of(readings, alike.getFirst());
                List<Finding> findings = PolicyFindings.of(analysis, readings, blocklistInUse);
                all.add(new NodeFindings(alike, analysis.verdicts(), findings));
                alike.forEach(unseen::remove);
            }
        } catch (Steps.Exhausted limit) {
            List<String> rest = List.copyOf(unseen);
            all.add(new NodeFindings(rest, VerdictAnalysis.notFinished(state), List.of(notSeen(rest))));
        }
        return all;
    }

    private static Finding notSeen(List<String> nodes) {
        return FindingKind.POLICIES_NOT_FINISHED.found(
                (nodes.size() == 1 ? "node " + nodes.getFirst() : nodes.size() + " nodes")
                        + ": The analysis was stopped before it got this far.");
    }

    /** Whether each node has an active policy that denies the sources on the blocklist. */
    public static boolean denyBlocklist(PolicyState state, List<String> nodes) {
        Readings readings = new Readings(state, new Steps(Long.MAX_VALUE));
        List<Policy> blocking = PolicyFindings.denying(readings);
        return new NodeKinds(readings)
                .alike(nodes).stream()
                        .map(alike -> new Chains(readings, alike.getFirst()))
                        .allMatch(chains -> blocking.stream()
                                .anyMatch(policy -> !chains.endpointsOf(policy).isEmpty()));
    }
}

package io.denywatch.doctor;

import io.denywatch.policy.CalicoVersions;
import io.denywatch.policy.Oddity;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyOddities;
import io.denywatch.policy.PolicyState;
import java.util.ArrayList;
import java.util.List;

/** What Felix makes of the objects of a cluster where that is not what they say. */
final class FelixFindings {
    private FelixFindings() {}

    static List<Finding> of(PolicyState state) {
        List<Finding> findings = new ArrayList<>();
        for (Policy policy : state.policies()) {
            add(
                    policy.title(),
                    PolicyOddities.of(policy),
                    state.versions(),
                    FindingKind.VALIDATION_WOULD_DROP_POLICY,
                    findings);
        }
        state.sets()
                .forEach(set ->
                        add(set.name(), set.oddities(), state.versions(), FindingKind.FELIX_IGNORES_OBJECT, findings));
        state.hostEndpoints()
                .forEach(endpoint -> add(
                        endpoint.name(),
                        endpoint.oddities(),
                        state.versions(),
                        FindingKind.FELIX_IGNORES_OBJECT,
                        findings));
        add("another object", state.others(), state.versions(), FindingKind.FELIX_IGNORES_OBJECT, findings);
        return findings;
    }

    private static void add(
            String subject,
            List<Oddity.Found> oddities,
            CalicoVersions running,
            FindingKind missing,
            List<Finding> findings) {
        oddities.stream()
                .filter(found -> found.oddity().holdsIn(running))
                .map(found -> kind(found.oddity(), missing).found(subject + ": " + what(found, running)))
                .forEach(findings::add);
    }

    private static String what(Oddity.Found found, CalicoVersions running) {
        Oddity oddity = found.oddity();
        String versions = oddity.versions().equals(CalicoVersions.ALL)
                ? "."
                : ", in Calico " + oddity.versions() + (running.equals(CalicoVersions.ALL) ? "." : ", as here.");
        return "It has " + found + ": " + oddity.effect().label() + versions;
    }

    private static FindingKind kind(Oddity oddity, FindingKind missing) {
        return switch (oddity.effect()) {
            case NOTHING_LOADS -> FindingKind.FELIX_CANNOT_READ_POLICIES;
            case FELIX_STOPS -> FindingKind.FELIX_STOPS;
            case MISSING -> missing;
            case ELSEWHERE -> FindingKind.TIER_IS_UNCERTAIN;
            case OTHER_MATCH, EVERY_ADDRESS -> FindingKind.FELIX_READS_IT_DIFFERENTLY;
            case IN_FORCE -> FindingKind.REFUSED_BY_CALICOCTL;
        };
    }
}

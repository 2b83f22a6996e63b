package io.denywatch.doctor;

import io.denywatch.doctor.PolicyFinding.Kind;
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

    static List<PolicyFinding> of(PolicyState state) {
        List<PolicyFinding> findings = new ArrayList<>();
        for (Policy policy : state.policies()) {
            add(
                    policy.title(),
                    PolicyOddities.of(policy),
                    state.versions(),
                    Kind.VALIDATION_WOULD_DROP_POLICY,
                    findings);
        }
        state.sets()
                .forEach(set -> add(set.name(), set.oddities(), state.versions(), Kind.FELIX_IGNORES_OBJECT, findings));
        state.hostEndpoints()
                .forEach(endpoint -> add(
                        endpoint.name(), endpoint.oddities(), state.versions(), Kind.FELIX_IGNORES_OBJECT, findings));
        add("another object", state.others(), state.versions(), Kind.FELIX_IGNORES_OBJECT, findings);
        return findings;
    }

    private static void add(
            String subject,
            List<Oddity.Found> oddities,
            CalicoVersions running,
            Kind missing,
            List<PolicyFinding> findings) {
        oddities.stream()
                .filter(found -> found.oddity().holdsIn(running))
                .map(found -> new PolicyFinding(kind(found.oddity(), missing), subject, what(found, running)))
                .forEach(findings::add);
    }

    private static String what(Oddity.Found found, CalicoVersions running) {
        Oddity oddity = found.oddity();
        String versions = oddity.versions().equals(CalicoVersions.ALL)
                ? "."
                : ", in Calico " + oddity.versions() + (running.equals(CalicoVersions.ALL) ? "." : ", as here.");
        return "It has " + found + ": " + oddity.effect().label() + versions;
    }

    private static Kind kind(Oddity oddity, Kind missing) {
        return switch (oddity.effect()) {
            case NOTHING_LOADS -> Kind.FELIX_CANNOT_READ_POLICIES;
            case FELIX_STOPS -> Kind.FELIX_STOPS;
            case MISSING -> missing;
            case ELSEWHERE -> Kind.TIER_IS_UNCERTAIN;
            case OTHER_MATCH, EVERY_ADDRESS -> Kind.FELIX_READS_IT_DIFFERENTLY;
            case IN_FORCE -> Kind.REFUSED_BY_CALICOCTL;
        };
    }
}

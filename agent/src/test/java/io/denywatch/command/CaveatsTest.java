package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.api.ApiJson;
import io.denywatch.api.FindingsDocument;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.survey.CalicoPolicies;
import io.denywatch.cluster.survey.ClusterSurvey;
import io.denywatch.cluster.survey.FelixSettings;
import io.denywatch.doctor.ClusterFindings;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.doctor.Finding;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Action;
import io.denywatch.policy.EntityMatch;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.NetworkSet;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Rule;
import io.denywatch.policy.Stage;
import io.denywatch.policy.verdict.LogVerdict;
import io.denywatch.policy.verdict.Verdict;
import io.denywatch.policy.verdict.VerdictAnalysis;
import io.denywatch.top.AgentDocuments;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a verdict depends on stands wherever the verdict is shown. */
class CaveatsTest {
    private static final long SEED = 20_261_130;
    private static final int ROUNDS = 500;
    private static final JsonMapper JSON = new JsonMapper();
    private static final CalicoApi.Origin ORIGIN = new CalicoApi.Origin(CalicoApi.GROUP_V3, "v3", true, "v3.31.7");
    private static final long AT_MILLIS = 1_795_996_800_000L; // 2026-11-30T00:00:00Z

    private static PolicyState random(Random random) {
        List<EntityMatch> sources = List.of(
                EntityMatch.ANY,
                EntityMatch.ANY.inNets(List.of(IpPrefix.parse("203.0.113.0/24"))),
                EntityMatch.ANY.selected("has(trusted)", "global()"));
        List<Policy> policies = new ArrayList<>();
        for (int i = random.nextInt(2); i >= 0; i--) {
            List<Rule> rules = new ArrayList<>(List.of(Rule.of(Action.LOG).from(sources.get(random.nextInt(2)))));
            if (random.nextBoolean()) {
                rules.add(Rule.of(Action.ALLOW).from(sources.get(random.nextInt(3))));
            }
            rules.add(Rule.of(Action.DENY));
            Stage stage = Stage.values()[random.nextInt(3)];
            String selector =
                    (random.nextInt(4) == 0 ? "role == 'x'" : "has(role)") + " && !has(projectcalico.org/namespace)";
            policies.add(Policy.ingress(stage, "p" + i, random.nextInt(3), selector, rules));
        }
        List<NetworkSet> sets = random.nextBoolean()
                ? List.of()
                : List.of(new NetworkSet("s", Map.of("trusted", ""), List.of(IpPrefix.parse("198.51.100.7"))));
        HostEndpoint endpoint =
                new HostEndpoint("h", "n1", "*", Map.of("role", "a"), List.of(), List.of(HostEndpoint.DEFAULT_ALLOW));
        FailsafePorts open = random.nextBoolean() ? FailsafePorts.DEFAULT : FailsafePorts.NONE;
        return new PolicyState(List.of(), policies, sets, List.of(endpoint)).keepingOpen(open, Map.of());
    }

    private static JsonNode document(Diagnosis diagnosis) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        ApiJson.write(diagnosis.document(), text);
        return JSON.readTree(text.toByteArray());
    }

    @Test
    void eachCaveatOfAVerdictStandsInTextAndDocumentsWithTheTimeOfTheCheck() {
        int shown = 0;
        for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
            PolicyState state = random(new Random(seed));
            ClusterSurvey survey = new ClusterSurvey(
                    "",
                    Optional.of(ORIGIN),
                    "",
                    Optional.of(new CalicoPolicies(ORIGIN, state, List.of(), FelixSettings.DEFAULT, Map.of())),
                    "",
                    List.of(),
                    List.of());
            ClusterFindings.Scope scope =
                    new ClusterFindings.Scope(Optional.of("n1"), false, "blocklist", List.of("calico-packet"));
            Diagnosis diagnosis = new Diagnosis(AT_MILLIS, ClusterFindings.of(survey, scope));
            boolean allDenied = diagnosis.findings().stream().map(Finding::id).anyMatch("logged-is-denied"::equals);
            String text = diagnosis.text();
            JsonNode document = document(diagnosis);
            String context = "seed " + seed + ": " + text;
            assertTrue(text.contains("checked at 2026-11-30T"), context);
            assertTrue(document.get("at").asString().startsWith("2026-11-30T"), context);
            for (LogVerdict verdict : VerdictAnalysis.of(state, "n1").verdicts()) {
                boolean denied = verdict.verdict() == Verdict.SURELY_DENIED;
                if (denied && !allDenied) {
                    continue; // then no verdict is shown of it
                }
                for (String caveat : verdict.caveats()) {
                    shown++;
                    assertTrue(text.contains("      but: " + caveat), context);
                    assertTrue(
                            document.get("findings")
                                    .valueStream()
                                    .flatMap(finding -> finding.get("caveats").valueStream())
                                    .anyMatch(one -> one.asString().startsWith(caveat)),
                            context);
                    assertTrue(
                            denied
                                    || AgentDocuments.findings(ApiJson.read(document, FindingsDocument.class)).stream()
                                            .anyMatch(finding -> finding.what().contains(caveat)),
                            context);
                }
            }
        }
        assertTrue(shown > ROUNDS, shown + " caveats");
    }
}

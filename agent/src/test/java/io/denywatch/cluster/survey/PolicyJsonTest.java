package io.denywatch.cluster.survey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.doctor.Finding;
import io.denywatch.doctor.FindingKind;
import io.denywatch.doctor.PolicyFindings;
import io.denywatch.policy.Action;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Rule;
import io.denywatch.policy.verdict.VerdictAnalysis;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class PolicyJsonTest {
    private static Rule rule(String json) {
        return PolicyJson.policy(new JsonMapper().readTree("{\"spec\":{\"ingress\":[" + json + "]}}"))
                .ingress()
                .getFirst();
    }

    @Test
    void theSameConditionIsTheSameTextInAnyOrder() {
        assertEquals(
                rule("{\"action\":\"Deny\",\"icmp\":{\"type\":8,\"code\":0}}"),
                rule("{\"icmp\":{\"code\":0,\"type\":8},\"action\":\"Deny\"}"));
        assertNotEquals(
                rule("{\"action\":\"Deny\",\"icmp\":{\"type\":8}}"),
                rule("{\"action\":\"Deny\",\"notICMP\":{\"type\":8}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"protocol\":\"tpc\"",
                "\"notProtocol\":256",
                "\"ipVersion\":5",
                "\"http\":{\"methods\":[\"GET\"]}",
                "\"weekdays\":[\"Monday\"]",
                "\"source\":{\"domains\":[\"example.org\"]}",
                "\"source\":{\"nets\":\"10.0.0.0/8\"}",
                "\"source\":{\"selector\":{\"a\":\"b\"}}",
                "\"destination\":{\"services\":{\"selector\":\"a\"}}",
                "\"source\":{\"serviceAccounts\":{\"uids\":[1]}}",
                "\"source\":{\"nets\":[\"10.0.0.0/8\",\"10.0.0.0/33\"]}",
                "\"source\":{\"notNets\":[\"host\"]}",
                "\"destination\":{\"ports\":[80,70000]}",
                "\"destination\":{\"notPorts\":[\"9:1\"]}"
            })
    void whatIsNotUnderstoodNeverMakesAMatchWider(String condition) {
        assertEquals(1, rule("{\"action\":\"Deny\"," + condition + "}").others().size());
    }

    /** Felix passes over a net that it cannot read: a list of such nets alone asks nothing. */
    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            "10.0.0.0/33"                ~ the rule applies to every address
            "host","10.0.0.0/33"         ~ the rule applies to every address
            "10.0.0.0/8","10.0.0.0/33"   ~ it does not apply to exactly what it states
            """)
    void anAllowWithoutAnyValidNetIsSaidToLetInEverybody(String nets, String said) {
        Policy policy = PolicyJson.policy(new JsonMapper()
                .readTree("{\"metadata\":{\"name\":\"friends\"},\"spec\":{\"selector\":\"all()\","
                        + "\"ingress\":[{\"action\":\"Allow\",\"source\":{\"nets\":[" + nets + "]}}]}}"));
        PolicyState state = new PolicyState(List.of(), List.of(policy), List.of(), List.of());

        List<String> found = PolicyFindings.of(VerdictAnalysis.of(state, "n"), false).stream()
                .filter(finding -> finding.kind() == FindingKind.FELIX_READS_IT_DIFFERENTLY)
                .map(Finding::what)
                .toList();

        assertEquals(1, found.size(), found::toString);
        assertTrue(found.getFirst().contains(said), found::toString);
    }

    @Test
    void anActionThatIsNotKnownMayLetIn() {
        Rule rule = rule("{\"action\":\"Wave\"}");

        assertEquals(Action.ALLOW, rule.action());
        assertEquals(List.of("action=\"Wave\""), rule.others());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"TCP\"", "\"tcp\"", "6", "\"6\""})
    void protocolsAreNamesOrNumbers(String protocol) {
        assertEquals(
                rule("{\"action\":\"Deny\",\"protocol\":\"TCP\"}"),
                rule("{\"action\":\"Deny\",\"protocol\":" + protocol + "}"));
    }
}

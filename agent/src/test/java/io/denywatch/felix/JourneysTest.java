package io.denywatch.felix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.felix.Journeys.Fates;
import io.denywatch.felix.Journeys.Log;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The second reader on what is known of Felix. In all cases a policy {@code log} of order 1 logs all that gets to it. */
class JourneysTest {
    private static final String LOG = policy("log", "1", "\"action\":\"Log\"");
    private static final String ENDPOINT = """
            {"metadata": {"name": "e", "labels": {"role": "x"}},
             "spec": {"node": "n1", "interfaceName": "*", "profiles": ["projectcalico-default-allow"]}}""";
    private static final Log FIRST = new Log(0, true, 0);

    private static String policy(String name, String order, String rules) {
        return policy(name, "\"order\":" + order, "{" + rules + "}", "");
    }

    private static String policy(String name, String spec, String rules, String more) {
        return "{\"metadata\":{\"name\":\"" + name + "\"},\"spec\":{" + spec
                + ",\"selector\":\"has(role)\",\"preDNAT\":true,\"applyOnForward\":true,\"ingress\":[" + rules + "]"
                + more
                + "}}";
    }

    private static Fates fates(Release release, List<String> policies, List<String> tiers) {
        Objects objects = new Objects(read(policies), read(tiers), read(List.of(ENDPOINT)), List.of());
        return Journeys.of(release, objects, "n1", 2_000, 1);
    }

    private static List<JsonNode> read(List<String> texts) {
        return new ArrayList<>(texts.stream().map(Objects.JSON::readTree).toList());
    }

    private static int fate(Release release, String... more) {
        List<String> policies = new ArrayList<>(List.of(LOG));
        policies.addAll(List.of(more));
        Fates fates = fates(release, policies, List.of());
        assertEquals("", fates.stuck());
        return fates.fates().getOrDefault(FIRST, 0);
    }

    @ParameterizedTest
    @EnumSource
    void aDenyThatFollowsDeniesAll(Release release) {
        assertEquals(Journeys.DENIED, fate(release, policy("deny", "2", "\"action\":\"Deny\"")));
        assertEquals(Journeys.ACCEPTED, fate(release, policy("deny", "2", "\"action\":\"Allow\"")));
        assertEquals(Journeys.ACCEPTED, fate(release));
    }

    /** libcalico-go/lib/validator/v1: one bad rule, and the policy is treated as missing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"protocol\":0",
                "\"protocol\":\"GRE\"",
                "\"protocol\":\"ANY\"",
                "\"protocol\":\"UDPLite\",\"destination\":{\"ports\":[80]}",
                "\"protocol\":\"TCP\",\"destination\":{\"ports\":[\"30000-32767\"]}",
                "\"protocol\":\"TCP\",\"destination\":{\"ports\":[\"a-name-that-is-too-long\"]}",
                "\"protocol\":\"TCP\",\"destination\":{\"ports\":[null]}",
                "\"destination\":{\"ports\":[80]}",
                "\"ipVersion\":5",
                "\"ipVersion\":0",
                "\"protocol\":\"ICMP\",\"icmp\":{\"type\":255}",
                "\"source\":{\"selector\":\"a =\"}",
                "\"source\":{\"namespaceSelector\":\"a =\"}"
            })
    void aBadRuleTakesItsPolicyAway(String rule) {
        for (Release release : Release.values()) {
            String deny = policy("deny", "\"order\":2", "{\"action\":\"Deny\"},{\"action\":\"Deny\"," + rule + "}", "");
            assertEquals(Journeys.ACCEPTED, fate(release, deny));
        }
    }

    /** Of what calicoctl refuses, Felix does all this. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                ",\"egress\":[{\"action\":\"Deny\"}]",
                ",\"applyOnForward\":false",
                ",\"types\":[\"Ingress\",\"Ingress\"]",
                ",\"types\":[\"Ingress\",\"Forward\"]",
                ",\"performanceHints\":[\"AssumeNeededOnEveryNode\"]"
            })
    void someOddPoliciesAreInForce(String more) {
        for (Release release : Release.values()) {
            String deny = policy("deny", "\"order\":2", "{\"action\":\"Deny\"}", more);
            assertEquals(Journeys.DENIED, fate(release, deny));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"protocol\":\"TCP\",\"destination\":{\"ports\":[\"32767:30000\"]}",
                "\"protocol\":\"TCP\",\"destination\":{\"ports\":[65536]}",
                "\"protocol\":6.5",
                "\"protocol\":true",
                "\"source\":{\"selector\":5}",
                "\"action\":\"Reject\"",
                "\"action\":\"Drop\"",
                "\"icmp\":{\"type\":8}",
                "\"protocol\":\"TCP\",\"notProtocol\":\"UDP\""
            })
    void someRulesLeaveFelixStuck(String rule) {
        for (Release release : Release.values()) {
            Fates fates = fates(
                    release,
                    List.of(LOG, policy("deny", "\"order\":2", "{\"action\":\"Deny\"," + rule + "}", "")),
                    List.of());
            assertFalse(fates.stuck().isEmpty(), rule);
        }
    }

    /** The tier is what spec.tier says, what the name says, or there is none. */
    @ParameterizedTest
    @CsvSource({
        "V3_28_5, first.deny, first, true",
        "V3_31_7, first.deny, first, false",
        "V3_31_7, first.deny, default, false",
        "V3_31_7, deny, first, true",
        "V3_32_1, first.deny, first, false",
        "V3_32_1, first.deny, default, true",
        "V3_32_1, deny, first, false",
        "V3_31_7, gone.deny, gone, true",
        "V3_32_1, deny, gone, true"
    })
    void tiersOrderPolicies(Release release, String name, String tier, boolean afterLog) {
        String deny = policy(name, "\"order\":2,\"tier\":\"" + tier + "\"", "{\"action\":\"Deny\"}", "");
        Fates fates = fates(
                release,
                List.of(LOG, deny),
                List.of(
                        "{\"metadata\":{\"name\":\"first\"},\"spec\":{\"order\":1}}",
                        "{\"metadata\":{\"name\":\"default\"},\"spec\":{\"order\":2}}"));
        assertEquals(afterLog ? Journeys.DENIED : 0, fates.fates().getOrDefault(FIRST, 0));
    }

    @ParameterizedTest
    @CsvSource({"V3_28_5, b-in, b, false", "V3_31_7, b-in, b, false", "V3_32_1, b-in, b, true"})
    void namesBreakTies(Release release, String log, String deny, boolean logIsFirst) {
        Fates fates = fates(
                release,
                List.of(policy(log, "1", "\"action\":\"Log\""), policy(deny, "1", "\"action\":\"Deny\"")),
                List.of());
        assertEquals(logIsFirst, fates.fates().containsKey(FIRST));
    }

    /** Only the text all() is replaced where there is a selector of namespaces. */
    @ParameterizedTest
    @EnumSource
    void allWithABlankSelectsHostEndpointsBesideANamespaceSelector(Release release) {
        String spec = "\"order\":2,\"namespaceSelector\":\"all()\"";
        String written = policy("deny", spec, "{\"action\":\"Deny\"}", "").replace("has(role)", "all()");
        assertEquals(Journeys.ACCEPTED, fate(release, written));
        String odd = "!has(pcns.x) || has(projectcalico.org/namespace) || all( )";
        String blank = policy("deny", "\"order\":2,\"serviceAccountSelector\":\"!has(x)\"", "{\"action\":\"Deny\"}", "")
                .replace("has(role)", odd);
        assertEquals(Journeys.DENIED, fate(release, blank));
    }

    @ParameterizedTest
    @EnumSource
    void aBadNetIsLeftOut(Release release) {
        String allow = policy("allow", "2", "\"action\":\"Allow\",\"source\":{\"nets\":[\"10.0.0.0/33\"]}");
        assertEquals(Journeys.ACCEPTED, fate(release, allow, policy("deny", "3", "\"action\":\"Deny\"")));
        assertTrue(Cidr.parse("::ffff:10.0.0.0/104").orElseThrow().ipVersion() == 4);
    }
}

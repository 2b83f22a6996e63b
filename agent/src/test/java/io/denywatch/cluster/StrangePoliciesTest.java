package io.denywatch.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.denywatch.cluster.survey.PolicyJson;
import io.denywatch.doctor.PolicyFindings;
import io.denywatch.policy.Action;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.verdict.LogVerdict;
import io.denywatch.policy.verdict.Verdict;
import io.denywatch.policy.verdict.VerdictAnalysis;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Objects as people, and later versions, may make them: whatever stands there, an agent goes on. */
class StrangePoliciesTest {
    private static final long SEED = 20_261_125;
    private static final int ROUNDS = 20_000;
    private static final JsonMapper JSON = new JsonMapper();

    private static final String LOG = """
            {"metadata": {"name": "log", "labels": {"a": "b"},
              "annotations": {"projectcalico.org/metadata": "{\\"name\\":\\"log\\",\\"labels\\":{\\"c\\":\\"d\\"}}"}},
             "spec": {"tier": "first", "order": 300, "selector": "has(role)", "namespaceSelector": "",
              "preDNAT": true, "applyOnForward": true, "types": ["Ingress"], "performanceHints": ["x"], "ingress": [
              {"action": "Log", "protocol": "TCP", "ipVersion": 4, "metadata": {"annotations": {"a": "b"}},
               "source": {"nets": ["10.0.0.0/8"], "notNets": ["10.1.0.0/16"], "selector": "a == 'b'",
                "notSelector": "c in {'d'}", "namespaceSelector": "global()",
                "serviceAccounts": {"names": ["x"], "selector": "y == 'z'"}},
               "destination": {"ports": [80, "100:200", "web"], "notPorts": [81], "nets": ["203.0.113.7/32"]}},
              {"action": "Allow", "protocol": 6, "http": {"methods": ["GET"]}, "source": {"services": {"name": "s",
                "namespace": "n"}}},
              {"action": "Deny", "notProtocol": "ICMP", "icmp": {"type": 8, "code": 0}},
              {"action": "Deny"}]}}""";
    private static final String TIER = """
            {"metadata": {"name": "first"}, "spec": {"order": 100, "defaultAction": "Pass"}}""";
    private static final String SET = """
            {"metadata": {"name": "set", "labels": {"a": "b"}}, "spec": {"nets": ["10.2.0.0/16", "2001:db8::/64"]}}""";
    private static final String ENDPOINT = """
            {"metadata": {"name": "n1-auto-hep", "labels": {"role": "x"}}, "spec": {"node": "n1", "interfaceName": "*",
             "expectedIPs": ["192.0.2.1"], "profiles": ["projectcalico-default-allow"]}}""";
    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "-1",
            "1e300",
            "-0.0",
            "70000",
            "99999999999999999999",
            "\"\"",
            "\"\\u0000\\n\"",
            "\"Log\"",
            "\"a == 'b' || !(\"",
            "\"10.0.0.0/99\"",
            "\"::ffff:10.0.0.0/104\"",
            "\"1:\"",
            "[]",
            "[null]",
            "[[1]]",
            "{}",
            "{\"selector\": {}}");

    @Test
    void areReadAndJudgedWhateverIsInThem() {
        for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
            Random random = new Random(seed);
            List<JsonNode> objects = new ArrayList<>();
            for (String text : List.of(LOG, TIER, SET, ENDPOINT)) {
                JsonNode object = JSON.readTree(text);
                for (int changes = random.nextInt(4); changes > 0; changes--) {
                    change(object, random);
                }
                objects.add(object);
            }
            try {
                PolicyState state = new PolicyState(
                        List.of(PolicyJson.tier(objects.get(1), new ArrayList<>())),
                        List.of(PolicyJson.policy(objects.get(0))),
                        List.of(PolicyJson.set(objects.get(2))),
                        List.of(PolicyJson.hostEndpoint(objects.get(3))));
                assertTrue(PolicyFindings.of(VerdictAnalysis.of(state, "n1"), true).stream()
                        .noneMatch(finding -> finding.what().endsWith(": ")));
            } catch (RuntimeException e) {
                fail("seed " + seed + ": " + objects, e);
            }
        }
    }

    /** A rule with more to it than before matches no more packets: a Deny that is changed so proves nothing new. */
    @Test
    void anythingThatIsAddedToADenyMakesItNoSurer() {
        String log = "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"selector\":\"has(role)\",\"preDNAT\":true,"
                + "\"applyOnForward\":true,\"types\":[\"Ingress\"],\"ingress\":[{\"action\":\"Log\"},{\"action\":\"Deny\"%s}]}}";
        PolicyState plain = state(JSON.readTree(log.formatted("")));
        assertTrue(verdict(plain) == Verdict.SURELY_DENIED);
        for (String side : List.of("source", "destination")) {
            for (String name : List.of("nets", "ports", "selector", "notSelector", "domains", "services", "anything")) {
                for (String value : VALUES) {
                    if (List.of("null", "[]", "{}", "\"\"").contains(value)) {
                        continue; // which is nothing for Calico, too
                    }
                    String rule = ",\"" + side + "\":{\"" + name + "\":" + value + "}";
                    assertTrue(verdict(state(JSON.readTree(log.formatted(rule)))) != Verdict.SURELY_DENIED, rule);
                }
            }
        }
    }

    private static PolicyState state(JsonNode policy) {
        Policy read = PolicyJson.policy(policy);
        assertTrue(read.ingress().getFirst().action() == Action.LOG);
        return new PolicyState(
                List.of(), List.of(read), List.of(), List.of(PolicyJson.hostEndpoint(JSON.readTree(ENDPOINT))));
    }

    private static Verdict verdict(PolicyState state) {
        List<LogVerdict> verdicts = VerdictAnalysis.of(state, "n1").verdicts();
        return verdicts.getFirst().verdict();
    }

    /** Replaces, removes or adds something somewhere. */
    private static void change(JsonNode object, Random random) {
        List<JsonNode> containers = new ArrayList<>();
        collect(object, containers);
        JsonNode into = containers.get(random.nextInt(containers.size()));
        JsonNode value = JSON.readTree(VALUES.get(random.nextInt(VALUES.size())));
        if (into instanceof ObjectNode fields) {
            List<String> names = new ArrayList<>(fields.propertyNames());
            names.add("unknown");
            String name = names.get(random.nextInt(names.size()));
            if (random.nextInt(4) == 0) {
                fields.remove(name);
            } else {
                fields.set(name, value);
            }
        } else if (into instanceof ArrayNode elements) {
            if (elements.isEmpty() || random.nextInt(3) == 0) {
                elements.add(value);
            } else {
                elements.set(random.nextInt(elements.size()), value);
            }
        }
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainer()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
        if (containers.isEmpty()) {
            containers.add(JsonNodeFactory.instance.objectNode());
        }
    }
}

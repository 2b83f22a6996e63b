package io.denywatch.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import io.denywatch.blocklist.Rails;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * What the admission policy lets an agent write. Its expressions are evaluated as Kubernetes does it, one after another, by
 * another implementation of their language.
 */
class AdmissionPolicyTest {
    private static final String AGENT = "system:serviceaccount:watch:dw-denywatch";
    private static final String NODE_CLAIM = "authentication.kubernetes.io/node-name";
    private static final Map<String, String> LABELS = Map.of("denywatch.io/blocklist", "true");

    private static final Cel CEL = CelFactory.plannerCelBuilder()
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addVar("request", SimpleType.DYN)
            .addVar("object", SimpleType.DYN)
            .addVar("oldObject", SimpleType.DYN)
            .addVar("variables", MapType.create(SimpleType.STRING, SimpleType.DYN))
            .build();

    /** A GlobalNetworkSet. */
    private record Written(
            String name, Map<String, String> labels, Map<String, String> annotations, List<String> nets) {
        static Written of(String name, String... nets) {
            return new Written(name, LABELS, Map.of("denywatch.io/entries", "v1"), List.of(nets));
        }

        Map<String, Object> object() {
            Map<String, Object> metadata = new HashMap<>(Map.of("name", name));
            // An API server leaves out what is empty.
            if (!labels.isEmpty()) {
                metadata.put("labels", labels);
            }
            if (!annotations.isEmpty()) {
                metadata.put("annotations", annotations);
            }
            return Map.of("metadata", metadata, "spec", nets.isEmpty() ? Map.of() : Map.of("nets", nets));
        }
    }

    private static JsonNode policy() {
        return Chart.render("blocklist: {mode: enforce}")
                .only("ValidatingAdmissionPolicy")
                .get("spec");
    }

    private static Object evaluate(JsonNode expression, Map<String, Object> variables) {
        String text = expression.get("expression").asString();
        try {
            return CEL.createProgram(CEL.compile(text).getAst()).eval(variables);
        } catch (CelValidationException | CelEvaluationException e) {
            throw new AssertionError(text, e);
        }
    }

    private static Map<String, Object> request(Written before, Written after, Map<String, Object> extra, String user) {
        Map<String, Object> userInfo = new HashMap<>(Map.of("username", user));
        if (!extra.isEmpty()) {
            userInfo.put("extra", extra);
        }
        Map<String, Object> all = new HashMap<>();
        all.put("request", Map.of("operation", before.name().isEmpty() ? "CREATE" : "UPDATE", "userInfo", userInfo));
        all.put("object", after.object());
        all.put("oldObject", before.object());
        return all;
    }

    /** The messages of what refuses the request; empty if it is let through. */
    private static List<String> refusals(Map<String, Object> request) {
        JsonNode policy = policy();
        Map<String, Object> variables = new HashMap<>();
        request.put("variables", variables);
        policy.get("variables")
                .forEach(variable -> variables.put(variable.get("name").asString(), evaluate(variable, request)));
        List<String> refusals = new ArrayList<>();
        for (JsonNode validation : policy.get("validations")) {
            if (!Boolean.TRUE.equals(evaluate(validation, request))) {
                refusals.add(validation.get("message").asString());
            }
        }
        return refusals;
    }

    private static List<String> created(String node, Written set) {
        return refusals(request(Written.of(""), set, Map.of(NODE_CLAIM, List.of(node)), AGENT));
    }

    private static List<String> updated(String node, Written before, Written after) {
        return refusals(request(before, after, Map.of(NODE_CLAIM, List.of(node)), AGENT));
    }

    @ParameterizedTest
    @CsvSource({
        "worker-1, denywatch-0-worker-1",
        "10.0.0.7, denywatch-2-10.0.0.7",
        "a.b.example.com, denywatch-1-a.b.example.com"
    })
    void anAgentWritesTheSetsOfItsNode(String node, String set) {
        Written some = Written.of(set, "203.0.113.9/32", "2001:db8:0:1::/64", "2001:db8::1/128");

        assertEquals(List.of(), created(node, some));
        assertEquals(List.of(), created(node, Written.of(set)));
        assertEquals(List.of(), updated(node, Written.of(set, "203.0.113.1/32"), some));
    }

    @ParameterizedTest
    @CsvSource({
        "worker-1, denywatch-0-worker-2",
        "worker-1, denywatch-0-worker-11",
        "1, denywatch-0-worker-1",
        "worker-1, denywatch-3-worker-1",
        "worker-1, denywatch-00-worker-1",
        "a.b, denywatch-0-axb",
        "worker-1, denywatch-manual",
        "worker-1, allowlist",
        "worker-1, worker-1",
    })
    void anAgentMakesNoOtherSetsAndAddsToNone(String node, String set) {
        Written added = Written.of(set, "203.0.113.9/32");

        assertFalse(created(node, added).isEmpty());
        assertFalse(updated(node, Written.of(set), added).isEmpty());
        assertFalse(updated(node, Written.of(set, "203.0.113.1/32", "203.0.113.2/32"), added)
                .isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"denywatch-0-worker-2", "denywatch-manual"})
    void anAgentTakesOutWhatIsOverOfTheSetsOfOthers(String set) {
        Written before = Written.of(set, "203.0.113.1/32", "203.0.113.2/32");

        assertEquals(List.of(), updated("worker-1", before, Written.of(set, "203.0.113.2/32")));
        assertEquals(List.of(), updated("worker-1", before, Written.of(set)));
    }

    @Test
    void anAgentTakesNothingOutOfSetsThatAreNotOfTheBlocklist() {
        assertFalse(updated("worker-1", Written.of("allowlist", "203.0.113.1/32"), Written.of("allowlist"))
                .isEmpty());
    }

    private static Written filled(int nets, String first) {
        List<String> all = new ArrayList<>(List.of(first));
        IntStream.range(1, nets).forEach(i -> all.add("203.0." + i / 256 + "." + i % 256 + "/32"));
        return new Written("denywatch-0-worker-2", LABELS, Map.of(), all);
    }

    /** An API server spends no more than so much on an expression: beyond it, bans could not be ended at all. */
    @Test
    void listsOfMoreThanHalfAMillionPairsAreHeldToTheirLengthAlone() {
        String other = "198.51.100.1/32";

        assertFalse(updated("worker-1", filled(707, "203.0.0.0/32"), filled(707, other))
                .isEmpty());
        assertEquals(List.of(), updated("worker-1", filled(708, "203.0.0.0/32"), filled(708, other)));
        assertEquals(List.of(), updated("worker-1", filled(2_000, "203.0.0.0/32"), filled(1_999, "203.0.0.0/32")));
        assertFalse(updated("worker-1", filled(1_999, "203.0.0.0/32"), filled(2_000, "203.0.0.0/32"))
                .isEmpty());
    }

    @Test
    void aTokenWithoutANodeWritesNothing() {
        Written own = Written.of("denywatch-0-worker-1");

        assertFalse(refusals(request(Written.of(""), own, Map.of(), AGENT)).isEmpty());
        assertFalse(refusals(request(Written.of(""), own, Map.of("other", List.of("worker-1")), AGENT))
                .isEmpty());
        assertFalse(created("", Written.of("denywatch-0-")).isEmpty());
    }

    /** A label could make a set one that a policy lets in. */
    @Test
    void anAgentGivesASetNoLabelsAndAnnotationsButItsOwn() {
        String set = "denywatch-0-worker-1";
        Map<String, String> foreign = Map.of("role", "allowed");
        Written plain = Written.of(set);

        assertFalse(created("worker-1", new Written(set, foreign, Map.of(), List.of()))
                .isEmpty());
        assertFalse(updated("worker-1", plain, new Written(set, foreign, Map.of(), List.of()))
                .isEmpty());
        assertFalse(created("worker-1", new Written(set, LABELS, Map.of("projectcalico.org/metadata", "{}"), List.of()))
                .isEmpty());
        assertEquals(
                List.of(),
                created("worker-1", new Written(set, Map.of("denywatch.io/node", "worker-1"), Map.of(), List.of())));
        Written labelled = new Written(set, foreign, foreign, List.of());
        assertEquals(List.of(), updated("worker-1", labelled, labelled));
        assertFalse(updated(
                        "worker-2",
                        Written.of(set),
                        new Written(set, Map.of("denywatch.io/node", "x"), Map.of(), List.of()))
                .isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0/0",
                "203.0.113.0/31",
                "203.0.113.9",
                "::/0",
                "2001:db8::/63",
                "2001:db8::/8",
                "::1/129",
                "x"
            })
    void anAgentBlocksNoMoreThanOneAddressAtATime(String net) {
        assertEquals(
                List.of("a net may be one IPv4 address or an IPv6 block of /64 or longer"),
                created("worker-1", Written.of("denywatch-0-worker-1", net)));
    }

    @Test
    void aSetOfAnAgentIsBounded() {
        List<String> tooMany =
                IntStream.range(0, 2_001).mapToObj(i -> "203.0.113.1/32").toList();

        assertEquals(
                List.of("a set may have 2000 nets"),
                created("worker-1", new Written("denywatch-0-worker-1", LABELS, Map.of(), tooMany)));
    }

    @Test
    void allSetsThatAnAgentCanFillAreItsOwn() {
        int shards = Math.ceilDiv(Rails.ENTRIES_MAX, 2_000);
        IntStream.range(0, shards)
                .forEach(shard ->
                        assertEquals(List.of(), created("worker-1", Written.of("denywatch-" + shard + "-worker-1"))));
    }

    @Test
    void othersAreOfNoConcern() {
        JsonNode condition = policy().at("/matchConditions/0");
        Written set = Written.of("allowlist");

        assertEquals(true, evaluate(condition, request(set, set, Map.of(), AGENT)));
        for (String other :
                List.of("admin", "system:serviceaccount:watch:dw-denywatch2", "system:serviceaccount:x:dw-denywatch")) {
            assertEquals(false, evaluate(condition, request(set, set, Map.of(), other)));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1.29.9  | blocklist: {mode: enforce}
            1.31.0  | blocklist: {mode: dry-run}
            1.31.0  | blocklist: {mode: enforce, admissionPolicy: {create: false}}
            """)
    void isNotThereWhereItCannotBeOrIsNotWanted(String kubernetes, String values) {
        Chart.Rendered rendered = Chart.render(Chart.DIRECTORY, kubernetes, values);

        assertEquals(List.of(), rendered.ofKind("ValidatingAdmissionPolicy"));
        assertEquals(List.of(), rendered.ofKind("ValidatingAdmissionPolicyBinding"));
    }

    @Test
    void isBoundWithTheActionsThatAreWanted() {
        Chart.Rendered rendered = Chart.render(
                Chart.DIRECTORY, "1.30.1+IKS", "blocklist: {mode: enforce, admissionPolicy: {actions: [Warn, Audit]}}");
        JsonNode binding = rendered.only("ValidatingAdmissionPolicyBinding").get("spec");

        assertEquals(rendered.only("ValidatingAdmissionPolicy").at("/metadata/name"), binding.get("policyName"));
        assertEquals(Chart.yaml("[Warn, Audit]"), binding.get("validationActions"));
    }
}

package io.denywatch.cluster;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.cluster.survey.PolicyJson;
import io.denywatch.doctor.FindingKind;
import io.denywatch.doctor.PolicyFindings;
import io.denywatch.policy.CalicoVersions;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.NetworkSet;
import io.denywatch.policy.Oddity;
import io.denywatch.policy.Oddity.Consequence;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyOddities;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Tier;
import io.denywatch.policy.verdict.Verdict;
import io.denywatch.policy.verdict.VerdictAnalysis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Each entry of the table of what Felix makes of odd objects, from JSON to verdicts and findings: one policy logs all, and an
 * odd one after it denies all.
 */
class FelixValidationTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> VERSIONS = List.of("v3.28.5", "v3.30.2", "v3.31.7", "v3.32.1", "");
    private static final String LOG = policy("log", "order: 1, ingress: [{action: Log}]");
    private static final String ENDPOINT = """
            {metadata: {name: eth0, labels: {role: edge}},
             spec: {node: n1, interfaceName: eth0, profiles: [projectcalico-default-allow]}}""";
    private static final String TIER = "{metadata: {name: first}, spec: {order: 10, defaultAction: Deny}}";

    /** What is odd, and in which object it is; the kind of the object says where it goes. */
    record Example(Oddity oddity, Kind kind, String object) {
        Example replaced(String some, String other) {
            return new Example(oddity, kind, object.replace(some, other));
        }

        Example as(Kind other) {
            return new Example(oddity, other, object);
        }

        @Override
        public String toString() {
            return oddity + " in " + object;
        }
    }

    enum Kind {
        POLICY,
        OTHER_POLICY,
        SET,
        NAMESPACED_SET,
        ENDPOINT,
        TIER
    }

    private static final Pattern WORD = Pattern.compile(
            "(?<![\\w\"'\\\\.:/-])(?!(?:null|true)\\b)([A-Za-z_*][\\w.*/-]*)(?![\\w\"'])(?=\\s*[:,\\]}])");

    /** Objects are written without quotes around names and words: it is what they hold that matters. */
    private static JsonNode json(String relaxed) {
        return JSON.readTree(WORD.matcher(relaxed).replaceAll("\"$1\""));
    }

    private static String policy(String name, String spec) {
        return "{metadata: {name: " + name + "}, spec: {preDNAT: true, applyOnForward: true, types: [Ingress], " + spec
                + "}}";
    }

    private static Example rule(Oddity oddity, String rule) {
        return spec(oddity, "order: 2, ingress: [{action: Deny}, {action: Deny, " + rule + "}]");
    }

    private static Example spec(Oddity oddity, String spec) {
        return new Example(oddity, Kind.POLICY, policy("deny", spec));
    }

    static List<Example> examples() {
        List<Example> examples = new ArrayList<>(undecodable());
        examples.addAll(stopping());
        examples.addAll(missing());
        examples.addAll(different());
        examples.addAll(inForce());
        examples.addAll(objects());
        return examples;
    }

    private static List<Example> undecodable() {
        List<Example> examples = new ArrayList<>();
        for (String port : List.of(
                "70000", "-1", "80.0", "8e1", "\"32767:30000\"", "\"1:70000\"", "\"a b\"", "\"\"", "true", "{}")) {
            examples.add(rule(Oddity.PORT_UNDECODABLE, "protocol: TCP, destination: {ports: [80, " + port + "]}"));
        }
        for (String protocol : List.of("256", "-1", "6.0", "true", "[]")) {
            examples.add(rule(Oddity.PROTOCOL_UNDECODABLE, "protocol: " + protocol));
            examples.add(rule(Oddity.PROTOCOL_UNDECODABLE, "notProtocol: " + protocol));
        }
        for (String wrong : List.of(
                "ipVersion: \"4\"",
                "ipVersion: 4.0",
                "ipVersion: 99999999999999999999",
                "action: 1",
                "source: [x]",
                "source: {nets: \"10.0.0.0/8\"}",
                "source: {nets: [10]}",
                "source: {selector: {a: b}}",
                "source: {selector: true}",
                "source: {serviceAccounts: {names: x}}",
                "destination: {services: {name: 1}}",
                "icmp: {type: \"8\"}",
                "http: {methods: GET}",
                "metadata: {annotations: {a: 1}}")) {
            examples.add(rule(Oddity.WRONG_TYPE, wrong));
        }
        for (String wrong : List.of(
                "order: \"2\"",
                "order: 1e400",
                "doNotTrack: \"true\"",
                "types: Ingress, order: 2",
                "egress: {}",
                "tier: 1",
                "performanceHints: x")) {
            examples.add(spec(Oddity.WRONG_TYPE, wrong + ", ingress: [{action: Deny}]"));
        }
        examples.add(spec(Oddity.WRONG_TYPE, "order: 2, ingress: [{action: Deny}, x]"));
        return examples;
    }

    private static List<Example> stopping() {
        return List.of(
                spec(Oddity.ACTION_UNKNOWN, "order: 2, ingress: [{action: Deny}, {action: Reject}]"),
                spec(Oddity.ACTION_UNKNOWN, "order: 2, ingress: [{action: Drop}]"),
                rule(Oddity.ICMP_WITHOUT_PROTOCOL, "icmp: {type: 8}"),
                rule(Oddity.ICMP_WITHOUT_PROTOCOL, "protocol: TCP, notICMP: {type: 8, code: 0}"),
                rule(Oddity.PROTOCOL_TWICE, "protocol: TCP, notProtocol: UDP"),
                rule(Oddity.SELECTOR_OF_BLANKS, "source: {selector: \"has(a)\", notSelector: \" \"}"));
    }

    private static List<Example> missing() {
        List<Example> examples = new ArrayList<>(
                List.of(
                        rule(Oddity.PROTOCOL_ZERO, "protocol: 0"),
                        rule(Oddity.PROTOCOL_ZERO, "notProtocol: \"000\""),
                        rule(Oddity.PROTOCOL_UNKNOWN, "protocol: GRE"),
                        rule(Oddity.PROTOCOL_UNKNOWN, "protocol: ANY"),
                        rule(Oddity.PROTOCOL_UNKNOWN, "protocol: \"256\""),
                        rule(Oddity.PROTOCOL_UNKNOWN, "protocol: \"\""),
                        rule(Oddity.PORTS_OF_OTHER_PROTOCOL, "protocol: UDPLite, destination: {ports: [80]}"),
                        rule(Oddity.PORTS_OF_OTHER_PROTOCOL, "protocol: ICMP, source: {notPorts: [web]}"),
                        rule(Oddity.PORTS_WITHOUT_PROTOCOL, "destination: {ports: [80]}"),
                        rule(Oddity.PORTS_WITHOUT_PROTOCOL, "notProtocol: ICMP, destination: {ports: [80, web]}"),
                        rule(Oddity.NAMED_PORTS_WITHOUT_PROTOCOL, "destination: {ports: [web]}"),
                        rule(Oddity.IP_VERSION, "ipVersion: 5"),
                        rule(Oddity.IP_VERSION, "ipVersion: 0"),
                        rule(Oddity.ICMP_RANGE, "protocol: ICMP, icmp: {type: 255}"),
                        rule(Oddity.ICMP_RANGE, "protocol: ICMP, notICMP: {type: 8, code: 256}"),
                        rule(Oddity.SELECTOR, "source: {selector: \"a = 'b'\"}"),
                        rule(Oddity.SELECTOR, "source: {notSelector: \"a ==\"}"),
                        rule(Oddity.SELECTOR, "source: {namespaceSelector: \"(\"}"),
                        rule(Oddity.SELECTOR, "source: {serviceAccounts: {selector: \"(\"}}"),
                        rule(Oddity.SELECTOR, "source: {selector: \" \", namespaceSelector: \"has(a)\"}"),
                        spec(Oddity.SELECTOR, "selector: \"a &\", ingress: [{action: Deny}]"),
                        spec(Oddity.PERFORMANCE_HINT, "performanceHints: [Fast], ingress: [{action: Deny}]"),
                        spec(
                                Oddity.PERFORMANCE_HINT,
                                "performanceHints: [AssumeNeededOnEveryNode, AssumeNeededOnEveryNode], ingress: [{action: Deny}]")));
        for (String port : List.of("0", "\"0:5\"", "null")) {
            examples.add(rule(Oddity.PORT_ZERO, "protocol: TCP, destination: {ports: [" + port + "]}"));
        }
        for (String name :
                List.of("\"30000-32767\"", "sixteen-letters-", "Web", "a--b", "\"web-\"", "\"a.b\"", "\"1:2:3a\"")) {
            Oddity oddity = name.contains(":") ? Oddity.PORT_UNDECODABLE : Oddity.PORT_NAME;
            examples.add(rule(oddity, "protocol: TCP, destination: {ports: [" + name + "]}"));
        }
        for (String metadata :
                List.of("x", "[]", "{\\\"labels\\\":{\\\"a\\\":1}}", "{\\\"creationTimestamp\\\":\\\"now\\\"}")) {
            examples.add(new Example(
                    Oddity.METADATA,
                    Kind.POLICY,
                    policy("deny", "order: 2, ingress: [{action: Deny}]")
                            .replace(
                                    "name: deny",
                                    "name: deny, annotations: {projectcalico.org/metadata: \"" + metadata + "\"}")));
        }
        return examples;
    }

    private static List<Example> different() {
        return List.of(
                rule(Oddity.NETS_ALL_UNREADABLE, "source: {nets: [\"10.0.0.0/33\"]}"),
                rule(Oddity.NET_UNREADABLE, "source: {notNets: [\"10.0.0.0/8\", host]}"),
                rule(Oddity.NETS_ALL_UNREADABLE, "destination: {nets: [null]}"),
                rule(Oddity.NETS_ALL_UNREADABLE, "destination: {nets: [\"010.0.0.1\"]}"),
                rule(Oddity.NOT_EVERYTHING, "source: {notNets: [\"0.0.0.0/0\"]}"),
                rule(Oddity.SERVICE_ACCOUNT_NAME, "source: {serviceAccounts: {names: [\"it's\"]}}"),
                spec(Oddity.NAMESPACE_SELECTOR, "namespaceSelector: \"(\", ingress: [{action: Deny}]"),
                spec(Oddity.NAMESPACE_SELECTOR, "serviceAccountSelector: \"a == 'all()'\", ingress: [{action: Deny}]"),
                spec(Oddity.TYPES, "ingress: [{action: Deny}]").replaced("[Ingress]", "[Ingress, Egres]"),
                spec(Oddity.ACTION_MISSING, "order: 2, ingress: [{action: Deny}, null]"),
                spec(Oddity.ACTION_MISSING, "order: 2, ingress: [{action: Deny}, {protocol: TCP}]"),
                spec(Oddity.UNKNOWN_FIELD, "weekdays: [Monday], ingress: [{action: Deny}]"),
                rule(Oddity.UNKNOWN_FIELD, "source: {domains: [x]}"),
                rule(Oddity.UNKNOWN_FIELD, "source: {Nets: [\"10.0.0.0/8\"]}"),
                new Example(
                        Oddity.TIER_OTHER_THAN_NAME,
                        Kind.POLICY,
                        policy("team.deny", "order: 2, ingress: [{action: Deny}]")),
                new Example(
                        Oddity.TIER_BEFORE_TIERS,
                        Kind.POLICY,
                        policy("first.deny", "tier: first, order: 2, ingress: [{action: Deny}]")));
    }

    private static List<Example> inForce() {
        return List.of(
                rule(Oddity.MIXED_NETS, "source: {nets: [\"10.0.0.0/8\", \"2001:db8::/32\"]}"),
                rule(Oddity.MIXED_NETS, "ipVersion: 6, source: {nets: [\"10.0.0.0/8\"]}"),
                spec(Oddity.PRE_DNAT_EGRESS, "egress: [{action: Deny}], ingress: [{action: Deny}]"),
                spec(Oddity.PRE_DNAT_EGRESS, "ingress: [{action: Deny}]").replaced("[Ingress]", "[Ingress, Egress]"),
                spec(Oddity.NOT_APPLIED_ON_FORWARD, "ingress: [{action: Deny}]").replaced("applyOnForward: true, ", ""),
                spec(
                        Oddity.SERVICES_OF_INGRESS,
                        "ingress: [{action: Deny}, {action: Deny, destination: {services: {name: x}}}]"),
                rule(Oddity.GLOBAL_ELSEWHERE, "source: {selector: \"global()\"}"),
                spec(Oddity.GLOBAL_ELSEWHERE, "namespaceSelector: \"global()\", ingress: [{action: Deny}]"));
    }

    private static List<Example> objects() {
        String set = "{metadata: {name: s, labels: {a: b}}, spec: {nets: %s}}";
        String namespaced = "{metadata: {name: s, namespace: shop}, spec: {nets: %s}}";
        return List.of(
                spec(Oddity.PRE_DNAT_UNTRACKED, "doNotTrack: true, ingress: [{action: Deny}]")
                        .as(Kind.OTHER_POLICY),
                new Example(Oddity.NET_PASSED_OVER, Kind.SET, set.formatted("[host]")),
                new Example(Oddity.NETWORK_SET_NET, Kind.NAMESPACED_SET, namespaced.formatted("[\"10.0.0.0/99\"]")),
                new Example(Oddity.WRONG_TYPE, Kind.SET, set.formatted("host")),
                new Example(Oddity.WRONG_TYPE, Kind.NAMESPACED_SET, namespaced.formatted("[1]")),
                new Example(Oddity.LABELS, Kind.SET, set.formatted("[]").replace("a: b", "a: \"b c\"")),
                new Example(Oddity.LABELS, Kind.ENDPOINT, ENDPOINT.replace("edge", "\"-\"")),
                new Example(
                        Oddity.NET_PASSED_OVER,
                        Kind.ENDPOINT,
                        ENDPOINT.replace("node:", "expectedIPs: [\"10.0.0.1/32\"], node:")),
                new Example(Oddity.HOST_ENDPOINT_NODE, Kind.ENDPOINT, ENDPOINT.replace("node: n1, ", "")),
                new Example(
                        Oddity.HOST_ENDPOINT,
                        Kind.ENDPOINT,
                        ENDPOINT.replace("interfaceName: eth0", "interfaceName: an-interface-of-20")),
                new Example(
                        Oddity.HOST_ENDPOINT,
                        Kind.ENDPOINT,
                        ENDPOINT.replace("[projectcalico-default-allow]", "[\"\"]")),
                new Example(
                        Oddity.HOST_ENDPOINT,
                        Kind.ENDPOINT,
                        ENDPOINT.replace("node:", "ports: [{name: web, port: 80, protocol: 6}], node:")),
                new Example(
                        Oddity.WRONG_TYPE,
                        Kind.ENDPOINT,
                        ENDPOINT.replace("node:", "ports: [{name: web, port: 70000, protocol: TCP}], node:")),
                new Example(Oddity.WRONG_TYPE, Kind.TIER, TIER.replace("10", "\"10\"")));
    }

    private static PolicyState state(Example example, String version) {
        JsonNode object = json(example.object);
        List<Policy> policies = new ArrayList<>(List.of(PolicyJson.policy(json(LOG))));
        List<NetworkSet> sets = new ArrayList<>();
        List<HostEndpoint> endpoints = new ArrayList<>();
        List<Oddity.Occurrence> others = new ArrayList<>();
        List<Tier> tiers = new ArrayList<>();
        switch (example.kind) {
            case POLICY, OTHER_POLICY -> policies.add(PolicyJson.policy(object));
            case SET -> sets.add(PolicyJson.set(object));
            case NAMESPACED_SET -> others.addAll(PolicyJson.set(object).oddities());
            case ENDPOINT -> endpoints.add(PolicyJson.hostEndpoint(object));
            case TIER -> tiers.add(PolicyJson.tier(object, others));
        }
        if (example.kind != Kind.POLICY) {
            policies.add(PolicyJson.policy(json(policy("deny", "order: 2, ingress: [{action: Deny}]"))));
        }
        if (endpoints.isEmpty()) {
            endpoints.add(PolicyJson.hostEndpoint(json(ENDPOINT)));
        }
        if (tiers.isEmpty()) {
            tiers.add(PolicyJson.tier(json(TIER), others));
        }
        PolicyState plain = new PolicyState(tiers, policies, sets, endpoints);
        return new PolicyState(
                tiers,
                policies,
                sets,
                endpoints,
                plain.failsafePorts(),
                plain.failsafePortsOf(),
                CalicoVersions.of(version),
                others);
    }

    private static Verdict verdict(Example example, String version) {
        return VerdictAnalysis.of(state(example, version), "n1")
                .verdicts()
                .getFirst()
                .verdict();
    }

    @Test
    void withoutOdditiesEverythingIsProven() {
        Example plain =
                spec(Oddity.UNKNOWN_FIELD, "order: 2, ingress: [{action: Deny}, {action: Allow, protocol: TCP}]");
        for (String version : VERSIONS) {
            assertEquals(Verdict.SURELY_DENIED, verdict(plain, version), version);
            assertEquals(List.of(), PolicyFindings.of(VerdictAnalysis.of(state(plain, version), "n1"), false));
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void isFoundAndProvesNothingInTheVersionsThatItIsOf(Example example) {
        for (String version : VERSIONS) {
            boolean matters = example.oddity.holdsIn(CalicoVersions.of(version));
            boolean ofAll =
                    Set.of(Consequence.NOTHING_LOADS, Consequence.FELIX_STOPS).contains(example.oddity.consequence());
            boolean unproven = matters
                    && (ofAll || (example.kind == Kind.POLICY && example.oddity.consequence() != Consequence.ENFORCED));
            assertEquals(
                    unproven ? Verdict.MAY_NOT_BE_DENIED : Verdict.SURELY_DENIED,
                    verdict(example, version),
                    "Calico " + version);
            String what = example.oddity.consequence().label();
            assertEquals(
                    matters,
                    PolicyFindings.of(VerdictAnalysis.of(state(example, version), "n1"), false).stream()
                            .filter(found -> found.kind() != FindingKind.LOG_MAY_NOT_BE_DENIED)
                            .anyMatch(found -> found.what().contains(what)),
                    "Calico " + version);
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            first.deny,   first, v3.31.7, SURELY_DENIED
            first.deny,   first, v3.32.1, SURELY_DENIED
            first.deny,   first, v3.28.5, MAY_NOT_BE_DENIED
            first.deny,   first, '',      MAY_NOT_BE_DENIED
            deny,         first, v3.29.0, MAY_NOT_BE_DENIED
            deny,         first, v3.31.7, MAY_NOT_BE_DENIED
            deny,         first, v3.32.0, SURELY_DENIED
            team.deny,    '',    v3.31.7, MAY_NOT_BE_DENIED
            team.deny,    '',    v3.28.5, SURELY_DENIED
            team.deny,    '',    v3.32.1, SURELY_DENIED
            default.deny, '',    v3.31.7, SURELY_DENIED
            ossg.deny,    '',    v3.31.7, SURELY_DENIED
            none.deny,    none,  v3.31.7, MAY_NOT_BE_DENIED
            """)
    void theTierIsThatOfTheNameInSomeVersions(String name, String tier, String version, Verdict verdict) {
        String spec = (tier.isEmpty() ? "" : "tier: " + tier + ", ") + "order: 2, ingress: [{action: Deny}]";
        Example example = new Example(Oddity.TIER_OTHER_THAN_NAME, Kind.POLICY, policy(name, spec));
        assertEquals(verdict, verdict(example, version));
    }

    /** Of the policy that logs, as its verdict says: only what is missing may log nothing. */
    @ParameterizedTest
    @MethodSource("examples")
    void saysWhatMayBecomeOfThePolicyThatLogs(Example example) {
        String logs = "ingress: [{action: Log}, ";
        if (example.kind != Kind.POLICY || !example.object.contains("ingress: [{action: Deny}, ")) {
            return;
        }
        Example logging = example.replaced("ingress: [{action: Deny}, ", logs);
        for (String version : VERSIONS) {
            CalicoVersions running = CalicoVersions.of(version);
            PolicyState state = state(logging, version);
            boolean missing = PolicyOddities.of(state.policies().getLast()).stream()
                    .map(Oddity.Occurrence::oddity)
                    .anyMatch(oddity -> oddity.consequence() == Consequence.MISSING && oddity.holdsIn(running));
            boolean said = VerdictAnalysis.of(state, "n1").verdicts().getLast().caveats().stream()
                    .anyMatch(caveat -> caveat.contains("missing"));
            assertEquals(missing, said, () -> logging + " " + version);
        }
    }

    /** Once the log's own policy may be in one tier or another, both are looked at. */
    @Test
    void aLogMayBeInEitherTier() {
        Policy allow =
                PolicyJson.policy(json(policy("first.allow", "tier: first, order: 1, ingress: [{action: Allow}]")));
        Policy log = PolicyJson.policy(json(policy("log", "tier: first, order: 0, ingress: [{action: Log}]")));
        Policy deny = PolicyJson.policy(json(policy("deny", "order: 2, ingress: [{action: Deny}]")));
        HostEndpoint endpoint = PolicyJson.hostEndpoint(json(ENDPOINT));
        Tier first = PolicyJson.tier(json(TIER), new ArrayList<>());
        PolicyState state = new PolicyState(List.of(first), List.of(allow, log, deny), List.of(), List.of(endpoint));
        Function<String, Verdict> verdict = version -> VerdictAnalysis.of(state.on(CalicoVersions.of(version)), "n1")
                .verdicts()
                .getFirst()
                .verdict();
        assertEquals(Verdict.SURELY_NOT_DENIED, verdict.apply("v3.32.1"));
        assertEquals(Verdict.SURELY_NOT_DENIED, verdict.apply("v3.31.7"));
        assertEquals(Verdict.MAY_NOT_BE_DENIED, verdict.apply("v3.28.5"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            all()                  ~ has(a)  ~ MAY_NOT_BE_DENIED
            all( )                 ~ has(a)  ~ MAY_NOT_BE_DENIED
            all( ) || has(b)       ~ all( )  ~ MAY_NOT_BE_DENIED
            all( )                 ~ global( ) ~ SURELY_DENIED
            !all()                 ~ global() ~ SURELY_DENIED
            !all( )                ~ global() ~ MAY_NOT_BE_DENIED
            role == 'edge'         ~ ''      ~ SURELY_DENIED
            role != 'all()'        ~ global() ~ SURELY_DENIED
            """)
    void onlyTheTextWithoutBlanksIsReplaced(String selector, String namespaces, Verdict verdict) {
        String spec = "selector: \"" + selector + "\", namespaceSelector: \"" + namespaces
                + "\", order: 2, ingress: [{action: Deny}]";
        Example example = new Example(Oddity.SELECTOR, Kind.POLICY, policy("deny", spec));
        Verdict found = verdict(example, "v3.31.7");
        assertEquals(verdict == Verdict.SURELY_DENIED, found == Verdict.SURELY_DENIED, found::toString);
    }

    /** A selector of endpoints in namespaces or of none: {@code all( )} stays all, though namespaces are asked for. */
    @Test
    void aPolicyThatSelectsEverythingByAccidentMayAllow() {
        Policy log = PolicyJson.policy(json(policy("log", "order: 1, ingress: [{action: Log}]")));
        Policy allow = PolicyJson.policy(
                json(
                        policy(
                                "allow",
                                "selector: \"all( ) || has(b)\", namespaceSelector: \"global()\", order: 2, ingress: [{action: Allow}]")));
        Policy deny = PolicyJson.policy(json(policy("deny", "order: 3, ingress: [{action: Deny}]")));
        PolicyState state = new PolicyState(
                List.of(), List.of(log, allow, deny), List.of(), List.of(PolicyJson.hostEndpoint(json(ENDPOINT))));
        assertEquals(
                Verdict.SURELY_NOT_DENIED,
                VerdictAnalysis.of(state, "n1").verdicts().getFirst().verdict());
    }

    @Test
    void eachEntryOfTheTableHasAnExample() {
        assertEquals(
                Set.of(Oddity.values()),
                examples().stream().map(Example::oddity).collect(toSet()));
    }

    @Test
    void theDocumentsShowTheTable() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "reference", "felix-validation.md"));
        for (FindingKind kind : List.of(
                FindingKind.FELIX_CANNOT_READ_POLICIES,
                FindingKind.FELIX_STOPS,
                FindingKind.VALIDATION_WOULD_DROP_POLICY,
                FindingKind.FELIX_IGNORES_OBJECT,
                FindingKind.FELIX_READS_IT_DIFFERENTLY,
                FindingKind.TIER_IS_UNCERTAIN,
                FindingKind.REFUSED_BY_CALICOCTL)) {
            String severity = kind.severity().name().toLowerCase(Locale.ROOT);
            assertTrue(page.contains("| `" + kind.id() + "` | " + severity + " |"), kind.id());
        }
        StringBuilder table = new StringBuilder();
        for (Consequence consequence : Consequence.values()) {
            table.append("\n## ")
                    .append(consequence.title())
                    .append("\n\n")
                    .append(consequence.sentences())
                    .append("\n\n");
            table.append("| an object has | Calico | source |\n|---|---|---|\n");
            Arrays.stream(Oddity.values())
                    .filter(oddity -> oddity.consequence() == consequence)
                    .forEach(oddity -> table.append("| ")
                            .append(oddity.what())
                            .append(" | ")
                            .append(oddity.versions())
                            .append(" | `")
                            .append(oddity.source().replace(", ", "`, `"))
                            .append("` |\n"));
        }
        assertEquals(table.toString(), page.substring(page.indexOf("\n## ")));
    }
}

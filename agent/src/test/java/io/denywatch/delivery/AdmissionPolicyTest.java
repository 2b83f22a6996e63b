package io.denywatch.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.BlocklistLimits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What the admission policy lets an agent write, and what not, whoever has its token. */
class AdmissionPolicyTest {
    private static final String OWN = "denywatch-0-worker-1";
    private static final String OTHER = "denywatch-0-worker-2";
    private static final String MANUAL = "denywatch-manual";
    private static final Map<String, String> LABELS = Map.of("denywatch.io/blocklist", "true");
    private static final String NO_WIDE_NETS = "a net may be one IPv4 address or an IPv6 block of /64 or longer";
    private static final String NOT_EXEMPT = "a net may not touch a range that is never blocked";

    private static final AdmissionPolicy POLICY = AdmissionPolicy.of("""
            blocklist: {mode: enforce}
            policies: {enabled: true, loadBalancers: ["203.0.113.200:80"], allow: [192.0.2.0/24]}
            networkPolicy: {apiServers: [198.51.100.10/32]}
            config:
              blocklist: {neverBlock: [198.51.100.128/25, "2001:db8:7::/48", "2001:db8:8::5/128"], mayBlock: [10.20.0.0/16]}
              loadBalancers: {static: [{address: 203.0.113.201}]}
            """);

    private static final AdmissionPolicy PUBLISHING = AdmissionPolicy.of("{discovery: {enabled: true, publish: true}}");

    @Test
    void anAgentThatPublishesMayWriteTheAddressesOfLoadBalancersAndNothingElse() {
        Map<String, String> labels = Map.of("denywatch.io/load-balancers", "true");
        for (String name : List.of("denywatch-load-balancers", "denywatch-load-balancers-4")) {
            Written empty = new Written(name, labels, Map.of(), List.of(), List.of(), List.of());
            Written some = empty.with("203.0.113.7/32", "2001:db8::7/128");
            assertEquals(List.of(), PUBLISHING.refusals("worker-1", Map.of(), empty.object()));
            assertEquals(List.of(), PUBLISHING.refusals("worker-1", Map.of(), some.object()));
            assertEquals(List.of(), PUBLISHING.refusals("worker-1", empty.object(), some.object()));
            assertEquals(List.of(), PUBLISHING.refusals("worker-1", some.object(), empty.object()));
            Written unlabelled = some.labelled(Map.of());
            assertEquals(List.of(), PUBLISHING.refusals("worker-1", unlabelled.object(), some.object()));
            for (Written wrong : List.of(
                    some.with("203.0.113.0/24"),
                    some.with("0.0.0.0/0"),
                    some.with("2001:db8::/64"),
                    some.with("203.0.113.7"),
                    some.labelled(Map.of("denywatch.io/blocklist", "true")),
                    some.labelled(Map.of("denywatch.io/load-balancers", "true", "denywatch.io/never-block", "true")),
                    some.labelled(Map.of("denywatch.io/load-balancers", "false")),
                    unlabelled,
                    some.annotated("projectcalico.org/metadata", "{}"),
                    some.ownedBy("Node", "worker-1"),
                    some.finalizedBy("example.com/keep"),
                    some.with(IntStream.range(0, 2_001)
                            .mapToObj(i -> "203.0." + i / 256 + "." + i % 256 + "/32")
                            .toArray(String[]::new)))) {
                assertFalse(
                        PUBLISHING
                                .refusals("worker-1", some.object(), wrong.object())
                                .isEmpty(),
                        wrong::toString);
                // Nothing is enforced here, and the agents of POLICY do not publish.
                assertFalse(created("worker-1", wrong).isEmpty(), wrong::toString);
            }
            assertFalse(created("worker-1", some).isEmpty());
        }
        for (String name : List.of(OWN, MANUAL, "denywatch-load-balancers-5", "denywatch-load-balancers-", "x")) {
            Written other = new Written(name, labels, Map.of(), List.of(), List.of(), List.of("203.0.113.7/32"));
            assertFalse(
                    PUBLISHING.refusals("worker-1", Map.of(), other.object()).isEmpty(), name);
        }
    }

    /** A GlobalNetworkSet. */
    private record Written(
            String name,
            Map<String, String> labels,
            Map<String, String> annotations,
            List<Map<String, Object>> owners,
            List<String> finalizers,
            List<String> nets) {
        static Written of(String name, String... nets) {
            String key = name.equals(MANUAL) ? "denywatch.io/manual" : "denywatch.io/entries";
            String text = Stream.concat(Stream.of("v1"), Stream.of(nets).map(net -> net + ",a,b"))
                    .collect(Collectors.joining(";"));
            return new Written(name, LABELS, Map.of(key, text), List.of(), List.of(), List.of(nets));
        }

        Written labelled(Map<String, String> others) {
            return new Written(name, others, annotations, owners, finalizers, nets);
        }

        Written annotated(String key, String text) {
            Map<String, String> all = new HashMap<>(annotations);
            all.put(key, text);
            return new Written(name, labels, all, owners, finalizers, nets);
        }

        Written with(String... others) {
            return new Written(name, labels, annotations, owners, finalizers, List.of(others));
        }

        Written ownedBy(String kind, String owner) {
            Map<String, Object> reference = Map.of("apiVersion", "v1", "kind", kind, "name", owner, "uid", "1");
            return new Written(name, labels, annotations, List.of(reference), finalizers, nets);
        }

        Written finalizedBy(String finalizer) {
            return new Written(name, labels, annotations, owners, List.of(finalizer), nets);
        }

        /** As an agent takes nets out: they are named at the end of the text. */
        Written without(String... taken) {
            List<String> out = List.of(taken);
            Map<String, String> all = new HashMap<>();
            annotations.forEach((key, text) -> all.put(
                    key,
                    Stream.of(text.split(";", -1))
                                    .filter(piece -> !piece.startsWith("-") && !out.contains(piece.split(",", -1)[0]))
                                    .collect(Collectors.joining(";"))
                            + ";-" + String.join(",", out)));
            List<String> left = nets.stream().filter(net -> !out.contains(net)).toList();
            return new Written(name, labels, all, owners, finalizers, left);
        }

        /** An API server leaves out what is empty. */
        Map<String, Object> object() {
            Map<String, Object> metadata = new HashMap<>(Map.of("name", name));
            putUnlessEmpty(metadata, "labels", labels, labels.isEmpty());
            putUnlessEmpty(metadata, "annotations", annotations, annotations.isEmpty());
            putUnlessEmpty(metadata, "ownerReferences", owners, owners.isEmpty());
            putUnlessEmpty(metadata, "finalizers", finalizers, finalizers.isEmpty());
            return Map.of("metadata", metadata, "spec", nets.isEmpty() ? Map.of() : Map.of("nets", nets));
        }

        private static void putUnlessEmpty(Map<String, Object> map, String key, Object value, boolean empty) {
            if (!empty) {
                map.put(key, value);
            }
        }
    }

    private static List<String> created(String node, Written set) {
        return POLICY.refusals(node, Map.of(), set.object());
    }

    private static List<String> updated(String node, Written before, Written after) {
        return POLICY.refusals(node, before.object(), after.object());
    }

    private static void assertRefused(Written before, Written after) {
        assertFalse(updated("worker-1", before, after).isEmpty(), () -> before + " to " + after);
    }

    @ParameterizedTest
    @CsvSource({
        "worker-1, denywatch-0-worker-1",
        "10.0.0.7, denywatch-2-10.0.0.7",
        "a.b.example.com, denywatch-1-a.b.example.com"
    })
    void anAgentWritesTheSetsOfItsNode(String node, String set) {
        Written some = Written.of(set, "203.0.113.9/32", "2001:db8:0:1::/64", "2001:db8::1/128", "10.20.3.4/32")
                .ownedBy("Node", node);

        assertEquals(List.of(), created(node, some));
        assertEquals(List.of(), created(node, Written.of(set)));
        assertEquals(List.of(), updated(node, Written.of(set, "203.0.113.1/32"), some));
        assertEquals(List.of(), updated(node, some, Written.of(set)));
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
    @ValueSource(strings = {OTHER, MANUAL})
    void anAgentTakesOutWhatIsOverOfTheSetsOfOthers(String set) {
        Written before = Written.of(set, "203.0.113.1/32", "203.0.113.2/32", "203.0.113.3/32");
        Written first = before.without("203.0.113.1/32");

        assertEquals(List.of(), updated("worker-1", before, first));
        assertEquals(List.of(), updated("worker-1", first, first.without("203.0.113.2/32", "203.0.113.3/32")));
        assertEquals(List.of(), updated("worker-1", before, before));
    }

    /** Names, entries and nets must tell the same story. */
    @ParameterizedTest
    @ValueSource(strings = {OTHER, MANUAL})
    void anAgentChangesNothingElseInTheSetsOfOthers(String set) {
        String key = set.equals(MANUAL) ? "denywatch.io/manual" : "denywatch.io/entries";
        Written before = Written.of(set, "203.0.113.1/32", "203.0.113.2/32").ownedBy("Node", "worker-2");
        Written after = before.without("203.0.113.1/32");

        assertEquals(List.of(), updated("worker-1", before, after));
        assertRefused(before, before.with("203.0.113.2/32")); // not named
        assertRefused(before, before.with());
        assertRefused(before, after.with("203.0.113.1/32", "203.0.113.2/32")); // the entry alone
        assertRefused(before, after.with("203.0.113.9/32"));
        assertRefused(before, after.with("203.0.113.2/32", "203.0.113.9/32"));
        assertRefused(before, after.annotated(key, "v1;203.0.113.1/32,a,b;203.0.113.2/32,a,b;-203.0.113.1/32"));
        assertRefused(before, after.annotated(key, "v1;203.0.113.2/32,a,c;-203.0.113.1/32")); // another deadline
        assertRefused(before, after.annotated(key, "v1;203.0.113.9/32,a,b;203.0.113.2/32,a,b;-203.0.113.1/32"));
        assertRefused(before, after.annotated(key, "v2;203.0.113.2/32,a,b;-203.0.113.1/32"));
        assertRefused(before, after.annotated(key, ""));
        assertRefused(before, before.annotated(key, "v1;203.0.113.1/32,a,c;203.0.113.2/32,a,b"));
        assertRefused(before, before.annotated("denywatch.io/allowed", "v1;0.0.0.0/0,zzzzzzzz"));
        assertRefused(before, before.annotated("denywatch.io/other", "x"));
        assertRefused(before.annotated("a", "b"), before);
        assertRefused(before.annotated("a", "b"), before.annotated("a", "c"));
        assertRefused(before, after.labelled(Map.of()));
        assertRefused(before, after.labelled(Map.of("denywatch.io/blocklist", "false")));
        assertRefused(before, after.labelled(Map.of("denywatch.io/blocklist", "true", "denywatch.io/node", "x")));
        assertRefused(before, after.ownedBy("Node", "gone"));
        assertRefused(Written.of(set), Written.of(set).ownedBy("ConfigMap", "gone"));
        assertRefused(before, after.finalizedBy("example.com/never"));
        assertRefused(before.finalizedBy("example.com/keep"), before);
        assertRefused(before.labelled(Map.of()), before.labelled(Map.of()).without("203.0.113.1/32"));
    }

    @Test
    void whatPeopleAllowIsNotForAgentsToChange() {
        Written before = Written.of(MANUAL, "203.0.113.1/32")
                .annotated("denywatch.io/allowed", "v1;192.0.2.0/24,x;198.51.100.0/24,y");

        for (String text : List.of(
                "v1;198.51.100.0/24,y",
                "v1;198.51.100.0/24,y;-192.0.2.0/24",
                "v1;192.0.2.0/24,x;198.51.100.0/24,y;203.0.113.0/24,z")) {
            assertRefused(before, before.annotated("denywatch.io/allowed", text));
        }
    }

    /** What has no entry, people put in by other means. */
    @Test
    void netsWithoutAnEntryInTheSetOfPeopleStay() {
        Written before = Written.of(MANUAL, "203.0.113.1/32").with("203.0.113.1/32", "203.0.113.0/28", "203.0.113.7");

        assertRefused(before, before.without("203.0.113.0/28"));
        assertRefused(before, before.without("203.0.113.1/32", "203.0.113.7"));
        assertEquals(List.of(), updated("worker-1", before, before.without("203.0.113.1/32")));
    }

    @Test
    void anAgentTakesNothingOutOfSetsThatAreNotOfTheBlocklist() {
        Written set = Written.of("allowlist", "203.0.113.1/32");

        assertRefused(set, set.without("203.0.113.1/32"));
        assertRefused(set, set.with());
    }

    private static Written filled(String name, int nets) {
        return Written.of(
                name,
                IntStream.range(0, nets)
                        .mapToObj(i -> "203.0." + i / 256 + "." + i % 256 + "/32")
                        .toArray(String[]::new));
    }

    /** An API server spends no more than so much on an expression: pairs of a long list would cost more. */
    @Test
    void theLargestSetIsComparedNetByNetAndLosesAHundredAtATime() {
        Written full = filled(OTHER, 2_000);
        String[] hundred = full.nets().subList(300, 400).toArray(String[]::new);
        String[] more = full.nets().subList(300, 401).toArray(String[]::new);

        assertEquals(List.of(), updated("worker-1", full, full.without(hundred)));
        assertRefused(full, full.without(more));
        List<String> exchanged = new ArrayList<>(full.without(hundred).nets());
        exchanged.set(1_899, "198.51.100.1/32");
        assertRefused(full, full.without(hundred).with(exchanged.toArray(String[]::new)));
    }

    @Test
    void aTokenWithoutANodeIsNobodys() {
        Map<String, Object> own = Written.of(OWN).object();

        for (Map<String, Object> extra : List.<Map<String, Object>>of(Map.of(), Map.of("other", List.of("worker-1")))) {
            assertFalse(POLICY.refusals(AdmissionPolicy.request(Map.of(), own, extra, AdmissionPolicy.AGENT))
                    .isEmpty());
        }
        assertFalse(created("", Written.of("denywatch-0-")).isEmpty());
    }

    /** A label could make a set one that a policy lets in; a finalizer could keep one for good. */
    @Test
    void anAgentGivesItsSetsNothingThatIsNotItsOwn() {
        Map<String, String> foreign = Map.of("role", "allowed");
        Written plain = Written.of(OWN);

        assertFalse(created("worker-1", plain.labelled(foreign)).isEmpty());
        assertRefused(plain, plain.labelled(foreign));
        assertFalse(created("worker-1", plain.annotated("projectcalico.org/metadata", "{}"))
                .isEmpty());
        assertEquals(List.of(), created("worker-1", plain.labelled(Map.of("denywatch.io/node", "worker-1"))));
        Written labelled = plain.labelled(foreign).annotated("role", "allowed").finalizedBy("example.com/keep");
        assertEquals(List.of(), updated("worker-1", labelled, labelled));
        assertRefused(plain, plain.finalizedBy("example.com/never"));
        assertFalse(created("worker-1", plain.finalizedBy("example.com/never")).isEmpty());
        assertRefused(plain, plain.ownedBy("Node", "worker-2"));
        assertRefused(plain, plain.ownedBy("Pod", "worker-1"));
    }

    /** Otherwise one compromised node could exempt a source on all nodes. */
    @Test
    void noAgentMakesASetThatExemptsSources() {
        Map<String, String> exempt = Map.of("denywatch.io/never-block", "true");
        Map<String, String> both = Map.of("denywatch.io/blocklist", "true", "denywatch.io/never-block", "true");

        for (Map<String, String> labels : List.of(exempt, both)) {
            for (String name : List.of(OWN, OTHER, MANUAL, "partners", "denywatch-partners")) {
                Written plain = Written.of(name, "203.0.113.1/32");
                assertFalse(created("worker-1", plain.labelled(labels)).isEmpty(), name);
                assertRefused(plain, plain.labelled(labels));
                assertRefused(plain, plain.without("203.0.113.1/32").labelled(labels));
            }
        }
        Written partners = Written.of("partners", "203.0.113.1/32").labelled(exempt);
        assertRefused(partners, partners.with("203.0.113.1/32", "203.0.113.2/32"));
        assertRefused(partners, partners.without("203.0.113.1/32"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0/0",
                "203.0.113.0/31",
                "203.0.113.9",
                "203.0.113/32",
                "1.2.3.4.5/32",
                "::/0",
                "::/64",
                "::ffff:cb00:7109/128",
                "::ffff:203.0.113.9/128",
                "0:0:0:0:0:ffff:cb00:7109/128",
                "2001:db8::/63",
                "2001:db8::/8",
                "::1/129",
                "x"
            })
    void anAgentBlocksNoMoreThanOneAddressAtATime(String net) {
        for (String kubernetes : List.of("1.30.0", "1.33.0")) {
            List<String> refusals = AdmissionPolicy.of(kubernetes, "blocklist: {mode: enforce}")
                    .refusals("worker-1", Map.of(), Written.of(OWN, net).object());

            assertTrue(refusals.contains(NO_WIDE_NETS), net + " " + refusals);
        }
    }

    private static List<String> withSubnets(String... nets) {
        return AdmissionPolicy.of("""
                        blocklist: {mode: enforce}
                        config:
                          blocklist:
                            rules: [{name: botnet, distinctSources: 20 within 10m}]
                            neverBlock: [198.51.100.128/25, 45.1.2.77/32, "2a00:8::5/128"]
                            mayBlock: [10.20.0.0/16]
                        """)
                .refusals("worker-1", Map.of(), Written.of(OWN, nets).object());
    }

    @Test
    void subnetsAreAcceptedOnlyWithARuleThatDetectsThem() {
        for (String net : List.of("45.1.3.0/24", "45.1.16.0/20", "2a00:7::/48", "2a00:7:0:100::/56", "45.1.3.9/32")) {
            assertEquals(List.of(), withSubnets(net), net);
        }
        assertEquals(List.of(), withSubnets("10.20.3.0/24"), "may be blocked although it is private");
        for (String net : List.of("45.1.0.0/19", "45.0.0.0/8", "0.0.0.0/0", "2a00:6::/47", "2a00::/16", "::/48")) {
            assertFalse(withSubnets(net).isEmpty(), net);
        }
        assertTrue(created("worker-1", Written.of(OWN, "45.1.3.0/24")).contains(NO_WIDE_NETS));
    }

    @Test
    void aSubnetThatTouchesAnExemptRangeIsRefusedAsAWhole() {
        for (String net : List.of(
                "45.1.2.0/24", "45.1.0.0/20", "198.51.100.0/24", "198.51.100.192/26", "10.21.3.0/24", "2a00:8::/48")) {
            assertTrue(withSubnets(net).contains(NOT_EXEMPT), net);
        }
    }

    @Test
    void aSetHasAtMostAHundredSubnets() {
        String[] nets = IntStream.range(0, BlocklistLimits.SUBNETS_MAX)
                .mapToObj(i -> "45." + i + ".0.0/24")
                .toArray(String[]::new);
        assertEquals(List.of(), withSubnets(nets));
        assertFalse(withSubnets(
                        Stream.concat(Stream.of(nets), Stream.of("46.0.0.0/24")).toArray(String[]::new))
                .isEmpty());
    }

    /** Nodes, the API server, load balancers, clients that a policy lets in: what would cut the cluster in pieces. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.7/32",
                "10.19.255.255/32",
                "10.21.0.0/32",
                "172.16.0.1/32",
                "192.168.1.1/32",
                "100.64.0.1/32",
                "127.0.0.1/32",
                "169.254.169.254/32",
                "0.0.0.0/32",
                "255.255.255.255/32",
                "198.51.100.10/32",
                "198.51.100.200/32",
                "203.0.113.200/32",
                "203.0.113.201/32",
                "192.0.2.77/32",
                "2001:db8:7:1::/64",
                "2001:db8:8::/64",
                "2001:db8:8::5/128",
                "fd00::1/128",
                "fe80::1/128",
                "ff02::1/128",
                "64:ff9b::a00:1/128",
                "2001:0:1::/64",
            })
    void anAgentBlocksNothingThatIsNeverBlocked(String net) {
        Written before = Written.of(OWN, "203.0.113.1/32");

        assertTrue(created("worker-1", Written.of(OWN, "203.0.113.1/32", net)).contains(NOT_EXEMPT), net);
        assertTrue(
                updated("worker-1", before, before.with("203.0.113.1/32", net)).contains(NOT_EXEMPT), net);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.20.0.0/32", "10.20.255.255/32", "11.0.0.0/32", "198.51.100.11/32", "198.51.100.127/32",
                "203.0.113.202/32", "192.0.3.0/32", "2001:db8:6:ffff::/64", "2001:db8:8:1::/64", "2001:db8:8::6/128",
            })
    void anAgentBlocksWhatIsNextToIt(String net) {
        assertEquals(List.of(), created("worker-1", Written.of(OWN, net)));
    }

    /** Of a set that holds such a net all the same, expired ones must still go. */
    @Test
    void exemptNetsOfOthersKeepNothingFromBeingTakenOut() {
        Written before = Written.of(OTHER, "10.0.0.7/32", "203.0.113.1/32");

        assertEquals(List.of(), updated("worker-1", before, before.without("203.0.113.1/32")));
        assertEquals(List.of(), updated("worker-1", before, before.without("10.0.0.7/32")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1.30.9 | blocklist: {mode: enforce}
            1.31.0 | blocklist: {mode: enforce, admissionPolicy: {exemptRanges: false}}
            """)
    void rangesAreNotCheckedWhereTheyCannotBeOrThatIsNotWanted(String kubernetes, String values) {
        Map<String, Object> set = Written.of(OWN, "10.0.0.7/32").object();

        assertEquals(List.of(), AdmissionPolicy.of(kubernetes, values).refusals("worker-1", Map.of(), set));
        assertEquals(
                List.of(NOT_EXEMPT),
                AdmissionPolicy.of("1.31.0", "blocklist: {mode: enforce}").refusals("worker-1", Map.of(), set));
    }

    /** Each expression compares 2,000 nets with what it names: more would cost more than an API server spends. */
    @Test
    void manyRangesAreSpreadOverExpressions() {
        String ranges = IntStream.range(0, 70)
                .mapToObj(i -> "\"203.0.113." + i + "/32\", \"2001:db8:" + i + "::/48\", \"2001:db9:" + i + "::1/128\"")
                .collect(Collectors.joining(", "));
        String values = "{blocklist: {mode: enforce}, config: {blocklist: {neverBlock: [" + ranges + "]}}}";
        AdmissionPolicy policy = AdmissionPolicy.of(values);

        for (JsonNode validation :
                Chart.render(values).only("ValidatingAdmissionPolicy").at("/spec/validations")) {
            String expression = validation.get("expression").asString();
            assertTrue(expression.split("/", -1).length <= 32, expression);
        }
        for (String net : List.of("203.0.113.69/32", "2001:db8:69::/64", "2001:db9:69::/64", "203.0.113.0/32")) {
            assertEquals(
                    List.of(NOT_EXEMPT),
                    policy.refusals("worker-1", Map.of(), Written.of(OWN, net).object()),
                    net);
        }
        assertEquals(
                List.of(),
                policy.refusals(
                        "worker-1",
                        Map.of(),
                        Written.of(OWN, "203.0.113.201/32").object()));
    }

    @Test
    void moreRangesThanAnApiServerComparesAreRefused() {
        String ranges = IntStream.range(0, 700)
                .mapToObj(i -> "45.0." + i / 256 + "." + i % 256)
                .collect(Collectors.joining(", "));

        IllegalStateException refused = assertThrows(
                IllegalStateException.class,
                () -> AdmissionPolicy.of(
                        "{blocklist: {mode: enforce}, config: {blocklist: {neverBlock: [" + ranges + "]}}}"));

        assertTrue(String.valueOf(refused.getMessage()).contains("exemptRanges: is not allowed"), refused::toString);
    }

    @Test
    void aSetOfAnAgentIsBounded() {
        assertEquals(List.of(), created("worker-1", filled(OWN, 2_000)));
        assertEquals(List.of("a set may have at most 2000 nets"), created("worker-1", filled(OWN, 2_001)));
    }

    @Test
    void allSetsThatAnAgentCanFillAreItsOwn() {
        int shards = Math.ceilDiv(BlocklistLimits.ENTRIES_MAX, 2_000);
        IntStream.range(0, shards)
                .forEach(shard ->
                        assertEquals(List.of(), created("worker-1", Written.of("denywatch-" + shard + "-worker-1"))));
    }

    @Test
    void othersAreOfNoConcern() {
        Map<String, Object> set = Written.of("allowlist").object();

        assertTrue(POLICY.matches(AdmissionPolicy.request(set, set, Map.of(), AdmissionPolicy.AGENT)));
        for (String other :
                List.of("admin", "system:serviceaccount:watch:dw-denywatch2", "system:serviceaccount:x:dw-denywatch")) {
            assertFalse(POLICY.matches(AdmissionPolicy.request(set, set, Map.of(), other)));
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

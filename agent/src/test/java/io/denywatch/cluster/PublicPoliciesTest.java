package io.denywatch.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.felix.Objects;
import io.denywatch.felix.Release;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.manifest.PolicyOptions;
import io.denywatch.policy.manifest.PolicySet;
import io.denywatch.policy.manifest.PolicyYaml;
import io.denywatch.policy.manifest.ProtectedAddress;
import io.denywatch.policy.verdict.LogVerdict;
import io.denywatch.policy.verdict.VerdictAnalysis;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What people published gets the verdicts that it deserves, in every Felix that may run. */
class PublicPoliciesTest {
    private static final int PACKETS = 2_000;

    static List<JsonNode> sets() throws IOException {
        YAMLMapper yaml = new YAMLMapper();
        try (InputStream in = PublicPoliciesTest.class.getResourceAsStream("/policies/public.yaml");
                var documents = yaml.readerFor(JsonNode.class).<JsonNode>readValues(in)) {
            return documents.readAll();
        }
    }

    static Stream<JsonNode> cases() throws IOException {
        return sets().stream().skip(1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void haveTheVerdictsThatAreWrittenBesideThem(JsonNode set) throws IOException {
        JsonNode library = sets().getFirst().get("library");
        List<List<JsonNode>> kinds = new ArrayList<>();
        for (String kind : List.of("policies", "tiers", "endpoints", "sets")) {
            List<JsonNode> objects = new ArrayList<>();
            Addresses.elements(set.path(kind))
                    .forEach(object -> objects.add(object.isString() ? library.get(object.asString()) : object));
            kinds.add(objects);
        }
        check(
                new Objects(kinds.get(0), kinds.get(1), kinds.get(2), kinds.get(3)),
                Addresses.elements(set.get("verdicts")).map(JsonNode::asString).toList());
    }

    @Test
    void thePoliciesThatAreMadeHereDenyAllTheyLog() throws IOException {
        JsonNode automatic = sets().getFirst().get("library").get("automatic");
        PolicySet made = PolicySet.of(PolicyOptions.of(
                List.of(ProtectedAddress.parse("203.0.113.7:80"), ProtectedAddress.parse("2001:db8::7")),
                List.of(IpPrefix.parse("198.51.100.0/24"))));
        List<JsonNode> policies = new ArrayList<>();
        try (var documents = new YAMLMapper().readerFor(JsonNode.class).<JsonNode>readValues(PolicyYaml.of(made))) {
            documents.readAll().stream()
                    .filter(object -> object.path("kind").asString("").equals("GlobalNetworkPolicy"))
                    .forEach(policies::add);
        }
        long logs = policies.stream()
                .flatMap(policy -> policy.findValuesAsString("action").stream())
                .filter("Log"::equals)
                .count();
        assertTrue(logs > 0);
        check(
                new Objects(policies, List.of(), List.of(automatic), List.of()),
                Collections.nCopies((int) logs, "denied"));
    }

    private static void check(Objects objects, List<String> expected) {
        Set<Release> all = EnumSet.allOf(Release.class);
        List<Set<Release>> known = new ArrayList<>(List.of(all));
        all.forEach(release -> known.add(EnumSet.of(release)));
        for (Set<Release> mayRun : known) {
            FelixWorld world = new FelixWorld(objects, mayRun, false, PACKETS, 1);
            VerdictAnalysis analysis = world.analysis();
            List<String> verdicts =
                    analysis.verdicts().stream().map(PublicPoliciesTest::word).toList();
            assertEquals(expected, verdicts, () -> mayRun + " " + analysis.verdicts());
            assertEquals(Optional.empty(), world.violation(analysis, world.fates()));
        }
    }

    private static String word(LogVerdict verdict) {
        return switch (verdict.verdict()) {
            case SURELY_DENIED -> "denied";
            case MAY_NOT_BE_DENIED, NOT_FINISHED -> "open";
            case SURELY_NOT_DENIED -> "allowed";
        };
    }
}

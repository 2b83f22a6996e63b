package io.denywatch.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.cluster.Permission;
import io.denywatch.cluster.Permission.Need;
import io.denywatch.delivery.Chart.Rendered;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What the agents' account may do: exactly what they do. */
class ChartPermissionsTest {
    private static final List<String> RBAC =
            List.of("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "ValidatingAdmissionPolicy");
    private static final String V3 = "projectcalico.org";
    private static final String V1 = "crd.projectcalico.org";

    static List<Path> cases() {
        return Chart.cases();
    }

    private static String rule(String group, String resource, String verb, String namespace, String name) {
        return verb + " " + group + "/" + resource + " namespace=" + namespace + " name=" + name;
    }

    /** What the code says that it needs, verb by verb. */
    private static Set<String> needed(Set<Need> needs, String calicoGroup) {
        Set<String> rules = new TreeSet<>();
        for (Permission permission : Permission.ALL) {
            String namespace = permission.isInOwnNamespace() ? "watch" : permission.namespace();
            boolean ofTiers = permission.resource().startsWith("tier.");
            if (needs.contains(permission.need()) && !(ofTiers && calicoGroup.equals(V1))) {
                String group = permission.apiGroup().equals(V3) ? calicoGroup : permission.apiGroup();
                permission
                        .verbs()
                        .forEach(verb ->
                                rules.add(rule(group, permission.resource(), verb, namespace, permission.name())));
            }
        }
        return rules;
    }

    /** What the chart grants, verb by verb. */
    private static Set<String> granted(Rendered rendered) {
        Set<String> rules = new TreeSet<>();
        for (JsonNode role : Stream.of("Role", "ClusterRole")
                .flatMap(kind -> rendered.ofKind(kind).stream())
                .toList()) {
            String namespace = role.at("/metadata/namespace").asString("");
            for (JsonNode rule : role.get("rules")) {
                List<String> names = rule.has("resourceNames")
                        ? rule.get("resourceNames")
                                .valueStream()
                                .map(JsonNode::asString)
                                .toList()
                        : List.of("");
                for (JsonNode group : rule.get("apiGroups")) {
                    for (JsonNode resource : rule.get("resources")) {
                        for (JsonNode verb : rule.get("verbs")) {
                            names.forEach(name -> rules.add(
                                    rule(group.asString(), resource.asString(), verb.asString(), namespace, name)));
                        }
                    }
                }
            }
        }
        return rules;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}
            {blocklist: {mode: off}}
            {blocklist: {mode: dry-run}}
            {kmsg: {enabled: true}}
            {policies: {enabled: true, denyNodePorts: true}}
            {podMonitor: {enabled: true}, prometheusRule: {enabled: true}, dashboards: {enabled: true}}
            """)
    void nothingIsGrantedWhereNothingIsAskedOfTheCluster(String values) {
        Rendered rendered = Chart.render(values);

        RBAC.forEach(kind -> assertEquals(List.of(), rendered.ofKind(kind), kind));
        assertFalse(rendered.hasToken());
        assertFalse(rendered.only("ServiceAccount")
                .get("automountServiceAccountToken")
                .asBoolean());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DISCOVERY | projectcalico.org     | {discovery: {enabled: true}}
            DRY_RUN   | projectcalico.org     | {discovery: {enabled: true}, blocklist: {mode: dry-run}}
            ENFORCE   | projectcalico.org     | {discovery: {enabled: true}, blocklist: {mode: enforce}}
            ENFORCE   | projectcalico.org     | {blocklist: {mode: enforce}}
            DRY_RUN   | crd.projectcalico.org | {discovery: {enabled: true}, blocklist: {mode: dry-run}, config: {blocklist: {api: crd.projectcalico.org/v1}}}
            ENFORCE   | crd.projectcalico.org | {blocklist: {mode: enforce}, config: {blocklist: {api: crd.projectcalico.org/v1}}}
            """)
    void eachFeatureGrantsWhatItNeedsAndNoMore(Need need, String calicoGroup, String values) {
        Rendered rendered = Chart.render(values);

        assertEquals(String.join("\n", needed(Need.upTo(need), calicoGroup)), String.join("\n", granted(rendered)));
        assertTrue(rendered.hasToken());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DISCOVERY | projectcalico.org     | {blocklist: {countBlocked: true}}
            DISCOVERY | projectcalico.org     | {blocklist: {countBlocked: true, liveExemptions: true}}
            DRY_RUN   | projectcalico.org     | {discovery: {enabled: true}, blocklist: {mode: dry-run, liveExemptions: true}}
            DRY_RUN   | projectcalico.org     | {blocklist: {mode: dry-run, liveExemptions: true}}
            ENFORCE   | projectcalico.org     | {blocklist: {mode: enforce, countBlocked: true}}
            ENFORCE   | crd.projectcalico.org | {blocklist: {mode: enforce, liveExemptions: true}, config: {blocklist: {api: crd.projectcalico.org/v1}}}
            """)
    void whoFollowsSetsMayReadAndWatchThem(Need mode, String calicoGroup, String values) {
        Set<Need> needs = Need.upTo(mode);
        needs.add(Need.FOLLOW_SETS);
        Rendered rendered = Chart.render(values);

        assertEquals(String.join("\n", needed(needs, calicoGroup)), String.join("\n", granted(rendered)));
        assertTrue(rendered.hasToken());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DISCOVERY | projectcalico.org     | {discovery: {enabled: true, publish: true}}
            DRY_RUN   | projectcalico.org     | {discovery: {enabled: true, publish: true}, blocklist: {mode: dry-run}}
            ENFORCE   | projectcalico.org     | {discovery: {enabled: true, publish: true}, blocklist: {mode: enforce}}
            DISCOVERY | crd.projectcalico.org | {discovery: {enabled: true, publish: true}, config: {blocklist: {api: crd.projectcalico.org/v1}}}
            """)
    void whoPublishesLoadBalancersMayWriteSetsAndTheLease(Need mode, String calicoGroup, String values) {
        Set<Need> needs = Need.upTo(mode);
        needs.add(Need.PUBLISH);
        Rendered rendered = Chart.render(values);

        assertEquals(String.join("\n", needed(needs, calicoGroup)), String.join("\n", granted(rendered)));
        assertEquals(1, rendered.ofKind("ValidatingAdmissionPolicy").size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DRY_RUN | {blocklist: {mode: dry-run}
            ENFORCE | {blocklist: {mode: enforce}
            """)
    void agentsThatAddUpMayElectOneAndFindTheOthers(Need mode, String values) {
        Set<Need> needs = Need.upTo(mode);
        needs.add(Need.ADD_UP);
        String rules = ", config: {blocklist: {rules: [{name: a, packets: 9 within 1m, scope: cluster}]}}";
        Rendered rendered = Chart.render(values + rules + ", networkPolicy: {enabled: true}}");

        assertEquals(String.join("\n", needed(needs, V3)), String.join("\n", granted(rendered)));
        assertTrue(rendered.hasToken());
        JsonNode toOthers = rendered.only("NetworkPolicy").at("/spec/egress/1");
        assertEquals(
                rendered.only("NetworkPolicy").at("/spec/podSelector/matchLabels"),
                toOthers.at("/to/0/podSelector/matchLabels"));
        assertEquals(
                Set.of(),
                granted(Chart.render("{blocklist: {mode: off}" + rules + "}")),
                "nothing is added up while the blocklist is off");
    }

    @Test
    void liveExemptionsAloneAskNothingOfTheClusterWhileTheBlocklistIsOff() {
        Rendered rendered = Chart.render("{blocklist: {liveExemptions: true}}");

        assertEquals(Set.of(), granted(rendered));
        assertFalse(rendered.hasToken());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void eachRoleIsBoundToTheAgentsAccountAndNoBindingToAnythingElse(Path values) {
        Rendered rendered = Chart.render(values);
        JsonNode account = rendered.only("ServiceAccount").at("/metadata/name");
        for (String kind : List.of("Role", "ClusterRole")) {
            Set<String> roles = new TreeSet<>();
            rendered.ofKind(kind)
                    .forEach(role -> roles.add(role.at("/metadata/name").asString()));
            Set<String> bound = new TreeSet<>();
            for (JsonNode binding : rendered.ofKind(kind + "Binding")) {
                assertTrue(binding.at("/roleRef/kind").asString().equals(kind)
                        || binding.at("/roleRef/name").asString().startsWith("system:openshift:scc:"));
                assertEquals(1, binding.get("subjects").size());
                assertEquals(account, binding.at("/subjects/0/name"));
                assertEquals("watch", binding.at("/subjects/0/namespace").asString());
                String role = binding.at("/roleRef/name").asString();
                if (!role.startsWith("system:openshift:scc:")) { // is OpenShift's own
                    bound.add(role);
                }
            }
            assertEquals(roles, bound);
        }
    }

    @Test
    void openShiftsConstraintIsForTheNamespaceAlone() {
        JsonNode binding = Chart.render("{openshift: {enabled: true}, namespaceOverride: elsewhere}")
                .only("RoleBinding");

        assertEquals(
                "system:openshift:scc:privileged", binding.at("/roleRef/name").asString());
        assertEquals("ClusterRole", binding.at("/roleRef/kind").asString());
        assertEquals("elsewhere", binding.at("/metadata/namespace").asString());
        assertEquals("elsewhere", binding.at("/subjects/0/namespace").asString());
    }

    @Test
    void grantsNothingWhereRolesAreMadeByOthers() {
        Rendered rendered =
                Chart.render("{discovery: {enabled: true}, blocklist: {mode: enforce}, rbac: {create: false}}");

        assertEquals(Set.of(), granted(rendered));
        assertTrue(rendered.hasToken());
    }
}

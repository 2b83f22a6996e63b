package io.denywatch.cluster.survey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.StoreException;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.CalicoCluster;
import io.denywatch.cluster.CalicoCluster.Api;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterException;
import io.denywatch.doctor.FindingKind;
import io.denywatch.doctor.PolicyFindings;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Policy;
import io.denywatch.policy.manifest.PolicyOptions;
import io.denywatch.policy.manifest.PolicySet;
import io.denywatch.policy.manifest.PolicyYaml;
import io.denywatch.policy.manifest.ProtectedAddress;
import io.denywatch.policy.verdict.Verdict;
import io.denywatch.policy.verdict.VerdictAnalysis;
import io.denywatch.testing.RealApiServer;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

class PolicyReaderTest {
    private static final String ENDPOINT = """
            apiVersion: %s
            kind: HostEndpoint
            metadata: {name: worker-1-auto-hep, labels: {kubernetes.io/hostname: worker-1}}
            spec:
              node: worker-1
              interfaceName: "*"
              expectedIPs: [192.0.2.11]
              profiles: [projectcalico-default-allow]
            """;

    private static CalicoCluster cluster(Api api) {
        return new CalicoCluster(api).inform(api, false).withPolicies(api);
    }

    private static CalicoPolicies read(Path kubeconfig) throws ClusterException, StoreException {
        try (ClusterConnection connection = ClusterConnection.open(
                Optional.of(kubeconfig), Optional.empty(), "test", System::nanoTime, Duration.ofMinutes(2))) {
            return new PolicyReader(connection)
                    .read(new CalicoApi(connection, false).origin().orElseThrow());
        }
    }

    private static CalicoPolicies read(CalicoCluster cluster) throws ClusterException, StoreException {
        return read(cluster.server.adminKubeconfig());
    }

    private static void load(RealApiServer server, Api api, String yaml) {
        server.load(yaml.replace("projectcalico.org/v3", api.group + "/" + api.version));
    }

    @ParameterizedTest
    @EnumSource
    void thePrintedPoliciesAreReadBackAndProvenAlsoWhereNothingMayBeWritten(Api api)
            throws ClusterException, StoreException {
        CalicoCluster cluster = cluster(api);
        PolicySet set = PolicySet.of(PolicyOptions.of(
                List.of(ProtectedAddress.parse("203.0.113.7:80"), ProtectedAddress.parse("2001:db8::7")),
                List.of(IpPrefix.parse("198.51.100.0/24"))));
        load(cluster.server, api, PolicyYaml.of(set));
        load(cluster.server, api, ENDPOINT.formatted("projectcalico.org/v3"));

        CalicoPolicies read = read(cluster);

        assertEquals(new CalicoApi.Origin(api.group, api.version, false, CalicoCluster.VERSION), read.source());
        assertEquals(
                set.policies(),
                read.state().policies().stream()
                        .sorted(Comparator.comparingDouble(Policy::order))
                        .toList());
        assertEquals(
                List.of(new HostEndpoint(
                        "worker-1-auto-hep",
                        "worker-1",
                        "*",
                        Map.of("kubernetes.io/hostname", "worker-1"),
                        List.of(IpPrefix.parse("192.0.2.11")),
                        List.of(HostEndpoint.DEFAULT_ALLOW))),
                read.state().hostEndpoints());
        VerdictAnalysis analysis = VerdictAnalysis.of(read.state(), "worker-1");
        assertTrue(
                !analysis.verdicts().isEmpty()
                        && analysis.verdicts().stream().allMatch(log -> log.verdict() == Verdict.SURELY_DENIED),
                analysis::toString);
        assertTrue(PolicyFindings.of(analysis, true).stream()
                .noneMatch(found -> FindingKind.WITHHOLDING_BLOCKING.contains(found.id())));
    }

    @Test
    void theTutorialsOwnLogRuleIsFoundToLogWhomItLetsIn() throws ClusterException, StoreException {
        CalicoCluster cluster = cluster(Api.V3);
        load(cluster.server, Api.V3, ENDPOINT.formatted("projectcalico.org/v3"));
        load(cluster.server, Api.V3, policy("log", 300, "Log") + "---\n" + policy("allowlist", 500, "Allow"));

        VerdictAnalysis analysis = VerdictAnalysis.of(read(cluster).state(), "worker-1");

        assertEquals(
                List.of(Verdict.SURELY_NOT_DENIED),
                analysis.verdicts().stream().map(log -> log.verdict()).toList());
    }

    /** Of a namespace, and without a Log rule: its rules are not analysed. */
    @Test
    void onePortThatCannotBeDecodedAnywhereLeavesNothingProven() throws ClusterException, StoreException {
        CalicoCluster cluster = cluster(Api.V1).withNetworkPolicies(Api.V1);
        load(cluster.server, Api.V1, ENDPOINT.formatted("projectcalico.org/v3"));
        load(cluster.server, Api.V1, policy("log", 300, "Log") + "---\n" + policy("blocklist", 500, "Deny"));
        assertEquals(
                List.of(Verdict.SURELY_DENIED),
                VerdictAnalysis.of(read(cluster).state(), "worker-1").verdicts().stream()
                        .map(log -> log.verdict())
                        .toList());

        load(cluster.server, Api.V1, """
                apiVersion: projectcalico.org/v3
                kind: NetworkPolicy
                metadata: {name: shop, namespace: default}
                spec: {ingress: [{action: Allow, protocol: TCP, destination: {ports: ["32767:30000"]}}]}
                """);

        VerdictAnalysis analysis = VerdictAnalysis.of(read(cluster).state(), "worker-1");
        assertEquals(
                List.of("Felix may not do what the policies say: NetworkPolicy default/shop"
                        + " spec.ingress[0].destination.ports[0]: \"32767:30000\"."),
                analysis.verdicts().stream().map(log -> log.why()).toList());
        assertTrue(PolicyFindings.of(analysis, false).stream()
                .anyMatch(found -> found.kind() == FindingKind.FELIX_CANNOT_READ_POLICIES));
    }

    private static String policy(String name, int order, String action) {
        return """
                apiVersion: projectcalico.org/v3
                kind: GlobalNetworkPolicy
                metadata: {name: %s}
                spec:
                  order: %d
                  selector: has(kubernetes.io/hostname)
                  applyOnForward: true
                  preDNAT: true
                  types: [Ingress]
                  ingress:
                  - action: %s
                    protocol: TCP
                    source: {nets: [198.51.100.9/24]}
                    destination: {nets: [203.0.113.7/32], ports: [80, "90:99"]}
                """.formatted(name, order, action);
    }

    @Test
    void behindTheSupportedGroupNameAndLabelsAreInAnAnnotation() throws ClusterException, StoreException {
        CalicoCluster cluster = cluster(Api.V1);
        load(cluster.server, Api.V1, """
                apiVersion: projectcalico.org/v3
                kind: HostEndpoint
                metadata:
                  name: worker-1-eth1
                  annotations:
                    projectcalico.org/metadata: '{"labels":{"ibm.role":"worker_public"},"creationTimestamp":null}'
                spec: {node: worker-1, interfaceName: eth1}
                ---
                apiVersion: projectcalico.org/v3
                kind: GlobalNetworkPolicy
                metadata:
                  name: default.deny-lb
                  annotations:
                    projectcalico.org/metadata: '{"name":"deny-lb"}'
                spec: {selector: "ibm.role == 'worker_public'"}
                ---
                apiVersion: projectcalico.org/v3
                kind: GlobalNetworkPolicy
                metadata: {name: default.old}
                spec: {}
                """);

        CalicoPolicies read = read(cluster);

        assertEquals(
                Map.of("ibm.role", "worker_public"),
                read.state().hostEndpoints().getFirst().labels());
        assertEquals(
                List.of("deny-lb", "default.old"),
                read.state().policies().stream().map(Policy::name).toList());
        assertEquals(
                Double.POSITIVE_INFINITY, read.state().policies().getFirst().order());
    }

    @Test
    void aNodesOwnSettingsWinOverThoseOfAll() throws ClusterException, StoreException {
        CalicoCluster cluster = cluster(Api.V3);
        assertEquals(FelixSettings.DEFAULT, read(cluster).dataPlane());
        load(cluster.server, Api.V3, """
                apiVersion: projectcalico.org/v3
                kind: FelixConfiguration
                metadata: {name: default}
                spec: {logPrefix: "denied %p", logActionRateLimit: 10/second}
                ---
                apiVersion: projectcalico.org/v3
                kind: FelixConfiguration
                metadata: {name: node.worker-2}
                spec: {bpfEnabled: true}
                """);

        CalicoPolicies read = read(cluster);

        assertEquals(new FelixSettings(false, "Auto", "denied %p", "10/second", ""), read.dataPlaneOf("worker-1"));
        assertEquals(new FelixSettings(true, "Auto", "denied %p", "10/second", ""), read.dataPlaneOf("worker-2"));
        assertEquals("denied ", read.dataPlane().literalPrefix());
    }

    /** Of releases whose definitions keep the field; those of the real server drop it. */
    @Test
    void thePrefixOfResponsesIsReadAndInherited() {
        JsonMapper json = new JsonMapper();
        FelixSettings all = FelixSettings.DEFAULT.with(
                json.readTree("{\"spec\":{\"logConnectionTransitionsPrefix\":\"answers\"}}"));
        assertEquals("answers", all.responsePrefix());
        assertEquals(
                "answers",
                all.with(json.readTree("{\"spec\":{\"bpfEnabled\":true}}")).responsePrefix());
        assertEquals(
                "mine",
                all.with(json.readTree("{\"spec\":{\"logConnectionTransitionsPrefix\":\"mine\"}}"))
                        .responsePrefix());
    }

    @Test
    void allPagesAreRead() throws ClusterException, StoreException {
        CalicoCluster cluster = cluster(Api.V1);
        for (int i = 0; i < 501; i++) {
            load(cluster.server, Api.V1, """
                    apiVersion: projectcalico.org/v3
                    kind: GlobalNetworkSet
                    metadata: {name: set-%d}
                    spec: {nets: [198.51.100.9/24]}
                    """.formatted(i));
        }

        CalicoPolicies read = read(cluster);

        assertEquals(501, new HashSet<>(read.state().sets()).size());
        assertEquals(
                List.of(IpPrefix.parse("198.51.100.0/24")),
                read.state().sets().getFirst().nets());
    }

    @Test
    void whoMayNotReadPoliciesIsTold() {
        CalicoCluster cluster = cluster(Api.V3);
        RealApiServer.Account account = cluster.server.newAccount();
        cluster.server.grant(
                account,
                new PolicyRuleBuilder()
                        .withApiGroups(Api.V3.group)
                        .withResources("clusterinformations")
                        .withVerbs("get")
                        .build());

        ClusterException e = assertThrows(ClusterException.class, () -> read(cluster.server.kubeconfig(account)));

        assertEquals(403, e.status());
        assertTrue(String.valueOf(e.getMessage()).contains("globalnetworkpolicies"), e.getMessage());
    }
}

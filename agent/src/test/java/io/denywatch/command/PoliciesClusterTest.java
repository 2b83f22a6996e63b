package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.cluster.CalicoCluster;
import io.denywatch.testing.RealApiServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the command finds in a cluster, and that the cluster takes what it prints. */
class PoliciesClusterTest {
    private static final String CLUSTER = """
            apiVersion: v1
            kind: Node
            metadata: {name: policies-node}
            spec: {providerID: "hcloud://1"}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: policies-web, namespace: default}
            spec:
              type: LoadBalancer
              externalTrafficPolicy: Local
              healthCheckNodePort: 31999
              ports: [{port: 80, nodePort: 31080}]
            ---
            apiVersion: projectcalico.org/v3
            kind: HostEndpoint
            metadata: {name: policies-node-auto-hep, labels: {kubernetes.io/hostname: policies-node}}
            spec: {node: policies-node, interfaceName: "*", expectedIPs: [10.0.0.1], profiles: [projectcalico-default-allow]}
            ---
            apiVersion: projectcalico.org/v3
            kind: FelixConfiguration
            metadata: {name: default}
            spec: {failsafeInboundHostPorts: [{protocol: TCP, port: 8443}]}
            """;

    private final KubernetesClient admin = RealApiServer.shared().admin();

    @BeforeEach
    void define() {
        new CalicoCluster(CalicoCluster.Api.V3)
                .withPolicies(CalicoCluster.Api.V3)
                .inform(CalicoCluster.Api.V3, true);
    }

    private static List<HasMetadata> objects(KubernetesClient client, String yaml) {
        return client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .items();
    }

    private TestWorld run(int code, String options) {
        TestWorld world = new TestWorld();
        String all = "policies --kubeconfig " + RealApiServer.shared().adminKubeconfig() + " " + options;
        assertEquals(code, world.run((Object[]) all.strip().split(" +")), world::err);
        return world;
    }

    @AfterEach
    void remove() {
        objects(admin, CLUSTER).forEach(object -> admin.resource(object).delete());
    }

    @Test
    void findsWhatWouldBeCutOffAndPrintsWhatTheClusterTakes() {
        objects(admin, CLUSTER).forEach(object -> admin.resource(object).create());

        TestWorld refused = run(1, "--nodeports 30000:32767");
        assertTrue(
                refused.err()
                        .contains("default/policies-web TCP 31080, TCP 31999 (hcloud). Leave their ports open with"
                                + " --nodeports 30000:31079,31081:31998,32000:32767"),
                refused::err);
        assertEquals("", refused.out());

        TestWorld leftOut = run(0, "--nlb 203.0.113.7:8443 --nlb 203.0.113.7:6443");
        assertTrue(leftOut.out().startsWith("# left out: deny-nodeports, because it would cut off"), leftOut.out());
        assertTrue(leftOut.out().contains("Open at the load balancers all the same: TCP 8443.\n"), leftOut.out());
        assertFalse(leftOut.out().contains("TCP 6443"), leftOut.out());

        String policies = run(
                        0,
                        "--nlb 203.0.113.7 203.0.113.8:31080 --allow 192.0.2.0/24"
                                + " --nodeports 30000:31079,31081:31998,32000:32767 --allow-nodeports 10.0.0.2")
                .out();
        List<HasMetadata> created = objects(admin, policies).stream()
                .map(object -> admin.resource(object).create())
                .toList();
        created.forEach(object -> admin.resource(object).delete());
        assertEquals(5, created.size());
    }
}

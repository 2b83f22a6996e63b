package io.denywatch.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.denywatch.ip.Ip;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NodeWatchTest {
    private static Node makeNode(KubernetesClient admin, String name, String address) {
        Node node = admin.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withAnnotations(Map.of(
                                "projectcalico.org/IPv4Address", address + "/24",
                                "projectcalico.org/IPv4VXLANTunnelAddr", "172.20.0.1",
                                "projectcalico.org/IPv6WireguardInterfaceAddr", "fd01::1"))
                        .endMetadata()
                        .withNewSpec()
                        .withPodCIDR("10.244.7.0/24")
                        .endSpec()
                        .build())
                .create();
        admin.nodes()
                .withName(name)
                .editStatus(found -> new NodeBuilder(found)
                        .editOrNewStatus()
                        .addNewAddress()
                        .withType("InternalIP")
                        .withAddress(address)
                        .endAddress()
                        .addNewAddress()
                        .withType("Hostname")
                        .withAddress(name)
                        .endAddress()
                        .endStatus()
                        .build());
        return node;
    }

    @Test
    void withoutBlocklistThisNodeAloneIsFollowed() throws ClusterException {
        try (FollowedCluster cluster = FollowedCluster.asAdmin("own-a", false)) {
            makeNode(cluster.admin(), "own-a", "192.0.2.10");
            makeNode(cluster.admin(), "own-b", "192.0.2.11");
            ClusterView view =
                    cluster.await("addresses", seen -> seen.nodeAddresses().size() == 3);
            assertEquals(1, view.nodes());
            assertEquals(
                    List.of("172.20.0.1", "192.0.2.10", "fd01::1"),
                    view.nodeAddresses().stream().map(Ip::toString).sorted().toList());
            assertEquals(List.of(), view.neverBlock());
        }
    }

    @Test
    void withBlocklistEachNodesAddressesAndPodsAreNeverBlocked() throws ClusterException {
        try (FollowedCluster cluster = FollowedCluster.asAdmin("all-a", true)) {
            makeNode(cluster.admin(), "all-a", "192.0.2.20");
            makeNode(cluster.admin(), "all-b", "192.0.2.21");
            cluster.await(
                    "both nodes",
                    seen -> Stream.of("192.0.2.20/32", "192.0.2.21/32", "10.244.7.0/24")
                            .allMatch(block -> seen.neverBlock().stream()
                                    .anyMatch(range ->
                                            range.addresses().toString().equals(block))));
            cluster.admin().nodes().withName("all-b").delete();
            cluster.await(
                    "one node gone",
                    seen -> seen.neverBlock().stream()
                            .noneMatch(range -> range.reason().endsWith("node all-b")));
        }
    }

    @Test
    void aNodeMadeAnewHasAnotherUid() throws ClusterException {
        try (FollowedCluster cluster = FollowedCluster.asAdmin("reborn", false)) {
            Node first = makeNode(cluster.admin(), "reborn", "192.0.2.30");
            String uid = first.getMetadata().getUid();
            cluster.await("uid", seen -> seen.nodeUid().equals(Optional.of(uid)));
            cluster.admin().nodes().withName("reborn").delete();
            cluster.await("gone", seen -> seen.nodeUid().isEmpty() && seen.nodes() == 0);
            makeNode(cluster.admin(), "reborn", "192.0.2.31");
            ClusterView again = cluster.await("again", seen -> seen.nodeUid().isPresent());
            assertNotEquals(uid, again.nodeUid().get());
        }
    }
}

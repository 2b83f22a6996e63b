package io.denywatch.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.cluster.ClusterLoadBalancer.PortMapping;
import io.denywatch.denial.Transport;
import io.denywatch.ip.Ip;
import io.denywatch.testing.RealApiServer;
import io.denywatch.testing.RealApiServer.Account;
import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ServiceWatchTest {
    private static Ip ip(String text) {
        return Ip.parse(text);
    }

    private static Optional<ClusterLoadBalancer> read(String json) {
        return ClusterLoadBalancer.read(new JsonMapper().readTree(json));
    }

    @Test
    void servicesAppearChangeAndVanish() throws ClusterException {
        try (FollowedCluster cluster = FollowedCluster.asAdmin("none", false)) {
            cluster.makeNamespace("coming");
            cluster.awaitServices("coming", 0);
            Service web = cluster.makeLoadBalancer("coming", "web");
            ClusterLoadBalancer pending = cluster.awaitServices("coming", 1).getFirst();
            assertEquals("web", pending.name());
            assertEquals(
                    List.of(443, 8443),
                    pending.ports().stream().map(PortMapping::number).toList());
            assertTrue(pending.ports().stream().allMatch(port -> port.nodePort() >= 20_000), pending::toString);
            assertTrue(pending.keepsSource());
            assertEquals(1, pending.clusterAddresses().size());

            cluster.setIngress(web, "198.51.100.1");
            cluster.await(
                    "address",
                    view -> FollowedCluster.services(view, "coming").stream()
                            .anyMatch(service -> service.addresses().equals(List.of(ip("198.51.100.1")))));

            cluster.admin().resource(web).delete();
            cluster.awaitServices("coming", 0);
        }
    }

    @Test
    void aServiceThatIsNoLoadBalancerAnyMoreVanishes() throws ClusterException {
        try (FollowedCluster cluster = FollowedCluster.asAdmin("none", false)) {
            cluster.makeNamespace("retyped");
            cluster.makeLoadBalancer("retyped", "web", "198.51.100.1");
            cluster.awaitServices("retyped", 1);
            cluster.admin().services().inNamespace("retyped").withName("web").edit(service -> {
                service.getSpec().setType("ClusterIP");
                service.getSpec().setExternalTrafficPolicy(null);
                service.getSpec().getPorts().forEach(port -> port.setNodePort(null));
                return service;
            });
            cluster.awaitServices("retyped", 0);
        }
    }

    @Test
    void addressesOfBothFamiliesSharedOnesAndNamesAreKeptAsTheyAre() throws ClusterException {
        try (FollowedCluster cluster = FollowedCluster.asAdmin("none", false)) {
            cluster.makeNamespace("many");
            cluster.makeLoadBalancer("many", "both", "198.51.100.7", "2001:db8::7");
            cluster.makeLoadBalancer("many", "named", "lb.example.com");
            cluster.makeLoadBalancer("many", "sharing", "198.51.100.7");
            ClusterView view = cluster.await(
                    "all with their addresses",
                    seen -> FollowedCluster.services(seen, "many").stream()
                                    .filter(service -> !service.addresses().isEmpty()
                                            || !service.hostnames().isEmpty())
                                    .count()
                            == 3);
            for (ClusterLoadBalancer service : FollowedCluster.services(view, "many")) {
                switch (service.name()) {
                    case "both" -> assertEquals(List.of(ip("198.51.100.7"), ip("2001:db8::7")), service.addresses());
                    case "named" -> {
                        assertEquals(List.of(), service.addresses());
                        assertEquals(List.of("lb.example.com"), service.hostnames());
                    }
                    default -> assertEquals(List.of(ip("198.51.100.7")), service.addresses());
                }
            }
        }
    }

    @Test
    void whatIsKnownStaysWhileTheServerIsAwayAndNoChangeIsLost() throws ClusterException {
        try (FollowedCluster cluster = FollowedCluster.asAdmin("none", false)) {
            RealApiServer server = cluster.server();
            cluster.makeNamespace("outage");
            Service gone = cluster.makeLoadBalancer("outage", "gone", "198.51.100.1");
            cluster.makeLoadBalancer("outage", "stays", "198.51.100.2");
            cluster.awaitServices("outage", 2);

            server.stop();
            ClusterView away = cluster.await("problem", view -> !view.problem().isEmpty());
            assertEquals(2, FollowedCluster.services(away, "outage").size());
            assertTrue(away.servicesKnown());

            server.start();
            cluster.admin().resource(gone).delete();
            cluster.makeLoadBalancer("outage", "new", "198.51.100.3");
            ClusterView back = cluster.await(
                    "caught up",
                    view -> view.problem().isEmpty()
                            && FollowedCluster.services(view, "outage").stream()
                                    .map(ClusterLoadBalancer::name)
                                    .sorted()
                                    .toList()
                                    .equals(List.of("new", "stays")));
            assertTrue(back.servicesHeardMillis() > away.servicesHeardMillis());
        }
    }

    @Test
    void aServerThatIsNotThereAtTheStartIsFoundLater() throws ClusterException {
        try (FollowedCluster cluster = FollowedCluster.asAdmin("none", false)) {
            RealApiServer server = cluster.server();
            server.stop();
            ClusterView away = cluster.await("problem", view -> !view.problem().isEmpty());
            assertFalse(away.servicesKnown());
            assertEquals(0, away.servicesHeardMillis());
            server.start();
            cluster.await("known", ClusterView::servicesKnown);
        }
    }

    @Test
    void aMissingPermissionIsNamedAndItsGrantIsNoticed() throws ClusterException {
        Account account = RealApiServer.shared().newAccount();
        try (FollowedCluster cluster = FollowedCluster.as(account, "none", false)) {
            ClusterView refused = cluster.await(
                    "refusal",
                    view -> view.problem().contains("services cannot be read")
                            && view.problem().contains("node none cannot be read"));
            assertTrue(refused.problem().contains("missing: list, watch on services"), refused::problem);
            assertFalse(refused.servicesKnown());
            cluster.server()
                    .grant(account, FollowedCluster.rule(Permission.SERVICES), FollowedCluster.rule(Permission.NODES));
            cluster.await(
                    "known", view -> view.servicesKnown() && view.problem().isEmpty());
        }
    }

    @Test
    void ofAnAddressThatTheServiceOnlyWishesForNothingIsKept() {
        ClusterLoadBalancer service = read("""
                {"metadata": {"namespace": "n", "name": "s"},
                 "spec": {"type": "LoadBalancer", "loadBalancerIP": "198.51.100.9", "externalIPs": ["198.51.100.8"],
                          "clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9", "fd00::9"],
                          "ports": [{"port": 53, "protocol": "UDP", "nodePort": 30053}, {"port": 5060, "protocol": "SCTP"}]},
                 "status": {"loadBalancer": {}}}
                """).orElseThrow();
        assertEquals(
                new ClusterLoadBalancer(
                        "n",
                        "s",
                        List.of(),
                        List.of(ip("198.51.100.8")),
                        List.of(),
                        List.of(ip("10.96.0.9"), ip("fd00::9")),
                        List.of(new PortMapping(Transport.UDP, 53, 30_053)),
                        false),
                service);
    }

    @Test
    void whateverAServiceLacksOrHoldsReadingItDoesNotFail() {
        assertEquals(Optional.empty(), read("{}"));
        assertEquals(Optional.empty(), read("[]"));
        assertEquals(Optional.empty(), read("{\"spec\": {\"type\": \"ClusterIP\"}}"));
        ClusterLoadBalancer odd = read("""
                {"spec": {"type": "LoadBalancer", "clusterIP": "None", "externalIPs": ["x", 7, null], "ports": "y"},
                 "status": {"loadBalancer": {"ingress": [{}, {"ip": ""}, {"ip": "1.2.3"}, 5]}}}
                """).orElseThrow();
        assertEquals(List.of(), odd.addresses());
        assertEquals(List.of(), odd.externalAddresses());
        assertEquals(List.of(), odd.clusterAddresses());
        assertEquals(List.of(), odd.ports());
    }
}

package io.denywatch.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.IpPrefix;
import io.denywatch.testing.RealApiServer;
import io.denywatch.testing.RealApiServer.Account;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterRangesTest {
    private static final PolicyRule SERVICES = FollowedCluster.rule(Permission.SERVICES);
    private static final PolicyRule NODES = FollowedCluster.rule(Permission.NODES);
    private static final PolicyRule ENDPOINTS = FollowedCluster.rule(Permission.API_ENDPOINTS);
    private static final PolicyRule IP_POOLS = FollowedCluster.rule(Permission.IP_POOLS);
    private static final PolicyRule IP_POOLS_V1 = FollowedCluster.rule(Permission.IP_POOLS_V1);

    private static boolean holds(ClusterView view, String block, String reason) {
        return view.neverBlock().contains(new Range(IpPrefix.parse(block), reason));
    }

    @Test
    void theApiServerIsNeverBlockedByWhateverNameItIsKnown() throws ClusterException {
        try (FollowedCluster cluster = FollowedCluster.asAdmin("none", true)) {
            ClusterView view = cluster.await("complete", ClusterView::complete);
            assertTrue(holds(view, "192.0.2.250/32", "API server"), "as the environment calls it");
            assertTrue(holds(view, "127.0.0.1/32", "API server"), "as the client calls it");
            assertTrue(holds(view, RealApiServer.ADVERTISED + "/32", "API server"), "by its endpoints");
        }
    }

    @Test
    void loadBalancersAreNeverBlockedAtAnyOfTheirAddresses() throws ClusterException {
        try (FollowedCluster cluster = FollowedCluster.asAdmin("none", true)) {
            cluster.makeNamespace("safe");
            cluster.makeLoadBalancer("safe", "web", "198.51.100.40", "2001:db8::40");
            ClusterView view =
                    cluster.await("address", seen -> holds(seen, "198.51.100.40/32", "load balancer safe/web"));
            assertTrue(holds(view, "2001:db8::40/128", "load balancer safe/web"));
            assertTrue(
                    view.neverBlock().stream().anyMatch(range -> range.reason().equals("cluster IP of safe/web")));
        }
    }

    @Test
    void withoutTheApiServersEndpointsNothingIsComplete() throws ClusterException {
        Account account = RealApiServer.shared().newAccount();
        try (FollowedCluster cluster = FollowedCluster.as(account, "none", true)) {
            cluster.server().grant(account, SERVICES, NODES);
            ClusterView view = cluster.await(
                    "refusal", seen -> seen.servicesKnown() && seen.problem().contains("endpoints"));
            assertFalse(view.complete());
            assertTrue(
                    view.problem().contains("missing: get on endpoints in namespace default named kubernetes"),
                    view::problem);
            cluster.server().grant(account, SERVICES, NODES, ENDPOINTS);
            ClusterView complete = cluster.await("complete", ClusterView::complete);
            assertFalse(complete.problem().contains("endpoints"), complete::problem);
        }
    }

    @Test
    void withoutNodesOrServicesNothingIsComplete() throws ClusterException {
        Account account = RealApiServer.shared().newAccount();
        try (FollowedCluster cluster = FollowedCluster.as(account, "none", true)) {
            cluster.server().grant(account, SERVICES, ENDPOINTS);
            assertFalse(cluster.await("services", ClusterView::servicesKnown).complete());
            cluster.server().grant(account, NODES, ENDPOINTS, SERVICES);
            cluster.await("complete", ClusterView::complete);
        }
    }

    @Test
    void whatIsNotServedOrForbiddenIsNoReasonToWait() throws ClusterException {
        Account account = RealApiServer.shared().newAccount();
        try (FollowedCluster cluster = FollowedCluster.as(account, "none", true)) {
            cluster.server().grant(account, SERVICES, NODES, ENDPOINTS, IP_POOLS, IP_POOLS_V1);
            assertEquals(
                    "ServiceCIDRs cannot be read: 403; missing: list on servicecidrs of networking.k8s.io",
                    cluster.await("complete", ClusterView::complete).problem());
        }
    }

    /** The server refuses what is forbidden before it looks whether there is such a thing. */
    @ParameterizedTest
    @CsvSource({"404, ''", "200, Calico's IP pools cannot be read: 403; missing: list on ippools of projectcalico.org"})
    void aForbiddenGroupIsMissedOnlyWhereItIsServed(int group, String problem, @TempDir Path folder)
            throws IOException, ClusterException {
        Map<String, Integer> statuses = Map.of(
                "/apis/projectcalico.org/v3/ippools", 403,
                "/apis/projectcalico.org/v3", group,
                "/api/v1/namespaces/default/endpoints/kubernetes", 200);
        assertEquals(problem, problems(statuses, false, ConcurrentHashMap.newKeySet(), folder));
    }

    /** The chart grants no more. */
    @Test
    void theGroupThatTheOperatorChoseIsAskedAlone(@TempDir Path folder) throws IOException, ClusterException {
        Map<String, Integer> statuses = Map.of(
                "/apis/projectcalico.org/v3/ippools", 403,
                "/apis/projectcalico.org/v3", 200,
                "/apis/crd.projectcalico.org/v1/ippools", 200,
                "/api/v1/namespaces/default/endpoints/kubernetes", 200);
        Set<String> asked = ConcurrentHashMap.newKeySet();
        assertEquals("", problems(statuses, true, asked, folder));
        assertTrue(asked.contains("/apis/crd.projectcalico.org/v1/ippools"), asked::toString);
        assertTrue(asked.stream().noneMatch(path -> path.startsWith("/apis/projectcalico.org")), asked::toString);
    }

    /** Reads once from a server that answers so, and 404 to all else. */
    private static String problems(Map<String, Integer> statuses, boolean crdAllowed, Set<String> asked, Path folder)
            throws IOException, ClusterException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().getPath());
            int status = statuses.getOrDefault(exchange.getRequestURI().getPath(), 404);
            exchange.sendResponseHeaders(status, 2);
            exchange.getResponseBody().write("{}".getBytes(UTF_8));
            exchange.close();
        });
        server.start();
        Path kubeconfig = Files.writeString(
                folder.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: a, cluster: {server: 'http://127.0.0.1:%d'}}]
                users: [{name: a, user: {token: secret}}]
                contexts: [{name: a, context: {cluster: a, user: a}}]
                current-context: a
                """.formatted(server.getAddress().getPort()));
        try (ClusterConnection connection = FollowedCluster.connect(kubeconfig)) {
            ClusterRanges ranges = new ClusterRanges(connection, "", crdAllowed, new SplittableRandom(1));
            ranges.poll(0);
            assertTrue(ranges.isComplete());
            return ranges.problems().collect(Collectors.joining());
        } finally {
            server.stop(0);
        }
    }

    @Test
    void poolsAreReadFromTheOldGroupWhereTheNewOneIsNotServed() throws ClusterException {
        poolsOfTheOldGroupAreRead(IP_POOLS, IP_POOLS_V1);
    }

    @Test
    void poolsAreReadFromTheOldGroupWhereTheNewOneIsForbidden() throws ClusterException {
        poolsOfTheOldGroupAreRead(IP_POOLS_V1);
    }

    private static void poolsOfTheOldGroupAreRead(PolicyRule... pools) throws ClusterException {
        Account account = RealApiServer.shared().newAccount();
        try (FollowedCluster cluster = FollowedCluster.as(account, "none", true)) {
            cluster.server()
                    .grant(
                            account,
                            Stream.concat(Stream.of(SERVICES, NODES, ENDPOINTS), Stream.of(pools))
                                    .toArray(PolicyRule[]::new));
            cluster.server().load("""
                    apiVersion: apiextensions.k8s.io/v1
                    kind: CustomResourceDefinition
                    metadata: {name: ippools.crd.projectcalico.org}
                    spec:
                      group: crd.projectcalico.org
                      scope: Cluster
                      names: {kind: IPPool, plural: ippools, singular: ippool, listKind: IPPoolList}
                      versions:
                      - name: v1
                        served: true
                        storage: true
                        schema:
                          openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
                    """);
            cluster.server().load("""
                    apiVersion: crd.projectcalico.org/v1
                    kind: IPPool
                    metadata: {name: default-ipv4-ippool}
                    spec: {cidr: 172.30.0.0/16}
                    """);
            cluster.await("pool", seen -> holds(seen, "172.30.0.0/16", "IP pool default-ipv4-ippool"));
        }
    }
}

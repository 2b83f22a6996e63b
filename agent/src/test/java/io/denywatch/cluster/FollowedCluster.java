package io.denywatch.cluster;

import io.denywatch.testing.RealApiServer;
import io.denywatch.testing.RealApiServer.Account;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A real API server, and a watch of it whose time is the test's own. */
public final class FollowedCluster implements AutoCloseable {
    private static final int STEP_MILLIS = 250;

    private final RealApiServer server;
    private final ClusterConnection connection;
    private final ClusterWatch watch;
    private long nowMillis = 1_700_000_000_000L;
    private int publications;

    private FollowedCluster(RealApiServer server, Path kubeconfig, String node, boolean blocklist)
            throws ClusterException {
        this.server = server;
        connection = connect(kubeconfig);
        watch = new ClusterWatch(connection, node, blocklist, false, "192.0.2.250", false, new Random(1));
    }

    static ClusterConnection connect(Path kubeconfig) throws ClusterException {
        return ClusterConnection.open(
                Optional.of(kubeconfig), Optional.empty(), "test", System::nanoTime, Duration.ofMinutes(2));
    }

    static FollowedCluster asAdmin(String node, boolean blocklist) throws ClusterException {
        RealApiServer server = RealApiServer.shared();
        return new FollowedCluster(server, server.adminKubeconfig(), node, blocklist);
    }

    static FollowedCluster as(Account account, String node, boolean blocklist) throws ClusterException {
        RealApiServer server = RealApiServer.shared();
        return new FollowedCluster(server, server.kubeconfig(account), node, blocklist);
    }

    /** The rule as the server wants it. */
    public static PolicyRule rule(Permission permission) {
        return new PolicyRuleBuilder()
                .withApiGroups(permission.apiGroup())
                .withResources(permission.resource())
                .withVerbs(permission.verbs())
                .build();
    }

    RealApiServer server() {
        return server;
    }

    KubernetesClient admin() {
        return server.admin();
    }

    ClusterConnection connection() {
        return connection;
    }

    /** How often another view was seen. */
    int publications() {
        return publications;
    }

    ClusterView view() {
        return watch.view();
    }

    @SuppressWarnings("ReferenceEquality") // each publication is another object
    void poll() {
        ClusterView before = watch.view();
        nowMillis += STEP_MILLIS;
        watch.poll(nowMillis);
        if (before != watch.view()) {
            publications++;
        }
    }

    /** Follows until what is published is as wished. */
    ClusterView await(String what, Predicate<ClusterView> wish) {
        server.await(what, () -> {
            poll();
            return wish.test(view());
        });
        return view();
    }

    /** Follows until the Services of a namespace are as many as said. */
    List<ClusterLoadBalancer> awaitServices(String namespace, int count) {
        return services(
                await(
                        count + " services in " + namespace,
                        seen -> services(seen, namespace).size() == count),
                namespace);
    }

    static List<ClusterLoadBalancer> services(ClusterView view, String namespace) {
        return view.services().stream()
                .filter(service -> service.namespace().equals(namespace))
                .toList();
    }

    void makeNamespace(String name) {
        admin().resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    /** A load balancer with these addresses or hostnames. */
    Service makeLoadBalancer(String namespace, String name, String... ingress) {
        Service service = admin().resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .endMetadata()
                        .withNewSpec()
                        .withType("LoadBalancer")
                        .withExternalTrafficPolicy("Local")
                        .addNewPort()
                        .withName("https")
                        .withPort(443)
                        .withProtocol("TCP")
                        .endPort()
                        .addNewPort()
                        .withName("quic")
                        .withPort(8443)
                        .withProtocol("TCP")
                        .endPort()
                        .endSpec()
                        .build())
                .create();
        setIngress(service, ingress);
        return service;
    }

    void setIngress(Service service, String... ingress) {
        Stream<LoadBalancerIngress> points = Arrays.stream(ingress).map(text -> {
            boolean named = Addresses.address(text).isEmpty();
            LoadBalancerIngress point = new LoadBalancerIngress();
            point.setHostname(named ? text : null);
            point.setIp(named ? null : text);
            return point;
        });
        admin().services()
                .inNamespace(service.getMetadata().getNamespace())
                .withName(service.getMetadata().getName())
                .editStatus(found -> new ServiceBuilder(found)
                        .editOrNewStatus()
                        .withNewLoadBalancer()
                        .addAllToIngress(points.toList())
                        .endLoadBalancer()
                        .endStatus()
                        .build());
    }

    @Override
    public void close() {
        watch.close();
        connection.close();
    }
}

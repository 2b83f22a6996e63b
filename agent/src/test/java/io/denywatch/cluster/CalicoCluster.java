package io.denywatch.cluster;

import io.denywatch.cluster.sets.StoredNetworkSet;
import io.denywatch.testing.RealApiServer;
import io.fabric8.kubernetes.api.model.APIServiceBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The API server as a cluster with Calico, of which there is no more than its data. */
public final class CalicoCluster {
    public static final String VERSION = "v3.31.7";

    /** Which of Calico's groups is served. */
    public enum Api {
        /** That of the objects behind. */
        V1(CalicoApi.GROUP_V1, "v1", "v3.31.7"),
        /** The supported one. */
        V3(CalicoApi.GROUP_V3, "v3", "v3.32.1");

        public final String group;
        public final String version;
        final String definitions;

        Api(String group, String version, String definitions) {
            this.group = group;
            this.version = version;
            this.definitions = definitions;
        }

        ResourceDefinitionContext context(String plural, String kind) {
            return new ResourceDefinitionContext.Builder()
                    .withGroup(group)
                    .withVersion(version)
                    .withPlural(plural)
                    .withKind(kind)
                    .withNamespaced(false)
                    .build();
        }
    }

    public final RealApiServer server = RealApiServer.shared();
    public final KubernetesClient admin = server.admin();

    /** Requests of {@link #observed}, as method and path. */
    public final List<String> requests = new CopyOnWriteArrayList<>();

    /** An empty cluster that serves these of Calico's groups. */
    public CalicoCluster(Api... apis) {
        admin.apiServices().withName("v3.projectcalico.org").delete();
        admin.apiextensions().v1().customResourceDefinitions().list().getItems().stream()
                .filter(definition -> definition.getSpec().getGroup().endsWith("projectcalico.org"))
                .forEach(definition -> admin.resource(definition).delete());
        server.await(
                "Calico's groups gone",
                () -> admin.getApiGroups().getGroups().stream()
                        .noneMatch(group -> group.getName().endsWith("projectcalico.org")));
        for (Api api : apis) {
            define(api);
        }
    }

    private void define(Api api) {
        for (String kind : List.of("globalnetworksets", "clusterinformations")) {
            server.load(resource("/crds/" + api.definitions + "/" + api.group + "_" + kind + ".yaml"));
        }
        server.await(
                api.group + " registered and served",
                () -> admin.getApiGroups().getGroups().stream()
                                .anyMatch(group -> group.getName().equals(api.group))
                        && admin
                                .apiServices()
                                .withName(api.version + "." + api.group)
                                .get()
                                .getStatus()
                                .getConditions()
                                .stream()
                                .anyMatch(condition -> condition.getStatus().equals("True"))
                        && admin.getApiResources(api.group + "/" + api.version)
                                        .getResources()
                                        .size()
                                >= 2);
    }

    /** Defines the kinds that say what is denied and logged, too. */
    public CalicoCluster withPolicies(Api api) {
        for (String kind : List.of("globalnetworkpolicies", "hostendpoints", "tiers", "felixconfigurations")) {
            server.load(resource("/crds/" + api.definitions + "/" + api.group + "_" + kind + ".yaml"));
        }
        server.await(
                "policies of " + api.group + " served",
                () -> admin.getApiResources(api.group + "/" + api.version)
                                .getResources()
                                .size()
                        >= 6);
        return this;
    }

    /** Serves NetworkPolicies, too: their definition is that of the global ones in a namespace. */
    public CalicoCluster withNetworkPolicies(Api api) {
        server.load(resource("/crds/" + api.definitions + "/" + api.group + "_globalnetworkpolicies.yaml")
                .replace("globalnetworkpolic", "networkpolic")
                .replace("GlobalNetworkPolicy", "NetworkPolicy")
                .replace("scope: Cluster", "scope: Namespaced"));
        server.await(
                "network policies of " + api.group + " served",
                () -> admin.getApiResources(api.group + "/" + api.version).getResources().stream()
                        .anyMatch(resource -> resource.getName().equals("networkpolicies")));
        return this;
    }

    private static String resource(String path) {
        try (InputStream in = CalicoCluster.class.getResourceAsStream(path)) {
            return new String(Objects.requireNonNull(in, path).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Says what Calico says of itself. */
    public CalicoCluster inform(Api api, boolean datastoreReady) {
        GenericKubernetesResource information = new GenericKubernetesResourceBuilder()
                .withApiVersion(api.group + "/" + api.version)
                .withKind("ClusterInformation")
                .withNewMetadata()
                .withName("default")
                .endMetadata()
                .addToAdditionalProperties("spec", Map.of("calicoVersion", VERSION, "datastoreReady", datastoreReady))
                .build();
        admin.genericKubernetesResources(api.context("clusterinformations", "ClusterInformation"))
                .resource(information)
                .createOr(existing -> existing.update());
        return this;
    }

    /** Registers the supported group with a server that is not there. */
    void registerDeadServer() {
        admin.resource(new APIServiceBuilder()
                        .withNewMetadata()
                        .withName("v3.projectcalico.org")
                        .endMetadata()
                        .withNewSpec()
                        .withGroup(CalicoApi.GROUP_V3)
                        .withVersion("v3")
                        .withGroupPriorityMinimum(1_500)
                        .withVersionPriority(200)
                        .withInsecureSkipTLSVerify(true)
                        .withNewService()
                        .withNamespace("default")
                        .withName("calico-api")
                        .endService()
                        .endSpec()
                        .build())
                .create();
    }

    /** Makes a node, anew if it is there; returns its uid. */
    public String node(String name) {
        admin.nodes().withName(name).delete();
        return admin.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create()
                .getMetadata()
                .getUid();
    }

    public MixedOperation<
                    GenericKubernetesResource, ?, io.fabric8.kubernetes.client.dsl.Resource<GenericKubernetesResource>>
            sets(Api api) {
        return admin.genericKubernetesResources(api.context("globalnetworksets", "GlobalNetworkSet"));
    }

    /** Somebody makes a set. */
    public void make(Api api, String name, Map<String, String> labels, String... nets) {
        sets(api)
                .resource(new GenericKubernetesResourceBuilder()
                        .withApiVersion(api.group + "/" + api.version)
                        .withKind("GlobalNetworkSet")
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .addToAdditionalProperties("spec", Map.of("nets", List.of(nets)))
                        .build())
                .create();
    }

    @Nullable
    public GenericKubernetesResource set(Api api, String name) {
        return sets(api).withName(name).get();
    }

    /** The nets of a stored object, as the server holds them. */
    public List<String> nets(Api api, String name) {
        return new StoredNetworkSet(Objects.requireNonNull(set(api, name), name)).netTexts();
    }

    /** Somebody else's change. */
    public void edit(Api api, String name, UnaryOperator<GenericKubernetesResource> change) {
        sets(api).withName(name).edit(change);
    }

    /** A client of the administrator, whose requests are noted. */
    public KubernetesClient observed() {
        return observed(admin.getConfiguration());
    }

    private KubernetesClient observed(Config config) {
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientBuilderConsumer(builder -> builder.addOrReplaceInterceptor("note", new Interceptor() {
                    @Override
                    public void before(BasicBuilder request, HttpRequest head, RequestTags tags) {
                        requests.add(head.method() + " " + head.uri().getPath());
                    }
                }))
                .build();
    }

    /** The writes among the requests noted so far. */
    public List<String> writes() {
        return requests.stream().filter(request -> !request.startsWith("GET ")).toList();
    }
}

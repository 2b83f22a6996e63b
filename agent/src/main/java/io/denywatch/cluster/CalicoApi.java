package io.denywatch.cluster;

import static java.net.HttpURLConnection.HTTP_FORBIDDEN;
import static java.net.HttpURLConnection.HTTP_NOT_FOUND;

import io.denywatch.blocklist.StoreException;
import io.denywatch.blocklist.StoreException.Reason;
import io.denywatch.process.LogOnce;
import io.fabric8.kubernetes.api.model.APIGroup;
import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Determines which of Calico's two API groups may be used for writing. The groups can be two views of the same data, or
 * two stores of which Calico reads only one, and an object written through both loses some of its content. Therefore
 * the registered group is used, never the one that happens to answer, and it is kept for the life of the process.
 * Confined to one thread.
 */
public final class CalicoApi {
    /** The kind that blocklists are stored in. */
    public static final String NETWORK_SET_KIND = "GlobalNetworkSet";

    /** The supported group, served by Calico's API server or by CRDs. */
    public static final String GROUP_V3 = "projectcalico.org";

    /** The group of Calico's storage objects, used in clusters without the supported group. */
    public static final String GROUP_V1 = "crd.projectcalico.org";

    private static final String API_SERVICE = "v3.projectcalico.org";
    private static final String MIGRATION_GROUP = "migration.projectcalico.org";
    private static final long MIGRATIONS_MAX = 50; // there is one
    private static final Set<String> MIGRATED = Set.of("Converged", "Complete");

    private final KubernetesClient client; // not owned
    private final boolean allowV1;
    private @Nullable String chosenGroup;
    private final LogOnce registrations = new LogOnce(System.getLogger(CalicoApi.class.getName()), "");

    /** Whether Calico's data can be written. */
    public sealed interface Readiness {}

    /**
     * Calico's data may be read and written now.
     *
     * @param group of all its kinds
     * @param version of the group
     * @param networkSets plural name of the kind that holds nets
     * @param calicoVersion as the cluster states it; empty if it does not
     */
    public record Usable(String group, String version, String networkSets, String calicoVersion) implements Readiness {
        /** The resource as RBAC rules and messages name it. */
        public String resource() {
            return networkSets + "." + group;
        }

        public ResourceDefinitionContext networkSetContext() {
            return context(group, version, networkSets, NETWORK_SET_KIND);
        }
    }

    /**
     * Nothing may be written now.
     *
     * @param problem why, in one line
     */
    public record NotReady(String problem) implements Readiness {}

    /**
     * Where Calico's data can be read, even if it may not be written.
     *
     * @param group of all its kinds
     * @param version of the group
     * @param datastoreReady whether Calico says that its data may be changed
     * @param calicoVersion as the cluster states it; empty if it does not
     */
    public record Origin(String group, String version, boolean datastoreReady, String calicoVersion) {}

    /**
     * Creates a client; sends nothing yet.
     *
     * @param connection not owned
     * @param allowV1 whether the operator chose to write Calico's own objects where the supported API is not served
     */
    public CalicoApi(ClusterConnection connection, boolean allowV1) {
        this(connection.client(), allowV1);
    }

    public CalicoApi(KubernetesClient client, boolean allowV1) {
        this.client = client;
        this.allowV1 = allowV1;
    }

    /**
     * Detects the current state with three small requests. Only the group is remembered, because a datastore can be
     * locked at any time.
     *
     * @throws StoreException if there is no answer, or this account lacks a permission
     */
    public Readiness detect() throws StoreException {
        Readiness found = look();
        if (found instanceof Usable usable) {
            if (chosenGroup != null && !chosenGroup.equals(usable.group())) {
                return new NotReady("Calico's API was " + chosenGroup + " and is now " + usable.group()
                        + "; restart the agent to write to the new one");
            }
            chosenGroup = usable.group();
        }
        return found;
    }

    /**
     * The API to write to, if writing is possible now.
     *
     * @throws StoreException {@link Reason#NOT_READY} if writing is not possible now; otherwise as for {@link #detect}
     */
    public Usable usable() throws StoreException {
        return switch (detect()) {
            case Usable usable -> usable;
            case NotReady(String problem) -> throw new StoreException(Reason.NOT_READY, problem);
        };
    }

    /**
     * The group in which Calico's data can be read: the supported one, unless it is not served or consists only of
     * definitions that Calico does not read. Empty if neither group is served.
     *
     * @throws StoreException if there is no answer, or this account lacks a permission
     */
    public Optional<Origin> origin() throws StoreException {
        boolean v3 = group(GROUP_V3) != null;
        Optional<Origin> supported = v3 ? origin(GROUP_V3, "v3") : Optional.empty();
        if (supported.isPresent()) {
            return supported;
        }
        if (group(GROUP_V1) != null) {
            return Optional.of(origin(GROUP_V1, "v1").orElse(new Origin(GROUP_V1, "v1", false, "")));
        }
        return v3 ? Optional.of(new Origin(GROUP_V3, "v3", false, "")) : Optional.empty();
    }

    private Optional<Origin> origin(String group, String version) throws StoreException {
        return Optional.ofNullable(clusterInformation(group, version))
                .map(information -> new Origin(
                        group,
                        version,
                        Boolean.TRUE.equals(information.get("spec", "datastoreReady")),
                        information.get("spec", "calicoVersion") instanceof String text ? text : ""));
    }

    private Readiness look() throws StoreException {
        boolean v3;
        try {
            APIService registered = client.apiServices().withName(API_SERVICE).get();
            v3 = registered != null;
            if (registered != null && !isAvailable(registered)) {
                // The other group would reach the same data by another path, so it is not used.
                return new NotReady("API service " + API_SERVICE + " is registered and not available");
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() != HTTP_FORBIDDEN) {
                throw ApiFailures.of("get", "apiservices.apiregistration.k8s.io " + API_SERVICE, e);
            }
            return byDiscovery();
        }
        if (v3) {
            return served(GROUP_V3, "v3");
        }
        if (group(GROUP_V1) == null) {
            return new NotReady(
                    "Calico's API is not there: neither " + GROUP_V3 + "/v3 nor " + GROUP_V1 + "/v1 is served");
        }
        if (!allowV1) {
            return new NotReady(
                    GROUP_V3 + "/v3 is not served; to use " + GROUP_V1 + "/v1 instead, set blocklist.api to it");
        }
        return served(GROUP_V1, "v1");
    }

    /**
     * Decides for accounts that cannot read registrations. A group that is not listed may be down, so the other is not
     * used.
     */
    private Readiness byDiscovery() throws StoreException {
        registrations.failed("get apiservices.apiregistration.k8s.io " + API_SERVICE
                + " is forbidden: this account can only see whether the group is listed");
        return group(GROUP_V3) == null
                ? new NotReady(
                        GROUP_V3 + "/v3 is not listed, and whether it is registered can't be seen: this account may"
                                + " not get apiservices.apiregistration.k8s.io " + API_SERVICE)
                : served(GROUP_V3, "v3");
    }

    private static boolean isAvailable(APIService registered) {
        return registered.getStatus() != null
                && registered.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Available")
                                && condition.getStatus().equals("True"));
    }

    private Readiness served(String group, String version) throws StoreException {
        String migration = migrationPhase();
        if (!migration.isEmpty()) {
            return new NotReady("Calico's data is being migrated (" + migration + ")");
        }
        GenericKubernetesResource information = clusterInformation(group, version);
        if (information == null) {
            return group.equals(GROUP_V3) && group(GROUP_V1) != null
                    ? new NotReady(GROUP_V3 + "/v3 has no clusterinformations default, and " + GROUP_V1
                            + " is served too: the v3 definitions are strays that Calico does not read; remove them")
                    : new NotReady(
                            "clusterinformations." + group + " default is not there: Calico has not started yet");
        }
        if (!Boolean.TRUE.equals(information.get("spec", "datastoreReady"))) {
            return new NotReady("clusterinformations." + group + " default: datastoreReady is not true");
        }
        Object calicoVersion = information.get("spec", "calicoVersion");
        return new Usable(group, version, "globalnetworksets", calicoVersion instanceof String text ? text : "");
    }

    private @Nullable GenericKubernetesResource clusterInformation(String group, String version) throws StoreException {
        try {
            return client.genericKubernetesResources(
                            context(group, version, "clusterinformations", "ClusterInformation"))
                    .withName("default")
                    .get();
        } catch (KubernetesClientException e) {
            throw ApiFailures.of("get", "clusterinformations." + group + " default", e);
        }
    }

    /** The phase of a migration from one group to the other; empty if there is none, or it is finished. */
    private String migrationPhase() throws StoreException {
        APIGroup group = group(MIGRATION_GROUP);
        if (group == null) {
            return "";
        }
        List<GenericKubernetesResource> migrations;
        try {
            migrations = client.genericKubernetesResources(context(
                            MIGRATION_GROUP,
                            group.getPreferredVersion().getVersion(),
                            "datastoremigrations",
                            "DatastoreMigration"))
                    .list(new ListOptionsBuilder().withLimit(MIGRATIONS_MAX).build())
                    .getItems();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HTTP_FORBIDDEN || e.getCode() == HTTP_NOT_FOUND) {
                return ""; // a migration also sets datastoreReady to false
            }
            throw ApiFailures.of("list", "datastoremigrations." + MIGRATION_GROUP, e);
        }
        for (GenericKubernetesResource migration : migrations) {
            Object phase = migration.get("status", "phase");
            if (!(phase instanceof String text && MIGRATED.contains(text))) {
                return phase instanceof String text ? text : "not begun";
            }
        }
        return "";
    }

    private @Nullable APIGroup group(String name) throws StoreException {
        try {
            return client.getApiGroup(name);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HTTP_NOT_FOUND) {
                return null;
            }
            throw ApiFailures.of("get", "/apis/" + name, e);
        }
    }

    private static ResourceDefinitionContext context(String group, String version, String plural, String kind) {
        return new ResourceDefinitionContext.Builder()
                .withGroup(group)
                .withVersion(version)
                .withPlural(plural)
                .withKind(kind)
                .withNamespaced(false)
                .build();
    }
}

package io.denywatch.cluster;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An RBAC rule that the agent's account needs. Immutable. Documentation and chart are tested against {@link #ALL}.
 *
 * @param apiGroup empty for the core group
 * @param resource plural
 * @param verbs all that are needed
 * @param namespace that the rule may be limited to; empty for the whole cluster
 * @param name of the one object that the rule may be limited to; empty for all
 * @param need what the agent does with it
 */
public record Permission(
        String apiGroup, String resource, List<String> verbs, String namespace, String name, Need need) {
    /** What an agent does. */
    public enum Need {
        /** Finding the load balancers. */
        DISCOVERY,
        /** Deciding which sources to block, without blocking. */
        DRY_RUN,
        /** Blocking. */
        ENFORCE,
        /** Following network sets of the whole cluster. */
        FOLLOW_SETS,
        /** Electing one agent, which publishes the load balancers. */
        PUBLISH,
        /** Deciding on what all nodes denied together. */
        ADD_UP;

        /** What the blocklist needs in a mode: this value and those before it. The set may be changed. */
        public static Set<Need> upTo(Need mode) {
            return EnumSet.range(DISCOVERY, mode);
        }
    }

    /** Stands for the namespace that the agents run in. */
    public static final String OWN_NAMESPACE = "the agents' namespace";

    public static final Permission SERVICES = cluster("", "services", Need.DISCOVERY, "list", "watch");
    public static final Permission NODES = cluster("", "nodes", Need.DISCOVERY, "list", "watch");
    static final Permission API_ENDPOINTS =
            new Permission("", "endpoints", List.of("get"), "default", "kubernetes", Need.DRY_RUN);
    static final Permission IP_POOLS = cluster("projectcalico.org", "ippools", Need.DRY_RUN, "list");
    static final Permission IP_POOLS_V1 = cluster("crd.projectcalico.org", "ippools", Need.DRY_RUN, "list");
    static final Permission SERVICE_CIDRS = cluster("networking.k8s.io", "servicecidrs", Need.DRY_RUN, "list");
    static final Permission EVENTS = new Permission("", "events", List.of("create"), "default", "", Need.DRY_RUN);

    public static final Permission CLUSTER_INFORMATIONS =
            cluster(CalicoApi.GROUP_V3, "clusterinformations", Need.DRY_RUN, "get");
    public static final Permission API_SERVICES = new Permission(
            "apiregistration.k8s.io", "apiservices", List.of("get"), "", "v3.projectcalico.org", Need.DRY_RUN);

    public static final Permission GLOBAL_POLICIES =
            cluster(CalicoApi.GROUP_V3, "globalnetworkpolicies", Need.DRY_RUN, "list");
    public static final Permission FOLLOWED_SETS =
            cluster(CalicoApi.GROUP_V3, "globalnetworksets", Need.FOLLOW_SETS, "list", "watch");

    /**
     * What Calico's API server requires for reading policies. Without it, the answer omits the policies of some tiers
     * without notice.
     */
    private static final List<Permission> ALL_TIERS = List.of(
            cluster(CalicoApi.GROUP_V3, "tiers", Need.DRY_RUN, "get", "list"),
            cluster(CalicoApi.GROUP_V3, "tier.globalnetworkpolicies", Need.DRY_RUN, "get", "list"),
            cluster(CalicoApi.GROUP_V3, "tier.networkpolicies", Need.DRY_RUN, "get", "list"));

    private static final List<Permission> TO_PUBLISH = Stream.concat(
                    election(Need.PUBLISH).stream(),
                    Stream.of(
                            new Permission(
                                    "apiregistration.k8s.io",
                                    "apiservices",
                                    List.of("get"),
                                    "",
                                    "v3.projectcalico.org",
                                    Need.PUBLISH),
                            cluster(CalicoApi.GROUP_V3, "clusterinformations", Need.PUBLISH, "get"),
                            cluster(CalicoApi.GROUP_V3, "globalnetworksets", Need.PUBLISH, "get", "create", "update")))
            .toList();

    /** All permissions that an agent can need. */
    public static final List<Permission> ALL = Stream.of(
                    List.of(
                            SERVICES,
                            NODES,
                            API_ENDPOINTS,
                            IP_POOLS,
                            IP_POOLS_V1,
                            SERVICE_CIDRS,
                            EVENTS,
                            CLUSTER_INFORMATIONS,
                            GLOBAL_POLICIES,
                            cluster(CalicoApi.GROUP_V3, "networkpolicies", Need.DRY_RUN, "list")),
                    ALL_TIERS,
                    List.of(
                            cluster(CalicoApi.GROUP_V3, "hostendpoints", Need.DRY_RUN, "list"),
                            cluster(CalicoApi.GROUP_V3, "felixconfigurations", Need.DRY_RUN, "list"),
                            cluster(CalicoApi.GROUP_V3, "globalnetworksets", Need.DRY_RUN, "get", "list"),
                            cluster(CalicoApi.GROUP_V3, "networksets", Need.DRY_RUN, "list"),
                            cluster(CalicoApi.GROUP_V3, "globalnetworksets", Need.ENFORCE, "create", "update"),
                            API_SERVICES,
                            cluster(CalicoApi.GROUP_V3, "clusterinformations", Need.FOLLOW_SETS, "get"),
                            FOLLOWED_SETS,
                            new Permission("", "pods", List.of("list"), OWN_NAMESPACE, "", Need.ADD_UP)),
                    election(Need.ADD_UP),
                    TO_PUBLISH)
            .flatMap(List::stream)
            .toList();

    /** Copies the list. */
    public Permission {
        verbs = List.copyOf(verbs);
    }

    private static List<Permission> election(Need need) {
        return List.of(
                new Permission(
                        "coordination.k8s.io",
                        "leases",
                        List.of("get", "update"),
                        OWN_NAMESPACE,
                        Leadership.LEASE_NAME,
                        need),
                new Permission("coordination.k8s.io", "leases", List.of("create"), OWN_NAMESPACE, "", need));
    }

    private static Permission cluster(String apiGroup, String resource, Need need, String... verbs) {
        return new Permission(apiGroup, resource, List.of(verbs), "", "", need);
    }

    /**
     * The permissions that an agent needs if Calico's data is in the given group. An empty group means that there is no
     * Calico.
     */
    public static List<Permission> needed(Set<Need> needs, String calicoGroup) {
        return ALL.stream()
                .filter(permission -> needs.contains(permission.need))
                .filter(permission -> !permission.isCalicos() || !calicoGroup.isEmpty())
                .map(permission -> permission.isCalicos() ? permission.inGroup(calicoGroup) : permission)
                .filter(permission ->
                        !permission.resource.startsWith("tier.") || calicoGroup.equals(CalicoApi.GROUP_V3))
                .distinct()
                .toList();
    }

    /** The permissions without which policies may be hidden if Calico's data is in the given group. */
    public static List<Permission> toSeeAllTiers(String calicoGroup) {
        return calicoGroup.equals(CalicoApi.GROUP_V3) ? ALL_TIERS : List.of();
    }

    private boolean isCalicos() {
        return apiGroup.endsWith(CalicoApi.GROUP_V3);
    }

    /** The same with Calico's data in another group. */
    public Permission inGroup(String group) {
        return new Permission(group, resource, verbs, namespace, name, need);
    }

    /** Whether it is for the namespace that the agents run in. */
    public boolean isInOwnNamespace() {
        return namespace.equals(OWN_NAMESPACE);
    }

    /** In words, for a message. */
    public String rule() {
        return rule(String.join(", ", verbs));
    }

    /** The same with these verbs only. */
    public String rule(String verbs) {
        return verbs + " on " + resource + (apiGroup.isEmpty() ? "" : " of " + apiGroup)
                + (namespace.isEmpty() ? "" : " in namespace " + namespace)
                + (name.isEmpty() ? "" : " named " + name);
    }
}

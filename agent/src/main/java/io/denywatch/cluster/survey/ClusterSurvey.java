package io.denywatch.cluster.survey;

import io.denywatch.blocklist.StoreException;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterException;
import io.denywatch.cluster.ClusterLoadBalancer;
import io.denywatch.cluster.MemoryBudget;
import io.denywatch.cluster.Permission;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an agent depends on in a cluster, at one time. Immutable.
 *
 * @param unreachable why nothing could be read, in one line; empty if something was
 * @param origin where Calico's data was read; empty without Calico
 * @param notReady why the blocklist may not be written, in one line; empty if it may
 * @param policies empty if they could not be read
 * @param policiesProblem why not, in one line
 * @param services of type LoadBalancer, as far as they may be seen and fit in memory
 * @param lacking the permissions that the account needs and does not have
 */
public record ClusterSurvey(
        String unreachable,
        Optional<CalicoApi.Origin> origin,
        String notReady,
        Optional<CalicoPolicies> policies,
        String policiesProblem,
        List<ClusterLoadBalancer> services,
        List<String> lacking) {
    /** The problem with policies in a cluster without Calico. */
    public static final String NOT_THERE =
            "neither " + CalicoApi.GROUP_V3 + "/v3 nor " + CalicoApi.GROUP_V1 + "/v1 is served";

    /** The problem with policies that the agent neither uses nor may read. */
    public static final String NOT_ASKED = "this account lacks " + Permission.GLOBAL_POLICIES.rule();

    private static final String HIDDEN = "Calico's API server hides policies of tiers from this account, which lacks ";

    private static final int SERVER_ERROR = 500;

    /** Copies the lists. */
    public ClusterSurvey {
        services = List.copyOf(services);
        lacking = List.copyOf(lacking);
    }

    /**
     * Reads the cluster without changing it; may wait for seconds. Skips what the account neither needs nor may read.
     *
     * @param connection not owned
     * @param allowV1 as for {@link CalicoApi}
     * @param needs what the account should be allowed to do
     */
    public static ClusterSurvey take(ClusterConnection connection, boolean allowV1, Set<Permission.Need> needs) {
        CalicoApi api = new CalicoApi(connection, allowV1);
        try {
            boolean looks = mayLook(connection, needs);
            String notReady = looks && may(connection, needs, Permission.API_SERVICES) ? notReady(api) : "";
            Optional<CalicoApi.Origin> origin = Optional.empty();
            String forbidden = looks ? "" : NOT_ASKED;
            try {
                origin = looks ? api.origin() : origin;
            } catch (StoreException e) {
                if (e.reason() != StoreException.Reason.FORBIDDEN) {
                    return unreachable(String.valueOf(e.getMessage()));
                }
                forbidden = String.valueOf(e.getMessage());
            }
            String expected = allowV1 ? CalicoApi.GROUP_V1 : CalicoApi.GROUP_V3;
            String group = origin.map(CalicoApi.Origin::group).orElse(forbidden.isEmpty() ? "" : expected);
            List<Permission> needed = new ArrayList<>(Permission.needed(needs, group));
            needed.removeIf(Permission::isInOwnNamespace); // only the agent knows that namespace, and uses it at once
            List<Permission> tiers = Permission.toSeeAllTiers(group);
            List<String> hiding = lacking(connection, tiers);
            List<String> lacking = new ArrayList<>();
            if (needed.removeAll(tiers)) { // so that they are not checked twice
                lacking.addAll(hiding);
            }
            lacking.addAll(lacking(connection, needed));
            List<ClusterLoadBalancer> services = services(connection);
            if (origin.isEmpty()) {
                String problem = forbidden.isEmpty() ? NOT_THERE : forbidden;
                return unread(origin, notReady, problem, services, lacking);
            }
            return hiding.isEmpty()
                    ? read(connection, origin.get(), notReady, services, lacking)
                    : unread(origin, notReady, HIDDEN + hiding.getFirst(), services, lacking);
        } catch (ClusterException e) {
            return unreachable(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Whether the survey replaces an earlier one. It does not if the cluster did not answer or seems to have no Calico:
     * Calico may be about to be installed, or its API may be down.
     */
    public boolean decisive() {
        return unreachable.isEmpty() && !isCalicoMissing();
    }

    /** Whether policies are unknown only because the account neither needs nor may read them. */
    public boolean isNotAsked() {
        return origin.isEmpty() && policiesProblem.equals(NOT_ASKED);
    }

    /** Whether the cluster is known to have no Calico. */
    public boolean isCalicoMissing() {
        return origin.isEmpty() && policiesProblem.equals(NOT_THERE);
    }

    /** A survey of a cluster that could not be reached. */
    public static ClusterSurvey unreachable(String why) {
        return new ClusterSurvey(why, Optional.empty(), "", Optional.empty(), "", List.of(), List.of());
    }

    private static ClusterSurvey unread(
            Optional<CalicoApi.Origin> origin,
            String notReady,
            String problem,
            List<ClusterLoadBalancer> services,
            List<String> lacking) {
        return new ClusterSurvey("", origin, notReady, Optional.empty(), problem, services, lacking);
    }

    private static ClusterSurvey read(
            ClusterConnection connection,
            CalicoApi.Origin origin,
            String notReady,
            List<ClusterLoadBalancer> services,
            List<String> lacking)
            throws ClusterException {
        try {
            CalicoPolicies policies = new PolicyReader(connection).read(origin);
            return new ClusterSurvey("", Optional.of(origin), notReady, Optional.of(policies), "", services, lacking);
        } catch (ClusterException e) {
            if (isNoAnswer(e)) {
                throw e;
            }
            return unread(Optional.of(origin), notReady, String.valueOf(e.getMessage()), services, lacking);
        }
    }

    private static boolean isNoAnswer(ClusterException e) {
        return e.status() == ClusterException.NO_ANSWER || e.status() >= SERVER_ERROR;
    }

    private static String notReady(CalicoApi api) {
        try {
            return api.detect() instanceof CalicoApi.NotReady(String problem) ? problem : "";
        } catch (StoreException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static List<ClusterLoadBalancer> services(ClusterConnection connection) throws ClusterException {
        List<ClusterLoadBalancer> services = new ArrayList<>();
        try {
            connection.listPages(
                    ClusterLoadBalancer.KIND.path(),
                    MemoryBudget.ofHeap("services"),
                    object -> ClusterLoadBalancer.read(object)
                            .filter(services::add)
                            .map(ClusterLoadBalancer::size)
                            .orElse(0L));
        } catch (ClusterException e) {
            if (isNoAnswer(e)) {
                throw e;
            }
        }
        return services;
    }

    private static boolean mayLook(ClusterConnection connection, Set<Permission.Need> needs) throws ClusterException {
        for (String group : List.of(CalicoApi.GROUP_V3, CalicoApi.GROUP_V1)) {
            if (may(connection, needs, Permission.CLUSTER_INFORMATIONS.inGroup(group))
                    && may(connection, needs, Permission.GLOBAL_POLICIES.inGroup(group))) {
                return true;
            }
        }
        return false;
    }

    /** Whether the account needs the permission, or has it anyway. */
    private static boolean may(ClusterConnection connection, Set<Permission.Need> needs, Permission permission)
            throws ClusterException {
        return needs.contains(permission.need())
                || isAllowed(connection, permission, permission.verbs().getFirst());
    }

    private static List<String> lacking(ClusterConnection connection, List<Permission> permissions)
            throws ClusterException {
        List<String> lacking = new ArrayList<>();
        for (Permission permission : permissions) {
            for (String verb : permission.verbs()) {
                String rule = permission.rule(verb); // features may need the same
                if (!lacking.contains(rule) && !isAllowed(connection, permission, verb)) {
                    lacking.add(rule);
                }
            }
        }
        return lacking;
    }

    private static boolean isAllowed(ClusterConnection connection, Permission permission, String verb)
            throws ClusterException {
        try {
            SelfSubjectAccessReview answer = connection
                    .client()
                    .authorization()
                    .v1()
                    .selfSubjectAccessReview()
                    .create(new SelfSubjectAccessReviewBuilder()
                            .withNewSpec()
                            .withNewResourceAttributes()
                            .withGroup(permission.apiGroup())
                            .withResource(permission.resource())
                            .withVerb(verb)
                            .withNamespace(permission.namespace())
                            .withName(permission.name())
                            .endResourceAttributes()
                            .endSpec()
                            .build());
            return answer.getStatus() != null
                    && Boolean.TRUE.equals(answer.getStatus().getAllowed());
        } catch (KubernetesClientException e) {
            throw new ClusterException(e.getCode(), "create selfsubjectaccessreviews: " + e.getMessage());
        }
    }
}

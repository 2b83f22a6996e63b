package io.denywatch.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.StoreException;
import io.denywatch.blocklist.StoreException.Reason;
import io.denywatch.cluster.CalicoApi.NotReady;
import io.denywatch.cluster.CalicoApi.Usable;
import io.denywatch.cluster.CalicoCluster.Api;
import io.denywatch.testing.RealApiServer.Account;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CalicoApiTest {
    private static String problem(CalicoApi api) throws StoreException {
        return assertInstanceOf(NotReady.class, api.detect()).problem();
    }

    @Test
    void theSupportedGroupIsTakenWhereItIsServed() throws StoreException {
        CalicoCluster cluster = new CalicoCluster(Api.V3).inform(Api.V3, true);
        Usable expected = new Usable("projectcalico.org", "v3", "globalnetworksets", CalicoCluster.VERSION);
        assertEquals(expected, new CalicoApi(cluster.admin, false).detect());
        assertEquals(expected, new CalicoApi(cluster.admin, true).detect());
    }

    @Test
    void calicosOwnObjectsAreTakenOnlyWhereTheOperatorSaysSo() throws StoreException {
        CalicoCluster cluster = new CalicoCluster(Api.V1).inform(Api.V1, true);
        String problem = problem(new CalicoApi(cluster.admin, false));
        assertTrue(problem.contains("blocklist.api") && problem.contains("crd.projectcalico.org/v1"), problem);
        assertEquals(
                new Usable("crd.projectcalico.org", "v1", "globalnetworksets", CalicoCluster.VERSION),
                new CalicoApi(cluster.admin, true).detect());
    }

    @Test
    void aClusterWithoutCalicoIsNotReady() throws StoreException {
        CalicoCluster cluster = new CalicoCluster();
        for (boolean allowV1 : new boolean[] {false, true}) {
            assertTrue(problem(new CalicoApi(cluster.admin, allowV1)).contains("not there"));
        }
    }

    @Test
    void aRegisteredGroupThatIsDownIsNeverGoneAround() throws StoreException {
        CalicoCluster cluster = new CalicoCluster(Api.V1).inform(Api.V1, true);
        cluster.registerDeadServer();
        assertTrue(problem(new CalicoApi(cluster.admin, true)).contains("not available"));
    }

    @Test
    void whereRegistrationsCannotBeSeenAGroupThatIsNotListedMayBeDown() throws StoreException {
        CalicoCluster cluster = new CalicoCluster(Api.V1).inform(Api.V1, true);
        Account account = cluster.server.newAccount();
        grantClusterInformation(cluster, account);
        try (KubernetesClient limited = cluster.server.client(account.token())) {
            assertTrue(problem(new CalicoApi(limited, true)).contains("may not get apiservices"));
        }
    }

    @Test
    void whereRegistrationsCannotBeSeenTheGroupThatIsServedIsTaken() throws StoreException {
        CalicoCluster cluster = new CalicoCluster(Api.V3).inform(Api.V3, true);
        Account account = cluster.server.newAccount();
        grantClusterInformation(cluster, account);
        try (KubernetesClient limited = cluster.server.client(account.token())) {
            assertEquals(
                    "projectcalico.org",
                    assertInstanceOf(Usable.class, new CalicoApi(limited, true).detect())
                            .group());
        }
    }

    private static void grantClusterInformation(CalicoCluster cluster, Account account) {
        cluster.server.grant(
                account,
                new PolicyRuleBuilder()
                        .withApiGroups(CalicoApi.GROUP_V3, CalicoApi.GROUP_V1)
                        .withResources("clusterinformations")
                        .withVerbs("get")
                        .build());
    }

    @Test
    void whoMayNotReadTheClusterInformationIsToldWhatIsMissing() {
        CalicoCluster cluster = new CalicoCluster(Api.V3).inform(Api.V3, true);
        try (KubernetesClient limited =
                cluster.server.client(cluster.server.newAccount().token())) {
            StoreException e = assertThrows(StoreException.class, () -> new CalicoApi(limited, false).detect());
            assertEquals(Reason.FORBIDDEN, e.reason());
            assertTrue(e.toString().contains("get clusterinformations.projectcalico.org default: 403"), e.getMessage());
        }
    }

    @Test
    void strayDefinitionsBesideTheOnesThatCalicoReadsAreRefused() throws StoreException {
        CalicoCluster cluster = new CalicoCluster(Api.V1, Api.V3).inform(Api.V1, true);
        for (boolean allowV1 : new boolean[] {false, true}) {
            assertTrue(problem(new CalicoApi(cluster.admin, allowV1)).contains("strays"));
        }
    }

    @Test
    void aLockedDatastoreIsSeenEachTime() throws StoreException {
        CalicoCluster cluster = new CalicoCluster(Api.V3);
        CalicoApi api = new CalicoApi(cluster.admin, false);
        assertTrue(problem(api).contains("not there"));
        cluster.inform(Api.V3, false);
        assertTrue(problem(api).contains("datastoreReady is not true"));
        cluster.inform(Api.V3, true);
        assertInstanceOf(Usable.class, api.detect());
        cluster.inform(Api.V3, false);
        assertTrue(problem(api).contains("datastoreReady is not true"));
    }

    @Test
    void aGroupThatWasChosenIsNotChangedAtRunTime() throws StoreException {
        CalicoCluster cluster = new CalicoCluster(Api.V1).inform(Api.V1, true);
        CalicoApi api = new CalicoApi(cluster.admin, true);
        assertInstanceOf(Usable.class, api.detect());
        CalicoCluster upgraded = new CalicoCluster(Api.V3).inform(Api.V3, true);
        String problem = problem(api);
        assertTrue(problem.contains("was crd.projectcalico.org and is now projectcalico.org"), problem);
        assertInstanceOf(Usable.class, new CalicoApi(upgraded.admin, true).detect());
    }

    @Test
    void nothingIsWrittenWhileCalicosDataIsMigrated() throws StoreException {
        CalicoCluster cluster =
                new CalicoCluster(Api.V1, Api.V3).inform(Api.V1, true).inform(Api.V3, true);
        CalicoApi api = new CalicoApi(cluster.admin, false);
        cluster.server.load("""
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: datastoremigrations.migration.projectcalico.org}
                spec:
                  group: migration.projectcalico.org
                  names: {kind: DatastoreMigration, plural: datastoremigrations}
                  scope: Cluster
                  versions:
                  - name: v1beta1
                    served: true
                    storage: true
                    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
                """);
        assertInstanceOf(Usable.class, api.detect());
        for (String phase : new String[] {"Migrating", "Converged", "Aborting", "Complete"}) {
            cluster.admin
                    .genericKubernetesResources(new ResourceDefinitionContext.Builder()
                            .withGroup("migration.projectcalico.org")
                            .withVersion("v1beta1")
                            .withPlural("datastoremigrations")
                            .withKind("DatastoreMigration")
                            .build())
                    .resource(new GenericKubernetesResourceBuilder()
                            .withApiVersion("migration.projectcalico.org/v1beta1")
                            .withKind("DatastoreMigration")
                            .withNewMetadata()
                            .withName("v1-to-v3")
                            .endMetadata()
                            .addToAdditionalProperties("status", Map.of("phase", phase))
                            .build())
                    .createOr(existing -> existing.update());
            if (phase.endsWith("ing")) {
                assertTrue(problem(api).contains("migrated (" + phase + ")"));
            } else {
                assertInstanceOf(Usable.class, api.detect(), phase);
            }
        }
    }
}

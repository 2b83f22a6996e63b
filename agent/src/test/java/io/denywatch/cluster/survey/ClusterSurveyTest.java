package io.denywatch.cluster.survey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.CalicoCluster;
import io.denywatch.cluster.CalicoCluster.Api;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterException;
import io.denywatch.cluster.FollowedCluster;
import io.denywatch.cluster.Permission;
import io.denywatch.testing.RealApiServer.Account;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterSurveyTest {
    private static ClusterSurvey take(Path kubeconfig, Permission.Need need) throws ClusterException {
        try (ClusterConnection connection = ClusterConnection.open(
                Optional.of(kubeconfig), Optional.empty(), "test", System::nanoTime, Duration.ofMinutes(2))) {
            return ClusterSurvey.take(connection, false, Permission.Need.upTo(need));
        }
    }

    @Test
    void whoMayDoEverythingLacksNothing() throws ClusterException {
        CalicoCluster cluster = new CalicoCluster(Api.V3).inform(Api.V3, true).withPolicies(Api.V3);

        ClusterSurvey survey = take(cluster.server.adminKubeconfig(), Permission.Need.ENFORCE);

        assertEquals("", survey.unreachable() + survey.notReady() + survey.policiesProblem());
        assertTrue(survey.policies().isPresent());
        assertEquals(List.of(), survey.lacking());
    }

    @Test
    void theRulesOfTheTableAreEnoughToReadEverything() throws ClusterException {
        CalicoCluster cluster = new CalicoCluster(Api.V3).inform(Api.V3, true).withPolicies(Api.V3);
        Account account = cluster.server.newAccount();
        cluster.server.grant(
                account,
                Permission.needed(Permission.Need.upTo(Permission.Need.ENFORCE), CalicoApi.GROUP_V3).stream()
                        .map(FollowedCluster::rule)
                        .toArray(PolicyRule[]::new));

        ClusterSurvey survey = take(cluster.server.kubeconfig(account), Permission.Need.ENFORCE);

        assertTrue(survey.policies().isPresent(), survey::toString);
        assertEquals(List.of(), survey.lacking());
    }

    @Test
    void policiesThatMayBeHiddenAreNotRead() throws ClusterException {
        CalicoCluster cluster = new CalicoCluster(Api.V3).inform(Api.V3, true).withPolicies(Api.V3);
        Account account = cluster.server.newAccount();
        cluster.server.grant(
                account,
                Permission.needed(Permission.Need.upTo(Permission.Need.ENFORCE), CalicoApi.GROUP_V3).stream()
                        .filter(permission -> !permission.resource().equals("tier.globalnetworkpolicies"))
                        .map(FollowedCluster::rule)
                        .toArray(PolicyRule[]::new));

        ClusterSurvey survey = take(cluster.server.kubeconfig(account), Permission.Need.DISCOVERY);

        assertTrue(survey.policies().isEmpty());
        assertTrue(
                survey.policiesProblem().endsWith("get on tier.globalnetworkpolicies of projectcalico.org"),
                survey::policiesProblem);
        assertTrue(survey.decisive());
        assertEquals(
                List.of("get", "list"),
                take(cluster.server.kubeconfig(account), Permission.Need.ENFORCE).lacking().stream()
                        .map(rule -> rule.substring(0, rule.indexOf(' ')))
                        .toList());
    }

    @Test
    void whatAnAccountLacksIsNamedForWhatItIsToDo() throws ClusterException {
        CalicoCluster cluster = new CalicoCluster(Api.V3).inform(Api.V3, true).withPolicies(Api.V3);
        Account account = cluster.server.newAccount();
        cluster.server.grant(
                account, FollowedCluster.rule(Permission.SERVICES), FollowedCluster.rule(Permission.NODES));
        Path kubeconfig = cluster.server.kubeconfig(account);

        ClusterSurvey discovery = take(kubeconfig, Permission.Need.DISCOVERY);
        assertEquals(List.of(), discovery.lacking());
        assertEquals(
                "this account lacks list on globalnetworkpolicies of projectcalico.org", discovery.policiesProblem());
        assertEquals("", discovery.notReady());
        ClusterSurvey dryRun = take(kubeconfig, Permission.Need.DRY_RUN);
        assertTrue(dryRun.policies().isEmpty());
        assertFalse(dryRun.policiesProblem().isEmpty());
        assertTrue(
                dryRun.lacking().contains("list on globalnetworkpolicies of projectcalico.org"),
                () -> dryRun.lacking().toString());
    }

    @Test
    void aClusterWithoutCalicoIsTold() throws ClusterException {
        CalicoCluster cluster = new CalicoCluster();

        ClusterSurvey survey = take(cluster.server.adminKubeconfig(), Permission.Need.DRY_RUN);

        assertEquals(ClusterSurvey.NOT_THERE, survey.policiesProblem());
        assertTrue(survey.origin().isEmpty());
    }
}

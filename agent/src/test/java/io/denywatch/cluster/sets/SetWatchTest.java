package io.denywatch.cluster.sets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.cluster.CalicoCluster;
import io.denywatch.cluster.CalicoCluster.Api;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterException;
import io.denywatch.cluster.FollowedCluster;
import io.denywatch.cluster.Permission;
import io.denywatch.cluster.sets.SetWatch.Sets;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.SetLabels;
import io.denywatch.testing.RealApiServer.Account;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Api.class)
class SetWatchTest {
    private static final int STEP_MILLIS = 250;
    private static final Map<String, String> EXEMPT = Map.of(SetLabels.NEVER_BLOCK, SetLabels.MARKED);

    private final Api api;
    private final CalicoCluster cluster;
    private long nowMillis = 1_700_000_000_000L;

    SetWatchTest(Api api) {
        this.api = api;
        cluster = new CalicoCluster(api);
    }

    /** A watch, and the connection that it uses. */
    private record Followed(ClusterConnection connection, SetWatch watch) implements AutoCloseable {
        @Override
        public void close() {
            watch.close();
            connection.close();
        }
    }

    private Followed follow(boolean allowV1) throws ClusterException {
        return follow(cluster.server.adminKubeconfig(), allowV1);
    }

    private static Followed follow(Path kubeconfig, boolean allowV1) throws ClusterException {
        ClusterConnection connection = ClusterConnection.open(
                Optional.of(kubeconfig), Optional.empty(), "test", System::nanoTime, Duration.ofMinutes(2));
        return new Followed(connection, new SetWatch(connection, allowV1, SetLabels.NEVER_BLOCK, new Random(1)));
    }

    private Sets await(Followed followed, String what, Predicate<Sets> wish) {
        cluster.server.await(what + " instead of " + followed.watch().sets(), () -> {
            nowMillis += STEP_MILLIS;
            followed.watch().poll(nowMillis);
            return wish.test(followed.watch().sets());
        });
        return followed.watch().sets();
    }

    private void make(String name, Map<String, String> labels, String... nets) {
        cluster.make(api, name, labels, nets);
    }

    private static List<String> names(Sets sets) {
        return sets.sets().stream().map(ClusterNetworkSet::name).toList();
    }

    private static GenericKubernetesResource unlabelled(GenericKubernetesResource set) {
        set.getMetadata().setLabels(Map.of());
        return set;
    }

    @Test
    void setsWithTheLabelAppearChangeAndVanish() throws ClusterException {
        cluster.inform(api, true);
        make("other", Map.of(), "198.51.100.1");
        make("off", Map.of(SetLabels.NEVER_BLOCK, "false"), "198.51.100.2");
        try (Followed followed = follow(true)) {
            assertEquals(Sets.UNKNOWN, followed.watch().sets());
            await(followed, "no set", sets -> sets.known() && sets.sets().isEmpty());

            make("partners", EXEMPT, "203.0.113.0/24");
            make("office", EXEMPT, "2001:db8::/48", "192.0.2.7", "192.0.2.7/32");
            Sets both = await(followed, "two sets", sets -> sets.sets().size() == 2);
            assertEquals(List.of("office", "partners"), names(both));
            assertEquals(
                    new ClusterNetworkSet(
                            "office", EXEMPT, List.of(IpPrefix.parse("2001:db8::/48"), IpPrefix.parse("192.0.2.7")), 0),
                    both.sets().getFirst());
            assertTrue(both.known());
            assertEquals("", both.problem());

            cluster.edit(api, "partners", set -> {
                set.getAdditionalProperties().put("spec", Map.of("nets", List.of("203.0.113.0/25")));
                return set;
            });
            await(
                    followed,
                    "changed set",
                    sets -> sets.sets().getLast().nets().equals(List.of(IpPrefix.parse("203.0.113.0/25"))));

            cluster.edit(api, "partners", SetWatchTest::unlabelled);
            await(followed, "set without its label gone", sets -> names(sets).equals(List.of("office")));
            cluster.sets(api).withName("office").delete();
            await(followed, "all gone", sets -> sets.sets().isEmpty());
        }
    }

    @Test
    void whatIsKnownStaysWhileTheServerIsAway() throws ClusterException {
        cluster.inform(api, true);
        make("partners", EXEMPT, "203.0.113.0/24");
        try (Followed followed = follow(true)) {
            await(followed, "set", sets -> names(sets).equals(List.of("partners")));
            cluster.server.stop();
            Sets away = await(followed, "problem", sets -> !sets.problem().isEmpty());
            assertEquals(List.of("partners"), names(away));
            assertTrue(away.known());
            cluster.server.start();
            make("office", EXEMPT, "192.0.2.7");
            await(
                    followed,
                    "caught up",
                    sets -> names(sets).equals(List.of("office", "partners"))
                            && sets.problem().isEmpty());
        }
    }

    @Test
    void aGroupThatNobodyHasChosenIsNotRead() throws ClusterException {
        cluster.inform(api, true);
        make("partners", EXEMPT, "203.0.113.0/24");
        try (Followed followed = follow(false)) {
            Sets found =
                    await(followed, "set or problem", sets -> !sets.problem().isEmpty() || sets.known());
            assertEquals(api == Api.V3, found.known());
            assertEquals(
                    api == Api.V3
                            ? ""
                            : "network sets labelled denywatch.io/never-block cannot be read: projectcalico.org/v3 is"
                                    + " not served; to use crd.projectcalico.org/v1 instead, set blocklist.api to it",
                    found.problem());
        }
    }

    @Test
    void nothingIsKnownUntilCalicoIsServed() throws ClusterException {
        new CalicoCluster(); // serves none of Calico's groups
        try (Followed followed = follow(true)) {
            Sets without = await(followed, "problem", sets -> !sets.problem().isEmpty());
            assertFalse(without.known());
            assertEquals(
                    "network sets labelled denywatch.io/never-block cannot be read: neither projectcalico.org/v3 nor"
                            + " crd.projectcalico.org/v1 is served",
                    without.problem());
            new CalicoCluster(api).inform(api, true);
            await(followed, "known", sets -> sets.known() && sets.problem().isEmpty());
        }
    }

    @Test
    void aMissingPermissionIsNamedAndItsGrantIsNoticed() throws ClusterException {
        cluster.inform(api, true);
        make("partners", EXEMPT, "203.0.113.0/24");
        Account account = cluster.server.newAccount();
        cluster.server.grant(account, FollowedCluster.rule(Permission.CLUSTER_INFORMATIONS.inGroup(api.group)));
        try (Followed followed = follow(cluster.server.kubeconfig(account), true)) {
            Sets refused = await(followed, "refusal", sets -> !sets.problem().isEmpty());
            assertFalse(refused.known());
            assertEquals(
                    "network sets labelled denywatch.io/never-block cannot be read: 403; missing: list, watch on"
                            + " globalnetworksets of " + api.group,
                    refused.problem());
            cluster.server.grant(
                    account,
                    FollowedCluster.rule(Permission.CLUSTER_INFORMATIONS.inGroup(api.group)),
                    FollowedCluster.rule(Permission.FOLLOWED_SETS.inGroup(api.group)));
            await(followed, "known", sets -> sets.known() && sets.problem().isEmpty());
        }
    }
}

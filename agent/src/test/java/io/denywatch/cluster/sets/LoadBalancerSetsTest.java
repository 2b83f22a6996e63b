package io.denywatch.cluster.sets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.CalicoCluster;
import io.denywatch.cluster.CalicoCluster.Api;
import io.denywatch.cluster.ClusterLoadBalancer;
import io.denywatch.cluster.ClusterView;
import io.denywatch.ip.Ip;
import io.denywatch.policy.LoadBalancerRules;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the elected agent publishes, in a real API server. */
@ParameterizedClass
@EnumSource(Api.class)
class LoadBalancerSetsTest {
    private static final String NAME = LoadBalancerSets.NAME;

    private final Api api;
    private final CalicoCluster cluster;
    private final LoadBalancerSets sets;
    private boolean leads = true;
    private ClusterView view = ClusterView.EMPTY;
    private long nowMillis = 1_700_000_000_000L;

    LoadBalancerSetsTest(Api api) {
        this.api = api;
        cluster = new CalicoCluster(api).inform(api, true);
        KubernetesClient client = cluster.observed();
        sets = new LoadBalancerSets(
                client, new CalicoApi(client, api == Api.V1), () -> leads, () -> view, new Random(1));
    }

    private static ClusterLoadBalancer service(String name, List<String> addresses, List<String> external) {
        return new ClusterLoadBalancer(
                "shop", name, ips(addresses), ips(external), List.of(), List.of(), List.of(), true);
    }

    private static List<Ip> ips(List<String> texts) {
        return texts.stream().map(Ip::parse).toList();
    }

    private static ClusterView view(boolean servicesKnown, boolean nodesKnown, ClusterLoadBalancer... services) {
        return new ClusterView(
                List.of(services),
                List.of(),
                Optional.empty(),
                1,
                nodesKnown ? Optional.of(Set.of(Ip.parse("10.0.0.1"))) : Optional.empty(),
                List.of(),
                servicesKnown,
                false,
                0,
                0,
                "");
    }

    private void shows(String... addresses) {
        view = view(true, true, service("web", List.of(addresses), List.of()));
    }

    private int poll(long laterMillis) {
        nowMillis += laterMillis;
        return sets.poll(nowMillis);
    }

    private List<String> nets() {
        return cluster.nets(api, NAME);
    }

    @Test
    void aServiceCreatedAtNoonIsPublishedAtNoon() {
        shows("203.0.113.1");
        poll(0);
        assertEquals(List.of("203.0.113.1/32"), nets());
        assertEquals(
                LoadBalancerRules.VALUE,
                Objects.requireNonNull(cluster.set(api, NAME))
                        .getMetadata()
                        .getLabels()
                        .get(LoadBalancerRules.LABEL));
        shows("203.0.113.1", "2001:db8::1");
        poll(LoadBalancerSets.RECONCILE_MILLIS_MIN);
        assertEquals(Set.of("203.0.113.1/32", "2001:db8::1/128"), Set.copyOf(nets()));
        assertEquals(new LoadBalancerSets.PublishedAddresses(2, nowMillis), sets.published());
    }

    @Test
    void nothingIsWrittenBeforeServicesAndNodesAreKnownOrWithoutLeadership() {
        for (ClusterView unknown : List.of(view(false, true), view(true, false), view(false, false))) {
            view = unknown;
            assertEquals(0, poll(60_000));
        }
        shows("203.0.113.1");
        leads = false;
        assertEquals(0, poll(60_000));
        assertEquals(List.of(), cluster.requests);
        assertNull(cluster.set(api, NAME));
        assertEquals(LoadBalancerSets.PublishedAddresses.NOTHING, sets.published());
    }

    @Test
    void anAddressStaysForATimeAfterItsServiceAndIsThenRemoved() {
        shows("203.0.113.1", "203.0.113.2");
        poll(0);
        shows("203.0.113.2");
        poll(1_000);
        assertEquals(2, nets().size());
        poll(LoadBalancerSets.GONE_GRACE.toMillis() - 1);
        assertEquals(2, nets().size());
        shows("203.0.113.1", "203.0.113.2");
        poll(1_000);
        view = view(true, true);
        poll(1_000);
        assertEquals(2, nets().size());
        poll(LoadBalancerSets.GONE_GRACE.toMillis());
        assertEquals(List.of(), nets());
    }

    @Test
    void neitherExternalIpsNorNodesNorImpossibleDestinationsArePublished() {
        view = view(
                true,
                true,
                service("a", List.of("10.0.0.1", "127.0.0.1", "203.0.113.1", "::1"), List.of("198.51.100.7")));
        poll(0);
        assertEquals(List.of("203.0.113.1/32"), nets());
    }

    @Test
    void whatOthersWroteIsUndone() {
        shows("203.0.113.1");
        poll(0);
        cluster.edit(api, NAME, object -> {
            object.getMetadata().setLabels(new java.util.HashMap<>());
            object.setAdditionalProperty(
                    "spec", java.util.Map.of("nets", List.of("0.0.0.0/0", "10.0.0.1/32", "198.51.100.0/24", "x")));
            return object;
        });
        poll(LoadBalancerSets.RECONCILE_EVERY.toMillis());
        assertEquals(List.of("203.0.113.1/32"), nets());
        assertEquals(
                LoadBalancerRules.VALUE,
                Objects.requireNonNull(cluster.set(api, NAME))
                        .getMetadata()
                        .getLabels()
                        .get(LoadBalancerRules.LABEL));
        cluster.sets(api).withName(NAME).delete();
        poll(LoadBalancerSets.RECONCILE_EVERY.toMillis());
        assertEquals(List.of("203.0.113.1/32"), nets());
    }

    @Test
    void nothingIsWrittenWhileNothingChanges() {
        shows("203.0.113.1");
        poll(0);
        cluster.requests.clear();
        for (int i = 0; i < 10; i++) {
            poll(LoadBalancerSets.RECONCILE_EVERY.toMillis());
        }
        assertEquals(List.of(), cluster.writes());
        cluster.requests.clear();
        assertEquals(0, poll(100));
        assertEquals(List.of(), cluster.requests);
    }

    @Test
    void moreAddressesThanASetTakesGoToFurtherSetsAndNoneMoves() {
        List<String> many = new ArrayList<>(IntStream.range(0, SetName.NETS_MAX + 10)
                .mapToObj(i -> "198.18." + i / 250 + "." + (i % 250 + 1))
                .toList());
        shows(many.toArray(String[]::new));
        poll(0);
        List<String> second = cluster.nets(api, LoadBalancerSets.name(1));
        assertEquals(SetName.NETS_MAX, nets().size());
        assertEquals(10, second.size());
        many.remove(0);
        shows(many.toArray(String[]::new));
        poll(1_000);
        poll(LoadBalancerSets.GONE_GRACE.toMillis());
        assertEquals(SetName.NETS_MAX - 1, nets().size());
        assertEquals(second, cluster.nets(api, LoadBalancerSets.name(1)));
    }

    @Test
    void aDatastoreThatIsNotReadyIsAskedAgainLater() {
        cluster.inform(api, false);
        shows("203.0.113.1");
        assertEquals(1, poll(0));
        assertNull(cluster.set(api, NAME));
        assertEquals(0, sets.published().syncMillis());
        cluster.inform(api, true);
        poll(LoadBalancerSets.RETRY_MILLIS_MAX);
        assertEquals(List.of("203.0.113.1/32"), nets());
        assertTrue(sets.published().syncMillis() > 0);
    }
}

package io.denywatch.cluster.sets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Blocklist;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.BlocklistStore.Stored;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.blocklist.StoreException;
import io.denywatch.blocklist.StoreException.Reason;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.CalicoCluster;
import io.denywatch.cluster.CalicoCluster.Api;
import io.denywatch.cluster.Drawn;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.SubnetLengths;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.manifest.PolicyOptions;
import io.denywatch.policy.manifest.PolicySet;
import io.denywatch.policy.manifest.PolicyYaml;
import io.denywatch.policy.manifest.ProtectedAddress;
import io.denywatch.testing.RealApiServer.Account;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Api.class)
class GlobalNetworkSetStoreTest {
    private static final String NODE = "10.240.0.7";
    private static final String SHARD_0 = "denywatch-0-" + NODE;

    private final Api api;
    private final Drawn drawn = new Drawn(11);
    private CalicoCluster cluster;
    private Optional<String> uid = Optional.empty();
    private NeverBlock neverBlock = new NeverBlock(List.of());
    private GlobalNetworkSetStore store;

    GlobalNetworkSetStoreTest(Api api) {
        this.api = api;
        cluster = new CalicoCluster(api).inform(api, true);
        store = store(cluster.observed());
    }

    @BeforeEach
    void joins() {
        uid = Optional.of(cluster.node(NODE));
    }

    private GlobalNetworkSetStore store(KubernetesClient client) {
        return store(client, SubnetLengths.NONE);
    }

    private GlobalNetworkSetStore store(KubernetesClient client, SubnetLengths widest) {
        return new GlobalNetworkSetStore(
                client, new CalicoApi(client, api == Api.V1), NODE, () -> uid, () -> neverBlock, () -> 1, widest);
    }

    @Test
    void aSubnetSurvivesARestartOnlyWhileARuleCanDetectIt() throws StoreException {
        SubnetLengths rule = new SubnetLengths(24, 56);
        IpPrefix subnet = IpPrefix.parse("45.1.2.0/24");
        IpPrefix wider = IpPrefix.parse("45.8.0.0/20");
        IpPrefix single = IpPrefix.parse("45.9.9.9/32");
        Instant at = Instant.parse("2026-03-01T10:00:00Z");
        Evidence evidence = new Evidence(
                20,
                List.of("tcp/22"),
                List.of(),
                at,
                at,
                "",
                20,
                "",
                List.of(IpPrefix.parse("45.1.2.9"), IpPrefix.parse("45.1.2.7")));
        Map<IpPrefix, BlockEntry> entries = new LinkedHashMap<>();
        for (IpPrefix source : List.of(subnet, wider, single)) {
            entries.put(source, new BlockEntry(source, at, at.plusSeconds(600), "botnet", 0, evidence));
        }
        Blocklist all = new Blocklist(entries, Map.of());
        store(cluster.observed(), rule).save(all);

        Stored restarted = store(cluster.observed(), rule).load();
        assertEquals(Set.of(subnet, single), restarted.own().entries().keySet());
        assertEquals(Set.of(subnet, single), restarted.listed(), "nothing wider than the rule was written");
        assertEquals(
                evidence.members(),
                Objects.requireNonNull(restarted.own().entries().get(subnet))
                        .evidence()
                        .members());

        GlobalNetworkSetStore without = store(cluster.observed());
        Stored narrow = without.load();
        assertEquals(Set.of(single), narrow.own().entries().keySet());
        without.save(narrow.own());
        assertEquals(Set.of(single), without.load().listed());

        neverBlock = new NeverBlock(List.of(new NeverBlock.Range(IpPrefix.parse("45.1.2.200"), "a customer")));
        store(cluster.observed(), rule).save(all);
        assertEquals(
                Set.of(single),
                store(cluster.observed(), rule).load().listed(),
                "a subnet that touches an exempt range is refused as a whole");
    }

    private Blocklist ofIpv4(int entries) {
        Map<IpPrefix, BlockEntry> bySource = new LinkedHashMap<>();
        while (bySource.size() < entries) {
            IpPrefix source = drawn.ipv4();
            bySource.put(source, drawn.entry(source, false));
        }
        return new Blocklist(bySource, Map.of());
    }

    private static Blocklist first(Blocklist of, int entries) {
        Map<IpPrefix, BlockEntry> some = new LinkedHashMap<>();
        of.entries().entrySet().stream().limit(entries).forEach(entry -> some.put(entry.getKey(), entry.getValue()));
        return new Blocklist(some, of.priorBlocks());
    }

    private ObjectMeta metadata(String name) {
        return Objects.requireNonNull(cluster.set(api, name), name).getMetadata();
    }

    private void edit(Consumer<GenericKubernetesResource> change) {
        cluster.edit(api, SHARD_0, object -> {
            change.accept(object);
            return object;
        });
    }

    private static void setNets(GenericKubernetesResource object, List<String> nets) {
        object.setAdditionalProperty("spec", Map.of("nets", nets));
    }

    private Blocklist saved(int entries) throws StoreException {
        Blocklist wanted = ofIpv4(entries);
        store.load();
        store.save(wanted);
        cluster.requests.clear();
        return wanted;
    }

    private void assertStored(Blocklist wanted) throws StoreException {
        Stored stored = store.load();
        assertTrue(stored.intact());
        assertEquals(wanted.entries().keySet(), stored.listed());
        assertEquals(deadlines(wanted), deadlines(stored.own()));
    }

    private static Map<IpPrefix, Instant> deadlines(Blocklist blocklist) {
        return blocklist.entries().values().stream().collect(Collectors.toMap(BlockEntry::source, BlockEntry::until));
    }

    private void assertRepaired(Blocklist wanted) throws StoreException {
        assertFalse(store.load().intact());
        store.save(wanted);
        assertStored(wanted);
    }

    @Test
    void whatIsWrittenIsSelectedByTheBlocklistsPolicy() throws StoreException {
        store.load();
        store.save(Blocklist.EMPTY);
        String policies = PolicyYaml.of(
                PolicySet.of(PolicyOptions.of(List.of(ProtectedAddress.parse("203.0.113.7:80")), List.of())));
        assertTrue(metadata(SHARD_0).getLabels().entrySet().stream()
                .anyMatch(label ->
                        policies.contains("selector: \"" + label.getKey() + " == '" + label.getValue() + "'\"")));
    }

    @Test
    void anEmptySetIsThereOnceTheFirstBlocklistIsSaved() throws StoreException {
        Stored stored = store.load();
        assertEquals(Blocklist.EMPTY, stored.own());
        assertFalse(stored.intact());
        store.save(Blocklist.EMPTY);
        assertEquals(List.of(), cluster.nets(api, SHARD_0));
        ObjectMeta metadata = metadata(SHARD_0);
        assertEquals(Map.of("denywatch.io/blocklist", "true", "denywatch.io/node", NODE), metadata.getLabels());
        assertEquals(1, metadata.getOwnerReferences().size());
        assertEquals(uid.orElseThrow(), metadata.getOwnerReferences().getFirst().getUid());
        assertNull(metadata.getOwnerReferences().getFirst().getBlockOwnerDeletion());
        assertNull(metadata.getOwnerReferences().getFirst().getController());
        assertTrue(store.load().intact());
    }

    @Test
    void whatIsSavedIsFoundByTheNextAgentWithItsDeadlines() throws StoreException {
        Blocklist wanted = drawn.blocklist(50, 20);
        store.load();
        store.save(wanted);
        store = store(cluster.observed());
        assertStored(wanted);
        assertEquals(wanted.priorBlocks(), store.load().own().priorBlocks());
        assertEquals(wanted.entries(), store.load().own().entries());
    }

    @Test
    void whatDidNotChangeIsNotAskedFor() throws StoreException {
        Blocklist wanted = saved(10);
        store.save(wanted);
        assertEquals(List.of(), cluster.requests);
    }

    @Test
    void anUpdateIsOnePut() throws StoreException {
        Blocklist wanted = saved(10);
        store.save(first(wanted, 9));
        assertEquals(
                List.of("PUT /apis/" + api.group + "/" + api.version + "/globalnetworksets/" + SHARD_0),
                cluster.writes());
        assertStored(first(wanted, 9));
    }

    @Test
    void whoWritesSecondIsToldAndReadsAgain() throws StoreException {
        Blocklist wanted = saved(5);
        edit(object -> object.getMetadata().getLabels().put("other", "label"));
        StoreException e = assertThrows(StoreException.class, () -> store.save(first(wanted, 3)));
        assertEquals(Reason.CONFLICT, e.reason(), e.getMessage());
        store.save(first(wanted, 3));
        assertStored(first(wanted, 3));
        assertEquals("label", metadata(SHARD_0).getLabels().get("other"));
    }

    @Test
    void netsOfOthersAreInForceAndAreRepaired() throws StoreException {
        Blocklist wanted = saved(5);
        List<String> nets = new ArrayList<>(cluster.nets(api, SHARD_0));
        nets.addAll(List.of("198.18.0.7/24", "198.19.0.1", "rubbish", "0.0.0.0/0"));
        edit(object -> setNets(object, nets));
        Stored stored = store.load();
        assertTrue(stored.listed()
                .containsAll(Set.of(
                        IpPrefix.parse("198.18.0.0/24"),
                        IpPrefix.parse("198.19.0.1/32"),
                        IpPrefix.parse("0.0.0.0/0"))));
        assertEquals(wanted.entries().keySet(), stored.own().entries().keySet());
        assertRepaired(wanted);
    }

    @Test
    void netsThatOthersTookOutAreKnownAndAreRepaired() throws StoreException {
        Blocklist wanted = saved(5);
        edit(object -> setNets(object, List.of()));
        Stored stored = store.load();
        assertEquals(Set.of(), stored.listed());
        assertEquals(5, stored.own().entries().size());
        assertRepaired(wanted);
    }

    @Test
    void withoutItsLabelNothingOfASetIsInForce() throws StoreException {
        Blocklist wanted = saved(5);
        edit(object -> object.getMetadata().getLabels().remove("denywatch.io/blocklist"));
        Stored stored = store.load();
        assertEquals(Set.of(), stored.listed());
        assertEquals(5, stored.own().entries().size());
        assertRepaired(wanted);
    }

    @Test
    void rubbishInTheAnnotationCostsTheEntriesItHitsAndNoMore() throws StoreException {
        Blocklist wanted = saved(5);
        edit(object -> object.getMetadata()
                .getAnnotations()
                .computeIfPresent(EntryText.ANNOTATION, (key, text) -> text.replaceFirst("/32,", "/31,")));
        Stored stored = store.load();
        assertEquals(4, stored.own().entries().size());
        assertEquals(5, stored.listed().size());
        assertRepaired(wanted);
        edit(object -> object.getMetadata().getAnnotations().put(EntryText.ANNOTATION, "\"}\n"));
        assertEquals(Map.of(), store.load().own().entries());
        assertRepaired(wanted);
    }

    @Test
    void whatOthersPutBesidesStays() throws StoreException {
        Blocklist wanted = saved(5);
        edit(object -> {
            object.getMetadata().getLabels().put("team", "net");
            object.getMetadata().getAnnotations().put("note", "hands off");
            object.getMetadata().setFinalizers(List.of("example.com/hold"));
        });
        assertTrue(store.load().intact());
        store.save(first(wanted, 1));
        assertEquals("net", metadata(SHARD_0).getLabels().get("team"));
        assertEquals("hands off", metadata(SHARD_0).getAnnotations().get("note"));
        assertEquals(List.of("example.com/hold"), metadata(SHARD_0).getFinalizers());
        edit(object -> object.getMetadata().setFinalizers(List.of())); // or it could not be deleted
    }

    @Test
    void aSetThatWasDeletedIsMadeAgain() throws StoreException {
        Blocklist wanted = saved(5);
        cluster.sets(api).withName(SHARD_0).delete();
        StoreException e = assertThrows(StoreException.class, () -> store.save(first(wanted, 3)));
        assertEquals(Reason.CONFLICT, e.reason(), e.getMessage());
        assertRepaired(wanted);
    }

    @Test
    void aSetThatWasDeletedAndMadeAgainByOthersIsAConflict() throws StoreException {
        Blocklist wanted = saved(5);
        GenericKubernetesResource object = Objects.requireNonNull(cluster.set(api, SHARD_0));
        cluster.sets(api).withName(SHARD_0).delete();
        object.getMetadata().setResourceVersion(null);
        object.getMetadata().setUid(null);
        cluster.sets(api).resource(object).create();
        assertEquals(
                Reason.CONFLICT,
                assertThrows(StoreException.class, () -> store.save(first(wanted, 3)))
                        .reason());
        store.save(first(wanted, 3));
        assertStored(first(wanted, 3));
    }

    @Test
    void aNodeThatWasMadeAnewOwnsTheSetsByItsNewUid() throws StoreException {
        Blocklist wanted = saved(5);
        uid = Optional.empty();
        assertEquals(
                Reason.NOT_READY,
                assertThrows(StoreException.class, () -> store.save(wanted)).reason());
        uid = Optional.of(cluster.node(NODE));
        assertRepaired(wanted);
        assertEquals(
                uid.orElseThrow(),
                metadata(SHARD_0).getOwnerReferences().getFirst().getUid());
    }

    @Test
    void manyEntriesAreSpreadAndAChangeTouchesOneSet() throws StoreException {
        Blocklist wanted = saved(4_500);
        for (int shard = 0; shard < 3; shard++) {
            assertEquals(
                    shard < 2 ? 2_000 : 500,
                    cluster.nets(api, "denywatch-" + shard + "-" + NODE).size());
        }
        assertStored(wanted);
        cluster.requests.clear();
        store.save(first(wanted, 4_499));
        assertEquals(1, cluster.writes().size(), cluster.writes()::toString);
        store.save(first(wanted, 10));
        store = store(cluster.observed());
        assertStored(first(wanted, 10));
        assertNotNull(cluster.set(api, "denywatch-2-" + NODE), "a set that is empty stays");
        cluster.sets(api).withName("denywatch-1-" + NODE).delete();
        assertRepaired(first(wanted, 10));
    }

    @Test
    void aLastSetThatIsMissingIsSeen() throws StoreException {
        Blocklist wanted = saved(2_001);
        cluster.sets(api).withName("denywatch-1-" + NODE).delete();
        assertRepaired(wanted);
    }

    @Test
    void nothingButNarrowAndAllowedNetsIsEverStored() throws StoreException {
        store.load();
        for (int seed = 0; seed < 30; seed++) {
            Drawn draw = new Drawn(seed);
            Map<IpPrefix, BlockEntry> entries = new LinkedHashMap<>();
            for (int i = draw.random.nextInt(60); i > 0; i--) {
                IpPrefix source = draw.random.nextBoolean() ? draw.crowded() : draw.narrow();
                entries.put(source, draw.entry(source, false));
            }
            neverBlock = new NeverBlock(List.of(new Range(draw.crowded(), "drawn")));
            store.save(new Blocklist(entries, Map.of()));
            List<String> nets = cluster.nets(api, SHARD_0);
            for (String net : nets) {
                boolean narrow = net.indexOf(':') < 0
                        ? net.endsWith("/32")
                        : Integer.parseInt(net.substring(net.indexOf('/') + 1)) >= 64;
                assertTrue(narrow, "seed " + seed + ": " + net);
                IpPrefix prefix = IpPrefix.parse(net);
                assertEquals(net, prefix.toString());
                assertTrue(neverBlock.touching(prefix).isEmpty(), "seed " + seed + ": " + net);
                assertEquals(
                        1,
                        nets.stream()
                                .filter(other -> IpPrefix.parse(other).overlaps(prefix))
                                .count(),
                        "seed " + seed + ": " + net);
            }
            assertTrue(store.load().intact(), "seed " + seed);
        }
    }

    @Test
    void whatBecameNeverToBeBlockedIsTakenBackAtTheNextWrite() throws StoreException {
        Blocklist wanted = saved(5);
        IpPrefix touched = wanted.entries().keySet().iterator().next();
        neverBlock = new NeverBlock(List.of(new Range(touched, "blocklist.neverBlock")));
        assertFalse(store.load().intact());
        store.save(wanted);
        assertFalse(cluster.nets(api, SHARD_0).contains(touched.toString()));
        assertEquals(4, cluster.nets(api, SHARD_0).size());
    }

    @Test
    void whoMayNotWriteIsToldVerbAndResource() throws StoreException {
        Account account = cluster.server.newAccount();
        cluster.server.grant(
                account,
                new PolicyRuleBuilder()
                        .withApiGroups(api.group, "apiregistration.k8s.io")
                        .withResources("globalnetworksets", "clusterinformations", "apiservices")
                        .withVerbs("get")
                        .build());
        try (KubernetesClient limited = cluster.server.client(account.token())) {
            store = store(limited);
            store.load();
            StoreException e = assertThrows(StoreException.class, () -> store.save(ofIpv4(1)));
            assertEquals(Reason.FORBIDDEN, e.reason());
            assertTrue(
                    e.toString().contains("create globalnetworksets." + api.group + " " + SHARD_0 + ": 403"),
                    e.toString());
        }
    }

    @Test
    void whileTheDatastoreIsLockedNothingIsWritten() throws StoreException {
        Blocklist wanted = saved(5);
        cluster.inform(api, false);
        StoreException e = assertThrows(StoreException.class, () -> store.save(first(wanted, 3)));
        assertEquals(Reason.NOT_READY, e.reason());
        assertEquals(List.of(), cluster.writes());
        cluster.inform(api, true);
        store.save(first(wanted, 3));
        assertStored(first(wanted, 3));
    }

    @Test
    void whileTheServerIsAwayTheStoreIsUnavailableAndThenGoesOn() throws StoreException {
        Blocklist wanted = saved(5);
        store = store(cluster.server.client("admintoken"));
        store.load();
        cluster.server.stop();
        try {
            assertEquals(
                    Reason.UNAVAILABLE,
                    assertThrows(StoreException.class, () -> store.save(first(wanted, 3)))
                            .reason());
            assertEquals(
                    Reason.UNAVAILABLE,
                    assertThrows(StoreException.class, () -> store.load()).reason());
        } finally {
            cluster.server.start();
        }
        store.save(first(wanted, 3));
        assertStored(first(wanted, 3));
    }

    @Test
    void aFullSetWithAllItsEvidenceIsFarBelowTheLimits() throws StoreException {
        Map<IpPrefix, BlockEntry> entries = new LinkedHashMap<>();
        while (entries.size() < SetName.NETS_MAX) {
            IpPrefix source = drawn.ipv6(entries.size() % 2 == 0 ? 64 : 128);
            entries.put(source, drawn.entry(source, true));
        }
        store.load();
        store.save(new Blocklist(entries, Map.of()));
        GenericKubernetesResource object = Objects.requireNonNull(cluster.set(api, SHARD_0));
        int annotation = Objects.requireNonNull(
                        object.getMetadata().getAnnotations().get(EntryText.ANNOTATION))
                .length();
        int whole = cluster.admin.getKubernetesSerialization().asJson(object).getBytes(StandardCharsets.UTF_8).length;
        assertTrue(annotation <= EntryText.ANNOTATIONS_BYTES_MAX, annotation + " bytes of annotation");
        assertTrue(whole < 1_000_000, whole + " bytes in all, of 1.5 MiB that etcd takes");
        assertTrue(store.load().intact());
    }

    @Test
    void aSetThatWasWrittenThroughTheOtherGroupIsLeftAlone() throws StoreException {
        Blocklist wanted = saved(5);
        edit(object -> object.getMetadata().getAnnotations().put("projectcalico.org/metadata", "{}"));
        store.load();
        if (api == Api.V1) {
            StoreException e = assertThrows(StoreException.class, () -> store.save(first(wanted, 3)));
            assertEquals(Reason.REFUSED, e.reason());
            assertTrue(e.toString().contains("was written through projectcalico.org/v3"), e.toString());
            assertEquals(5, cluster.nets(api, SHARD_0).size());
        } else {
            store.save(first(wanted, 3));
            assertEquals(3, cluster.nets(api, SHARD_0).size());
        }
    }
}

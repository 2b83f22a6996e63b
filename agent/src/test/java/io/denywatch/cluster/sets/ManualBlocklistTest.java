package io.denywatch.cluster.sets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Blocklist;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.ManualList;
import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.blocklist.ManualList.ManualExemption;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.blocklist.StoreException;
import io.denywatch.blocklist.StoreException.Reason;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.CalicoCluster;
import io.denywatch.cluster.CalicoCluster.Api;
import io.denywatch.cluster.Drawn;
import io.denywatch.delivery.AdmissionPolicy;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.SubnetLengths;
import io.denywatch.ip.IpPrefix;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

@ParameterizedClass
@EnumSource(Api.class)
class ManualBlocklistTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Instant NOW = Drawn.NOW;
    private static final NeverBlock NEVER_BLOCK =
            new NeverBlock(List.of(new Range(IpPrefix.parse("10.0.0.0/8"), "private")));
    private static final IpPrefix SOURCE = IpPrefix.parse("45.0.0.1/32");
    private static final IpPrefix OTHER = IpPrefix.parse("45.0.0.2/32");

    private final Api api;
    private final CalicoCluster cluster;
    private final ManualBlocklist people;

    ManualBlocklistTest(Api api) {
        this.api = api;
        cluster = new CalicoCluster(api).inform(api, true);
        people = new ManualBlocklist(cluster.admin, new CalicoApi(cluster.admin, true), () -> NEVER_BLOCK);
    }

    private GlobalNetworkSetStore agent(String node, int nodes) {
        String uid = cluster.node(node);
        return new GlobalNetworkSetStore(
                cluster.observed(),
                new CalicoApi(cluster.admin, true),
                node,
                () -> Optional.of(uid),
                () -> NEVER_BLOCK,
                () -> nodes,
                SubnetLengths.NONE);
    }

    private static ManualEntry entry(IpPrefix source) {
        return new ManualEntry(source, NOW, NOW.plusSeconds(3_600), "scans, \"again\"; 100 %", "admin");
    }

    private static Blocklist blocking(IpPrefix... sources) {
        Map<IpPrefix, BlockEntry> entries = new LinkedHashMap<>();
        for (IpPrefix source : sources) {
            entries.put(
                    source,
                    new BlockEntry(
                            source,
                            NOW,
                            NOW.plusSeconds(600),
                            "scan",
                            0,
                            new Evidence(5, List.of(), List.of(), NOW, NOW)));
        }
        return new Blocklist(entries, Map.of());
    }

    private Map<String, BlocklistSet> listed() throws StoreException {
        return people.list().stream().collect(Collectors.toMap(BlocklistSet::name, set -> set));
    }

    private BlocklistSet listed(String name) throws StoreException {
        return Objects.requireNonNull(listed().get(name), name);
    }

    @Test
    void whatAPersonAddsIsInForceAndIsReadByAgents() throws StoreException {
        GlobalNetworkSetStore agent = agent("node-1", 1);
        assertEquals(ManualList.EMPTY, agent.load().manual());
        people.add(entry(SOURCE));
        people.add(entry(OTHER));
        people.add(entry(OTHER));
        assertEquals(List.of("45.0.0.1/32", "45.0.0.2/32"), cluster.nets(api, SetName.MANUAL));
        assertEquals(List.of(entry(SOURCE), entry(OTHER)), agent.load().manual().entries());
        ObjectMeta metadata =
                Objects.requireNonNull(cluster.set(api, SetName.MANUAL)).getMetadata();
        assertTrue(metadata.getOwnerReferences().isEmpty());
        assertEquals("true", metadata.getLabels().get("denywatch.io/blocklist"));
    }

    @Test
    void whatMayNotBeBlockedIsNotAdded() {
        for (ManualEntry wrong : List.of(
                entry(IpPrefix.parse("10.1.0.1/32")),
                entry(IpPrefix.parse("45.0.0.0/24")),
                entry(IpPrefix.parse("::1/128")),
                new ManualEntry(SOURCE, NOW, NOW, "over before it begins", ""),
                new ManualEntry(SOURCE, NOW, NOW.plusSeconds(1), "x".repeat(101), ""),
                new ManualEntry(SOURCE, NOW, NOW.plusSeconds(1), "two\nlines", ""))) {
            assertEquals(
                    Reason.REFUSED,
                    assertThrows(StoreException.class, () -> people.add(wrong)).reason(),
                    wrong.toString());
        }
        assertNull(cluster.set(api, SetName.MANUAL));
    }

    @Test
    void whatAPersonTakesOutIsInNoSetAndStaysOut() throws StoreException {
        GlobalNetworkSetStore agent = agent("node-1", 1);
        agent.load();
        agent.save(blocking(SOURCE, OTHER));
        people.add(entry(SOURCE));
        Instant until = NOW.plus(ManualBlocklist.SHORTEST_EXEMPTION);
        assertEquals(Set.of("denywatch-0-node-1", SetName.MANUAL), Set.copyOf(people.remove(SOURCE, NOW, until)));
        assertEquals(List.of(), cluster.nets(api, SetName.MANUAL));
        assertEquals(List.of("45.0.0.2/32"), cluster.nets(api, "denywatch-0-node-1"));
        assertTrue(agent.load().intact(), "the entry is gone with its net");
        assertEquals(
                List.of(new ManualExemption(SOURCE, until)),
                agent.load().manual().exemptions());
        people.add(entry(SOURCE));
        assertEquals(List.of(), agent.load().manual().exemptions());
    }

    @Test
    void takingOutABlockTakesOutAllInIt() throws StoreException {
        GlobalNetworkSetStore agent = agent("node-1", 1);
        agent.load();
        agent.save(blocking(SOURCE, OTHER, IpPrefix.parse("45.0.1.1/32")));
        people.remove(IpPrefix.parse("45.0.0.0/24"), NOW, NOW.plusSeconds(300));
        assertEquals(List.of("45.0.1.1/32"), cluster.nets(api, "denywatch-0-node-1"));
    }

    @Test
    void foreignNetsAndOverdueEntriesAreShown() throws StoreException {
        GlobalNetworkSetStore agent = agent("node-1", 1);
        agent.load();
        agent.save(blocking(SOURCE));
        cluster.edit(api, "denywatch-0-node-1", object -> {
            object.setAdditionalProperty("spec", Map.of("nets", List.of("45.0.0.1/32", "45.9.9.9")));
            return object;
        });
        BlocklistSet set = listed("denywatch-0-node-1");
        assertEquals("node-1", set.node());
        assertEquals(List.of("45.9.9.9"), set.foreign());
        assertEquals(List.of(), set.overdue(NOW));
        assertEquals(List.of(SOURCE), set.overdue(NOW.plusSeconds(600)));
    }

    @Test
    void overdueEntriesOfPeopleAreTakenOutByTheAgents() throws StoreException {
        people.add(entry(SOURCE)); // for an hour
        GlobalNetworkSetStore agent = agent("node-1", 1);
        agent.load();
        assertEquals(0, agent.removeOverdue(NOW.plusSeconds(3_600)), "clocks differ");
        assertEquals(1, agent.removeOverdue(NOW.plusSeconds(3_600).plus(OverdueRemoval.MARGIN)));
        assertEquals(List.of(), cluster.nets(api, SetName.MANUAL));
        assertEquals(List.of(), agent.load().manual().entries());
    }

    /** Agents take out what is over, and change not a character of anything else; people clear away the rest. */
    @Test
    void agentsChangeNothingOfThePeoplesSetButWhatIsOver() throws StoreException {
        people.add(entry(SOURCE));
        people.remove(IpPrefix.parse("45.7.0.0/24"), NOW, NOW.plusSeconds(300));
        people.add(new ManualEntry(OTHER, NOW, NOW.plus(Duration.ofHours(5)), "longer", "eve"));
        cluster.edit(api, SetName.MANUAL, object -> {
            Map<String, String> annotations = object.getMetadata().getAnnotations();
            annotations.computeIfPresent(
                    ManualText.ENTRIES, (key, text) -> text + ";rubbish;" + OTHER + ",a,b,c,d;9.9.9.9/32,1,1,by hand,");
            object.getMetadata().getLabels().put("team", "red");
            object.setAdditionalProperty(
                    "spec", Map.of("nets", List.of("45.0.0.1/32", "45.0.0.2/32", "8.8.8.8", "10.0.0.0/8", "rubbish")));
            return object;
        });
        GenericKubernetesResource before = Objects.requireNonNull(cluster.set(api, SetName.MANUAL));
        GlobalNetworkSetStore agent = agent("node-1", 1);
        agent.load();
        assertEquals(2, agent.removeOverdue(NOW.plusSeconds(3_700)), "one of 1970 as well");

        GenericKubernetesResource after = Objects.requireNonNull(cluster.set(api, SetName.MANUAL));
        assertEquals(List.of("45.0.0.2/32", "8.8.8.8", "10.0.0.0/8", "rubbish"), cluster.nets(api, SetName.MANUAL));
        assertEquals(before.getMetadata().getLabels(), after.getMetadata().getLabels());
        Map<String, String> expected = new HashMap<>(before.getMetadata().getAnnotations());
        expected.computeIfPresent(
                ManualText.ENTRIES,
                (key, text) -> text.replaceFirst(";45\\.0\\.0\\.1/32[^;]*", "").replace(";9.9.9.9/32,1,1,by hand,", "")
                        + ";-45.0.0.1/32,9.9.9.9/32");
        assertEquals(expected, after.getMetadata().getAnnotations());
        assertTrue(String.valueOf(after.getMetadata().getAnnotations().get(ManualText.EXEMPTIONS))
                .contains("45.7.0.0/24"));

        people.remove(IpPrefix.parse("45.8.0.0/24"), NOW.plusSeconds(3_600), NOW.plusSeconds(7_200));
        assertEquals(
                List.of(new ManualExemption(IpPrefix.parse("45.8.0.0/24"), NOW.plusSeconds(7_200))),
                agent.load().manual().exemptions());
    }

    @Test
    void aDeadlineBeyondAYearIsOneOfAYear() throws StoreException {
        people.add(entry(SOURCE));
        cluster.edit(api, SetName.MANUAL, object -> {
            ManualEntry forged = new ManualEntry(SOURCE, NOW, NOW.plus(Duration.ofDays(36_500)), "", "");
            object.getMetadata().getAnnotations().putAll(ManualText.write(new ManualList(List.of(forged), List.of())));
            return object;
        });
        GlobalNetworkSetStore agent = agent("node-1", 1);
        agent.load();
        Instant year = NOW.plus(ManualEntry.LONGEST);
        assertEquals(0, agent.removeOverdue(year));
        assertEquals(1, agent.removeOverdue(year.plus(OverdueRemoval.MARGIN)));
        assertEquals(List.of(), cluster.nets(api, SetName.MANUAL));
    }

    @Test
    void overdueEntriesOfAgentsThatStoppedAreTakenOutByTheOthers() throws StoreException {
        GlobalNetworkSetStore stopped = agent("gone", 2);
        stopped.load();
        stopped.save(blocking(SOURCE, OTHER));
        List<GlobalNetworkSetStore> others = List.of(agent("node-1", 2), agent("node-2", 2));
        Instant end = NOW.plusSeconds(600).plus(OverdueRemoval.GRACE);
        for (GlobalNetworkSetStore other : others) {
            assertEquals(0, other.removeOverdue(end.minusSeconds(1)), "the agent of that node is waited for");
        }
        int removed = 0;
        for (int round = 1; round <= 40; round++) {
            for (GlobalNetworkSetStore other : others) {
                removed += other.removeOverdue(end.plus(OverdueRemoval.LISTING_EVERY.multipliedBy(round)));
            }
        }
        assertEquals(2, removed);
        assertEquals(List.of(), cluster.nets(api, "denywatch-0-gone"));
    }

    private Map<String, Object> object(String name) {
        return JSON.convertValue(Objects.requireNonNull(cluster.set(api, name)), new TypeReference<>() {});
    }

    /** The writes that an admission policy lets through are those that agents make. */
    @Test
    void theAdmissionPolicyLetsAgentsTakeOutWhatIsOverAndNoMore() throws StoreException {
        AdmissionPolicy policy = AdmissionPolicy.of("blocklist: {mode: enforce}");
        List<IpPrefix> sources = IntStream.range(0, 250)
                .mapToObj(i -> IpPrefix.parse("45.1.0." + i + "/32"))
                .toList();
        GlobalNetworkSetStore stopped = agent("gone", 1);
        stopped.load();
        stopped.save(blocking(sources.subList(160, 250).toArray(IpPrefix[]::new))); // one write
        for (IpPrefix source : sources.subList(0, 120)) {
            people.add(entry(source));
        }
        people.remove(OTHER, NOW, NOW.plusSeconds(300));
        GlobalNetworkSetStore agent = agent("node-1", 1);
        Instant end = NOW.plusSeconds(7_200);
        for (int round = 0; round < 12; round++) {
            agent.load();
            Map<String, Object> nodes = object("denywatch-0-gone");
            Map<String, Object> manual = object(SetName.MANUAL);
            agent.removeOverdue(end.plus(OverdueRemoval.LISTING_EVERY.multipliedBy(round)));
            assertEquals(List.of(), policy.refusals("node-1", manual, object(SetName.MANUAL)));
            assertEquals(List.of(), policy.refusals("node-1", nodes, object("denywatch-0-gone")));
        }
        assertEquals(List.of(), cluster.nets(api, SetName.MANUAL));
        assertEquals(List.of(), cluster.nets(api, "denywatch-0-gone"));
        assertEquals(1, agent.load().manual().exemptions().size(), "what is allowed is people's");
    }

    @Test
    void moreThanOneWriteMayTakeOutGoesInSeveral() throws StoreException {
        GlobalNetworkSetStore stopped = agent("gone", 1);
        stopped.load();
        stopped.save(blocking(IntStream.range(0, 250)
                .mapToObj(i -> IpPrefix.parse("45.1.0." + i + "/32"))
                .toArray(IpPrefix[]::new)));

        assertEquals(250, agent("node-1", 1).removeOverdue(NOW.plusSeconds(7_200)));
        assertEquals(List.of(), cluster.nets(api, "denywatch-0-gone"));
    }

    @Test
    void whatAgentsTakeOutLeavesTheRestAsItWasWritten() throws StoreException {
        people.add(entry(SOURCE));
        people.add(new ManualEntry(OTHER, NOW, NOW.plusSeconds(36_000), "x", "admin"));
        cluster.edit(api, SetName.MANUAL, object -> {
            object.setAdditionalProperty(
                    "spec", Map.of("nets", List.of("45.0.0.1/32", "198.51.100.7", "45.0.0.2/32", "198.51.100.0/24")));
            return object;
        });
        GlobalNetworkSetStore agent = agent("node-1", 1);
        agent.load();

        assertEquals(1, agent.removeOverdue(NOW.plusSeconds(7_200)));

        assertEquals(List.of("198.51.100.7", "45.0.0.2/32", "198.51.100.0/24"), cluster.nets(api, SetName.MANUAL));
        assertEquals(1, agent.load().manual().entries().size());
    }

    @Test
    void setsOfAllNodesAreListedOnlyNowAndThen() throws StoreException {
        GlobalNetworkSetStore agent = agent("node-1", 1);
        agent.load();
        agent.removeOverdue(NOW);
        cluster.requests.clear();
        for (int second = 0; second < 60; second++) {
            agent.removeOverdue(NOW.plus(Duration.ofSeconds(second)));
        }
        assertEquals(List.of(), cluster.requests);
    }

    @Test
    void whatSomebodyElseWritesMeanwhileIsNotLost() throws StoreException {
        people.add(entry(SOURCE));
        GlobalNetworkSetStore agent = agent("node-1", 1);
        agent.load();
        people.add(entry(OTHER));
        assertEquals(0, agent.removeOverdue(NOW.plusSeconds(3_600)), "what was read is no longer what is there");
        assertEquals(2, cluster.nets(api, SetName.MANUAL).size());
    }

    @Test
    void aDeadlineThatIsTooFarIsRefusedAndNothingIsWritten() {
        ManualEntry tooLong =
                new ManualEntry(SOURCE, NOW, NOW.plus(ManualBlocklist.LONGEST).plusMillis(1), "for ever", "admin");
        StoreException refused = assertThrows(StoreException.class, () -> people.add(tooLong));
        assertEquals(Reason.REFUSED, refused.reason());
        assertNull(cluster.set(api, SetName.MANUAL));
    }

    @Test
    void whomPeopleBlockByForceStaysBlockedWhenAgentsTakeOutWhatIsOverdue() throws StoreException {
        IpPrefix never = IpPrefix.parse("10.0.0.1/32");
        ManualBlocklist forced =
                new ManualBlocklist(cluster.admin, new CalicoApi(cluster.admin, true), () -> new NeverBlock(List.of()));
        forced.add(new ManualEntry(never, NOW, NOW.plusSeconds(36_000), "by force", "admin"));
        forced.add(entry(SOURCE));
        GlobalNetworkSetStore agent = agent("worker-1", 1);
        agent.load();

        assertEquals(1, agent.removeOverdue(NOW.plusSeconds(7_200)));

        assertEquals(List.of("10.0.0.1/32"), cluster.nets(api, SetName.MANUAL));
    }
}

package io.denywatch.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.top.AgentPage.AgentBlock;
import io.denywatch.top.AgentPage.AgentLoadBalancer;
import io.denywatch.top.AgentPage.AgentSource;
import io.denywatch.top.AgentPage.BlockEffect;
import io.denywatch.top.AgentPage.Listing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AggregatorTest {
    private static final List<String> NLBS = List.of("203.0.113.1", "203.0.113.2", "203.0.113.3");

    /** Holds every packet of one cluster: by node, load balancer and source. */
    private static final class Model {
        private final Map<String, Map<String, Map<String, Long>>> packets = new TreeMap<>();

        void send(String node, String nlb, String source) {
            packets.computeIfAbsent(node, _ -> new TreeMap<>())
                    .computeIfAbsent(nlb, _ -> new TreeMap<>())
                    .merge(source, 1L, Long::sum);
        }

        long packetsAt(String nlb) {
            return packets.values().stream()
                    .flatMap(nlbs -> nlbs.getOrDefault(nlb, Map.of()).values().stream())
                    .mapToLong(Long::longValue)
                    .sum();
        }

        Set<String> sourcesAt(String nlb) {
            Set<String> sources = new HashSet<>();
            packets.values()
                    .forEach(nlbs ->
                            sources.addAll(nlbs.getOrDefault(nlb, Map.of()).keySet()));
            return sources;
        }

        Map<String, Long> bySource(Set<String> nlbs) {
            Map<String, Long> sums = new HashMap<>();
            packets.values()
                    .forEach(at -> nlbs.forEach(nlb -> at.getOrDefault(nlb, Map.of())
                            .forEach((source, count) -> sums.merge(source, count, Long::sum))));
            return sums;
        }

        /** What an agent says that lists so many sources, and knows of each only a range. */
        AgentPage page(String node, SplittableRandom random, Set<String> asked) {
            int listed = random.nextInt(6);
            boolean evicting = random.nextInt(5) == 0;
            List<AgentLoadBalancer> nlbs = new ArrayList<>();
            Map<String, Listing> listings = new TreeMap<>();
            for (String nlb : NLBS) {
                Map<String, Long> counts = packets.getOrDefault(node, Map.of()).getOrDefault(nlb, Map.of());
                long sum = counts.values().stream().mapToLong(Long::longValue).sum();
                nlbs.add(new AgentLoadBalancer(nlb, "", "", sum, sum * 60, 0, counts.size()));
                List<AgentSource> sources = new ArrayList<>();
                counts.forEach((source, count) -> {
                    long error = random.nextInt(3) == 0 ? random.nextLong(count) : 0;
                    long above = random.nextInt(3) == 0 ? random.nextLong(5) : 0;
                    sources.add(Pages.source(source, count - error, count + above));
                });
                sources.sort(Comparator.comparingLong(AgentSource::atMost).reversed());
                if (evicting) {
                    sources.removeIf(_ -> random.nextInt(4) == 0); // also the noisiest may have been forgotten
                }
                // An answer may be missing, and may be of another moment.
                if (asked.contains(nlb) && random.nextInt(8) > 0) {
                    Instant at = random.nextInt(8) == 0 ? Pages.NOW.plusSeconds(1) : Pages.NOW;
                    listings.put(
                            nlb, new Listing(at, sources.stream().limit(listed).toList()));
                }
            }
            AgentPage page = Pages.page(node, Pages.NOW, nlbs, Map.of())
                    .with(listings, AgentPage.AgentBlocklist.UNKNOWN, List.of());
            return evicting ? Pages.evicting(page) : page;
        }
    }

    @Test
    void whatAgentsSayTogetherHoldsForAllThePacketsThatWereSent() {
        for (int seed = 0; seed < 3_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Model model = new Model();
            int nodes = 1 + random.nextInt(4);
            int sources = 1 + random.nextInt(12);
            for (int i = random.nextInt(200); i > 0; i--) {
                // Some sources are noisier than others, and each has nodes that it prefers.
                int source = random.nextInt(1 + random.nextInt(sources));
                int node = random.nextInt(3) == 0 ? random.nextInt(nodes) : source % nodes;
                model.send("n" + node, NLBS.get(random.nextInt(NLBS.size())), "198.51.100." + source);
            }
            Set<String> asked = new HashSet<>(NLBS.subList(0, 1 + random.nextInt(NLBS.size())));
            List<AgentPage> pages = new ArrayList<>();
            for (int node = 0; node < nodes; node++) {
                pages.add(model.page("n" + node, random, asked));
            }

            ClusterPage merged = ClusterPage.merge(pages);

            check(model, merged, "seed " + seed);
        }
    }

    private static void check(Model model, ClusterPage merged, String seed) {
        for (ClusterPage.MergedLoadBalancer nlb : merged.nlbs()) {
            long packets = model.packetsAt(nlb.nlb());
            int distinct = model.sourcesAt(nlb.nlb()).size();
            assertEquals(packets, nlb.packets(), seed);
            assertEquals(packets * 60, nlb.bytes(), seed);
            assertTrue(nlb.sourcesAtLeast() <= distinct && distinct <= nlb.sourcesAtMost(), seed + ": " + nlb);
        }
        Map<String, Long> sent = model.bySource(merged.asked());
        for (ClusterPage.MergedSource source : merged.sources()) {
            long packets = sent.getOrDefault(source.source(), 0L);
            sent.keySet().remove(source.source());
            assertTrue(source.packets() <= packets && packets <= source.atMost(), seed + ": " + packets + " " + source);
        }
        sent.forEach((source, packets) -> assertTrue(
                packets <= merged.unlistedAtMost(),
                () -> seed + ": " + source + " sent " + packets + ", unlisted " + merged.unlistedAtMost()));
    }

    @Test
    void aSourceThatAllAgentsListIsExact() {
        ClusterPage merged = merged(
                List.of(Pages.source("198.51.100.1", 9, 9), Pages.source("198.51.100.2", 5, 5)), 2,
                List.of(Pages.source("198.51.100.1", 4, 4)), 1);

        assertEquals(13, merged.sources().getFirst().packets());
        assertEquals(13, merged.sources().getFirst().atMost());
        assertEquals(0, merged.unlistedAtMost());
    }

    @Test
    void aSourceThatOneAgentLeavesOutMayHaveAsMuchThereAsTheLastThatItLists() {
        ClusterPage merged = merged(
                List.of(Pages.source("198.51.100.1", 9, 9)),
                1,
                List.of(Pages.source("198.51.100.2", 7, 8), Pages.source("198.51.100.3", 4, 6)),
                5);

        assertEquals(9, merged.sources().getFirst().packets());
        assertEquals(15, merged.sources().getFirst().atMost());
        assertEquals(6, merged.unlistedAtMost());
    }

    @Test
    void aListOfAnotherMomentThanTheNumberOfSourcesIsNotTakenForWhole() {
        AgentPage page = Pages.page("n1", Pages.NOW, List.of(Pages.nlb(Pages.WEB, 100, 1)), Map.of());
        Listing later = new Listing(Pages.NOW.plusSeconds(1), List.of(Pages.source("198.51.100.1", 9, 9)));

        ClusterPage merged = ClusterPage.merge(
                List.of(page.with(Map.of(Pages.WEB, later), AgentPage.AgentBlocklist.UNKNOWN, List.of())));

        assertEquals(9, merged.unlistedAtMost());
    }

    @Test
    void anAgentThatListsNothingBoundsNothing() {
        ClusterPage merged = merged(List.of(Pages.source("198.51.100.1", 9, 9)), 1, List.of(), 5);

        assertEquals(9, merged.sources().getFirst().packets());
        assertEquals(ClusterPage.UNKNOWN, merged.sources().getFirst().atMost());
        assertEquals(ClusterPage.UNKNOWN, merged.unlistedAtMost());
    }

    private static ClusterPage merged(List<AgentSource> one, long oneHas, List<AgentSource> two, long twoHas) {
        return ClusterPage.merge(List.of(
                Pages.page("n1", Pages.NOW, List.of(Pages.nlb(Pages.WEB, 100, oneHas)), Map.of(Pages.WEB, one)),
                Pages.page("n2", Pages.NOW, List.of(Pages.nlb(Pages.WEB, 10, twoHas)), Map.of(Pages.WEB, two))));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theSameAgentAtTwoAddressesIsCountedOnceAsItWasLast(boolean newerFirst) {
        AgentPage older = Pages.page("n1", Pages.NOW, List.of(Pages.nlb(Pages.WEB, 100, 0)), Map.of());
        AgentPage newer = Pages.page("n1", Pages.NOW.plusSeconds(1), List.of(Pages.nlb(Pages.WEB, 101, 0)), Map.of());

        ClusterPage merged = ClusterPage.merge(newerFirst ? List.of(newer, older) : List.of(older, newer));

        assertEquals(101, merged.packets());
        assertEquals(List.of("n1"), merged.nodes());
    }

    /** Two agents of one cluster: a source counts as blocked where one of them knows of a policy. */
    @Test
    void onlyWhatAnActivePolicyDeniesCountsAsBlocked() {
        AgentPage.AgentBlocklist enforced =
                new AgentPage.AgentBlocklist("enforce", Set.of("a", "b"), Set.of("hand"), true, "");
        AgentPage.AgentBlocklist stored =
                new AgentPage.AgentBlocklist("enforce", Set.of("b", "c"), Set.of("hand"), false, "");
        AgentPage.AgentBlocklist dry =
                new AgentPage.AgentBlocklist("dry-run", Set.of("c", "d"), Set.of("hand"), false, "");

        assertEquals(List.of(3, 0, 0), counts(enforced));
        assertEquals(List.of(0, 3, 0), counts(stored));
        assertEquals(List.of(0, 1, 2), counts(dry));
        assertEquals(List.of(3, 1, 1), counts(enforced, stored, dry));
    }

    /** Sources that are blocked, only stored, and only would be. */
    private static List<Integer> counts(AgentPage.AgentBlocklist... lists) {
        List<AgentPage> pages = new ArrayList<>();
        for (AgentPage.AgentBlocklist list : lists) {
            pages.add(Pages.page("n" + pages.size(), Pages.NOW, List.of(), Map.of())
                    .with(Map.of(), list, List.of()));
        }
        ClusterPage.ClusterBlocklist merged = ClusterPage.merge(pages).blocklist();
        return List.of(merged.blocked(), merged.stored(), merged.wouldBe());
    }

    @Test
    void aBanThatHoldsIsShownBeforeOneThatWould() {
        AgentBlock dry = new AgentBlock("noisy", Pages.NOW.plusSeconds(900), BlockEffect.NONE);
        AgentBlock real = new AgentBlock("noisy", Pages.NOW.plusSeconds(60), BlockEffect.ENFORCED);

        for (List<AgentBlock> bans : List.of(List.of(dry, real), List.of(real, dry))) {
            List<AgentPage> pages = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                AgentSource source =
                        new AgentSource("198.51.100.1", 1, 1, Pages.NOW, Pages.NOW, false, Optional.of(bans.get(i)));
                pages.add(Pages.page(
                        "n" + i, Pages.NOW, List.of(Pages.nlb(Pages.WEB, 1, 1)), Map.of(Pages.WEB, List.of(source))));
            }
            assertEquals(
                    Optional.of(real),
                    ClusterPage.merge(pages).sources().getFirst().block());
        }
    }

    @Test
    void nothingIsNothing() {
        ClusterPage merged = ClusterPage.merge(List.of());

        assertEquals(0, merged.packets());
        assertEquals(List.of(), merged.sources());
        assertEquals(Optional.empty(), merged.since());
    }
}

package io.denywatch.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.api.ApiJson;
import io.denywatch.api.NlbsDocument;
import io.denywatch.api.SourcesDocument;
import io.denywatch.count.Count;
import io.denywatch.testing.LineMutations;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Agents that say any number: their sums are never below 0, nor below what one of them says. */
class RemoteNumbersTest {
    private static final BigInteger MAX = BigInteger.valueOf(Count.MAX);

    private final SplittableRandom random = new SplittableRandom(20_261_130);
    private BigInteger packets = BigInteger.ZERO;

    /** A number as JSON, and what it counts for. */
    private record JsonNumber(String json, BigInteger value) {}

    private JsonNumber number() {
        BigInteger edge = LineMutations.edge(random);
        return switch (random.nextInt(6)) {
            case 0 -> new JsonNumber("-" + edge, BigInteger.ZERO);
            case 1 -> new JsonNumber("\"x\"", BigInteger.ZERO);
            case 2 -> new JsonNumber("null", BigInteger.ZERO);
            default ->
                new JsonNumber(
                        edge.toString(), edge.bitLength() > 63 ? BigInteger.ZERO : edge.min(MAX)); // no long, no number
        };
    }

    private AgentPage page(int node) {
        JsonNumber of = number();
        packets = packets.add(of.value);
        String json = """
                {"node":"n%d","takenAt":"2026-11-24T12:00:00Z","since":"2026-11-23T11:00:00Z","nlbs":[{"nlb":"203.0.113.1",
                "packets":%s,"bytes":%s,"latePackets":%s,"sources":%s}],"log":{"lines":{"packet":%s,"other":%s,"malformed":%s},
                "suppressed":{"kernel":%s},"gaps":{"vanished":%s},"kmsgLostRecords":%s,"unreadBytes":%s},
                "trackedSources":{"evictedForCapacity":%s}}""".formatted(
                        node,
                        of.json,
                        number().json,
                        number().json,
                        number().json,
                        number().json,
                        number().json,
                        number().json,
                        number().json,
                        number().json,
                        number().json,
                        number().json,
                        random.nextBoolean() ? "0" : number().json);
        String sources = """
                {"takenAt":"2026-11-24T12:00:00Z","sources":[{"source":"198.51.100.7","packets":%s,"atMost":%s,
                "firstSeen":"2026-11-24T11:59:00Z","lastSeen":"2026-11-24T11:59:30Z"}]}""".formatted(number().json, number().json);
        return AgentDocuments.page(ApiJson.read(tree(json), NlbsDocument.class))
                .with(
                        Map.of(
                                "203.0.113.1",
                                AgentDocuments.sources(ApiJson.read(tree(sources), SourcesDocument.class))),
                        AgentPage.AgentBlocklist.UNKNOWN,
                        List.of());
    }

    private static JsonNode tree(String json) {
        return JsonMapper.shared().readTree(json);
    }

    private static void assertCount(long count, ClusterPage page) {
        assertTrue(count >= 0 && (count <= Count.MAX || count == ClusterPage.UNKNOWN), page::toString);
    }

    @Test
    void addUpToNoMoreThanACounterHasAndNoLessThanNothing() {
        for (int i = 0; i < 3_000; i++) {
            packets = BigInteger.ZERO;
            List<AgentPage> pages = new ArrayList<>();
            for (int node = random.nextInt(5); node >= 0; node--) {
                pages.add(page(node));
            }
            ClusterPage merged = ClusterPage.merge(pages);
            ClusterPage.MergedLoadBalancer nlb = merged.nlbs().getFirst();
            assertEquals(packets.min(MAX).longValueExact(), nlb.packets(), merged::toString);
            assertEquals(nlb.packets(), merged.packets());
            for (long count : new long[] {
                nlb.bytes(),
                nlb.latePackets(),
                nlb.sourcesAtLeast(),
                nlb.sourcesAtMost(),
                merged.lines().read(),
                merged.lines().packets(),
                merged.lines().malformed(),
                merged.unlistedAtMost()
            }) {
                assertCount(count, merged);
            }
            for (ClusterPage.MergedSource source : merged.sources()) {
                assertCount(source.packets(), merged);
                assertCount(source.atMost(), merged);
                assertTrue(source.atMost() >= source.packets(), merged::toString);
            }
        }
    }
}

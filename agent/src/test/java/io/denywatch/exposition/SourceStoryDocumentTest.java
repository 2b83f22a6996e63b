package io.denywatch.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Blocklist;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.Decision;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.Decision.RecentDecision;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.detection.Detection;
import io.denywatch.detection.Evidence;
import io.denywatch.ip.IpPrefix;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class SourceStoryDocumentTest {
    private static final IpPrefix SOURCE = IpPrefix.parse("198.51.100.7");
    private static final Instant AT = Instant.ofEpochMilli(Snapshots.TAKEN_AT_MILLIS);
    private static final Evidence EVIDENCE =
            new Evidence(10, List.of("tcp/22"), List.of(), AT.minusSeconds(9), AT, "a \\x1b line", 10, "a hint");
    private static final BlockEntry ENTRY = new BlockEntry(SOURCE, AT, AT.plusSeconds(60), "scan", 0, EVIDENCE);

    private static JsonNode document(BlocklistStatus status, String query) throws IOException {
        return ApiTest.get(Snapshots.published(Snapshots.busy(), status), "/api/v1/blocklist" + query, 200);
    }

    private static BlocklistStatus decided(Decision... decisions) {
        BlocklistStatus busy = Blocklists.busy();
        return new BlocklistStatus(
                busy.mode(),
                busy.rules(),
                busy.entriesLimit(),
                new Blocklist(Map.of(SOURCE, ENTRY), Map.of()),
                1,
                0,
                busy.manual(),
                false,
                busy.signs(),
                busy.promotions(),
                0,
                0,
                busy.evicted(),
                0,
                busy.timeToBlock(),
                0,
                0,
                List.of(decisions).stream()
                        .map(decision -> new RecentDecision(decision, AT.plusSeconds(1)))
                        .toList(),
                "");
    }

    @Test
    void tellsTheLineThatReachedTheThresholdOnlyWhereTheSourceIsAskedFor() throws IOException {
        JsonNode story = document(decided(), "?source=198.51.100.7");
        assertEquals("worker-1", story.path("node").asString());
        assertEquals("a \\x1b line", story.at("/entries/0/evidence/line").asString());
        assertTrue(document(decided(), "").at("/entries/0/evidence/line").isMissingNode());
        assertEquals(
                "a hint", document(decided(), "").at("/entries/0/evidence/hint").asString());
    }

    @Test
    void tellsOfNobodyElse() throws IOException {
        JsonNode other = document(decided(new Decision.Expired(ENTRY)), "?source=198.51.100.8");
        for (String list : List.of("entries", "decisions", "repeats", "answered")) {
            assertEquals(0, other.path(list).size(), other::toString);
        }
        assertEquals(
                1,
                document(decided(), "?source=198.51.100.0/24").path("entries").size());
    }

    @Test
    void tellsEachKindOfDecisionWithItsReason() throws IOException {
        Detection detection = new Detection(1, SOURCE, Blocklists.busy().rules().getFirst(), EVIDENCE, 0);
        Range range = new Range(SOURCE, "nodes");
        JsonNode decisions = document(
                        decided(
                                new Decision.Blocked(ENTRY, detection),
                                new Decision.Refused(detection, DetectionOutcome.RATE, null),
                                new Decision.Refused(detection, DetectionOutcome.NEVER_BLOCK, range),
                                new Decision.Expired(ENTRY),
                                new Decision.Revoked(ENTRY, range)),
                        "?source=198.51.100.7")
                .path("decisions");
        assertEquals(
                List.of(
                        "blocked/",
                        "refused/rate",
                        "refused/never_block",
                        "unblocked/expired",
                        "unblocked/never_block"),
                decisions
                        .valueStream()
                        .map(each -> each.path("decision").asString("") + "/"
                                + each.path("because").asString(""))
                        .toList());
        assertEquals("198.51.100.7/32", decisions.at("/4/neverBlock").asString());
        assertEquals("nodes", decisions.at("/2/reason").asString());
    }

    @Test
    void tellsWhatWasCountedInTheWindowUnlessThatMayBeTooLittle() throws IOException {
        String counted = Snapshots.busy()
                .denials()
                .loadBalancers()
                .getFirst()
                .topSources()
                .getFirst()
                .block()
                .compact();
        String path = "/api/v1/blocklist?source=" + counted;
        assertTrue(ApiTest.get(Snapshots.busy(), path, 200).path("traffic").size() > 0);
        assertEquals(
                0,
                ApiTest.get(Snapshots.unsettled(Snapshots.busy()), path, 200)
                        .path("traffic")
                        .size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"?source=", "?source=x", "?source=198.51.100.7/24", "?source=1.2.3.4&source=1.2.3.5"})
    void whatIsNoAddressIsNamedWithWhatIsAllowed(String query) throws IOException {
        JsonNode error = ApiTest.get(Snapshots.busy(), "/api/v1/blocklist" + query, 400);
        assertTrue(error.path("error").asString("").contains("an IP address or a CIDR"), error::toString);
    }
}

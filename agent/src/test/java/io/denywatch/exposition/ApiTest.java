package io.denywatch.exposition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.ManualList;
import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.ip.IpPrefix;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ApiTest {
    private static final JsonMapper MAPPER = new JsonMapper();

    @Test
    void listsAllLoadBalancersAndOtherLast() throws IOException {
        JsonNode document = get(Snapshots.busy(), "/api/v1/nlbs", 200);

        assertEquals("worker-1", document.get("node").asString());
        assertEquals("1.2.3", document.get("version").asString());
        assertEquals("2026-11-23T12:00:00Z", document.get("takenAt").asString());
        assertEquals("2026-11-23T11:00:00Z", document.get("since").asString());
        assertEquals(600, document.get("windowSeconds").asInt());
        assertEquals(
                List.of("203.0.113.10", "2001:db8:ffff::1", "other"),
                document.get("nlbs")
                        .valueStream()
                        .map(nlb -> nlb.get("nlb").asString())
                        .toList());
        assertEquals(MAPPER.readTree("""
                {"nlb":"203.0.113.10","namespace":"shop","service":"web","packets":1234567,"bytes":74074020,
                 "latePackets":12,"sources":3,
                 "totals":[{"namespace":"shop","service":"web","protocol":"tcp","port":443,"packets":1200000,"bytes":72000000},
                           {"namespace":"shop","service":"web","protocol":"tcp","port":"other","packets":34567,"bytes":2074020},
                           {"namespace":"shop","service":"web","protocol":"udp","port":"other","packets":0,"bytes":0}],
                 "topPorts":[{"port":443,"protocol":"tcp","packets":1200000},
                             {"port":22,"protocol":"tcp","packets":34567},
                             {"port":null,"protocol":"icmp","packets":9}]}
                """), document.get("nlbs").get(0));
        assertEquals(MAPPER.readTree("""
                {"now":3,"limit":263168,"evictedForCapacity":17,"evictedIdle":1000}"""), document.get("trackedSources"));
    }

    @Test
    void tellsTheStateOfTheLog() throws IOException {
        assertEquals(
                MAPPER.readTree("""
                {"kind":"file","path":"/var/log/syslog","readable":true,"problem":"","unreadBytes":4096,"readBytes":987654321,
                 "lastLineAt":"2026-11-23T11:59:59.750Z","catchingUp":false,"timestampOffsetSeconds":19800,
                 "lines":{"malformed":7,"other":55000,"oversized":5,"packet":1234567,"response":30,"unrecognized":2},
                 "malformed":{"arp":0,"bad_address":0,"bad_number":0,"cut":7,"header_only":0,"no_anchor":0,
                              "truncated":0,"unexpected_field":0},
                 "suppressed":{"journald":0,"kernel":4200,"rsyslog":0,"syslogd":0},
                 "rotations":{"renamed":3,"truncated":1},
                 "readErrors":{"io":0,"not_found":2,"permission":0},
                 "gaps":{"truncated":1},"nulBytes":0,"partialLinesDiscarded":1,"drainingFiles":1,"kmsgLostRecords":0}"""), get(Snapshots.busy(), "/api/v1/nlbs", 200).get("log"));
        assertEquals(
                MAPPER.readTree("""
                {"durableAt":"2026-11-23T11:59:59.500Z","failures":2,"stateLost":true}"""), get(Snapshots.busy(), "/api/v1/nlbs", 200).get("checkpoint"));
        assertTrue(get(Snapshots.fresh(), "/api/v1/nlbs", 200)
                .at("/log/lastLineAt")
                .isNull());
    }

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.10", "%32%30%33.0.113.10", "::ffff:203.0.113.10", "203.0.113.10&x=y"})
    void listsTheSourcesOfALoadBalancer(String nlb) throws IOException {
        assertEquals(MAPPER.readTree("""
                {"takenAt":"2026-11-23T12:00:00Z","nlb":"203.0.113.10","windowSeconds":600,
                 "blocklistMode":"off","enforcement":"unknown","sources":[
                 {"source":"198.51.100.7","packets":900,"atMost":901,
                  "firstSeen":"2026-11-23T11:59:00Z","lastSeen":"2026-11-23T11:59:59Z","answered":false,"ban":null},
                 {"source":"2001:db8:1:2::/64","packets":80,"atMost":80,
                  "firstSeen":"2026-11-23T11:59:00Z","lastSeen":"2026-11-23T11:59:59Z","answered":false,"ban":null},
                 {"source":"2001:db8::1","packets":1,"atMost":4,
                  "firstSeen":"2026-11-23T11:59:00Z","lastSeen":"2026-11-23T11:59:59Z","answered":false,"ban":null}]}"""), get(Snapshots.busy(), "/api/v1/sources?nlb=" + nlb, 200));
    }

    @Test
    void marksTheSourcesThatWereAnswered() throws IOException {
        Published published = Snapshots.published(
                Snapshots.busy(), Snapshots.answers("198.51.100.7", "2001:db8:1:2:ffff::", "198.51.100.8"));
        JsonNode document = get(published, "/api/v1/sources?nlb=203.0.113.10", 200);
        assertEquals(
                List.of(true, true, false),
                document.get("sources")
                        .valueStream()
                        .map(source -> source.get("answered").asBoolean())
                        .toList());
        JsonNode answered = get(published, "/api/v1/blocklist", 200).get("answered");
        assertEquals(MAPPER.readTree("""
                [{"source":"198.51.100.8","at":"2026-11-23T12:00:02Z"},
                 {"source":"2001:db8:1:2::/64","at":"2026-11-23T12:00:01Z"},
                 {"source":"198.51.100.7","at":"2026-11-23T12:00:00Z"}]"""), answered);
    }

    @Test
    void tellsWhichSourcesAreUnderABan() throws IOException {
        Published published = Snapshots.published(Snapshots.busy(), Blocklists.busy());
        JsonNode document = get(published, "/api/v1/sources?nlb=203.0.113.10", 200);

        assertEquals("enforce", document.get("blocklistMode").asString());
        assertEquals(
                MAPPER.readTree("""
                [{"rule":"scan","at":"2026-11-23T11:50:00Z","until":"2026-11-23T12:50:00Z","ports":["tcp/22","udp/53"]},
                 {"rule":"flood","at":"2026-11-23T11:59:00Z","until":"2026-11-23T12:39:00Z","ports":[]},
                 null]"""),
                MAPPER.valueToTree(document.get("sources")
                        .valueStream()
                        .map(source -> source.get("ban"))
                        .toList()));
    }

    @Test
    void aBanByHandComesFirstAndEndsOnTime() throws IOException {
        ManualEntry byHand = new ManualEntry(
                IpPrefix.parse("198.51.100.7"), Instant.EPOCH, Instant.EPOCH.plusSeconds(1), "ticket 4711", "ada");
        ManualEntry over = new ManualEntry(IpPrefix.parse("2001:db8::1"), Instant.EPOCH, Instant.EPOCH, "over", "ada");
        BlocklistStatus status = Blocklists.busy(new ManualList(List.of(over, byHand), List.of()));
        JsonNode document = get(Snapshots.published(Snapshots.busy(), status), "/api/v1/sources?nlb=203.0.113.10", 200);

        assertEquals(MAPPER.readTree("""
                {"rule":null,"at":"1970-01-01T00:00:00Z","until":"1970-01-01T00:00:01Z"}"""), document.at("/sources/0/ban"));
        assertTrue(document.at("/sources/2/ban").isNull());
    }

    @Test
    void findsALoadBalancerInAnySpelling() throws IOException {
        JsonNode document = get(Snapshots.busy(), "/api/v1/sources?nlb=2001:DB8:ffff:0:0:0:0:1", 200);

        assertEquals("2001:db8:ffff::1", document.get("nlb").asString());
        assertEquals(
                "other",
                get(Snapshots.busy(), "/api/v1/sources?nlb=other", 200)
                        .get("nlb")
                        .asString());
    }

    @ParameterizedTest
    @CsvSource({
        "'', 400",
        "?, 400",
        "?nlb, 400",
        "?nlb=, 400",
        "?NLB=203.0.113.10, 400",
        "?nlb=web, 400",
        "?nlb=Other, 400",
        "?nlb=203.0.113.10/32, 400",
        "?nlb=203.0.113.010, 400",
        "?nlb=203.0.113.10&nlb=other, 400",
        "?nlb=%22%0a%5c%00, 400",
        "?nlb=203.0.113.11, 404",
        "?nlb=::1, 404",
    })
    void saysWhatIsWrongWithTheQuestion(String query, int status) throws IOException {
        JsonNode document = get(Snapshots.busy(), "/api/v1/sources" + query, status);

        assertEquals(1, document.size());
        assertTrue(document.get("error").asString().length() > 20, document::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"},{\"x\":\"", "\\", "a\nb\r\tc\u0000\u001f\u007f", "\u2028</script>", "é😀"})
    void escapesWhateverAProblemHolds(String problem) throws IOException {
        JsonNode document = get(Snapshots.unreadable(Snapshots.busy(), problem), "/api/v1/nlbs", 200);

        assertEquals(problem, document.at("/log/problem").asString());
    }

    @Test
    void survivesHalfASurrogatePair() throws IOException {
        JsonNode document = get(Snapshots.unreadable(Snapshots.busy(), "a\ud83d"), "/api/v1/nlbs", 200);

        assertTrue(document.at("/log/problem").asString().startsWith("a"));
    }

    @Test
    void showsNoCountsBeforeTheBacklogOfTheStartIsRead() throws IOException {
        IngestSnapshot unsettled = Snapshots.unsettled(Snapshots.busy());
        for (String target : List.of("/api/v1/nlbs", "/api/v1/sources?nlb=203.0.113.10")) {
            assertEquals(
                    MAPPER.readTree("{\"error\":\"reading what was logged before the start\"}"),
                    get(unsettled, target, 503));
        }
        InstantSource clock = InstantSource.fixed(Instant.EPOCH);
        Published published = Snapshots.published(unsettled);
        try (MetricsPage metrics = new MetricsPage(Snapshots.SETTINGS, "25", published, clock);
                RenderedPages rendered = new RenderedPages(new Connections(), Ticker.newMockTicker())) {
            Response answer = Objects.requireNonNull(new Pages(Snapshots.SETTINGS, metrics, published, clock, rendered)
                    .get("/metrics", "", UnpooledByteBufAllocator.DEFAULT));
            assertEquals(
                    "reading what was logged before the start\n", answer.body().toString(UTF_8));
            answer.body().release();
            assertEquals(503, answer.status().code());
        }
    }

    @Test
    void showsTheBlocklistBeforeTheBacklogOfTheStartIsRead() throws IOException {
        IngestSnapshot unsettled = Snapshots.unsettled(Snapshots.busy());

        JsonNode document = get(Snapshots.published(unsettled, Blocklists.busy()), "/api/v1/blocklist", 200);

        assertEquals(2, document.get("entries").size());
    }

    static JsonNode get(IngestSnapshot snapshot, String target, int status) throws IOException {
        return get(Snapshots.published(snapshot), target, status);
    }

    static JsonNode get(Published published, String target, int status) throws IOException {
        return MAPPER.readTree(text(published, target, status));
    }

    static String text(Published published, String target, int status) throws IOException {
        InstantSource clock = InstantSource.fixed(Instant.EPOCH);
        try (MetricsPage metrics = new MetricsPage(Snapshots.SETTINGS, "25", published, clock);
                RenderedPages rendered = new RenderedPages(new Connections(), Ticker.newMockTicker())) {
            Response answer = Objects.requireNonNull(new Pages(Snapshots.SETTINGS, metrics, published, clock, rendered)
                    .get(target, "", UnpooledByteBufAllocator.DEFAULT));
            String body = answer.body().toString(UTF_8);
            answer.body().release();
            assertEquals(status, answer.status().code(), body);
            assertEquals("application/json", answer.contentType());
            return body;
        }
    }
}

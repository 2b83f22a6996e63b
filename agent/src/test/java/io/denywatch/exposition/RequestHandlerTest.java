package io.denywatch.exposition;

import static io.denywatch.exposition.HttpText.assertStatus;
import static io.denywatch.exposition.HttpText.body;
import static io.denywatch.exposition.HttpText.header;
import static io.denywatch.exposition.HttpText.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.SharedBlocklist;
import io.denywatch.count.RequestCounts;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.detection.NodeSummary;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.ip.IpPrefix;
import io.denywatch.sums.ClusterRulesStatus;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Ticker;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection without a socket: bytes in, bytes out. */
class RequestHandlerTest {
    private IngestSnapshot snapshot = Snapshots.busy();
    private boolean broken;
    private SharedBlocklist shared = SharedBlocklist.OFF;
    private final Published published = new Published(
            this::snapshot,
            () -> EstablishedSources.NONE,
            () -> BlocklistStatus.OFF,
            () -> Diagnosis.NONE,
            () -> RequestCounts.NONE,
            () -> shared,
            () -> SharedWork.NONE,
            () -> NodeSummary.NONE,
            () -> ClusterRulesStatus.OFF);
    private final InstantSource clock = InstantSource.fixed(Instant.ofEpochMilli(Snapshots.TAKEN_AT_MILLIS));
    private final MetricsPage metrics = new MetricsPage(Snapshots.SETTINGS, "25.0.3+9", published, clock);
    private final Connections connections = new Connections();
    private final RenderedPages rendered = new RenderedPages(connections, Ticker.newMockTicker());
    private final Pages pages = new Pages(Snapshots.SETTINGS, metrics, published, clock, rendered);
    private final EmbeddedChannel channel = connect();

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        rendered.close();
        metrics.close();
    }

    @Test
    void theBlocklistIsServedOnceUntilItChanges() {
        assertStatus(404, exchange(request("GET /blocklist.txt")));
        shared = new SharedBlocklist.NotYetKnown("it was not read yet");
        String unknown = exchange(request("GET /blocklist.txt"));
        assertStatus(503, unknown);
        assertTrue(unknown.endsWith("the blocklist cannot be shared now: it was not read yet\n"), unknown);

        shared = SharedBlocklist.of(List.of(IpPrefix.parse("203.0.113.9")), new NeverBlock(List.of()));
        String first = exchange(request("GET /blocklist.txt"));
        assertStatus(200, first);
        assertEquals("text/plain; charset=utf-8", header("content-type", first));
        assertEquals("no-cache", header("cache-control", first));
        assertTrue(first.endsWith("\r\n\r\n203.0.113.9/32\n"), first);
        String tag = header("etag", first);
        for (String kept : List.of(tag, "W/" + tag, "\"x\", " + tag, "*")) {
            String again = exchange(request("GET /blocklist.txt", "If-None-Match: " + kept));
            assertStatus(304, again);
            assertEquals(tag, header("etag", again));
            assertTrue(again.endsWith("\r\n\r\n"), again);
        }
        String head = exchange(request("HEAD /blocklist.txt"));
        assertStatus(200, head);
        assertEquals(tag, header("etag", head));
        assertEquals("15", header("content-length", head));

        shared = SharedBlocklist.of(List.of(IpPrefix.parse("203.0.113.10")), new NeverBlock(List.of()));
        String changed = exchange(request("GET /blocklist.txt", "If-None-Match: " + tag));
        assertStatus(200, changed);
        assertTrue(changed.endsWith("203.0.113.10/32\n"), changed);
    }

    @ParameterizedTest
    @CsvSource({
        "/, text/html; charset=utf-8",
        "/page.css, text/css; charset=utf-8",
        "/page.js?v=1, text/javascript; charset=utf-8",
        "/metrics, text/plain; version=0.0.4; charset=utf-8",
        "/metrics?x, text/plain; version=0.0.4; charset=utf-8",
        "/metrics?x=%00&&=, text/plain; version=0.0.4; charset=utf-8",
        "/%6detrics, text/plain; version=0.0.4; charset=utf-8",
        "http://10.0.0.7:9464/metrics?x, text/plain; version=0.0.4; charset=utf-8",
        "http://[::1], text/html; charset=utf-8",
        "/livez, text/plain; charset=utf-8",
        "/readyz, text/plain; charset=utf-8",
        "/api/v1/nlbs, application/json",
        "/api/v1/sources?nlb=other, application/json",
        "/api/v1/blocklist, application/json",
    })
    void servesEachPage(String target, String contentType) {
        String response = exchange(request("GET " + target));

        assertStatus(200, response);
        assertEquals(contentType, header("content-type", response));
        assertEquals("nosniff", header("x-content-type-options", response));
        assertEquals("no-store", header("cache-control", response));
        assertEquals("no-referrer", header("referrer-policy", response));
        assertTrue(header("content-security-policy", response).startsWith("default-src 'none'; "));
        assertTrue(header("content-security-policy", response).contains("frame-ancestors 'none'"));
        assertEquals(body(response).length(), Integer.parseInt(header("content-length", response)));
        assertTrue(channel.isOpen());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/nothing", "/metrics/", "/METRICS", "//metrics", "/api/v1", "*", "/metrics%3Fx", "/livez/.."})
    void findsNothingElsewhere(String target) {
        assertStatus(404, exchange(request("GET " + target)));
        assertTrue(channel.isOpen());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/metrics%", "/%zz", "/api/v1/sources?nlb=%4", "/metrics?%g0=1"})
    void refusesBrokenPercentEncoding(String target) {
        assertStatus(400, exchange(request("GET " + target)));
        assertTrue(channel.isOpen());
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "BREW"})
    void allowsGetAndHeadOnly(String method) {
        String response = exchange(method + " /metrics HTTP/1.1\r\nContent-Length: 0\r\n\r\n");

        assertStatus(405, response);
        assertEquals("GET, HEAD", header("allow", response));
        assertFalse(channel.isOpen());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 1\r\n\r\nx",
                "Content-Length: 9999999999\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
            })
    void takesNoBodies(String rest) {
        assertStatus(413, exchange("GET /metrics HTTP/1.1\r\n" + rest));
        assertFalse(channel.isOpen());
    }

    @Test
    void takesAnEmptyBody() {
        assertStatus(200, exchange("GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"));
        assertTrue(channel.isOpen());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/livez", "/metrics", "/api/v1/nlbs", "/nothing", "/", "/page.js", "/page.css"})
    void answersHeadAsGetWithoutTheBody(String target) {
        String get = exchange(request("GET " + target));
        String head = exchange(request("HEAD " + target));

        assertEquals(get.lines().findFirst(), head.lines().findFirst());
        assertEquals(header("content-type", get), header("content-type", head));
        assertEquals("", body(head));
        int length = Integer.parseInt(header("content-length", head));
        // Values of the JVM change from scrape to scrape, and with them the length.
        assertTrue(
                target.equals("/metrics") ? length > 1000 : length == body(get).length(), head);
        assertStatus(200, exchange(request("GET /livez")));
    }

    @Test
    void negotiatesTheFormatOverAllAcceptHeaders() {
        String response = exchange(request(
                "GET /metrics", "Accept: text/plain;q=0.5", "Accept: application/openmetrics-text;version=1.0.0"));

        assertEquals(ScrapeFormat.OPENMETRICS.contentType(), header("content-type", response));
        assertTrue(response.endsWith("# EOF\n"));
    }

    @Test
    void answersPipelinedRequestsInOrder() {
        String response = exchange(request("GET /livez")
                + request("HEAD /livez")
                + request("GET /nothing")
                + request("GET /api/v1/blocklist"));

        String[] answers = response.split("(?=HTTP/1\\.1 )", -1);
        assertEquals(4, answers.length, response);
        assertEquals("ok\n", body(answers[0]));
        assertEquals("", body(answers[1]));
        assertStatus(404, answers[2]);
        assertTrue(body(answers[3]).startsWith("{\"mode\":\"off\","), answers[3]);
    }

    @Test
    void answersRequestsThatComeByteByByte() {
        StringBuilder response = new StringBuilder();
        for (char c : (request("GET /livez") + request("GET /readyz")).toCharArray()) {
            response.append(exchange(String.valueOf(c)));
        }

        assertEquals(
                2,
                Pattern.compile("HTTP/1\\.1 200 OK").matcher(response).results().count());
    }

    @Test
    void answersAsManyPipelinedRequestsAsOneReadHolds() {
        String one = request("GET /livez");
        int count = HttpListener.RECEIVE_BUFFER_BYTES / one.length();
        for (int read = 0; read < 10; read++) {
            String response = exchange(one.repeat(count));

            assertEquals(
                    count,
                    Pattern.compile("HTTP/1\\.1 200 OK")
                            .matcher(response)
                            .results()
                            .count());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1.1, keep-alive, true, ",
        "1.1, close, false, close",
        "1.0, close, false, close",
        "1.0, x, false, close",
        "1.0, keep-alive, true, keep-alive"
    })
    void keepsTheConnectionAsAsked(String version, String asked, boolean open, String told) {
        String response =
                exchange("GET /livez HTTP/" + version + "\r\nHost: localhost\r\nConnection: " + asked + "\r\n\r\n");

        assertStatus(200, response);
        assertEquals(open, channel.isOpen());
        assertEquals(told == null ? "" : told, header("connection", response));
    }

    @Test
    void dropsWhatFollowsARequestToClose() {
        String response = exchange(request("GET /livez", "Connection: close") + request("GET /readyz"));

        assertEquals(
                1,
                Pattern.compile("HTTP/1\\.1 200 OK").matcher(response).results().count());
    }

    @Test
    void boundsTheRequestLine() {
        String path = "/metrics?" + "x".repeat(ConnectionInitializer.REQUEST_LINE_MAX_BYTES);

        assertStatus(414, exchange(request("GET " + path)));
        assertFalse(channel.isOpen());
    }

    @Test
    void boundsTheHeaders() {
        String header = "X-Y: " + "z".repeat(500) + "\r\n";

        assertStatus(431, exchange("GET /metrics HTTP/1.1\r\n" + header.repeat(20) + "\r\n"));
        assertFalse(channel.isOpen());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0016\u0003\u0001\u0002\r\n\r\n",
                "GET\r\n\r\n",
                "GET /metrics HTTP/x\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nno colon\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            })
    void hangsUpOnWhatIsNotHttp(String bytes) {
        assertStatus(400, exchange(bytes));
        assertFalse(channel.isOpen());
    }

    @Test
    void hangsUpOnThoseWhoNeverFinishARequest() {
        channel.freezeTime();
        for (int second = 0; second < Connection.REQUEST_MAX_SECONDS; second++) {
            assertTrue(channel.isOpen());
            exchange("G");
            pass(1);
        }

        assertFalse(channel.isOpen());
    }

    @Test
    void keepsAConnectionBetweenRequestsForAWhile() {
        EmbeddedChannel kept = connect();
        kept.freezeTime();
        for (int request = 0; request < 3; request++) {
            assertStatus(200, HttpText.exchange(kept, request("GET /livez")));
            pass(kept, Connection.IDLE_MAX_SECONDS - 1);
            assertTrue(kept.isOpen());
        }
        HttpText.exchange(kept, "GET /livez HTTP/1.1\r\n");
        pass(kept, Connection.REQUEST_MAX_SECONDS - 1);
        assertTrue(kept.isOpen());
        assertStatus(200, HttpText.exchange(kept, "Host: localhost\r\n\r\n"));
        pass(kept, Connection.IDLE_MAX_SECONDS);
        assertFalse(kept.isOpen());
    }

    private void pass(int seconds) {
        pass(channel, seconds);
    }

    private static void pass(EmbeddedChannel channel, int seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 200",
        "127.0.0.1:9464, 200",
        "10.1.2.3:80, 200",
        "[::1]:9464, 200",
        "[2001:db8::7], 200",
        "localhost, 200",
        "LocalHost:1, 200",
        "localhost., 200",
        "agent.example, 200",
        "AGENT.example.:9464, 200",
        "other.example, 200",
        "attacker.example, 421",
        "attacker.example:9464, 421",
        "localhost.attacker.example, 421",
        "127.0.0.1.attacker.example, 421",
        "127.1, 421",
        "2130706433, 421",
        "0x7f000001, 421",
        "127.0.0.01, 421",
        "worker-1, 421",
        "'', 400",
        "::1, 400",
        "[127.0.0.1.x], 400",
        "[zz], 400",
        "user@127.0.0.1, 400",
        "'127.0.0.1, attacker.example', 400",
        "127.0.0.1 attacker.example, 400",
        "127.0.0.1:x, 400",
        "127.0.0.1/attacker.example, 400"
    })
    void answersOnlyUnderNamesThatNoStrangerOwns(String host, int status) {
        for (String version : List.of("1.0", "1.1")) {
            EmbeddedChannel asked = connect();
            String response =
                    HttpText.exchange(asked, "GET /api/v1/nlbs HTTP/" + version + "\r\nHost: " + host + "\r\n\r\n");

            assertStatus(status, response);
            assertEquals(status == 200, body(response).contains("203.0.113"), response);
            asked.finishAndReleaseAll();
        }
    }

    @Test
    void needsOneHost() {
        assertStatus(400, HttpText.exchange(connect(), "GET /livez HTTP/1.1\r\n\r\n"));
        assertStatus(
                400, HttpText.exchange(connect(), "GET /livez HTTP/1.1\r\nHost: localhost\r\nhost: localhost\r\n\r\n"));
        assertStatus(400, HttpText.exchange(connect(), "GET /livez HTTP/1.0\r\nHost: localhost\r\nHost: ::1\r\n\r\n"));
        assertStatus(200, HttpText.exchange(connect(), "GET /livez HTTP/1.0\r\n\r\n")); // no browser is that old
    }

    @Test
    void looksAtTheNameInAWholeTargetToo() {
        assertStatus(421, HttpText.exchange(connect(), request("GET http://attacker.example/metrics")));
        assertStatus(400, HttpText.exchange(connect(), request("GET http://10.0.0.1@attacker.example/metrics")));
        assertStatus(404, HttpText.exchange(connect(), request("GET /metrics/http://attacker.example/")));
    }

    @Test
    void takesAnyNameFromAProgramBehindAProxy() {
        String headers = "Host: api.cluster.example:6443\r\nSec-Denywatch: 1\r\n\r\n";

        assertStatus(200, exchange("GET /api/v1/nlbs HTTP/1.1\r\n" + headers));
        assertStatus(400, HttpText.exchange(connect(), "GET / HTTP/1.1\r\nHost: x\r\n" + headers));
    }

    @Test
    void allowsNoOtherSiteToReadAnything() {
        assertEquals("same-origin", header("cross-origin-resource-policy", exchange(request("GET /api/v1/nlbs"))));
    }

    @Test
    void answersWith500WhenAPageFails() {
        broken = true;

        assertStatus(500, exchange(request("GET /metrics")));
        assertFalse(channel.isOpen());
    }

    private IngestSnapshot snapshot() {
        if (broken) {
            throw new IllegalStateException("nothing to show");
        }
        return snapshot;
    }

    private EmbeddedChannel connect() {
        return new EmbeddedChannel(new ConnectionInitializer(
                pages,
                new AllowedHosts(List.of("agent.example", "Other.Example")),
                new Access(Optional.empty()),
                connections));
    }

    private String exchange(String bytes) {
        return HttpText.exchange(channel, bytes);
    }
}

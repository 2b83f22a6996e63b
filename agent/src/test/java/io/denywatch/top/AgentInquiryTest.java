package io.denywatch.top;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.StopSignal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AgentInquiryTest {
    private static final String DOCUMENT = """
            {"mode":"off","answered":[{"source":"198.51.100.7","at":"2026-11-24T12:00:00Z"},
             {"source":"2001:db8:1:2::/64","at":"2026-11-24T11:59:00Z"},
             {"source":"198.51.100.8","at":"2026-11-24T11:58:00Z"}]}""";

    private final StringWriter said = new StringWriter();
    private final ProcessContext world = new ProcessContext(
            new ByteArrayInputStream(new byte[0]),
            new ByteArrayOutputStream(),
            new PrintWriter(said),
            false,
            InstantSource.fixed(Instant.EPOCH),
            Map.of(),
            "n1",
            new StopSignal(),
            Duration.ofMinutes(2));

    private Optional<Instant> ask(int status, String body, String asked) throws IOException {
        return report(status, body, asked).flatMap(AgentReport::answered);
    }

    private Optional<AgentReport> report(int status, String body, String asked) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/v1/blocklist", exchange -> {
            byte[] bytes = body.getBytes(UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        try {
            String agent = "http://localhost:" + server.getAddress().getPort() + "/";
            try (AgentInquiry inquiry = new AgentInquiry(world, List.of(agent))) {
                AgentInquiry.Said answer = inquiry.ask(IpPrefix.parse(asked));
                assertEquals(answer.reports().isEmpty() ? 1 : 0, answer.silent().size());
                return answer.reports().stream().findFirst();
            }
        } finally {
            server.stop(0);
        }
    }

    @Test
    void tellsWhenTheAddressWasLastAnswered() throws IOException {
        assertEquals(Optional.of(Instant.parse("2026-11-24T12:00:00Z")), ask(200, DOCUMENT, "198.51.100.0/24"));
        assertEquals(Optional.of(Instant.parse("2026-11-24T11:59:00Z")), ask(200, DOCUMENT, "2001:db8:1:2::7"));
        assertEquals(Optional.empty(), ask(200, DOCUMENT, "198.51.100.9"));
        assertEquals("", said.toString());
    }

    @Test
    void tellsWhatTheAgentDecidedOfTheSourceAndWithWhichLine() throws IOException {
        String document = """
                {"node":"worker-1","mode":"enforce","breakerOpen":true,"problem":"none","rules":[{"name":"noisy",
                 "measure":"packets","threshold":300,"withinSeconds":60,"protocols":["tcp"],"banForSeconds":3600,
                 "maxBanSeconds":86400}],"entries":[],"answered":[],"decisions":[{"decidedAt":"2026-11-24T12:00:00Z",
                 "decision":"unblocked","source":"198.51.100.7","at":"2026-11-24T11:00:00Z",
                 "until":"2026-11-24T12:00:00Z","rule":"noisy","repeats":0,"because":"never_block",
                 "neverBlock":"198.51.100.0/24","reason":"nodes","evidence":{"count":300,"ports":["tcp/22"],
                 "loadBalancers":["203.0.113.7"],"firstSeen":"2026-11-24T10:59:00Z",
                 "lastSeen":"2026-11-24T11:00:00Z","line":"a line",
                 "hint":"a hint"}}],"traffic":[{"nlb":"203.0.113.7",
                 "source":"198.51.100.7","packets":7,"atMost":9,"firstSeen":"2026-11-24T11:00:00Z",
                 "lastSeen":"2026-11-24T12:00:00Z"}]}""";
        AgentReport report = report(200, document, "198.51.100.7").orElseThrow();
        assertEquals("worker-1", report.node());
        assertEquals(300, report.rules().getFirst().threshold());
        AgentReport.AgentDecision told = report.decisions().getFirst();
        assertEquals("198.51.100.0/24 (nodes)", told.range());
        assertEquals(Instant.parse("2026-11-24T11:00:00Z"), told.blockedAt());
        assertEquals("a line", told.evidence().line());
        assertEquals("a hint", told.evidence().hint());
        assertEquals(7, report.traffic().getFirst().packets());
        assertEquals(
                0,
                report(200, document, "198.51.100.8").orElseThrow().decisions().size());
    }

    @Test
    void anAgentThatDoesNotTellIsOneLineAndNoFailure() throws IOException {
        for (String body : new String[] {"", "{", "{}", "{\"answered\":[{\"source\":\"x\"}]}", "{\"answered\":[{}]}"}) {
            said.getBuffer().setLength(0);
            assertEquals(Optional.empty(), ask(200, body, "198.51.100.7"), body);
            assertEquals(1, said.toString().lines().count(), body);
        }
        said.getBuffer().setLength(0);
        String nobody = "http://localhost:1";
        try (AgentInquiry inquiry = new AgentInquiry(world, List.of(nobody))) {
            assertEquals(
                    List.of(nobody + "/api/v1/blocklist"),
                    inquiry.ask(IpPrefix.parse("198.51.100.7")).silent());
        }
        assertEquals(1, said.toString().lines().count(), said::toString);
        said.getBuffer().setLength(0);
        assertEquals(Optional.empty(), ask(503, "", "198.51.100.7"));
        assertEquals(1, said.toString().lines().count());
    }

    @Test
    void aWrongUrlNamesWhatIsAllowed() {
        for (String agent : new String[] {"10.0.0.7", "ftp://10.0.0.7", "http://", "a b"}) {
            assertThrows(CommandFailure.class, () -> new AgentInquiry(world, List.of(agent)), agent);
        }
    }
}

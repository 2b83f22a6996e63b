package io.denywatch.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import io.denywatch.ip.IpPrefix;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AgentAnswersTest {
    private static final String DOCUMENT = """
            {"mode":"off","answered":[{"source":"198.51.100.7","at":"2026-11-24T12:00:00Z"},
             {"source":"2001:db8:1:2::/64","at":"2026-11-24T11:59:00Z"},
             {"source":"198.51.100.8","at":"2026-11-24T11:58:00Z"}]}""";

    private final StringWriter said = new StringWriter();
    private final World world = new World(
            new ByteArrayInputStream(new byte[0]),
            new ByteArrayOutputStream(),
            new PrintWriter(said),
            false,
            InstantSource.fixed(Instant.EPOCH),
            Map.of(),
            "n1",
            new StopSignal());

    private Optional<Instant> ask(int status, String body, String asked) throws IOException {
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
            return AgentAnswers.of(world, agent).lastAnswer(IpPrefix.parse(asked));
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
    void anAgentThatDoesNotTellIsOneLineAndNoFailure() throws IOException {
        for (String body : new String[] {"", "{", "{}", "{\"answered\":[{\"source\":\"x\"}]}", "{\"answered\":[{}]}"}) {
            said.getBuffer().setLength(0);
            assertEquals(Optional.empty(), ask(200, body, "198.51.100.7"), body);
            assertEquals(1, said.toString().lines().count(), body);
        }
        said.getBuffer().setLength(0);
        String nobody = "http://localhost:1";
        assertEquals(Optional.empty(), AgentAnswers.of(world, nobody).lastAnswer(IpPrefix.parse("198.51.100.7")));
        assertEquals(1, said.toString().lines().count(), said::toString);
        said.getBuffer().setLength(0);
        assertEquals(Optional.empty(), ask(503, "", "198.51.100.7"));
        assertEquals(1, said.toString().lines().count());
    }

    @Test
    void aWrongUrlNamesWhatIsAllowed() {
        for (String agent : new String[] {"10.0.0.7", "ftp://10.0.0.7", "http://", "a b"}) {
            assertThrows(CommandFailure.class, () -> AgentAnswers.of(world, agent), agent);
        }
    }
}

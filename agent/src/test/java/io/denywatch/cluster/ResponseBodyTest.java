package io.denywatch.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.testing.RawServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Lists, read while they come from a server that sends them in its own way. */
@Timeout(600)
class ResponseBodyTest {
    private static final long SEED = 20_261_131;
    private static final MemoryBudget UNLIMITED = new MemoryBudget("things", Long.MAX_VALUE);
    private static final String PATH = "/api/v1/things";
    private static final Duration SHORT = Duration.ofMillis(200); // for what never answers
    private static final long LIST_NANOS = 12 * 60 * 1_000_000_000L;

    @TempDir
    private Path folder;

    private Optional<Path> kubeconfig(RawServer server) throws IOException {
        return Optional.of(Files.writeString(folder.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: a, cluster: {server: 'http://127.0.0.1:%d'}}]
                users: [{name: a, user: {token: secret}}]
                contexts: [{name: a, context: {cluster: a, user: a}}]
                current-context: a
                """.formatted(server.port())));
    }

    private ClusterConnection connection(RawServer server, LongSupplier nanos) throws IOException, ClusterException {
        return ClusterConnection.open(kubeconfig(server), Optional.empty(), "test", nanos, Duration.ofMinutes(2));
    }

    private static String things(int count) {
        StringBuilder body =
                new StringBuilder("{\"kind\":\"ThingList\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[");
        for (int i = 0; i < count; i++) {
            body.append(i == 0 ? "" : ",")
                    .append("{\"name\":\"th\u00efng\u20ac-")
                    .append(i)
                    .append("\"}");
        }
        return body.append("]}\n").toString();
    }

    private static void chunked(OutputStream out, byte[] body, SplittableRandom random) throws IOException {
        out.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                .getBytes(UTF_8));
        for (int at = 0; at < body.length; ) {
            int length = Math.min(body.length - at, 1 + random.nextInt(random.nextBoolean() ? 3 : 5_000));
            out.write((Integer.toHexString(length) + "\r\n").getBytes(UTF_8));
            out.write(body, at, length);
            out.write("\r\n".getBytes(UTF_8));
            out.flush();
            at += length;
        }
        out.write("0\r\n\r\n".getBytes(UTF_8));
    }

    private static void whole(OutputStream out, String body, int promised) throws IOException {
        out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + promised + "\r\n\r\n").getBytes(UTF_8));
        out.write(body.getBytes(UTF_8));
        out.flush();
    }

    @Test
    void eachObjectComesOnceAndInOrderHoweverTheBytesArrive() throws IOException, ClusterException {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int count : new int[] {0, 1, 700}) {
            byte[] body = things(count).getBytes(UTF_8);
            try (RawServer server = new RawServer(out -> chunked(out, body, random.split()));
                    ClusterConnection connection = connection(server, () -> 0)) {
                List<String> names = new ArrayList<>();
                String version = connection.list(PATH, UNLIMITED, object -> {
                    names.add(object.path("name").asString(""));
                    return 0;
                });
                assertEquals("7", version);
                assertEquals(
                        IntStream.range(0, count)
                                .mapToObj(i -> "th\u00efng\u20ac-" + i)
                                .toList(),
                        names,
                        "seed " + SEED);
            }
        }
    }

    @Test
    void theNextListGoesOverTheSameConnection() throws IOException, ClusterException {
        byte[] body = things(300).getBytes(UTF_8);
        try (RawServer server = new RawServer(out -> chunked(out, body, new SplittableRandom(SEED)));
                ClusterConnection connection = connection(server, () -> 0)) {
            for (int i = 0; i < 5; i++) {
                connection.list(PATH, UNLIMITED, _ -> 0);
            }
            assertEquals(1, server.connections());
        }
    }

    @Test
    void anAnswerThatBreaksOffIsNoAnswer() throws IOException, ClusterException {
        String body = things(300);
        for (int sent : new int[] {0, 40, body.length() / 2}) {
            try (RawServer server = new RawServer(out -> {
                        whole(out, body.substring(0, sent), 2 * body.length());
                        throw new IOException("breaks off");
                    });
                    ClusterConnection connection = connection(server, () -> 0)) {
                ClusterException e = assertThrows(
                        ClusterException.class, () -> connection.list(PATH, UNLIMITED, _ -> 0), sent + " bytes");
                assertEquals(ClusterException.NO_ANSWER, e.status());
                assertEquals("GET " + PATH + ": the answer broke off", e.getMessage(), sent + " bytes");
            }
        }
    }

    @Test
    void anAnswerThatIsNotReadInTimeIsNoAnswer() throws IOException, ClusterException {
        AtomicLong nanos = new AtomicLong();
        String body = things(300);
        try (RawServer server =
                        new RawServer(out -> whole(out, body.substring(0, body.length() / 2), 2 * body.length()));
                ClusterConnection connection = connection(server, nanos::get)) {
            ClusterException e = assertThrows(
                    ClusterException.class,
                    () -> connection.list(PATH, UNLIMITED, _ -> {
                        nanos.set(LIST_NANOS);
                        return 0;
                    }));
            assertEquals(ClusterException.NO_ANSWER, e.status());
            assertEquals("GET " + PATH + ": the answer did not end in time", e.getMessage());
        }
    }

    @Test
    void anObjectLongerThanAnyIsNoAnswerAndIsNotReadToItsEnd() throws IOException, ClusterException {
        try (RawServer server = new RawServer(RawServer.ENDLESS);
                ClusterConnection connection = connection(server, () -> 0)) {
            ClusterException e = assertThrows(ClusterException.class, () -> connection.get(PATH));
            assertEquals(ClusterException.NO_ANSWER, e.status());
            assertEquals("GET " + PATH + ": the answer is too long", e.getMessage());
        }
    }

    @Test
    void anObjectOfMoreTokensThanAnyIsNoAnswer() throws IOException, ClusterException {
        String body = "[" + "1,".repeat(2_000_000) + "1]";
        try (RawServer server = new RawServer(out -> whole(out, body, body.length()));
                ClusterConnection connection = connection(server, () -> 0)) {
            ClusterException e = assertThrows(ClusterException.class, () -> connection.get(PATH));
            assertTrue(
                    String.valueOf(e.getMessage()).startsWith("GET " + PATH + ": the answer is not JSON"), e::toString);
        }
    }

    @Test
    void anObjectThatKeepsComingEndsAtItsDeadline() throws IOException, ClusterException {
        AtomicLong nanos = new AtomicLong();
        try (RawServer server = new RawServer(RawServer.TRICKLING);
                ClusterConnection connection = connection(server, () -> nanos.addAndGet(1_000_000_000L))) {
            ClusterException e = assertThrows(ClusterException.class, () -> connection.get(PATH));
            assertEquals("GET " + PATH + ": the answer did not end in time", e.getMessage());
        }
    }

    @Test
    void anApiServerThatDoesNotAnswerIsGivenUp() throws IOException, ClusterException {
        try (RawServer server = new RawServer(RawServer.MUTE);
                ClusterConnection connection =
                        ClusterConnection.open(kubeconfig(server), Optional.empty(), "test", () -> 0, SHORT)) {
            ClusterException e = assertThrows(ClusterException.class, () -> connection.get(PATH));
            assertEquals(ClusterException.NO_ANSWER, e.status());
        }
    }

    @Test
    void whatIsNoListIsSaidToBeNoJson() throws IOException, ClusterException {
        try (RawServer server = new RawServer(out -> whole(out, "<html>", "<html>".length()));
                ClusterConnection connection = connection(server, () -> 0)) {
            ClusterException e = assertThrows(ClusterException.class, () -> connection.list(PATH, UNLIMITED, _ -> 0));
            assertEquals(ClusterException.NO_ANSWER, e.status());
        }
    }
}

package io.denywatch.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Lists, read while they come from a server that sends them in its own way. */
@Timeout(60)
class AnswerStreamTest {
    private static final long SEED = 20_261_131;
    private static final String PATH = "/api/v1/things";
    private static final long LIST_NANOS = 30_000_000_000L;

    @TempDir
    private Path folder;

    /** Writes the body of an answer whose head promises as much as it likes. */
    @FunctionalInterface
    private interface Answer {
        void write(OutputStream out) throws IOException;
    }

    /** Answers each request on each connection in the same way, and closes the connection where that fails. */
    private static final class Server implements AutoCloseable {
        final AtomicInteger connections = new AtomicInteger();
        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

        Server(Answer answer) throws IOException {
            Thread.ofVirtual().start(() -> {
                while (!socket.isClosed()) {
                    try {
                        Socket client = socket.accept();
                        connections.incrementAndGet();
                        Thread.ofVirtual().start(() -> serve(client, answer));
                    } catch (IOException e) {
                        return; // closed
                    }
                }
            });
        }

        private static void serve(Socket client, Answer answer) {
            try (client) {
                BufferedReader requests = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
                for (String line = requests.readLine(); line != null; line = requests.readLine()) {
                    if (line.isEmpty()) {
                        answer.write(client.getOutputStream());
                        client.getOutputStream().flush();
                    }
                }
            } catch (IOException e) {
                // The client has what it wanted, or the answer is to break off.
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private ClusterConnection connection(Server server, LongSupplier nanos) throws IOException, ClusterException {
        Path kubeconfig = Files.writeString(folder.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: a, cluster: {server: 'http://127.0.0.1:%d'}}]
                users: [{name: a, user: {token: secret}}]
                contexts: [{name: a, context: {cluster: a, user: a}}]
                current-context: a
                """.formatted(server.socket.getLocalPort()));
        return ClusterConnection.open(Optional.of(kubeconfig), Optional.empty(), "test", nanos);
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
            try (Server server = new Server(out -> chunked(out, body, random.split()));
                    ClusterConnection connection = connection(server, () -> 0)) {
                List<String> names = new ArrayList<>();
                String version = connection.list(
                        PATH, object -> names.add(object.path("name").asString("")));
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
        try (Server server = new Server(out -> chunked(out, body, new SplittableRandom(SEED)));
                ClusterConnection connection = connection(server, () -> 0)) {
            for (int i = 0; i < 5; i++) {
                connection.list(PATH, _ -> {});
            }
            assertEquals(1, server.connections.get());
        }
    }

    @Test
    void anAnswerThatBreaksOffIsNoAnswer() throws IOException, ClusterException {
        String body = things(300);
        for (int sent : new int[] {0, 40, body.length() / 2}) {
            try (Server server = new Server(out -> {
                        whole(out, body.substring(0, sent), 2 * body.length());
                        throw new IOException("breaks off");
                    });
                    ClusterConnection connection = connection(server, () -> 0)) {
                ClusterException e =
                        assertThrows(ClusterException.class, () -> connection.list(PATH, _ -> {}), sent + " bytes");
                assertEquals(ClusterException.NO_ANSWER, e.status());
                assertEquals("GET " + PATH + ": the answer broke off", e.getMessage(), sent + " bytes");
            }
        }
    }

    @Test
    void anAnswerThatIsNotReadInTimeIsNoAnswer() throws IOException, ClusterException {
        AtomicLong nanos = new AtomicLong();
        String body = things(300);
        try (Server server = new Server(out -> whole(out, body.substring(0, body.length() / 2), 2 * body.length()));
                ClusterConnection connection = connection(server, nanos::get)) {
            ClusterException e =
                    assertThrows(ClusterException.class, () -> connection.list(PATH, _ -> nanos.set(LIST_NANOS)));
            assertEquals(ClusterException.NO_ANSWER, e.status());
            assertEquals("GET " + PATH + ": the answer did not end in time", e.getMessage());
        }
    }

    @Test
    void whatIsNoListIsSaidToBeNoJson() throws IOException, ClusterException {
        try (Server server = new Server(out -> whole(out, "<html>", "<html>".length()));
                ClusterConnection connection = connection(server, () -> 0)) {
            ClusterException e = assertThrows(ClusterException.class, () -> connection.list(PATH, _ -> {}));
            assertEquals(ClusterException.NO_ANSWER, e.status());
        }
    }
}

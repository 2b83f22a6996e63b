package io.denywatch.exposition;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.ingest.IngestSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What strangers do to a server, over real sockets. Deadlines only find what hangs. */
@Timeout(120)
class HttpAbuseTest {
    private static final int READ_MAX_MILLIS = 60_000;
    private static final String GET_METRICS = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

    private final List<Socket> sockets = new ArrayList<>();
    private final IngestSnapshot full = Snapshots.full();
    private final InstantSource clock = InstantSource.system();
    private final AtomicBoolean over = new AtomicBoolean();
    private final List<Thread> strangers = new ArrayList<>();
    private MetricsServer server;
    private ProbeServer probes;

    @BeforeEach
    void start() throws IOException {
        server = MetricsServer.start(Snapshots.SETTINGS, Snapshots.published(Snapshots.busy()), clock);
        probes = ProbeServer.start(Snapshots.SETTINGS.listen(), () -> full, () -> "", InstantSource.fixed(takenAt()));
    }

    @AfterEach
    void end() throws Exception {
        over.set(true);
        for (Socket socket : sockets) {
            socket.close();
        }
        for (Thread stranger : strangers) {
            stranger.join();
        }
        server.close();
        probes.close();
    }

    @Test
    void servesScrapesAndProbesBesideSilentAndGreedyConnections() throws Exception {
        AtomicLong greedyAnswers = new AtomicLong();
        for (int i = 0; i < 200; i++) {
            stranger(i, this::beSilent);
        }
        for (int i = 0; i < 60; i++) {
            stranger(200 + i, address -> beGreedy(address, greedyAnswers));
        }
        for (int round = 0; round < 10 || greedyAnswers.get() < 100; round++) {
            try (Socket kubelet = connect(probes.address(), 2)) {
                assertEquals("ok", answer(kubelet, "GET /livez HTTP/1.1\r\nHost: 10.0.0.7:9465\r\n\r\n"));
            }
            try (Socket prometheus = connect(server.address(), 3)) {
                String page = answer(prometheus, GET_METRICS);
                assertTrue(page.contains("\ndenywatch_denied_packets_total{"), "round " + round);
                assertTrue(page.endsWith("\n"), "round " + round);
            }
        }
    }

    @Test
    void answersProbesWhileStrangersHoldTheProbePortToo() throws Exception {
        for (int i = 0; i < 200; i++) {
            sockets.add(connect(probes.address(), 10 + i % 100));
        }
        for (int round = 0; round < 20; round++) {
            try (Socket kubelet = connect(probes.address(), 2)) {
                assertEquals("ok", answer(kubelet, "GET /readyz HTTP/1.1\r\nHost: 10.0.0.7:9465\r\n\r\n"));
            }
        }
    }

    @Test
    void saysOnTheProbePortWhetherAndNothingElse() throws IOException {
        try (Socket kubelet = connect(probes.address(), 2)) {
            assertEquals("not found; served here: /livez and /readyz", answer(kubelet, GET_METRICS));
        }
        try (ProbeServer hanging =
                        ProbeServer.start(Snapshots.SETTINGS.listen(), () -> full, () -> "", InstantSource.system());
                Socket kubelet = connect(hanging.address(), 2)) {
            assertEquals("no; the reason is at http.listen", answer(kubelet, "GET /livez HTTP/1.0\r\n\r\n"));
        }
    }

    @Test
    void closesWhatHasMadeNoRequestForLongestWhenAllAreTaken() throws IOException {
        for (int i = 0; i < Connections.CONNECTIONS_MAX; i++) {
            asked(connect(server.address(), 2 + i / Connections.PER_PEER_MAX));
        }
        Socket first = sockets.get(0);
        Socket second = sockets.get(1);
        assertTrue(isAnswered(first)); // so the second has now gone longest without a request
        Socket newcomer = asked(connect(server.address(), 100));

        assertEquals(-1, second.getInputStream().read());
        assertTrue(isAnswered(first));
        assertTrue(isAnswered(newcomer));
        for (Socket socket : sockets.subList(2, sockets.size())) {
            assertTrue(isAnswered(socket));
        }
    }

    @Test
    void endsASlowRequestButNotTheNextOne() throws Exception {
        Socket slow = connect(server.address(), 2);
        sockets.add(slow);
        int sent = 0;
        try {
            slow.getOutputStream().write("GET /metrics HTTP/1.1\r\nX: ".getBytes(ISO_8859_1));
            while (slow.getInputStream().available() == 0 && sent < 10_000) {
                slow.getOutputStream().write('x');
                sent++;
                slow.setSoTimeout(100);
                try {
                    if (slow.getInputStream().read() < 0) {
                        break;
                    }
                } catch (SocketTimeoutException e) {
                    // goes on trickling
                }
            }
        } catch (SocketException e) {
            // reset: closed as well
        }
        assertTrue(sent > 1 && sent < 10_000, "bytes sent: " + sent);
        assertTrue(isAnswered(connect(server.address(), 2)));
    }

    @Test
    void holdsLittleForClientsThatAskAndDoNotRead() throws Exception {
        server.close();
        server = MetricsServer.start(Snapshots.SETTINGS, Snapshots.published(full), clock);
        AtomicLong taken = new AtomicLong();
        for (int i = 0; i < 60; i++) {
            Socket socket = connect(server.address(), 10 + i);
            sockets.add(socket);
            socket.getOutputStream().write(GET_METRICS.repeat(20).getBytes(ISO_8859_1));
        }
        for (int round = 0; round < 10; round++) {
            try (Socket prometheus = connect(server.address(), 3)) {
                taken.addAndGet(answer(prometheus, GET_METRICS).length());
            }
        }
        assertTrue(taken.get() > 1_000_000, taken::toString);
    }

    private void beSilent(InetAddress from) throws IOException {
        try (Socket socket = connect(server.address(), from)) {
            assertEquals(-1, socket.getInputStream().read());
        }
    }

    /** Pipelines requests, and takes the answers as fast as it can. */
    private void beGreedy(InetAddress from, AtomicLong answers) throws IOException {
        try (Socket socket = connect(server.address(), from)) {
            byte[] ten = GET_METRICS.repeat(10).getBytes(ISO_8859_1);
            byte[] buffer = new byte[64 * 1024];
            while (!over.get()) {
                socket.getOutputStream().write(ten);
                for (int pages = 0; pages < 10; answers.incrementAndGet(), pages++) {
                    if (socket.getInputStream().read(buffer) < 0) {
                        return;
                    }
                }
            }
        }
    }

    private interface Stranger {
        void connect(InetAddress from) throws IOException;
    }

    /** Comes again each time it is thrown out. */
    private void stranger(int number, Stranger stranger) throws IOException {
        InetAddress from = loopback(100 + number % 20);
        Thread thread = new Thread(() -> {
            while (!over.get()) {
                try {
                    stranger.connect(from);
                } catch (IOException e) {
                    // thrown out
                }
            }
        });
        thread.start();
        strangers.add(thread);
    }

    private Socket asked(Socket socket) throws IOException {
        sockets.add(socket);
        assertTrue(isAnswered(socket));
        return socket;
    }

    private static boolean isAnswered(Socket socket) throws IOException {
        return !answer(socket, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").isEmpty();
    }

    private static InetAddress loopback(int last) throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
    }

    private Socket connect(InetSocketAddress server, int lastOfPeer) throws IOException {
        return connect(server, loopback(lastOfPeer));
    }

    private Socket connect(InetSocketAddress server, InetAddress from) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(from, 0));
        socket.setSoTimeout(READ_MAX_MILLIS);
        socket.connect(server, READ_MAX_MILLIS);
        return socket;
    }

    /** The body of one answer, without the newline at its end where it is one line. */
    private static String answer(Socket socket, String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(ISO_8859_1));
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int read = in.read();
            assertFalse(read < 0, () -> "closed after " + head);
            head.append((char) read);
        }
        int length = Integer.parseInt(HttpText.header("content-length", head.toString()));
        String body = new String(in.readNBytes(length), ISO_8859_1);
        assertEquals(length, body.length());
        return length < 200 ? body.strip() : body;
    }

    private static Instant takenAt() {
        return Instant.ofEpochMilli(Snapshots.TAKEN_AT_MILLIS);
    }
}

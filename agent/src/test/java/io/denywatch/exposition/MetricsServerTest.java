package io.denywatch.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.BlocklistLimits;
import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.count.RequestCounts;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.doctor.Diagnosis;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over real sockets. */
@Timeout(600)
class MetricsServerTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochMilli(Snapshots.TAKEN_AT_MILLIS + 1));

    @Test
    void servesEveryRoute() throws Exception {
        try (MetricsServer server = start(Snapshots.SETTINGS);
                HttpClient client = HttpClient.newHttpClient()) {
            for (Route route : Route.values()) {
                String query = route == Route.SOURCES ? "?nlb=203.0.113.10" : "";
                HttpResponse<String> response = get(client, server, route.path() + query);

                assertEquals(200, response.statusCode(), route.path());
            }
            String page = get(client, server, "/").body();
            for (Route route : Route.values()) {
                // From where the page is, which need not be the root: a proxy may have it elsewhere.
                assertTrue(page.contains("=\"." + route.path() + "\""), route.path());
            }
        }
    }

    @Test
    void addsTheProcessAndItsMemoryToOurFamilies() throws Exception {
        try (MetricsServer server = start(Snapshots.SETTINGS);
                HttpClient client = HttpClient.newHttpClient()) {
            List<String> types = get(client, server, "/metrics")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("# TYPE"))
                    .toList();

            for (String wanted : List.of(
                    "denywatch_denied_packets_total counter",
                    "jvm_memory_used_bytes gauge",
                    "jvm_threads_live_threads gauge",
                    "process_cpu_seconds_total counter",
                    "process_start_time_seconds gauge",
                    "process_resident_memory_bytes gauge",
                    "process_open_fds gauge",
                    "process_max_fds gauge")) {
                assertTrue(types.contains("# TYPE " + wanted), types::toString);
            }
            assertTrue(types.stream().allMatch(type -> type.matches("# TYPE (denywatch|jvm|process)_.*")));
            // Each once, under the name that all Prometheus clients give it.
            assertEquals(
                    List.of(
                            "process_cpu_seconds_total",
                            "process_max_fds",
                            "process_open_fds",
                            "process_resident_memory_bytes",
                            "process_start_time_seconds",
                            "process_virtual_memory_bytes"),
                    types.stream()
                            .map(type -> type.split(" ", -1)[2])
                            .filter(name -> name.startsWith("process_"))
                            .sorted()
                            .toList());
        }
    }

    @Test
    void sendsALargePageWhole() throws Exception {
        Published full = Snapshots.published(Snapshots.full());
        try (MetricsServer server = MetricsServer.start(Snapshots.SETTINGS, full, CLOCK);
                HttpClient client = HttpClient.newHttpClient()) {
            for (int scrape = 0; scrape < 3; scrape++) {
                String page = get(client, server, "/metrics").body();

                assertEquals(
                        256 * 20,
                        page.lines()
                                .filter(line -> line.startsWith("denywatch_top_source_packets{"))
                                .count());
            }
        }
    }

    @Test
    void sendsTheLargestBlocklistWhole() throws Exception {
        Published full = Snapshots.published(Snapshots.busy(), Blocklists.full());
        try (MetricsServer server = MetricsServer.start(Snapshots.SETTINGS, full, CLOCK);
                HttpClient client = HttpClient.newHttpClient()) {
            for (int asked = 0; asked < 3; asked++) {
                String document = get(client, server, Route.BLOCKLIST.path()).body();

                assertEquals(BlocklistLimits.ENTRIES_MAX, document.split("\"evidence\"", -1).length - 1);
            }
        }
    }

    @Test
    void logsRequestsThatFailOnceAMinute() throws Exception {
        List<LogRecord> logged = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                logged.add(line);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger log = Logger.getLogger(RequestHandler.class.getName());
        log.setUseParentHandlers(false);
        log.addHandler(handler);
        Published broken = new Published(
                () -> {
                    throw new IllegalStateException("broken");
                },
                () -> EstablishedSources.NONE,
                () -> BlocklistStatus.OFF,
                () -> Diagnosis.NONE,
                () -> RequestCounts.NONE);
        try (MetricsServer server = MetricsServer.start(Snapshots.SETTINGS, broken, CLOCK);
                HttpClient client = HttpClient.newHttpClient()) {
            for (int request = 0; request < 50; request++) {
                assertEquals(500, get(client, server, "/livez").statusCode());
            }
        } finally {
            log.removeHandler(handler);
            log.setUseParentHandlers(true);
        }
        assertEquals(1, logged.size(), logged::toString);
        assertTrue(logged.getFirst().getMessage().contains("no answer to GET /livez"), logged::toString);
    }

    @Test
    void freesThePortWhenClosed() throws IOException {
        MetricsServer server = start(Snapshots.SETTINGS);
        InetSocketAddress address = server.address();
        assertNotEquals(0, address.getPort());
        try (Socket open = connect(server)) {
            assertTrue(isServed(open));
            server.close();
            assertEquals(-1, open.getInputStream().read());
        }
        server.close();

        start(at(address)).close();
    }

    @Test
    void namesTheAddressThatItCannotListenOn() throws IOException {
        try (ServerSocket taken =
                new ServerSocket(0, 1, Snapshots.SETTINGS.listen().getAddress())) {
            InetSocketAddress address = (InetSocketAddress) taken.getLocalSocketAddress();

            BindException failure = assertThrows(BindException.class, () -> start(at(address)));

            assertEquals(
                    "can't listen on 127.0.0.1:" + address.getPort() + ": Address already in use",
                    failure.getMessage());
        }
    }

    @Test
    void refusesAHostNameThatDoesNotResolve() {
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("no.such.host", 9464);

        IllegalArgumentException failure = assertThrows(IllegalArgumentException.class, () -> at(unresolved));

        assertTrue(failure.toString().contains("no.such.host:9464"), failure::toString);
    }

    private static Socket connect(MetricsServer server) throws IOException {
        Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort());
        socket.setSoTimeout(10_000); // a read that hangs ignores interrupts
        return socket;
    }

    private static boolean isServed(Socket socket) throws IOException {
        try {
            for (byte b : "HEAD /livez HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII)) {
                socket.getOutputStream().write(b);
            }
            int last = 0;
            for (int read = socket.getInputStream().read();
                    read >= 0;
                    read = socket.getInputStream().read()) {
                last = last << 8 | read;
                if (last == 0x0d0a0d0a) {
                    return true;
                }
            }
        } catch (SocketException e) {
            // reset: refused as well
        }
        return false;
    }

    private static MetricsServer start(ExpositionSettings settings) throws IOException {
        return MetricsServer.start(settings, Snapshots.published(Snapshots.busy(), Blocklists.busy()), CLOCK);
    }

    private static ExpositionSettings at(InetSocketAddress listen) {
        return new ExpositionSettings(listen, List.of(), Optional.empty(), "worker-1", "1.2.3", "0123abc");
    }

    private static HttpResponse<String> get(HttpClient client, MetricsServer server, String target) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + target);
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }
}

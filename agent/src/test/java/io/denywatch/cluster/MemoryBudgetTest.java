package io.denywatch.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What an API server may send without end. */
@Timeout(600)
class MemoryBudgetTest {
    private static final long SERVICE_BYTES = 12L * MemoryBudget.BYTES_PER_VALUE;
    private static final int SERVICES_MAX = 50;
    private static final long NOW_MILLIS = 1_700_000_000_000L;

    @TempDir
    private Path folder;

    private ClusterConnection connection(RawServer server) throws IOException, ClusterException {
        Path kubeconfig = Files.writeString(folder.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: a, cluster: {server: 'http://127.0.0.1:%d'}}]
                users: [{name: a, user: {token: secret}}]
                contexts: [{name: a, context: {cluster: a, user: a}}]
                current-context: a
                """.formatted(server.port()));
        return ClusterConnection.open(
                Optional.of(kubeconfig), Optional.empty(), "test", System::nanoTime, Duration.ofMinutes(2));
    }

    private static ListWatch<ClusterLoadBalancer> services(ClusterConnection connection) {
        return new ListWatch<>(
                connection,
                ClusterLoadBalancer.KIND,
                new Random(1),
                () -> new MemoryBudget("services", SERVICES_MAX * SERVICE_BYTES));
    }

    private static String service(int number) {
        return """
                {"metadata":{"namespace":"n","name":"s%1$d","resourceVersion":"7"},"spec":{"type":"LoadBalancer","clusterIP":"10.96.0.1",\
                "externalIPs":["198.51.100.1"],"ports":[{"port":80,"nodePort":30080},{"port":443,"nodePort":30443}]}}""".formatted(number);
    }

    private static void sendList(OutputStream out, int count) throws IOException {
        String items = IntStream.range(0, count)
                .mapToObj(MemoryBudgetTest::service)
                .collect(Collectors.joining(",", "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[", "]}"));
        out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + items.length() + "\r\n\r\n" + items).getBytes(UTF_8));
    }

    private static void sendChanges(OutputStream out, int first, int last) throws IOException {
        out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(UTF_8));
        for (int i = first; i <= last; i++) {
            String event = "{\"type\":\"ADDED\",\"object\":" + service(i) + "}\n";
            out.write((Integer.toHexString(event.length()) + "\r\n" + event + "\r\n").getBytes(UTF_8));
        }
        out.flush();
    }

    private static void follow(ListWatch<ClusterLoadBalancer> services, BooleanSupplier wish) {
        while (!wish.getAsBoolean()) {
            services.poll(NOW_MILLIS);
            Thread.onSpinWait();
        }
    }

    @Test
    void aListAboveTheLimitIsNotKeptAndAskedForAgainAfterMinutesOnly() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        AtomicInteger count = new AtomicInteger(SERVICES_MAX + 1);
        try (RawServer server = new RawServer(out -> {
                    requests.incrementAndGet();
                    sendList(out, count.get());
                });
                ClusterConnection connection = connection(server);
                ListWatch<ClusterLoadBalancer> services = services(connection)) {
            services.poll(NOW_MILLIS);
            assertEquals(List.of(), List.copyOf(services.items()));
            assertFalse(services.isKnown());
            assertTrue(services.problem().startsWith("services are too large"), services::problem);
            services.poll(NOW_MILLIS + ListWatch.RETRY_MILLIS_MAX);
            services.poll(NOW_MILLIS + ListWatch.TOO_LARGE_RETRY_MILLIS - 1);
            assertEquals(1, requests.get());
            count.set(SERVICES_MAX);
            services.poll(NOW_MILLIS + ListWatch.TOO_LARGE_RETRY_MILLIS);
            assertEquals(SERVICES_MAX, services.items().size());
            assertTrue(services.isKnown());
            assertEquals("", services.problem());
        }
    }

    @Test
    void changesAboveTheLimitLeadToANewListOfWhatIsLeft() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (RawServer server = new RawServer(out -> {
                    switch (requests.incrementAndGet()) {
                        case 1 -> sendList(out, 10);
                        case 2 -> sendChanges(out, 11, 1_000);
                        case 3 -> sendList(out, 20);
                        default -> sendChanges(out, 21, 22);
                    }
                });
                ClusterConnection connection = connection(server);
                ListWatch<ClusterLoadBalancer> services = services(connection)) {
            List<Integer> sizes = new ArrayList<>();
            follow(services, () -> {
                sizes.add(services.items().size());
                return requests.get() >= 4 && services.items().size() == 22;
            });
            assertTrue(sizes.stream().allMatch(size -> size <= SERVICES_MAX), sizes::toString);
        }
    }

    @Test
    void aListThatGrewAboveTheLimitIsReportedAtOnceAndWhatWasKnownStays() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (RawServer server = new RawServer(out -> {
                    switch (requests.incrementAndGet()) {
                        case 1 -> sendList(out, 10);
                        case 2 -> sendChanges(out, 11, 1_000);
                        default -> sendList(out, SERVICES_MAX + 1);
                    }
                });
                ClusterConnection connection = connection(server);
                ListWatch<ClusterLoadBalancer> services = services(connection)) {
            follow(services, () -> !services.problem().isEmpty());
            assertTrue(services.problem().startsWith("services are too large"), services::problem);
            assertEquals(3, requests.get());
            assertTrue(services.isKnown());
            assertTrue(services.items().size() >= 10 && services.items().size() <= SERVICES_MAX);
        }
    }

    @Test
    void pagesWithoutEndStopAtTheLimit() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        String page = "{\"metadata\":{\"continue\":\"x\"},\"items\":[{\"spec\":{\"nets\":[\"192.0.2.1/32\"]}}]}";
        try (RawServer server = new RawServer(out -> {
                    requests.incrementAndGet();
                    out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + page.length() + "\r\n\r\n" + page)
                            .getBytes(UTF_8));
                });
                ClusterConnection connection = connection(server)) {
            MemoryBudget budget = new MemoryBudget("things", 10_000);
            ClusterException refused = assertThrows(
                    ClusterException.class, () -> connection.listPages("/api/v1/things", budget, MemoryBudget::sizeOf));
            assertEquals(ClusterException.TOO_LARGE, refused.status());
            long perPage = MemoryBudget.sizeOf(
                    new JsonMapper().readTree(page).path("items").get(0));
            assertEquals(10_000 / perPage + 1, requests.get());
        }
    }
}

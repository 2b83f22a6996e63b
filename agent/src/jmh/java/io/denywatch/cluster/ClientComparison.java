package io.denywatch.cluster;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.sun.management.ThreadMXBean;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.denywatch.testing.RealApiServer;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.spi.ToolProvider;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Compares our own watch of Services with the client's informers, each in a process of its own against one real API
 * server: memory and time at the start, and recovery. The figures are those of docs/adr/0003.
 *
 * <p>Run: {@code scripts/jmh --compile}, then with KUBEBUILDER_ASSETS set {@code java -cp
 * agent/target/jmh:agent/target/test-classes:agent/target/classes:$(cat agent/target/jmh.classpath)
 * io.denywatch.cluster.ClientComparison [--quick]}. Takes half an hour; with {@code --quick}, which leaves out 10,000
 * Services and half-open connections, two minutes.
 */
public final class ClientComparison {
    private static final int SMALL = 300;
    private static final int LARGE = 10_000;
    private static final int STARTS = 3;
    private static final int POLL_MILLIS = 20;
    private static final int FAILING_MILLIS = 5_000;
    private static final int RECOVERY_SECONDS_MAX = 120;
    private static final int HALF_OPEN_SECONDS_MAX = 1_200;
    private static final String ADMIN_TOKEN = "admintoken";
    private static final String NAMESPACE = "comparison";
    private static final List<String> OPTIONS = List.of(
            ("-XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xms6m -Xmn3m -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=20"
                            + " -XX:-ShrinkHeapInSteps -Xss256k -XX:ReservedCodeCacheSize=16m -XX:TrimNativeHeapInterval=2000"
                            + " --sun-misc-unsafe-memory-access=allow")
                    .split(" "));

    private static String classPath = "";

    /** What follows the Services. */
    private enum Follower {
        OWN,
        INFORMER_TRIMMED,
        INFORMER_FULL
    }

    /** A Service with the fields that are used; metadata without the rest. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @Group("")
    @Version("v1")
    @Kind("Service")
    @Plural("services")
    public static final class TrimmedService extends CustomResource<TrimmedSpec, TrimmedStatus> implements Namespaced {
        private static final long serialVersionUID = 1;

        @Override
        public void setMetadata(ObjectMeta metadata) {
            ObjectMeta kept = new ObjectMeta();
            kept.setNamespace(metadata.getNamespace());
            kept.setName(metadata.getName());
            kept.setUid(metadata.getUid());
            kept.setResourceVersion(metadata.getResourceVersion());
            super.setMetadata(kept);
        }
    }

    /** Its specification. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record TrimmedSpec(
            String type,
            List<String> externalIPs,
            String clusterIP,
            List<String> clusterIPs,
            List<TrimmedPort> ports,
            String externalTrafficPolicy) {}

    /** One of its ports. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record TrimmedPort(String protocol, int port, int nodePort) {}

    /** Its status. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record TrimmedStatus(TrimmedIngresses loadBalancer) {}

    /** Its load balancer. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record TrimmedIngresses(List<TrimmedIngress> ingress) {}

    /** One address of it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record TrimmedIngress(String ip, String hostname) {}

    private ClientComparison() {}

    /** Without arguments the comparison; with a follower and a kubeconfig one of its processes. */
    public static void main(String[] args) throws Exception {
        if (args.length > 1) {
            follow(Follower.valueOf(args[0]), Path.of(args[1]), args.length > 2);
        } else {
            compare(args.length == 1 && args[0].equals("--quick"));
            System.exit(0); // and with it the API server
        }
    }

    // One process ----------------------------------------------------------------------------------------------------

    /** Prints when all Services are known, and each change of their number; or once what that took. */
    private static void follow(Follower follower, Path kubeconfig, boolean stays) throws Exception {
        long begin = System.nanoTime();
        ClusterConnection connection = ClusterConnection.open(
                Optional.of(kubeconfig), Optional.empty(), "comparison", System::nanoTime, Duration.ofSeconds(10));
        IntSupplier known = follower == Follower.OWN
                ? own(connection)
                : informer(
                        follower == Follower.INFORMER_TRIMMED
                                ? connection
                                        .client()
                                        .resources(TrimmedService.class)
                                        .inAnyNamespace()
                                : connection.client().services().inAnyNamespace());
        int count = -1;
        while (true) {
            int now = known.getAsInt();
            if (now != count) {
                count = now;
                System.out.println("known " + count);
            }
            if (count >= 0 && !stays) {
                long millis = (System.nanoTime() - begin) / 1_000_000;
                System.out.println("result " + millis + " " + memory());
                System.exit(0);
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private static IntSupplier own(ClusterConnection connection) {
        ListWatch<ClusterLoadBalancer> services = new ListWatch<>(connection, ClusterLoadBalancer.KIND, new Random());
        return () -> {
            services.poll(System.currentTimeMillis());
            return services.isKnown() ? services.items().size() : -1;
        };
    }

    private static IntSupplier informer(Informable<?> services) {
        SharedIndexInformer<?> informer = services.withLimit(500L).runnableInformer(0);
        informer.exceptionHandler((_, _) -> true); // tries again, whatever it is
        informer.start();
        return () -> informer.hasSynced() ? informer.getStore().list().size() : -1;
    }

    /** MiB: allocated by now; heap in use after collections, and at most; private and resident memory. */
    private static String memory() throws IOException, InterruptedException {
        long allocated = ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getTotalThreadAllocatedBytes();
        long peak = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == java.lang.management.MemoryType.HEAP)
                .map(MemoryPoolMXBean::getPeakUsage)
                .mapToLong(usage -> usage.getUsed())
                .sum();
        for (int i = 0; i < 3; i++) {
            Thread.sleep(1_500); // compilers end, and what they allocated is given back
            System.gc();
        }
        long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return "%.1f %.1f %.1f %.1f %.1f"
                .formatted(
                        allocated / 1048576.0, used / 1048576.0, peak / 1048576.0, status("RssAnon"), status("VmRSS"));
    }

    private static double status(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith(name + ":"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum()
                / 1024.0;
    }

    // The comparison -------------------------------------------------------------------------------------------------

    private static void compare(boolean quick) throws Exception {
        RealApiServer server = RealApiServer.shared();
        Front front = new Front(server);
        Path kubeconfig = kubeconfig(front);
        server.admin()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        starts(server, kubeconfig, 0, SMALL);
        for (String failure : List.of("503", "403", "malformed", "silent")) {
            for (Follower follower : List.of(Follower.OWN, Follower.INFORMER_TRIMMED)) {
                firstListFails(front, kubeconfig, follower, failure);
            }
        }
        if (!quick) {
            starts(server, kubeconfig, SMALL, LARGE);
            halfOpen(server, front, kubeconfig);
        }
    }

    private static void starts(RealApiServer server, Path kubeconfig, int first, int count) throws Exception {
        IntStream.range(first, count).parallel().forEach(i -> make(server, i));
        System.out.printf(
                "%nServices: %d%n%-18s%8s%14s%12s%11s%10s%8s%n",
                count, "follower", "ms", "allocated MiB", "heap MiB", "peak MiB", "RssAnon", "VmRSS");
        for (Follower follower : Follower.values()) {
            Path cache = Files.createTempFile("comparison-", ".aot"); // as the image has one
            run(kubeconfig, follower, "-XX:AOTCacheOutput=" + cache, "-Xmx512m");
            List<String[]> results = new ArrayList<>();
            for (int i = 0; i < STARTS; i++) {
                results.add(run(kubeconfig, follower, "-XX:AOTCache=" + cache, "-Xmx512m"));
            }
            results.sort((a, b) -> Double.compare(Double.parseDouble(a[1]), Double.parseDouble(b[1])));
            String[] median = results.get(STARTS / 2);
            System.out.printf(
                    "%-18s%8s%14s%12s%11s%10s%8s%n",
                    follower, median[1], median[2], median[3], median[4], median[5], median[6]);
            Files.delete(cache);
        }
    }

    private static String[] run(Path kubeconfig, Follower follower, String... options) throws Exception {
        Process process = start(kubeconfig, follower, false, options);
        try (var lines = process.inputReader().lines()) {
            return lines.filter(line -> line.startsWith("result"))
                    .findFirst()
                    .map(line -> line.split(" "))
                    .orElseThrow(() -> new IllegalStateException(follower + " ended without a result"));
        } finally {
            process.waitFor(); // writes its AOT cache
        }
    }

    /** Seconds from the first answer that is none of the list to a complete one; answers are right after five. */
    private static void firstListFails(Front front, Path kubeconfig, Follower follower, String failure)
            throws Exception {
        front.failure = failure;
        front.lists.set(0);
        Process process = start(kubeconfig, follower, true);
        try (Known known = new Known(process)) {
            Thread.sleep(FAILING_MILLIS);
            int asked = front.lists.get();
            front.failure = "";
            String took = known.await(count -> count >= SMALL, RECOVERY_SECONDS_MAX);
            System.out.printf(
                    "first list %-10s %-18s %d requests in 5 s, then complete after %s%n",
                    failure, follower, asked, took);
        } finally {
            front.failure = "";
        }
    }

    /** Seconds from a change to its being known, where the connection that should report it is dead and not closed. */
    private static void halfOpen(RealApiServer server, Front front, Path kubeconfig) throws Exception {
        List<Follower> followers = List.of(Follower.OWN, Follower.INFORMER_TRIMMED);
        List<Known> known = new ArrayList<>();
        for (Follower follower : followers) {
            Known each = new Known(start(kubeconfig, follower, true));
            each.await(count -> count >= LARGE, RECOVERY_SECONDS_MAX);
            known.add(each);
        }
        Thread.sleep(FAILING_MILLIS);
        int[] before = known.stream().mapToInt(each -> each.count.get()).toArray();
        front.stall();
        make(server, LARGE);
        List<Thread> waits = new ArrayList<>();
        for (int i = 0; i < followers.size(); i++) {
            int index = i;
            waits.add(Thread.ofVirtual().start(() -> {
                String took = known.get(index).await(count -> count > before[index], HALF_OPEN_SECONDS_MAX);
                System.out.printf("half-open %-18s change known after %s%n", followers.get(index), took);
            }));
        }
        for (Thread wait : waits) {
            wait.join();
        }
        known.forEach(Known::close);
    }

    /** The number of Services that a process says it knows. */
    private static final class Known implements AutoCloseable {
        private final Process process;
        private final AtomicInteger count = new AtomicInteger(-1);

        Known(Process process) {
            this.process = process;
            Thread.ofVirtual()
                    .start(() -> process.inputReader()
                            .lines()
                            .filter(line -> line.startsWith("known "))
                            .forEach(line -> count.set(Integer.parseInt(line.substring("known ".length())))));
        }

        String await(java.util.function.IntPredicate wish, int secondsMax) {
            long begin = System.nanoTime();
            while (!wish.test(count.get())) {
                if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(secondsMax)) {
                    return "more than " + secondsMax + " s";
                }
                try {
                    Thread.sleep(POLL_MILLIS);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            return "%.1f s".formatted((System.nanoTime() - begin) / 1e9);
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private static Process start(Path kubeconfig, Follower follower, boolean stays, String... options)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(OPTIONS);
        Collections.addAll(command, options);
        command.addAll(List.of("-cp", classPath(), ClientComparison.class.getName()));
        command.addAll(List.of(follower.name(), kubeconfig.toString()));
        if (stays) {
            command.add("stays");
        }
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** The class path with jars in place of directories, which an AOT cache cannot hold. */
    private static synchronized String classPath() throws IOException {
        if (classPath.isEmpty()) {
            List<String> parts = new ArrayList<>();
            for (String part : System.getProperty("java.class.path").split(":")) {
                if (Files.isDirectory(Path.of(part))) {
                    String jar = Files.createTempFile("comparison-", ".jar").toString();
                    ToolProvider.findFirst("jar")
                            .orElseThrow()
                            .run(System.out, System.err, "--create", "--file", jar, "-C", part, ".");
                    part = jar;
                }
                parts.add(part);
            }
            classPath = String.join(":", parts);
        }
        return classPath;
    }

    private static void make(RealApiServer server, int number) {
        server.admin()
                .resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withNamespace(NAMESPACE)
                        .withName("service-" + number)
                        .addToLabels("app", "service-" + number)
                        .addToAnnotations("example.com/description", "load balancer of application " + number)
                        .endMetadata()
                        .withNewSpec()
                        .withType("LoadBalancer")
                        .addToSelector("app", "service-" + number)
                        .addToExternalIPs("198.18." + number / 250 + "." + number % 250)
                        .addNewPort()
                        .withName("https")
                        .withPort(443)
                        .endPort()
                        .endSpec()
                        .build())
                .create();
    }

    private static Path kubeconfig(Front front) throws IOException {
        return Files.writeString(Files.createTempFile("comparison-", ".kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: a, cluster: {server: 'http://127.0.0.1:%d'}}]
                users: [{name: a, user: {}}]
                contexts: [{name: a, context: {cluster: a, user: a}}]
                current-context: a
                """.formatted(front.port()));
    }

    /** Stands between the processes and the API server, and can fail. */
    private static final class Front {
        private final RealApiServer server;
        private final HttpServer http;
        private final HttpClient upstream;
        private final Set<InetSocketAddress> connections = ConcurrentHashMap.newKeySet();
        private final Set<InetSocketAddress> dead = ConcurrentHashMap.newKeySet();
        private final AtomicInteger lists = new AtomicInteger();
        private volatile String failure = "";

        Front(RealApiServer server) throws IOException, GeneralSecurityException {
            this.server = server;
            KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
            authorities.load(null, null);
            try (InputStream certificates = Files.newInputStream(server.certificate())) {
                int i = 0;
                for (var each : CertificateFactory.getInstance("X.509").generateCertificates(certificates)) {
                    authorities.setCertificateEntry("a" + i++, each);
                }
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust.getTrustManagers(), null);
            upstream = HttpClient.newBuilder()
                    .sslContext(tls)
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            http.createContext("/", this::handle);
            http.start();
        }

        int port() {
            return http.getAddress().getPort();
        }

        /** Nothing comes any more of the connections that are open now; new ones work. */
        void stall() {
            dead.addAll(connections);
        }

        private void handle(HttpExchange exchange) throws IOException {
            InetSocketAddress client = exchange.getRemoteAddress();
            connections.add(client);
            String query = String.valueOf(exchange.getRequestURI().getQuery());
            boolean isList = exchange.getRequestURI().getPath().endsWith("/services") && !query.contains("watch=");
            if (isList) {
                lists.incrementAndGet();
            }
            String fails = isList ? failure : "";
            try (exchange) {
                waitWhileDead(client);
                switch (fails) {
                    case "" -> forward(exchange, client);
                    case "silent" -> Thread.sleep(Duration.ofMinutes(30));
                    case "malformed" -> {
                        byte[] text = "{\"kind\":\"ServiceList\",\"items\":[{\"meta".getBytes(StandardCharsets.UTF_8);
                        exchange.getResponseHeaders().set("Content-Type", "application/json");
                        exchange.sendResponseHeaders(200, text.length);
                        exchange.getResponseBody().write(text);
                    }
                    default -> exchange.sendResponseHeaders(Integer.parseInt(fails), -1);
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        private void waitWhileDead(InetSocketAddress client) throws InterruptedException {
            while (dead.contains(client)) {
                Thread.sleep(1_000);
            }
        }

        private void forward(HttpExchange exchange, InetSocketAddress client) throws IOException, InterruptedException {
            HttpResponse<InputStream> answer = upstream.send(
                    HttpRequest.newBuilder(java.net.URI.create(server.url() + exchange.getRequestURI()))
                            .header("Authorization", "Bearer " + ADMIN_TOKEN)
                            .header("Accept", "application/json")
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.statusCode(), 0);
            exchange.getResponseBody().flush(); // a watch is answered before there is a change
            byte[] buffer = new byte[1 << 16];
            try (InputStream body = answer.body()) {
                for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                    waitWhileDead(client);
                    exchange.getResponseBody().write(buffer, 0, n);
                    exchange.getResponseBody().flush();
                }
            }
        }
    }
}

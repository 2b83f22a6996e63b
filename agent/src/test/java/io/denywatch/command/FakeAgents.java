package io.denywatch.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Agents, and the pod path of a cluster's API in front of them, of one HTTP server; there is no kubelet. */
public final class FakeAgents implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Map<String, Integer> statuses = new ConcurrentHashMap<>(); // by beginning of the path
    private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
    private volatile String pods = "[]";

    public FakeAgents() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /** An agent's own address. */
    public String url(String node) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + node;
    }

    /** Answers this status where a path begins so; 0 for none at all. */
    public FakeAgents refusing(String path, int status) {
        statuses.put(path, status);
        return this;
    }

    /** A pod for each of these nodes. */
    public FakeAgents withPods(List<String> nodes) {
        pods = nodes.stream().map(node -> """
                        {"metadata":{"name":"denywatch-%s"},"spec":{"nodeName":"%s","containers":[{"ports":[
                         {"name":"other","containerPort":1},{"name":"metrics","containerPort":9999}]}]},
                         "status":{"phase":"Running"}}""".formatted(node, node)).toList().toString();
        return this;
    }

    public List<String> asked() {
        return List.copyOf(asked);
    }

    public Path kubeconfig(Path directory) throws IOException {
        return Files.writeString(directory.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: it, cluster: {server: "http://127.0.0.1:%s"}}]
                users: [{name: me, user: {token: secret}}]
                contexts: [{name: it, context: {cluster: it, user: me}}]
                current-context: it
                """.formatted(
                        server.getAddress().getPort()));
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        asked.add(exchange.getRequestURI().toString());
        for (Map.Entry<String, Integer> refused : statuses.entrySet()) {
            if (path.startsWith(refused.getKey())) {
                refuse(exchange, refused.getValue());
                return;
            }
        }
        if (path.endsWith("/pods")) {
            send(exchange, 200, "{\"metadata\":{},\"items\":" + pods + "}");
            return;
        }
        String proxied = path.replaceFirst("^/api/v1/namespaces/denywatch/pods/denywatch-(.*):9999/proxy", "/$1");
        String node = proxied.substring(1, proxied.indexOf('/', 1));
        send(exchange, 200, document(node, proxied.substring(node.length() + 1)));
    }

    /** Node {@code n3} has three times the packets of {@code n1}. */
    private static String document(String node, String path) {
        int times = node.charAt(node.length() - 1) - '0';
        return switch (path) {
            case "/api/v1/nlbs" -> """
                    {"node":"%s","version":"1.2.3","takenAt":"2026-03-01T10:00:00Z","since":"2026-03-01T09:00:00Z",
                     "nlbs":[{"nlb":"203.0.113.7","namespace":"shop","service":"web","packets":%d,"bytes":%d,"latePackets":0,"sources":1},
                             {"nlb":"other","namespace":"","service":"","packets":0,"bytes":0,"latePackets":0,"sources":0}],
                     "trackedSources":{"evictedForCapacity":0},
                     "log":{"readable":true,"lines":{"packet":%d,"other":5},"suppressed":{},"gaps":{}},
                     "checkpoint":{"stateLost":false}}""".formatted(node, 100 * times, 6_000 * times, 100 * times);
            case "/api/v1/sources" -> """
                    {"takenAt":"2026-03-01T10:00:00Z","nlb":"203.0.113.7","blocklistMode":"off","sources":[
                     {"source":"198.51.100.1","packets":%d,"atMost":%d,"firstSeen":"2026-03-01T09:50:00Z",
                      "lastSeen":"2026-03-01T09:59:00Z","answered":false,"ban":null}]}""".formatted(100 * times, 100 * times);
            case "/api/v1/blocklist" -> "{\"mode\":\"off\",\"entries\":[],\"manual\":[],\"problem\":\"\"}";
            default -> "{\"at\":null,\"findings\":[]}";
        };
    }

    private void refuse(HttpExchange exchange, int status) throws IOException {
        if (status == 0) {
            try {
                closed.await(); // whoever asked has long given up
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.close();
            return;
        }
        send(exchange, status, "{\"error\":\"the log is being read\"}");
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}

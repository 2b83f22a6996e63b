package io.denywatch.cluster;

import static java.net.HttpURLConnection.HTTP_FORBIDDEN;
import static java.net.HttpURLConnection.HTTP_UNAUTHORIZED;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Queries the agents of a cluster from outside, through the API server's proxy, with one request per document.
 * Thread-safe. This needs the permission {@code get} on {@code pods/proxy} and an API server that can reach the pods,
 * but no tunnel into a pod.
 */
public final class AgentPods {
    /** The labels that the chart gives the agents' pods. */
    public static final String SELECTOR = "app.kubernetes.io/name=denywatch,app.kubernetes.io/component=agent";

    /** The chart's name for the port of the agent's HTTP server. */
    private static final String PORT_NAME = "metrics";

    private static final int PORT_OTHERWISE = 9464;
    private static final long POD_BYTES = 8L * MemoryBudget.BYTES_PER_VALUE;
    private static final String RUNNING = "Running";

    private final ClusterConnection connection;
    private final String namespace;

    /**
     * A pod.
     *
     * @param name its name
     * @param node the node that it runs on; empty until it is scheduled
     * @param phase of the pod in Kubernetes, or {@code Terminating} while it is being deleted
     * @param address its IP address; empty until it has one
     * @param port the port that the agent listens on
     */
    public record Pod(String name, String node, String phase, String address, int port) {
        /** Whether it can answer. */
        public boolean isRunning() {
            return phase.equals(RUNNING);
        }
    }

    /**
     * Creates a client; sends nothing yet.
     *
     * @param connection not owned
     * @param namespace the namespace of the pods
     */
    public AgentPods(ClusterConnection connection, String namespace) {
        this.connection = connection;
        this.namespace = namespace;
    }

    /**
     * The pods with these labels.
     *
     * @param selector as kubectl takes it
     * @throws ClusterException if the list cannot be read; the message is one line
     */
    public List<Pod> list(String selector) throws ClusterException {
        List<Pod> pods = new ArrayList<>();
        try {
            connection.list(
                    path() + "?labelSelector=" + URLEncoder.encode(selector, StandardCharsets.UTF_8),
                    MemoryBudget.ofHeap("pods"),
                    object -> {
                        JsonNode metadata = object.path("metadata");
                        pods.add(new Pod(
                                metadata.path("name").asString(""),
                                object.path("spec").path("nodeName").asString(""),
                                metadata.has("deletionTimestamp")
                                        ? "Terminating"
                                        : object.path("status").path("phase").asString(""),
                                object.path("status").path("podIP").asString(""),
                                port(object)));
                        return POD_BYTES;
                    });
        } catch (ClusterException e) {
            throw refused(e, "list on pods");
        }
        return pods;
    }

    private static int port(JsonNode pod) {
        return Addresses.elements(pod.path("spec").path("containers"))
                .flatMap(container -> Addresses.elements(container.path("ports")))
                .filter(port -> port.path("name").asString("").equals(PORT_NAME))
                .map(port -> port.path("containerPort").asInt(PORT_OTHERWISE))
                .findFirst()
                .orElse(PORT_OTHERWISE);
    }

    /**
     * Requests a document from an agent.
     *
     * @param document path and query, from {@code /} on
     * @throws ClusterException if there is no document; the message is one line and has the status of the answer
     */
    public JsonNode get(Pod pod, String document) throws ClusterException {
        try {
            return connection.get(path() + "/" + pod.name() + ":" + pod.port() + "/proxy" + document);
        } catch (ClusterException e) {
            throw refused(e, "get on pods/proxy");
        }
    }

    private String path() {
        return "/api/v1/namespaces/" + namespace + "/pods";
    }

    /** Names the missing permission if access was refused. */
    private ClusterException refused(ClusterException e, String rule) {
        return switch (e.status()) {
            case HTTP_UNAUTHORIZED ->
                new ClusterException(e.status(), "the API server does not accept these credentials (401)");
            case HTTP_FORBIDDEN ->
                new ClusterException(e.status(), "forbidden (403); missing: " + rule + " in namespace " + namespace);
            case 502, 503, 504 ->
                new ClusterException(
                        e.status(), "the agent is starting, or the API server cannot reach it (" + e.status() + ")");
            default -> e;
        };
    }
}

package io.denywatch.cluster;

import io.denywatch.count.RequestCounts;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * A connection to the Kubernetes API: credentials, limits on time and threads, and a count of each request.
 *
 * <p>Lists are parsed object by object, and each object is reduced at once to what is kept. Binding a whole list to the
 * client's model takes several times the memory (docs/adr/0003).
 *
 * <p>HTTP/1.1 is deliberate. HTTP/2 sends all requests over one connection. If that dies without being closed, each new
 * request times out on it until TCP gives up after 15 minutes. With HTTP/1.1 a request that times out closes its
 * connection.
 */
public final class ClusterConnection implements AutoCloseable {
    /** How many times longer a list may take than one object: it may contain thousands. */
    private static final int LIST_TIMES = 6;

    /** Longest answer to a list: 10,000 Services are about 20 MB, but only one of them is in memory at a time. */
    private static final long LIST_BYTES_MAX = 1L << 30;

    /** Objects per page of a list. */
    private static final int PAGE_OBJECTS = 500;

    /** Threads of the client, started when needed. They pass on bytes; only one may wait, for an election. */
    private static final int THREADS_MAX = 4;

    private static final int IDLE_THREAD_SECONDS = 30;
    private static final JsonMapper JSON = new JsonMapper();

    private final KubernetesClient client;
    private final HttpClient http;
    private final RequestMeter meter;
    private final LongSupplier nanos;
    private final long requestMillisMax; // for the whole answer to a request for one object
    private final ThreadPoolExecutor threads;

    private ClusterConnection(Config config, LongSupplier nanos) {
        this.nanos = nanos;
        requestMillisMax = config.getRequestTimeout();
        meter = new RequestMeter(nanos);
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                THREADS_MAX, THREADS_MAX, IDLE_THREAD_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "kubernetes-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        client = new KubernetesClientBuilder()
                .withConfig(config)
                .withTaskExecutor(threads)
                .withHttpClientFactory(new JdkHttpClientFactory() {
                    @Override
                    protected void additionalConfig(java.net.http.HttpClient.Builder builder) {
                        builder.executor(threads);
                    }
                })
                .withHttpClientBuilderConsumer(builder -> builder.addOrReplaceInterceptor("requests", meter))
                .build();
        http = client.getHttpClient();
    }

    /**
     * Opens a connection to the cluster of a kubeconfig (the given file, or that of the environment or the home
     * directory) or of the pod that this process runs in. It sends nothing yet, so an unreachable server is not a
     * failure.
     *
     * @param kubeconfig a file in place of the usual ones
     * @param context of the kubeconfig, in place of its current one
     * @param version of this program, shown in the server's logs
     * @param nanos a monotonic clock in nanoseconds
     * @param patience the time limit for connecting, and for the answer to a request for one object
     * @throws ClusterException if no cluster is configured, or its configuration cannot be used
     */
    public static ClusterConnection open(
            Optional<Path> kubeconfig, Optional<String> context, String version, LongSupplier nanos, Duration patience)
            throws ClusterException {
        Config config = Kubeconfig.read(kubeconfig, context);
        config.setUserAgent("denywatch/" + version);
        config.setConnectionTimeout(Math.toIntExact(patience.toMillis()));
        config.setRequestTimeout(Math.toIntExact(patience.toMillis()));
        // No retries by the client: every caller has its own schedule.
        config.setRequestRetryBackoffLimit(0);
        config.setHttp2Disable(true);
        config.setOnlyHttpWatches(true);
        try {
            return new ClusterConnection(config, nanos);
        } catch (KubernetesClientException e) { // keys and certificates are read here
            throw Kubeconfig.unusable("cluster " + config.getMasterUrl() + " cannot be reached with these credentials: "
                    + ApiFailures.cause(e));
        }
    }

    /** The client for typed access. Do not close it. */
    public KubernetesClient client() {
        return client;
    }

    /** The requests sent so far. */
    public RequestCounts requests() {
        return meter.counts();
    }

    /** The monotonic clock in nanoseconds. */
    LongSupplier nanos() {
        return nanos;
    }

    /** The host in the API server's address, a name or an IP address. */
    String host() {
        return client.getMasterUrl().getHost();
    }

    /**
     * Reads one object.
     *
     * @param path from {@code /api} on
     */
    JsonNode get(String path) throws ClusterException {
        try (ResponseBody answer = stream(path, requestMillisMax, RemoteJson.BYTES_MAX)) {
            return RemoteJson.read(answer.readAllBytes());
        } catch (IOException e) {
            throw new ClusterException(ClusterException.NO_ANSWER, "GET " + path + ": " + e.getMessage());
        } catch (JacksonException e) {
            throw notJson(path, e);
        }
    }

    /**
     * Reads all objects of a kind in one answer.
     *
     * @param path from {@code /api} on, with its query
     * @param budget how much may be kept
     * @param each takes each object, and returns the size of what is kept of it
     * @return the resourceVersion to watch from
     */
    String list(String path, MemoryBudget budget, ToLongFunction<JsonNode> each) throws ClusterException {
        return page(path, budget, each).path("resourceVersion").asString("");
    }

    /**
     * Reads all objects of a kind in pages, because they may be large or numerous.
     *
     * @param path from {@code /api} on, without a query
     * @param budget how much may be kept
     * @param each takes each object, and returns the size of what is kept of it
     */
    public void listPages(String path, MemoryBudget budget, ToLongFunction<JsonNode> each) throws ClusterException {
        String query = "?limit=" + PAGE_OBJECTS;
        String next = "";
        do {
            String from = next.isEmpty() ? "" : "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8);
            next = page(path + query + from, budget, each).path("continue").asString("");
        } while (!next.isEmpty());
    }

    /** Reads one answer; the result is the list's metadata. */
    private JsonNode page(String path, MemoryBudget budget, ToLongFunction<JsonNode> each) throws ClusterException {
        JsonNode metadata = MissingNode.getInstance();
        try (ResponseBody answer = stream(path, LIST_TIMES * requestMillisMax, LIST_BYTES_MAX);
                JsonParser parser = JSON.createParser(answer)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("metadata")) {
                    metadata = parser.readValueAsTree();
                } else if (name.equals("items") && value == JsonToken.START_ARRAY) {
                    while (parser.nextToken() == JsonToken.START_OBJECT) {
                        budget.take(each.applyAsLong(parser.<JsonNode>readValueAsTree()));
                    }
                } else {
                    parser.skipChildren();
                }
            }
            parser.nextToken(); // reads to the end of the answer: otherwise the connection cannot be reused
        } catch (JacksonIOException e) {
            throw new ClusterException(ClusterException.NO_ANSWER, "GET " + path + ": " + e.getOriginalMessage());
        } catch (JacksonException e) {
            throw notJson(path, e);
        }
        return metadata;
    }

    private static ClusterException notJson(String path, JacksonException e) {
        return new ClusterException(
                ClusterException.NO_ANSWER, "GET " + path + ": the answer is not JSON: " + e.getOriginalMessage());
    }

    /** Follows the changes of a kind; returns at once. */
    <T> WatchStream<T> watch(String path, Function<JsonNode, Optional<T>> reading) {
        WatchStream<T> feed = new WatchStream<>(JSON, reading);
        feed.take(http.consumeBytes(request(path).forStreaming().build(), feed));
        return feed;
    }

    /**
     * Creates an object; returns at once.
     *
     * @return the status of the answer; completes exceptionally if there is none
     */
    CompletableFuture<Integer> create(String path, JsonNode object) {
        return http.sendAsync(
                        request(path)
                                .post("application/json", JSON.writeValueAsBytes(object))
                                .build(),
                        byte[].class)
                .thenApply(HttpResponse::code);
    }

    private HttpRequest.Builder request(String path) {
        String server = client.getMasterUrl().toString();
        String base = server.endsWith("/") ? server.substring(0, server.length() - 1) : server;
        return http.newHttpRequestBuilder()
                .uri(base + path)
                .header("Accept", "application/json")
                // An agent behind the API server's proxy accepts the server's name in Host only with this header.
                .header("Sec-Denywatch", "1");
    }

    /** Sends a request and returns its answer before any of it is read. */
    private ResponseBody stream(String path, long millisMax, long bytesMax) throws ClusterException {
        ResponseBody stream =
                new ResponseBody(nanos, nanos.getAsLong() + TimeUnit.MILLISECONDS.toNanos(millisMax), bytesMax);
        stream.open(await(path, millisMax, http.consumeBytes(timed(path, millisMax), stream))
                .body());
        return stream;
    }

    private HttpRequest timed(String path, long millisMax) {
        return request(path).timeout(millisMax, TimeUnit.MILLISECONDS).build();
    }

    private static <T> HttpResponse<T> await(String path, long millisMax, CompletableFuture<HttpResponse<T>> answer)
            throws ClusterException {
        try {
            HttpResponse<T> response = answer.get(millisMax, TimeUnit.MILLISECONDS);
            if (!response.isSuccessful()) {
                if (response.body() instanceof AsyncBody unread) {
                    unread.cancel();
                }
                throw new ClusterException(response.code(), "GET " + path + ": " + response.code());
            }
            return response;
        } catch (ExecutionException e) {
            throw new ClusterException(ClusterException.NO_ANSWER, "GET " + path + ": " + e.getCause());
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new ClusterException(
                    ClusterException.NO_ANSWER, "GET " + path + ": no answer within " + millisMax + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException(ClusterException.NO_ANSWER, "GET " + path + ": interrupted");
        }
    }

    /** Ends all requests. */
    @Override
    public void close() {
        client.close();
        threads.shutdownNow();
    }
}

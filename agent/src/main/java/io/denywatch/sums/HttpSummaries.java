package io.denywatch.sums;

import io.denywatch.api.ApiJson;
import io.denywatch.api.ApiPaths;
import io.denywatch.api.SummaryDocument;
import io.denywatch.cluster.ClusterException;
import io.denywatch.cluster.RemoteJson;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.NodeSummary;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;

/**
 * Asks agents for their summaries over HTTP, several at a time. Each response is bounded in bytes and time, and so is
 * the whole round: agents that were silent before are asked last, so they do not keep the others waiting. Confined to
 * one thread, which waits while others send requests.
 */
public final class HttpSummaries implements SummarySource {
    /** The most agents that are asked. */
    public static final int AGENTS_MAX = 1_000;

    /** Agents asked at a time; that many responses are in memory at most. */
    static final int AT_A_TIME = 8;

    /** How long one response may take, in milliseconds. */
    static final long PATIENCE_MILLIS = 2_000;

    /** How long a round may take, in milliseconds. */
    static final long ROUND_MILLIS_MAX = 8_000;

    /** How often the agents are listed, in milliseconds. */
    static final long LIST_MILLIS = 30_000;

    /**
     * An agent.
     *
     * @param node that its pod runs on, as the API server says
     * @param url of its HTTP server, without a path
     */
    public record AgentAddress(String node, String url) {}

    /** Lists the agents. */
    @FunctionalInterface
    public interface AgentList {
        /** All agents at present, at most one of each node. */
        List<AgentAddress> list() throws ClusterException;
    }

    /** The response of an agent; without a summary if it was not one. */
    private record Answer(Optional<NodeSummary> summary) {}

    private final AgentList agents;
    private final List<DetectionRule> rules;
    private final HttpClient client;
    private final long patienceMillis;
    private final ExecutorService threads = Executors.newFixedThreadPool(
            AT_A_TIME, Thread.ofPlatform().daemon().name("summaries-", 1).factory());
    private final Object reading = new Object(); // one document is read at a time, which bounds the memory

    private List<AgentAddress> known = List.of();
    private Set<String> silent = Set.of(); // nodes
    private String problem = "";
    private long listedAtMillis = Long.MIN_VALUE;

    /** Sends nothing yet. */
    public HttpSummaries(AgentList agents, List<DetectionRule> rules) {
        this(agents, rules, PATIENCE_MILLIS);
    }

    /** @param patienceMillis how long one response may take; a round ends nevertheless */
    public HttpSummaries(AgentList agents, List<DetectionRule> rules, long patienceMillis) {
        this.agents = agents;
        this.rules = List.copyOf(rules);
        this.patienceMillis = patienceMillis;
        client = HttpClient.newBuilder()
                .connectTimeout(Duration.ofMillis(patienceMillis))
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    @Override
    public Round collect(long nowMillis) {
        list(nowMillis);
        List<AgentAddress> order = known.stream()
                .sorted(Comparator.comparing((AgentAddress agent) -> silent.contains(agent.node()))
                        .thenComparing(AgentAddress::node))
                .limit(AGENTS_MAX)
                .toList();
        SortedMap<String, NodeSummary> summaries = new TreeMap<>();
        Set<String> without = new HashSet<>();
        int invalid = 0;
        List<Future<Answer>> asked = ask(order);
        for (int number = 0; number < order.size(); number++) {
            String node = order.get(number).node();
            Optional<Answer> answer = asked.isEmpty() ? Optional.empty() : answer(asked.get(number));
            if (answer.isEmpty()) {
                without.add(node);
            } else if (answer.get().summary().isEmpty()) {
                invalid++;
            } else {
                summaries.put(node, answer.get().summary().get());
            }
        }
        silent = without;
        return new Round(summaries, without.size(), invalid, problem);
    }

    private void list(long nowMillis) {
        if (nowMillis >= listedAtMillis && nowMillis - LIST_MILLIS < listedAtMillis) {
            return;
        }
        try {
            known = agents.list();
            problem = "";
            listedAtMillis = nowMillis;
        } catch (ClusterException e) {
            problem = "pods of the agents: " + e.getMessage(); // those known before are asked
        }
    }

    /** Empty if this thread was interrupted. */
    private List<Future<Answer>> ask(List<AgentAddress> order) {
        List<Callable<Answer>> questions = new ArrayList<>();
        for (AgentAddress agent : order) {
            questions.add(() -> ask(agent));
        }
        try {
            return threads.invokeAll(questions, ROUND_MILLIS_MAX, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private static Optional<Answer> answer(Future<Answer> asked) {
        try {
            return Optional.of(asked.get());
        } catch (CancellationException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException || e.getCause() instanceof InterruptedException) {
                return Optional.empty();
            }
            throw new IllegalStateException("a request failed for another reason than the response", e.getCause());
        }
    }

    private Answer ask(AgentAddress agent) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(agent.url() + ApiPaths.SUMMARY))
                .build();
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), NodeSummary.BYTES_MAX));
        try {
            HttpResponse<byte[]> response = answer.get(patienceMillis, TimeUnit.MILLISECONDS);
            return new Answer(response.statusCode() == 200 ? read(response.body()) : Optional.empty());
        } catch (TimeoutException e) {
            throw new IOException("no complete response", e);
        } catch (ExecutionException e) {
            throw new IOException("no complete response", e.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    private Optional<NodeSummary> read(byte[] body) {
        synchronized (reading) {
            try {
                return Optional.of(ApiJson.read(RemoteJson.read(body), SummaryDocument.class)
                        .summary(rules));
            } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
                return Optional.empty();
            }
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        client.shutdownNow();
    }
}

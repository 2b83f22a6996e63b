package io.denywatch.command;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Agents at addresses that somebody gave. */
final class UrlAgents implements Agents {
    /** How long an agent may take to connect, and then to answer. */
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private static final JsonMapper JSON = new JsonMapper();
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;

    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    private final List<Agent> agents;

    /** Nothing is sent yet; an address given twice is one agent. */
    UrlAgents(List<String> urls) {
        agents = urls.stream()
                .map(url -> url.replaceFirst("/+$", ""))
                .distinct()
                .<Agent>map(this::agent)
                .toList();
    }

    private Agent agent(String url) {
        try {
            URI base = URI.create(url);
            HttpRequest.newBuilder(base); // knows which schemes there are
            if (base.getRawQuery() == null && base.getRawFragment() == null) {
                return new UrlAgent(url);
            }
        } catch (IllegalArgumentException e) {
            // as below
        }
        throw CommandFailure.usage(
                "--url: \"" + url + "\" is not allowed; allowed: a URL such as http://10.0.0.1:9464");
    }

    private final class UrlAgent implements Agent {
        private final String url;

        UrlAgent(String url) {
            this.url = url;
        }

        @Override
        public String name() {
            return url;
        }

        @Override
        public JsonNode get(String document) throws Unanswered {
            try {
                HttpRequest request = HttpRequest.newBuilder(URI.create(url + document))
                        .timeout(TIMEOUT)
                        .build();
                HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
                return answer(response);
            } catch (HttpTimeoutException e) {
                throw new Unanswered("no answer within " + TIMEOUT.toSeconds() + " s", false);
            } catch (ConnectException e) {
                throw new Unanswered(
                        "it cannot be reached" + (e.getMessage() == null ? "" : ": " + e.getMessage()), false);
            } catch (IOException e) {
                throw new Unanswered(e.getMessage() == null ? "it cannot be reached" : e.getMessage(), false);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Unanswered("interrupted", false);
            }
        }
    }

    private static JsonNode answer(HttpResponse<byte[]> response) throws Unanswered {
        JsonNode document;
        try {
            document = JSON.readTree(response.body());
        } catch (JacksonException e) {
            throw new Unanswered("it answers " + response.statusCode() + ", and not as an agent does", false);
        }
        if (response.statusCode() == OK) {
            return document;
        }
        String error = document.path("error").asString("");
        throw new Unanswered(
                "it answers " + response.statusCode() + (error.isEmpty() ? "" : ": " + error),
                response.statusCode() == NOT_FOUND);
    }

    @Override
    public List<Agent> list() {
        return agents;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}

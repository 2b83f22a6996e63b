package io.denywatch.top;

import static java.net.HttpURLConnection.HTTP_NOT_FOUND;
import static java.net.HttpURLConnection.HTTP_OK;

import io.denywatch.cluster.RemoteJson;
import io.denywatch.top.AgentFinder.AgentEndpoint;
import io.denywatch.top.AgentFinder.Unanswered;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * An agent at an address that the user gave. Any program may respond there, so length and total time of a response are
 * limited. Any thread may use it.
 */
final class HttpAgent implements AgentEndpoint {

    private final HttpClient client;
    private final String url;
    private final Duration patience;

    private HttpAgent(HttpClient client, String url, Duration patience) {
        this.client = client;
        this.url = url;
        this.patience = patience;
    }

    /** A client for such agents. */
    static HttpClient client(Duration patience) {
        return HttpClient.newBuilder()
                .connectTimeout(patience)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    /**
     * Creates an agent and sends nothing yet.
     *
     * @param client not owned
     * @param patience how long a complete response may take
     * @return empty if the text is not an HTTP URL without query and fragment
     */
    static Optional<HttpAgent> at(String address, HttpClient client, Duration patience) {
        String url = address.replaceFirst("/+$", "");
        try {
            URI base = URI.create(url);
            HttpRequest.newBuilder(base); // checks the scheme
            if (base.getRawQuery() == null && base.getRawFragment() == null) {
                return Optional.of(new HttpAgent(client, url, patience));
            }
        } catch (IllegalArgumentException e) {
            // not an HTTP URL
        }
        return Optional.empty();
    }

    @Override
    public String name() {
        return url;
    }

    @Override
    public JsonNode get(String document) throws Unanswered {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + document)).build();
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), RemoteJson.BYTES_MAX));
        try {
            return read(answer.get(patience.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            throw new Unanswered("no complete response within " + patience.toMillis() + " ms", false);
        } catch (ExecutionException e) {
            throw new Unanswered(problem(e.getCause() == null ? e : e.getCause()), false);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unanswered("interrupted", false);
        } finally {
            answer.cancel(true); // which also ends the exchange if it is still running
        }
    }

    private static String problem(Throwable failure) {
        boolean isSaid = failure instanceof IOException && failure.getMessage() != null;
        if (failure instanceof ConnectException || !isSaid) {
            return "it cannot be reached" + (isSaid ? ": " + failure.getMessage() : "");
        }
        return String.valueOf(failure.getMessage());
    }

    private static JsonNode read(HttpResponse<byte[]> response) throws Unanswered {
        JsonNode document;
        try {
            document = RemoteJson.read(response.body());
        } catch (JacksonException e) {
            throw new Unanswered("it answers " + response.statusCode() + " with a body that no agent sends", false);
        }
        if (response.statusCode() == HTTP_OK) {
            return document;
        }
        String error = document.path("error").asString("");
        throw new Unanswered(
                "it answers " + response.statusCode() + (error.isEmpty() ? "" : ": " + error),
                response.statusCode() == HTTP_NOT_FOUND);
    }
}

package io.denywatch.command;

import io.denywatch.ip.IpPrefix;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What one agent says over HTTP about whom it saw answered. Confined to one thread. */
final class AgentAnswers {
    /** How long the agent may take to connect, and then to answer. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private static final String PATH = "/api/v1/blocklist";

    private final World world;
    private final URI document;

    private AgentAnswers(World world, URI document) {
        this.world = world;
        this.document = document;
    }

    /** Nothing is sent yet. */
    static AgentAnswers of(World world, String agent) {
        try {
            URI document = URI.create(agent.replaceFirst("/+$", "") + PATH);
            HttpRequest.newBuilder(document); // knows which schemes there are
            return new AgentAnswers(world, document);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage("--agent: " + agent + " is not allowed; allowed: a URL as http://10.0.0.1:9464");
        }
    }

    /** When the agent last saw one of these addresses answered; an agent that does not tell is one line. */
    Optional<Instant> lastAnswer(IpPrefix asked) {
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
            HttpRequest request =
                    HttpRequest.newBuilder(document).timeout(TIMEOUT).build();
            HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
            if (response.statusCode() != 200) {
                return silent("it answers " + response.statusCode());
            }
            return latest(new JsonMapper().readTree(response.body()), asked);
        } catch (IOException e) {
            return silent(e.getMessage() == null ? "it cannot be reached" : e.getMessage());
        } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
            return silent("it answers something else than an agent does");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return silent("interrupted");
        }
    }

    private static Optional<Instant> latest(JsonNode document, IpPrefix asked) {
        JsonNode answered = document.path("answered");
        if (!answered.isArray()) {
            throw new IllegalArgumentException("no list of who was answered"); // an older agent, or none
        }
        return answered.valueStream() // the latest first
                .filter(answer ->
                        asked.overlaps(IpPrefix.parse(answer.path("source").asString())))
                .map(answer -> Instant.parse(answer.path("at").asString()))
                .findFirst();
    }

    private Optional<Instant> silent(String why) {
        world.say("denywatch: " + document + " does not tell who was answered: " + why);
        return Optional.empty();
    }
}

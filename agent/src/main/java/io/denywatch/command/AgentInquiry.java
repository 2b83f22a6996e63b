package io.denywatch.command;

import io.denywatch.exposition.Route;
import io.denywatch.ip.IpPrefix;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Asks one agent over HTTP what it knows of an address. Confined to one thread. */
final class AgentInquiry {
    /** How long the agent may take to connect, and then to answer. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private static final String QUERY = "?source=";

    private final World world;
    private final URI document;

    private AgentInquiry(World world, URI document) {
        this.world = world;
        this.document = document;
    }

    /** Nothing is sent yet. */
    static AgentInquiry of(World world, String agent) {
        try {
            URI document = URI.create(agent.replaceFirst("/+$", "") + Route.BLOCKLIST.path());
            HttpRequest.newBuilder(document); // knows which schemes there are
            return new AgentInquiry(world, document);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage("--agent: " + agent + " is not allowed; allowed: a URL as http://10.0.0.1:9464");
        }
    }

    /** Where the agent is asked. */
    String url() {
        return document.toString();
    }

    /** What the agent knows of these addresses; an agent that does not tell is one line. */
    Optional<AgentReport> ask(IpPrefix asked) {
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(document + QUERY + asked))
                    .timeout(TIMEOUT)
                    .build();
            HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
            if (response.statusCode() != 200) {
                return silent("it answers " + response.statusCode());
            }
            return Optional.of(AgentReport.read(new JsonMapper().readTree(response.body()), asked, url()));
        } catch (IOException e) {
            return silent(e.getMessage() == null ? "it cannot be reached" : e.getMessage());
        } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
            return silent("it answers something else than an agent does");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return silent("interrupted");
        }
    }

    private Optional<AgentReport> silent(String why) {
        world.say("denywatch: " + document + " does not tell what it knows: " + why);
        return Optional.empty();
    }
}

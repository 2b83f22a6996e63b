package io.denywatch.top;

import io.denywatch.process.CommandFailure;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;

/** Agents at addresses that somebody gave. */
final class UrlAgents implements Agents {
    private final HttpClient client;
    private final List<Agent> agents;

    /**
     * Nothing is sent yet; an address given twice is one agent.
     *
     * @param option that gave the addresses
     */
    UrlAgents(String option, List<String> urls, Duration patience) {
        client = HttpAgent.client(patience);
        agents = urls.stream()
                .map(url -> url.replaceFirst("/+$", ""))
                .distinct()
                .<Agent>map(url -> HttpAgent.at(url, client, patience)
                        .orElseThrow(() -> CommandFailure.usage(option + ": \"" + url
                                + "\" is not allowed; allowed: a URL such as http://10.0.0.1:9464")))
                .toList();
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

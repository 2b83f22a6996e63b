package io.denywatch.top;

import io.denywatch.process.CommandFailure;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;

/** Agents at the addresses that the user gave. */
final class UrlAgents implements AgentFinder {
    private final HttpClient client;
    private final List<AgentEndpoint> agents;

    /**
     * Creates a finder and sends nothing yet. An address that is given twice is one agent.
     *
     * @param option the option with which the addresses were given
     */
    UrlAgents(String option, List<String> urls, Duration patience) {
        client = HttpAgent.client(patience);
        agents = urls.stream()
                .map(url -> url.replaceFirst("/+$", ""))
                .distinct()
                .<AgentEndpoint>map(url -> HttpAgent.at(url, client, patience)
                        .orElseThrow(() -> CommandFailure.usage(option + ": \"" + url
                                + "\" is not allowed; allowed: a URL such as http://10.0.0.1:9464")))
                .toList();
    }

    @Override
    public List<AgentEndpoint> list() {
        return agents;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}

package io.denywatch.top;

import io.denywatch.api.ApiJson;
import io.denywatch.api.ApiPaths;
import io.denywatch.api.SourceDocument;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.ProcessContext;
import io.denywatch.top.AgentFinder.AgentEndpoint;
import io.denywatch.top.AgentFinder.Unanswered;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;

/** Asks agents over HTTP what they know about an address. Confined to one thread. */
public final class AgentInquiry implements AutoCloseable {
    private static final String QUERY = ApiPaths.BLOCKLIST + "?" + ApiPaths.SOURCE + "=";

    private final ProcessContext world;
    private final UrlAgents agents;

    /**
     * What agents know.
     *
     * @param silent URLs of agents that did not respond
     */
    public record Said(List<AgentReport> reports, List<String> silent) {}

    /** Creates an inquiry and sends nothing yet. */
    public AgentInquiry(ProcessContext world, List<String> urls) {
        this.world = world;
        agents = new UrlAgents("--agent", urls, world.patience());
    }

    /** What the agents know about these addresses. Prints one line for each agent that cannot be asked. */
    public Said ask(IpPrefix asked) {
        List<AgentReport> reports = new ArrayList<>();
        List<String> silent = new ArrayList<>();
        for (AgentEndpoint agent : agents.list()) {
            String url = agent.name() + ApiPaths.BLOCKLIST;
            try {
                reports.add(AgentReport.of(ApiJson.read(agent.get(QUERY + asked), SourceDocument.class), asked, url));
                continue;
            } catch (Unanswered e) {
                world.say(problem(url, e.line()));
            } catch (IllegalArgumentException | DateTimeException e) {
                world.say(problem(url, "its response is not that of an agent"));
            }
            silent.add(url);
        }
        return new Said(reports, silent);
    }

    private static String problem(String url, String why) {
        return "denywatch: " + url + " cannot be asked: " + why;
    }

    @Override
    public void close() {
        agents.close();
    }
}

package io.denywatch.top;

import io.denywatch.api.ApiJson;
import io.denywatch.api.ApiPaths;
import io.denywatch.api.BlocklistDocument;
import io.denywatch.api.FindingsDocument;
import io.denywatch.api.NlbsDocument;
import io.denywatch.api.SourcesDocument;
import io.denywatch.top.AgentFinder.AgentEndpoint;
import io.denywatch.top.AgentFinder.Unanswered;
import io.denywatch.top.AgentPage.AgentBlocklist;
import io.denywatch.top.AgentPage.AgentFinding;
import io.denywatch.top.AgentPage.AgentLoadBalancer;
import io.denywatch.top.AgentPage.Listing;
import io.denywatch.top.Frame.SilentAgent;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One agent and its last report, which is kept if the agent stops responding. Used by one thread at a time. */
final class KnownAgent {
    /** An agent publishes every second; if it publishes nothing new for this long, it hangs. */
    private static final Duration STUCK_AFTER = Duration.ofSeconds(10);

    /** Limit for all requests of one round; the last request may take a few seconds more. */
    private static final Duration ROUND_MAX = Duration.ofSeconds(5);

    private static final Duration BLOCKLIST_EVERY = Duration.ofSeconds(10);
    private static final Duration FINDINGS_EVERY = Duration.ofSeconds(60);

    private AgentEndpoint agent;
    private Optional<AgentPage> page = Optional.empty();
    private String problem = "";
    private Instant advancedAt = Instant.EPOCH;
    private AgentBlocklist blocklist = AgentBlocklist.UNKNOWN;
    private Instant blocklistAt = Instant.EPOCH;
    private List<AgentFinding> findings = List.of();
    private Instant findingsAt = Instant.EPOCH;

    KnownAgent(AgentEndpoint agent) {
        this.agent = agent;
    }

    /** Sets how the agent is asked from now on. */
    void isNow(AgentEndpoint renewed) {
        agent = renewed;
    }

    /** Requests the agent's totals. */
    void askTotals(Instant now) {
        problem = "";
        try {
            AgentPage said = AgentDocuments.page(ApiJson.read(agent.get(ApiPaths.NLBS), NlbsDocument.class));
            if (page.isEmpty() || !page.get().takenAt().equals(said.takenAt())) {
                advancedAt = now;
            }
            page = Optional.of(said.with(Map.of(), blocklist, findings));
        } catch (Unanswered e) {
            problem = e.line();
        } catch (IllegalArgumentException e) {
            problem = "the response is not that of an agent: " + e.getMessage();
        }
    }

    /**
     * Requests the agent's other documents, if it returned its totals.
     *
     * @param nlbs the load balancers whose sources are wanted
     * @param clock measures how long this takes
     */
    void askRest(List<String> nlbs, InstantSource clock) {
        if (!problem.isEmpty() || page.isEmpty()) {
            return;
        }
        Instant began = clock.instant();
        Map<String, Listing> listings = new TreeMap<>();
        try {
            for (String nlb : nlbs) {
                if (Duration.between(began, clock.instant()).compareTo(ROUND_MAX) > 0) {
                    throw new Unanswered("no response within " + ROUND_MAX.toSeconds() + " s", false);
                }
                listings.put(nlb, listing(page.get(), nlb));
            }
            if (!began.isBefore(blocklistAt.plus(BLOCKLIST_EVERY))) {
                blocklist =
                        AgentDocuments.blocklist(ApiJson.read(agent.get(ApiPaths.BLOCKLIST), BlocklistDocument.class));
                blocklistAt = began;
            }
            if (!began.isBefore(findingsAt.plus(FINDINGS_EVERY))) {
                findings = AgentDocuments.findings(ApiJson.read(agent.get(ApiPaths.FINDINGS), FindingsDocument.class));
                findingsAt = began;
            }
        } catch (Unanswered e) {
            problem = e.line();
        } catch (IllegalArgumentException e) {
            problem = "the response is not that of an agent: " + e.getMessage();
        }
        page = Optional.of(page.get().with(listings, blocklist, findings));
    }

    /** Sends no request if the result is known. */
    private Listing listing(AgentPage said, String nlb) throws Unanswered {
        boolean any = said.nlbs().stream()
                .filter(known -> known.nlb().equals(nlb))
                .mapToLong(AgentLoadBalancer::sources)
                .anyMatch(sources -> sources > 0);
        Listing none = new Listing(said.takenAt(), List.of());
        if (!any) {
            return none;
        }
        try {
            String query = ApiPaths.SOURCES + "?" + ApiPaths.NLB + "=" + URLEncoder.encode(nlb, StandardCharsets.UTF_8);
            return AgentDocuments.sources(ApiJson.read(agent.get(query), SourcesDocument.class));
        } catch (Unanswered e) {
            if (e.isNotFound) {
                return none; // it has dropped the load balancer in the meantime
            }
            throw e;
        }
    }

    /** The last report, with the sources of these load balancers only. */
    Optional<AgentPage> page(List<String> nlbs) {
        return page.map(said -> {
            Map<String, Listing> wanted = new TreeMap<>(said.sources());
            wanted.keySet().retainAll(nlbs);
            return said.with(wanted, said.blocklist(), said.findings());
        });
    }

    /** The current report; empty if the agent does not answer. */
    Optional<AgentPage> answer() {
        return problem.isEmpty() ? page : Optional.empty();
    }

    /** Why the report is stale; empty if it is not. */
    Optional<SilentAgent> silent(Instant now) {
        Optional<Instant> lastAnswer = page.map(_ -> advancedAt);
        if (!problem.isEmpty()) {
            return Optional.of(new SilentAgent(name(), problem, lastAnswer));
        }
        return Duration.between(advancedAt, now).compareTo(STUCK_AFTER) > 0
                ? Optional.of(new SilentAgent(name(), "it answers, but has published nothing new", lastAnswer))
                : Optional.empty();
    }

    private String name() {
        return page.filter(said -> !agent.name().contains(said.node()))
                .map(said -> said.node() + " (" + agent.name() + ")")
                .orElse(agent.name());
    }
}

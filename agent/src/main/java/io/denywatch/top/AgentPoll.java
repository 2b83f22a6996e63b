package io.denywatch.top;

import io.denywatch.process.ProcessContext;
import io.denywatch.top.AgentFinder.AgentEndpoint;
import io.denywatch.top.AgentFinder.Unanswered;
import io.denywatch.top.ClusterPage.MergedLoadBalancer;
import io.denywatch.top.Frame.SilentAgent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Polls agents, several at a time. Confined to one thread, which waits while others send requests; results are
 * immutable.
 */
final class AgentPoll implements AutoCloseable {
    /** Agents asked at a time. */
    private static final int AT_A_TIME = 16;

    /** Load balancers whose sources are requested if none is chosen. */
    private static final int BUSIEST = 8;

    private final ProcessContext world;
    private final AgentFinder agents;
    private final Rates rates = new Rates();
    private final ExecutorService threads = Executors.newFixedThreadPool(
            AT_A_TIME, Thread.ofPlatform().daemon().name("agents-", 1).factory());
    private Map<String, KnownAgent> known = new LinkedHashMap<>(); // by name

    /**
     * Creates a poll and sends nothing yet.
     *
     * @param agents owned from now on
     */
    AgentPoll(ProcessContext world, AgentFinder agents) {
        this.world = world;
        this.agents = agents;
    }

    /**
     * Asks all agents; this may take some seconds.
     *
     * @param nlb whose sources are wanted; empty for the busiest
     * @throws Unanswered if the agents cannot be listed and no earlier list is known
     */
    Frame poll(String nlb) throws Unanswered {
        String problem = "";
        try {
            find();
        } catch (Unanswered e) {
            if (known.isEmpty()) {
                throw e;
            }
            problem = e.line();
        }
        Instant now = world.clock().instant();
        all(agent -> agent.askTotals(now));
        List<AgentPage> answering = known.values().stream()
                .flatMap(agent -> agent.answer().stream())
                .toList();
        Rates.Now speed = rates.add(answering);
        List<String> wanted = nlb.isEmpty() ? busiest(answering, speed) : List.of(nlb);
        all(agent -> agent.askRest(wanted, world.clock()));
        List<AgentPage> pages = known.values().stream()
                .flatMap(agent -> agent.page(wanted).stream())
                .toList();
        List<SilentAgent> silent = known.values().stream()
                .flatMap(agent -> agent.silent(now).stream())
                .toList();
        return new Frame(world.clock().instant(), known.size(), silent, problem, ClusterPage.merge(pages), speed);
    }

    /** Forgets agents that are no longer listed. */
    private void find() throws Unanswered {
        Map<String, KnownAgent> found = new LinkedHashMap<>();
        for (AgentEndpoint agent : agents.list()) {
            KnownAgent same = known.getOrDefault(agent.name(), new KnownAgent(agent));
            same.isNow(agent);
            found.put(agent.name(), same);
        }
        known = found;
    }

    private static List<String> busiest(List<AgentPage> answering, Rates.Now speed) {
        return ClusterPage.merge(answering).nlbs().stream()
                .filter(nlb -> nlb.sourcesAtMost() > 0)
                .sorted(SortBy.RATE.order(speed))
                .limit(BUSIEST)
                .map(MergedLoadBalancer::nlb)
                .toList();
    }

    /** Runs the action for each agent, and waits until all are done. */
    private void all(Consumer<KnownAgent> question) {
        List<Future<?>> asked = new ArrayList<>();
        for (KnownAgent agent : known.values()) {
            asked.add(threads.submit(() -> question.accept(agent)));
        }
        for (Future<?> each : asked) {
            try {
                each.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return; // the command is ending
            } catch (ExecutionException e) {
                throw new IllegalStateException(
                        "a request failed for a reason other than the agent's response", e.getCause());
            }
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        agents.close();
    }
}

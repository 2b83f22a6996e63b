package io.denywatch.top;

import io.denywatch.top.ClusterPage.NodeRemark;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Everything that is shown at one moment.
 *
 * @param at now, by the reader's clock
 * @param agents the number of known agents, whether they answer or not
 * @param silent agents that do not answer
 * @param problem why the agents cannot be listed, or empty
 * @param page the latest reports of all agents, merged; silent ones with their last report
 * @param rates how fast the counters of the page grow
 */
public record Frame(
        Instant at, int agents, List<SilentAgent> silent, String problem, ClusterPage page, Rates.Now rates) {
    /** The finding that Calico drops log lines without counting them. */
    public static final String RATE_LIMITED = "log-rate-limited";

    /**
     * An agent that does not answer.
     *
     * @param name its node or address
     * @param problem in one line
     * @param lastAnswer when it last reported something new; that report is still shown
     */
    public record SilentAgent(String name, String problem, Optional<Instant> lastAnswer) {}

    /** Copies the list. */
    public Frame {
        silent = List.copyOf(silent);
    }

    /** The same frame at a later time. */
    public Frame at(Instant later) {
        return new Frame(later, agents, silent, problem, page, rates);
    }

    /** Agents that answer. */
    public int answering() {
        return agents - silent.size();
    }

    /** Why counts are a lower bound; nothing if they are exact. */
    List<NodeRemark> losses() {
        List<NodeRemark> losses = new ArrayList<>(page.losses());
        if (page.findings().stream().anyMatch(finding -> finding.id().equals(RATE_LIMITED))) {
            losses.add(new NodeRemark(
                    "",
                    "Calico limits the rate of its Log rules (logActionRateLimit) and does not report what it drops"));
        }
        return losses;
    }

    /** The load balancers in the order of a view; {@code other} only if any packet went there. */
    List<ClusterPage.MergedLoadBalancer> nlbs(ViewState view) {
        Comparator<ClusterPage.MergedLoadBalancer> order = view.sort().order(rates);
        return page.nlbs().stream()
                .filter(nlb -> !nlb.nlb().equals(AgentPage.OTHER) || nlb.packets() > 0)
                .sorted(order)
                .toList();
    }
}

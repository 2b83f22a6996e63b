package io.denywatch.top;

import io.denywatch.top.ClusterPage.NodeRemark;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * All that there is to show at one moment.
 *
 * @param at now, by the reader's clock
 * @param agents that are known, whether they answer or not
 * @param silent those of them that do not answer
 * @param problem why it is not known which agents there are, or empty
 * @param page what the others say, and what the silent ones said last
 * @param rates how fast that grows
 */
public record Frame(
        Instant at, int agents, List<SilentAgent> silent, String problem, ClusterPage page, Rates.Now rates) {
    /** Whose findings say that not even Calico knows what it did not log. */
    public static final String RATE_LIMITED = "log-rate-limited";

    /**
     * An agent that does not answer.
     *
     * @param name as it was asked for
     * @param problem in one line
     * @param lastAnswer when it last said something new; what it said then is still counted
     */
    public record SilentAgent(String name, String problem, Optional<Instant> lastAnswer) {}

    /** Copies the list. */
    public Frame {
        silent = List.copyOf(silent);
    }

    /** The same, some time later. */
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
                    "Calico limits the rate of its Log rules (logActionRateLimit), and does not say what it drops"));
        }
        return losses;
    }

    /** The load balancers as a view orders them; what went elsewhere is one only if there was anything. */
    List<ClusterPage.MergedLoadBalancer> nlbs(ViewState view) {
        Comparator<ClusterPage.MergedLoadBalancer> order = view.sort().order(rates);
        return page.nlbs().stream()
                .filter(nlb -> !nlb.nlb().equals(AgentPage.OTHER) || nlb.packets() > 0)
                .sorted(order)
                .toList();
    }
}

package io.denywatch.top;

import io.denywatch.count.Count;
import io.denywatch.top.AgentPage.Ban;
import io.denywatch.top.AgentPage.Finding;
import io.denywatch.top.AgentPage.Lines;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What several agents say, added up.
 *
 * <p>Packets, bytes and lines are exact sums, for each packet is logged on one node. Sources are told apart by each agent
 * alone, so of those there are bounds. Of one agent this is what it says itself.
 *
 * @param nodes that are counted, in order
 * @param versions of their agents, in order
 * @param since when the first of them began to count, and the last; nothing if there are none
 * @param lines of all logs
 * @param nlbs all load balancers, by name
 * @param asked load balancers whose sources were asked for
 * @param sources the noisiest of these, by descending packets
 * @param unlistedAtMost packets that a source may have sent in the window to these load balancers without being among
 *     {@code sources}; 0 means that all are, {@link #UNKNOWN} that nobody can tell
 * @param losses why counts are a lower bound, by node
 * @param troubles why counts may be behind, by node
 * @param blocklist of all agents
 * @param findings about the cluster, each once
 */
public record ClusterPage(
        List<String> nodes,
        SortedSet<String> versions,
        Optional<Since> since,
        Lines lines,
        List<Nlb> nlbs,
        SortedSet<String> asked,
        List<Source> sources,
        long unlistedAtMost,
        List<Remark> losses,
        List<Remark> troubles,
        Blocklist blocklist,
        List<Finding> findings) {

    /** A bound that there is none of. */
    public static final long UNKNOWN = Long.MAX_VALUE;

    /** When agents began to count. */
    public record Since(Instant first, Instant last) {}

    /** A sentence about one node. */
    public record Remark(String node, String text) {}

    /**
     * One load balancer.
     *
     * @param packets since start
     * @param bytes since start
     * @param latePackets of them, a backlog's
     * @param sourcesAtLeast distinct ones in the window: as many as the agent that saw most
     * @param sourcesAtMost as many as if no two agents had seen the same
     * @param estimated whether an agent's own number, from which these are, may be an estimate
     */
    public record Nlb(
            String nlb,
            String namespace,
            String service,
            long packets,
            long bytes,
            long latePackets,
            long sourcesAtLeast,
            long sourcesAtMost,
            boolean estimated) {

        /** Its Service with the namespace, or its address where that is not known. */
        public String name() {
            return service.isEmpty() ? nlb : namespace + "/" + service;
        }
    }

    /**
     * One source in the window.
     *
     * @param packets no fewer were denied
     * @param atMost no more were, or {@link #UNKNOWN}
     * @param nlbs at which it is among the noisiest
     * @param answered whether it was let in lately
     * @param ban that it is under, if any
     */
    public record Source(
            String source,
            long packets,
            long atMost,
            SortedSet<String> nlbs,
            Instant firstSeen,
            Instant lastSeen,
            boolean answered,
            Optional<Ban> ban) {
        /** Copies the set. */
        public Source {
            nlbs = Collections.unmodifiableSortedSet(new TreeSet<>(nlbs));
        }
    }

    /**
     * Whom agents block.
     *
     * @param modes of all agents that were asked
     * @param blocked sources that are blocked, by an agent that may or by people
     * @param stored sources that are in the blocklist, without a policy that is known to deny them
     * @param wouldBe sources that an agent in {@code dry-run} would block
     * @param problems by node
     */
    public record Blocklist(SortedSet<String> modes, int blocked, int stored, int wouldBe, List<Remark> problems) {}

    /** Copies the collections. */
    public ClusterPage {
        nodes = List.copyOf(nodes);
        versions = Collections.unmodifiableSortedSet(new TreeSet<>(versions));
        nlbs = List.copyOf(nlbs);
        asked = Collections.unmodifiableSortedSet(new TreeSet<>(asked));
        sources = List.copyOf(sources);
        losses = List.copyOf(losses);
        troubles = List.copyOf(troubles);
        findings = List.copyOf(findings);
    }

    /** Adds up what agents say. What two of them say of the same count is taken once, from the one that knows more. */
    public static ClusterPage merge(Collection<AgentPage> pages) {
        return Aggregator.of(pages);
    }

    /** Packets of all load balancers, {@code other} among them. */
    public long packets() {
        return nlbs.stream().mapToLong(Nlb::packets).reduce(0, Count::sum);
    }
}

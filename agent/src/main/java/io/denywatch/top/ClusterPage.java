package io.denywatch.top;

import io.denywatch.count.Count;
import io.denywatch.top.AgentPage.AgentBlock;
import io.denywatch.top.AgentPage.AgentFinding;
import io.denywatch.top.AgentPage.AgentLines;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The merged reports of several agents.
 *
 * <p>Packets, bytes and lines are exact sums, because each packet is logged on one node. Each agent counts its own
 * distinct sources, so their number is a range. For a single agent, the values are its own.
 *
 * @param nodes the nodes of the agents, in order
 * @param versions the versions of the agents, in order
 * @param since when the first and the last of them began to count; empty if there are none
 * @param lines lines of all logs
 * @param nlbs all load balancers, by name
 * @param asked load balancers whose sources were requested
 * @param sources the noisiest sources of these load balancers, by descending packets
 * @param unlistedAtMost packets that a source may have sent in the window to these load balancers without being among
 *     {@code sources}; 0 if all are listed, {@link #UNKNOWN} if not known
 * @param losses why counts are a lower bound, by node
 * @param troubles why counts may be out of date, by node
 * @param blocklist the blocklists of all agents, merged
 * @param findings findings about the cluster, each one once
 */
public record ClusterPage(
        List<String> nodes,
        SortedSet<String> versions,
        Optional<Since> since,
        AgentLines lines,
        List<MergedLoadBalancer> nlbs,
        SortedSet<String> asked,
        List<MergedSource> sources,
        long unlistedAtMost,
        List<NodeRemark> losses,
        List<NodeRemark> troubles,
        ClusterBlocklist blocklist,
        List<AgentFinding> findings) {

    /** No upper bound is known. */
    public static final long UNKNOWN = Long.MAX_VALUE;

    /** When agents began to count. */
    public record Since(Instant first, Instant last) {}

    /** A sentence about one node. */
    public record NodeRemark(String node, String text) {}

    /**
     * One load balancer.
     *
     * @param packets since start
     * @param bytes since start
     * @param latePackets packets that were read from a backlog
     * @param sourcesAtLeast the least number of distinct sources in the window: the maximum over the agents
     * @param sourcesAtMost the greatest number: the sum over the agents
     * @param estimated whether one of the agents' numbers may be an estimate
     */
    public record MergedLoadBalancer(
            String nlb,
            String namespace,
            String service,
            long packets,
            long bytes,
            long latePackets,
            long sourcesAtLeast,
            long sourcesAtMost,
            boolean estimated) {

        /** The Service with its namespace, or the address if the Service is not known. */
        public String name() {
            return service.isEmpty() ? nlb : namespace + "/" + service;
        }
    }

    /**
     * One source in the window.
     *
     * @param packets lower bound of its denied packets
     * @param atMost upper bound of its denied packets, or {@link #UNKNOWN}
     * @param nlbs the load balancers at which it is one of the noisiest
     * @param answered whether it is established
     * @param block the block that applies to it, if any
     */
    public record MergedSource(
            String source,
            long packets,
            long atMost,
            SortedSet<String> nlbs,
            Instant firstSeen,
            Instant lastSeen,
            boolean answered,
            Optional<AgentBlock> block) {
        /** Copies the set. */
        public MergedSource {
            nlbs = Collections.unmodifiableSortedSet(new TreeSet<>(nlbs));
        }
    }

    /**
     * Sources that agents block.
     *
     * @param modes the modes of all agents
     * @param blocked sources blocked by agents in enforce or by hand
     * @param stored sources that are in the blocklist, but that no policy is known to deny
     * @param wouldBe sources that an agent in {@code dry-run} would block
     * @param problems by node
     */
    public record ClusterBlocklist(
            SortedSet<String> modes, int blocked, int stored, int wouldBe, List<NodeRemark> problems) {}

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

    /** Merges reports. If two reports are of the same counters, only the later one is used. */
    public static ClusterPage merge(Collection<AgentPage> pages) {
        return Aggregator.of(pages);
    }

    /** Packets of all load balancers, including {@code other}. */
    public long packets() {
        return nlbs.stream().mapToLong(MergedLoadBalancer::packets).reduce(0, Count::sum);
    }
}

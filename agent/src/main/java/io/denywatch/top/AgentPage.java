package io.denywatch.top;

import io.denywatch.count.Count;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The state that one agent reported at one time. Times are by its own clock, counts are since {@code since}, and
 * sources are those of the window.
 *
 * @param node the node that the agent runs on
 * @param version of the agent
 * @param takenAt time of the snapshot
 * @param since when it began to count
 * @param nlbs all load balancers, including {@code other}
 * @param lines lines of its log
 * @param evicting whether it has ever had to forget a source to make room: then numbers of sources may be estimates,
 *     and a source that it does not list may have sent any number of packets
 * @param losses why its counts are a lower bound, a sentence each; none while they are exact
 * @param troubles why its counts may be out of date, a sentence each
 * @param sources the noisiest sources of each load balancer that was requested
 * @param blocklist its blocklist
 * @param findings findings about the cluster
 */
public record AgentPage(
        String node,
        String version,
        Instant takenAt,
        Instant since,
        List<AgentLoadBalancer> nlbs,
        AgentLines lines,
        boolean evicting,
        List<String> losses,
        List<String> troubles,
        SortedMap<String, Listing> sources,
        AgentBlocklist blocklist,
        List<AgentFinding> findings) {

    /** The name that stands for all other destinations. */
    public static final String OTHER = "other";

    /** What an agent counts at one load balancer; {@code sources} is the number of distinct sources in the window. */
    public record AgentLoadBalancer(
            String nlb, String namespace, String service, long packets, long bytes, long latePackets, long sources) {}

    /** Lines since the agent began to count: all of them, and the packet, malformed and unrecognized ones. */
    public record AgentLines(long read, long packets, long malformed, long unrecognized) {
        static final AgentLines NONE = new AgentLines(0, 0, 0, 0);

        AgentLines plus(AgentLines more) {
            return new AgentLines(
                    Count.sum(read, more.read),
                    Count.sum(packets, more.packets),
                    Count.sum(malformed, more.malformed),
                    Count.sum(unrecognized, more.unrecognized));
        }
    }

    /** The noisiest sources of one load balancer at one time. */
    public record Listing(Instant takenAt, List<AgentSource> sources) {
        /** Copies the list. */
        public Listing {
            sources = List.copyOf(sources);
        }
    }

    /** A source in the window: from {@code packets} to {@code atMost} of its packets were denied. */
    public record AgentSource(
            String source,
            long packets,
            long atMost,
            Instant firstSeen,
            Instant lastSeen,
            boolean answered,
            Optional<AgentBlock> block) {}

    /**
     * Why a source is blocked.
     *
     * @param rule empty for a manual block
     * @param until when the block ends
     * @param effect whether it is in effect
     */
    public record AgentBlock(String rule, Instant until, BlockEffect effect) {}

    /** The effect of a block, weakest first. */
    public enum BlockEffect {
        /** None: dry-run. */
        NONE,
        /** The source is in the blocklist, but no policy is known to deny it. */
        STORED,
        /** An active policy denies the source. */
        ENFORCED
    }

    /**
     * The blocklist of an agent.
     *
     * @param mode as configured; empty if the blocklist was not requested
     * @param wanted the sources that this agent wants blocked
     * @param manual manual blocks, on all nodes
     * @param enforced whether this agent knows of an active policy that denies the stored sources
     * @param problem in one line; empty if there is none
     */
    public record AgentBlocklist(
            String mode, Set<String> wanted, Set<String> manual, boolean enforced, String problem) {
        /** The blocklist was not requested. */
        public static final AgentBlocklist UNKNOWN = new AgentBlocklist("", Set.of(), Set.of(), false, "");

        /** Copies the sets. */
        public AgentBlocklist {
            wanted = Set.copyOf(wanted);
            manual = Set.copyOf(manual);
        }
    }

    /** A finding of doctor about the cluster. */
    public record AgentFinding(String severity, String id, String what) {}

    /** Copies the collections. */
    public AgentPage {
        nlbs = List.copyOf(nlbs);
        losses = List.copyOf(losses);
        troubles = List.copyOf(troubles);
        sources = new TreeMap<>(sources);
        findings = List.copyOf(findings);
    }

    /** The same page with the documents that were requested after the first one. */
    public AgentPage with(Map<String, Listing> listings, AgentBlocklist blocks, List<AgentFinding> found) {
        return new AgentPage(
                node,
                version,
                takenAt,
                since,
                nlbs,
                lines,
                evicting,
                losses,
                troubles,
                new TreeMap<>(listings),
                blocks,
                found);
    }

    /** Identifies the agent's counters: the same after restarts and for two addresses of one agent. */
    public String identity() {
        return node + " " + since;
    }

    /** Distinct sources at a load balancer in the window; 0 if this agent does not know the load balancer. */
    long sourcesAt(String nlb) {
        for (AgentLoadBalancer each : nlbs) {
            if (each.nlb.equals(nlb)) {
                return each.sources;
            }
        }
        return 0;
    }
}

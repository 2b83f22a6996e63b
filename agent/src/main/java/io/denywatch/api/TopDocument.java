package io.denywatch.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code denywatch top} shows. What is not known is null.
 *
 * @param at now, by the clock of the reader
 * @param exact whether the counts are; else they are lower bounds, and {@code losses} say why
 * @param since when the first of the agents began to count; absent if there are none
 * @param sinceOfLatest when the last of them did
 * @param losses why counts are lower bounds
 * @param troubles why counts may be behind
 * @param lines of all logs
 * @param nlbs the load balancers, in the order that was asked for
 * @param sources the noisiest of the load balancers whose sources were asked for
 * @param unlistedAtMost packets that a source may have sent without being listed
 * @param blocklist of all agents
 * @param findings about the cluster
 */
public record TopDocument(
        Instant at,
        AgentNumbers agents,
        boolean exact,
        @JsonInclude(Include.NON_NULL) @Nullable Instant since,
        @JsonInclude(Include.NON_NULL) @Nullable Instant sinceOfLatest,
        List<NodeNote> losses,
        List<NodeNote> troubles,
        LineTotals lines,
        List<LoadBalancerRow> nlbs,
        List<SourceRow> sources,
        @Nullable Long unlistedAtMost,
        BlocklistTotals blocklist,
        List<ClusterProblem> findings) {

    /** Agents that are known, those of them that answer, and those that do not. */
    public record AgentNumbers(
            int known, int answering, List<String> nodes, List<String> versions, List<UnreachableAgent> silent) {}

    /** An agent that does not answer. */
    public record UnreachableAgent(
            String name, String problem, @Nullable Instant lastAnswer) {}

    /** A sentence about one node. */
    public record NodeNote(String node, String text) {}

    /** Lines since start. */
    public record LineTotals(long read, long packet, long malformed, long unrecognized) {}

    /** One load balancer; sources are distinct ones in the window. */
    public record LoadBalancerRow(
            String nlb,
            String namespace,
            String service,
            @Nullable Double packetsPerSecond,
            long packets,
            long bytes,
            long latePackets,
            long sourcesAtLeast,
            long sourcesAtMost,
            boolean sourcesEstimated) {}

    /** One source in the window. */
    public record SourceRow(
            String source,
            long packets,
            @Nullable Long atMost,
            List<String> nlbs,
            Instant firstSeen,
            Instant lastSeen,
            boolean answered,
            @Nullable SourceBlock ban) {}

    /**
     * A block.
     *
     * @param rule that the source reached; null where people blocked it
     * @param blocked whether an active policy denies the source
     * @param stored whether the source is in the blocklist
     */
    public record SourceBlock(@Nullable String rule, Instant until, boolean blocked, boolean stored) {}

    /** How many sources agents block, store without an active policy, or would block. */
    public record BlocklistTotals(
            List<String> modes, int blocked, int storedNotEnforced, int wouldBeBlocked, List<NodeNote> problems) {}

    /** A finding about the cluster. */
    public record ClusterProblem(String severity, String id, String what) {}
}

package io.denywatch.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The output of {@code denywatch top}. Unknown values are null.
 *
 * @param at the present time, by the clock of the command
 * @param exact whether counts are exact; if not, they are lower bounds, and {@code losses} says why
 * @param since when the first agent began to count; absent without agents
 * @param sinceOfLatest when the last agent began to count
 * @param losses why counts are lower bounds
 * @param troubles why counts may be out of date
 * @param lines lines of all logs
 * @param nlbs the load balancers, in the chosen order
 * @param sources the noisiest sources of the load balancers whose sources were requested
 * @param unlistedAtMost packets that a source may have sent without being listed
 * @param blocklist the blocklists of all agents, merged
 * @param findings findings about the cluster
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

    /**
     * How many agents are known and answer, the nodes and versions of those that have reported, and those that are
     * silent.
     */
    public record AgentNumbers(
            int known, int answering, List<String> nodes, List<String> versions, List<UnreachableAgent> silent) {}

    /** An agent that does not answer. */
    public record UnreachableAgent(
            String name, String problem, @Nullable Instant lastAnswer) {}

    /** A sentence about one node. */
    public record NodeNote(String node, String text) {}

    /** Lines since the agents began to count. */
    public record LineTotals(long read, long packet, long malformed, long unrecognized) {}

    /**
     * One load balancer. The number of distinct sources in the window is from {@code sourcesAtLeast} to {@code
     * sourcesAtMost}.
     */
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
     * @param rule the rule that the source reached; null for a manual block
     * @param blocked whether an active policy denies the source
     * @param stored whether the source is in the blocklist
     */
    public record SourceBlock(@Nullable String rule, Instant until, boolean blocked, boolean stored) {}

    /** The numbers of sources that agents block, store without an active policy, or would block. */
    public record BlocklistTotals(
            List<String> modes, int blocked, int storedNotEnforced, int wouldBeBlocked, List<NodeNote> problems) {}

    /** A finding about the cluster. */
    public record ClusterProblem(String severity, String id, String what) {}
}

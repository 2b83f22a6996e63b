package io.denywatch.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The contents of a cluster's sets: the output of {@code denywatch blocklist list} and, for one address, of {@code
 * denywatch blocklist explain}. A list lacks the properties that only an explanation has.
 *
 * @param address the address to explain
 * @param blocked whether it is in a set and known to be denied
 * @param stored whether it is in a set
 * @param enforcement whether a policy denies the blocklist: {@code active}, {@code missing} or {@code unknown}
 * @param neverBlock the exempt ranges that contain it; absent if there are none
 * @param answeredAt when Calico last logged an established response to it; absent if no such response is known
 * @param entries sources blocked by agents
 * @param manual sources blocked by hand
 * @param allowances sources exempted by hand
 * @param foreign nets that are in a set but have no entry
 * @param exemptSets ranges that network sets exempt by their label; absent for a single address
 * @param reasons the present situation, one sentence each
 * @param story the events of the address, in order of time
 */
@JsonInclude(Include.NON_NULL)
public record BlocklistSetsDocument(
        @Nullable String address,
        @Nullable Boolean blocked,
        @Nullable Boolean stored,
        @Nullable String enforcement,
        @Nullable ExemptRange neverBlock,
        @Nullable Instant answeredAt,
        List<StoredBlock> entries,
        List<StoredManualBlock> manual,
        List<BlocklistDocument.ExemptAddresses> allowances,
        List<Foreign> foreign,
        @Nullable List<ExemptRange> exemptSets,
        @Nullable List<String> reasons,
        @Nullable List<Moment> story) {

    /** An exempt range and the reason. */
    public record ExemptRange(String addresses, String reason) {}

    /**
     * A source blocked by an agent.
     *
     * @param node the agent's node
     * @param overdue whether it should already have been removed
     */
    public record StoredBlock(
            String source,
            String node,
            String rule,
            Instant at,
            Instant until,
            boolean overdue,
            int repeats,
            BlocklistDocument.EvidenceSample evidence) {}

    /** A source blocked by hand. */
    public record StoredManualBlock(
            String source, Instant at, Instant until, boolean overdue, String reason, String by) {}

    /** A net that is in a set but has no entry. */
    public record Foreign(String set, String net) {}

    /** An event of a source; {@code line} is the log line, if there is one. */
    public record Moment(
            Instant at,
            String what,
            @JsonInclude(Include.NON_NULL) @Nullable String line) {}
}

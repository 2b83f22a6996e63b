package io.denywatch.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the sets of a cluster hold: {@code denywatch blocklist list}, and of one address {@code denywatch blocklist explain}.
 * The properties of an explanation are absent in a list.
 *
 * @param address that was asked for
 * @param blocked whether it is in a set and, as far as is known, denied
 * @param stored whether it is in a set
 * @param enforcement whether a policy denies the blocklist: {@code active}, {@code missing} or {@code unknown}
 * @param neverBlock the exempt addresses that hold it; absent if there are none
 * @param answeredAt when Calico last logged an established response to it; absent if it is not known to have
 * @param entries blocked by agents
 * @param manual blocked by people
 * @param allowances exempted by people
 * @param foreign nets that no entry explains
 * @param reasons what holds now, one sentence each
 * @param story what happened to it, in the order of time
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
        List<BlocklistDocument.Allowance> allowances,
        List<Foreign> foreign,
        @Nullable List<String> reasons,
        @Nullable List<Moment> story) {

    /** Exempt addresses, and why they are. */
    public record ExemptRange(String addresses, String reason) {}

    /**
     * A source blocked by an agent.
     *
     * @param node of the agent
     * @param overdue whether it should have been removed by now
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

    /** A source blocked by a person. */
    public record StoredManualBlock(
            String source, Instant at, Instant until, boolean overdue, String reason, String by) {}

    /** A net that no entry explains. */
    public record Foreign(String set, String net) {}

    /** Something that happened to a source; {@code line} is the log's, where there is one. */
    public record Moment(
            Instant at,
            String what,
            @JsonInclude(Include.NON_NULL) @Nullable String line) {}
}

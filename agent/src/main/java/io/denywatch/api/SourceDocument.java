package io.denywatch.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * What one agent knows about one source: the parts of {@link BlocklistDocument} that concern it, with the log lines
 * that reached a threshold; its latest decisions; and the packets counted in the window, if the source is one of the
 * noisiest. The decisions are the latest of each kind since the process started, for a limited number of sources.
 *
 * @param node the agent's node
 * @param stopped what the blocklist stopped
 */
public record SourceDocument(
        String node,
        String mode,
        String enforcement,
        boolean breakerOpen,
        String problem,
        List<BlocklistDocument.Threshold> rules,
        List<BlocklistDocument.BlockedSource> entries,
        List<BlocklistDocument.Repeat> repeats,
        List<BlocklistDocument.Answered> answered,
        List<RecordedDecision> decisions,
        List<CountedTraffic> traffic,
        List<BlocklistDocument.Stopped> stopped) {
    /** Checks what a reader relies on, and copies the lists. */
    public SourceDocument {
        rules = ApiJson.list(rules);
        entries = ApiJson.list(entries);
        repeats = ApiJson.list(repeats);
        answered = ApiJson.listed(answered, "answered"); // older agents do not send it and are refused
        decisions = ApiJson.list(decisions);
        traffic = ApiJson.list(traffic);
        stopped = ApiJson.list(stopped);
    }

    /**
     * A decision. Properties that do not apply to it are absent.
     *
     * @param decidedAt when it took effect
     * @param decision {@code blocked}, {@code refused} or {@code unblocked}
     * @param at when the block began
     * @param until when it was to end
     * @param because why the block was refused or ended, in one word
     * @param neverBlock the exempt range that forbids the block
     * @param reason why this range is exempt
     */
    public record RecordedDecision(
            Instant decidedAt,
            String decision,
            String source,
            @JsonInclude(Include.NON_NULL) @Nullable Instant at,
            @JsonInclude(Include.NON_NULL) @Nullable Instant until,
            String rule,
            @JsonInclude(Include.NON_NULL) @Nullable Integer repeats,

            @JsonDeserialize(using = ApiJson.NullableText.class) @JsonInclude(Include.NON_NULL) @Nullable
            String because,

            @JsonDeserialize(using = ApiJson.NullableText.class) @JsonInclude(Include.NON_NULL) @Nullable
            String neverBlock,

            @JsonDeserialize(using = ApiJson.NullableText.class) @JsonInclude(Include.NON_NULL) @Nullable
            String reason,

            @JsonInclude(Include.NON_NULL) BlocklistDocument.@Nullable EvidenceSample evidence) {
        /** Checks what a reader relies on. */
        public RecordedDecision {
            decidedAt = ApiJson.time(decidedAt, "decidedAt");
        }
    }

    /**
     * Denied packets in the window.
     *
     * @param nlb the load balancer's address, or {@code other}
     * @param packets lower bound of the denied packets
     * @param atMost upper bound of the denied packets
     */
    public record CountedTraffic(
            String nlb,
            String source,
            long packets,
            long atMost,
            @Nullable Instant firstSeen,
            Instant lastSeen) {
        /** Checks what a reader relies on. */
        public CountedTraffic {
            lastSeen = ApiJson.time(lastSeen, "lastSeen");
        }
    }
}

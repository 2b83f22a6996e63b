package io.denywatch.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * The sources of one load balancer in the window.
 *
 * @param takenAt when the document's snapshot was taken
 * @param nlb the load balancer's address, or {@code other}
 * @param windowSeconds length of the window
 * @param blocklistMode the mode of the agent's blocklist
 * @param enforcement whether a policy denies the blocklist: {@code active}, {@code missing} or {@code unknown}
 * @param sources the sources, the noisiest first
 */
public record SourcesDocument(
        Instant takenAt,
        String nlb,
        int windowSeconds,
        String blocklistMode,
        String enforcement,
        List<RankedSource> sources) {
    /** Checks what a reader relies on. */
    public SourcesDocument {
        takenAt = ApiJson.time(takenAt, "takenAt");
        sources = ApiJson.listed(sources, "sources");
    }

    /**
     * One source.
     *
     * @param source an address, or a range in CIDR notation
     * @param packets lower bound of the denied packets
     * @param atMost upper bound of the denied packets
     * @param answered whether Calico logged an established response to it in the last hour
     * @param ban its block; null if this agent knows of none
     */
    public record RankedSource(
            String source,
            long packets,
            long atMost,
            Instant firstSeen,
            Instant lastSeen,
            boolean answered,
            @Nullable ActiveBlock ban) {
        /** Checks what a reader relies on. */
        public RankedSource {
            firstSeen = ApiJson.time(firstSeen, "firstSeen");
            lastSeen = ApiJson.time(lastSeen, "lastSeen");
        }
    }

    /**
     * A block. In {@code dry-run}, a block by a rule is hypothetical. A block has an effect only if {@code enforcement}
     * is {@code active}.
     *
     * @param rule the rule that the source reached; null for a manual block
     * @param ports ports that the source tried; null for a manual block
     */
    public record ActiveBlock(
            @JsonDeserialize(using = ApiJson.NullableText.class) @Nullable
            String rule,

            @Nullable Instant at,
            Instant until,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            List<String> ports) {
        /** Checks what a reader relies on. */
        public ActiveBlock {
            until = ApiJson.time(until, "until");
        }
    }
}

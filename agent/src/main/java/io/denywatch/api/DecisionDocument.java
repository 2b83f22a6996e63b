package io.denywatch.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One line of the decision log. Properties that do not apply to the decision are absent.
 *
 * @param time when it was decided
 * @param decision {@link #BLOCKED}, {@link #REFUSED} or {@link #UNBLOCKED}
 * @param mode the blocklist's mode
 * @param node the agent's node
 * @param rule the rule that the source reached
 * @param because why it was refused or unblocked, in one word
 * @param by the source that displaced it
 * @param neverBlock the exempt range that forbids the block
 * @param reason why this range is exempt
 * @param at when the block began
 * @param until when it ends, or was to end
 * @param repeats how often the source was blocked before
 * @param stoppedPackets packets that the block stopped on the agent's node, if the agent counts them
 * @param refusalsNotWritten earlier refusals that were not written because there were too many
 */
@JsonInclude(Include.NON_NULL)
public record DecisionDocument(
        Instant time,
        String decision,
        String mode,
        String node,
        String source,
        String rule,
        @Nullable String because,
        @Nullable String by,
        @Nullable String neverBlock,
        @Nullable String reason,
        @Nullable Instant at,
        @Nullable Instant until,
        @Nullable Integer repeats,
        BlocklistDocument.@Nullable EvidenceSample evidence,
        @Nullable Long stoppedPackets,
        @Nullable Long refusalsNotWritten) {
    /** A source was blocked. */
    public static final String BLOCKED = "blocked";

    /** A source reached a threshold and was not blocked; {@code because} is the outcome. */
    public static final String REFUSED = "refused";

    /** A block ended; {@code because} is one of the words below. */
    public static final String UNBLOCKED = "unblocked";

    /** The block reached its end. */
    public static final String EXPIRED = "expired";

    /** The list was full, and there was more evidence against another source. */
    public static final String DISPLACED = "displaced";

    /** The source is exempt. */
    public static final String NEVER_BLOCK = "never_block";
}

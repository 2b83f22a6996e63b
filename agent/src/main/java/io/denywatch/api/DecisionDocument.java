package io.denywatch.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A line of the decision log. Properties that do not apply to a decision are absent.
 *
 * @param time of the decision
 * @param decision {@code blocked}, {@code refused} or {@code unblocked}
 * @param mode of the blocklist
 * @param node of the agent
 * @param rule that the source reached
 * @param because why it was refused or unblocked, in one word
 * @param by the source that displaced it
 * @param neverBlock the exempt addresses that forbid it
 * @param reason why these are exempt
 * @param at when the block began
 * @param until when it ends, or was to end
 * @param repeats how often the source was blocked before
 * @param refusalsNotWritten refusals before this line that were not written, because there were too many
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
        BlocklistDocument.@Nullable Evidence evidence,
        @Nullable Long refusalsNotWritten) {}

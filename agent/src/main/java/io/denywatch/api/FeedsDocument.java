package io.denywatch.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The imported feeds, as {@code feed list} prints them.
 *
 * @param feeds by name
 */
public record FeedsDocument(List<Feed> feeds) {
    /**
     * A feed.
     *
     * @param nets how many nets are stored
     * @param sets names of the GlobalNetworkSets
     * @param synced when a list was accepted last
     * @param source where it came from
     * @param sha256 of that list
     * @param rejectedAt time of the last attempt, if its list was rejected
     * @param rejected why
     */
    public record Feed(
            String name,
            int nets,
            List<String> sets,
            @JsonInclude(Include.NON_NULL) @Nullable Instant synced,
            String source,
            String sha256,
            @JsonInclude(Include.NON_NULL) @Nullable Instant rejectedAt,
            @JsonInclude(Include.NON_NULL) @Nullable String rejected) {}
}

package io.denywatch.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What doctor found.
 *
 * @param at when it was checked; null before the first time
 * @param findings the worst first
 * @param summary how many there are of each severity
 * @param healthy whether none is an error; null before the first check
 */
public record FindingsDocument(
        @Nullable Instant at,
        List<ListedFinding> findings,
        @Nullable Map<String, Integer> summary,
        @Nullable Boolean healthy) {
    /** Copies the list. */
    public FindingsDocument {
        findings = ApiJson.list(findings);
    }

    /**
     * A finding: what it is, why it matters and what to do about it.
     *
     * @param caveats what it depends on, or leaves out; one sentence each
     */
    public record ListedFinding(
            String id, String severity, String what, String why, String todo, List<String> caveats) {
        /** Copies the list. */
        public ListedFinding {
            caveats = ApiJson.list(caveats);
        }

        /** What was found, and what it depends on, in one line. */
        public String whole() {
            return caveats.isEmpty() ? what : what + " (" + String.join(" ", caveats) + ")";
        }
    }
}

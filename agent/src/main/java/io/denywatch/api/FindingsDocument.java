package io.denywatch.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The findings of the last check.
 *
 * @param at the time of the check; null before the first one
 * @param findings the findings, the worst first
 * @param summary the number of findings by severity
 * @param healthy whether there is no error; null before the first check
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
     * A finding: what was found, why it matters and what to do about it.
     *
     * @param caveats what the finding depends on or leaves out, one sentence each
     */
    public record ListedFinding(
            String id, String severity, String what, String why, String todo, List<String> caveats) {
        /** Copies the list. */
        public ListedFinding {
            caveats = ApiJson.list(caveats);
        }

        /** The finding and its caveats in one line. */
        public String whole() {
            return caveats.isEmpty() ? what : what + " (" + String.join(" ", caveats) + ")";
        }
    }
}

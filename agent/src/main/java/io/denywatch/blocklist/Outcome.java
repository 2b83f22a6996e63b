package io.denywatch.blocklist;

import java.util.Locale;

/** What became of a detection. Immutable. */
public enum Outcome {
    /** The source is in the stored blocklist. */
    APPLIED,
    /** The source would be blocked in mode enforce. */
    DRY_RUN,
    /** The source is exempt. */
    NEVER_BLOCK,
    /** The blocklist is full. */
    LIMIT,
    /** Too many were blocked in the last minute. */
    RATE,
    /** The breaker is open because sources may be forged, and the evidence is not overwhelming. */
    BREAKER,
    /** Any local user could have written the lines, and {@code blocklist.requireTrustedLog} is on. */
    UNTRUSTED_LOG,
    /** The first write failed; it is retried. */
    FAILED;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in metrics and output. */
    public String label() {
        return label;
    }
}

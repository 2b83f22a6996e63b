package io.denywatch.blocklist;

import java.util.Locale;

/** What became of an offence. */
public enum Outcome {
    /** The source is in the stored blocklist. */
    APPLIED,
    /** It would be, in mode enforce. */
    DRY_RUN,
    /** It is never to be blocked. */
    NEVER_BLOCK,
    /** The blocklist is full. */
    LIMIT,
    /** Too many were blocked in the last minute. */
    RATE,
    /** Sources may be forged, so many are seen, and this one's evidence is not overwhelming. */
    BREAKER,
    /** Any local user can have written the lines, and that is not to be enough. */
    UNTRUSTED_LOG,
    /** It could not be written at the first attempt; it is tried again. */
    FAILED;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in metrics and output. */
    public String label() {
        return label;
    }
}

package io.denywatch.blocklist;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.detection.Detection;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A decision about one source, for logs, events and counters. Immutable. */
public sealed interface Decision {
    /** The source that was decided about. */
    default IpPrefix source() {
        return switch (this) {
            case Blocked blocked -> blocked.entry.source();
            case Refused refused -> refused.detection.source();
            case Expired expired -> expired.entry.source();
            case Revoked taken -> taken.entry.source();
            case Displaced displaced -> displaced.entry.source();
        };
    }

    /**
     * A source is to be blocked.
     *
     * @param detection the detection that led to it
     */
    record Blocked(BlockEntry entry, Detection detection) implements Decision {}

    /**
     * A source reached a threshold and is not blocked.
     *
     * @param outcome why not: one of never_block, limit, rate, breaker, untrusted_log
     * @param by the exempt range, if there is one
     */
    record Refused(
            Detection detection,
            DetectionOutcome outcome,
            @Nullable Range by) implements Decision {}

    /** A block ended at its deadline. */
    record Expired(BlockEntry entry) implements Decision {}

    /**
     * A block ends early because its source is exempt.
     *
     * @param by the exempt range
     */
    record Revoked(BlockEntry entry, Range by) implements Decision {}

    /**
     * A block ends early because the list was full and there was more evidence against another source.
     *
     * @param by detection of that source
     */
    record Displaced(BlockEntry entry, Detection by) implements Decision {}

    /** What became of a detection. Immutable. */
    enum DetectionOutcome {
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

    /**
     * A decision that took effect. Immutable.
     *
     * @param decision what was decided
     * @param at when it was known to have taken effect: for a block in {@code enforce}, when it was known to be stored
     */
    record RecentDecision(Decision decision, Instant at) {}
}

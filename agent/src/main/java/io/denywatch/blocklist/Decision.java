package io.denywatch.blocklist;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.detection.Detection;
import io.denywatch.ip.IpPrefix;
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
     * @param outcome why not: one of never_block, limit, rate, breaker
     * @param by the exempt range, if there is one
     */
    record Refused(
            Detection detection, Outcome outcome, @Nullable Range by) implements Decision {}

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
}

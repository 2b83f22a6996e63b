package io.denywatch.blocklist;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.detection.Detection;
import io.denywatch.ip.IpPrefix;
import org.jspecify.annotations.Nullable;

/** What was decided of one source, for logs, events and counters. */
public sealed interface Decision {
    /** The source that it is about. */
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
     * @param detection that led to it
     */
    record Blocked(BlockEntry entry, Detection detection) implements Decision {}

    /**
     * A source reached a threshold and is not blocked.
     *
     * @param outcome why not: one of never_block, limit, rate, breaker
     * @param by the range, where it is never to be blocked
     */
    record Refused(
            Detection detection, Outcome outcome, @Nullable Range by) implements Decision {}

    /** A ban is over. */
    record Expired(BlockEntry entry) implements Decision {}

    /**
     * A ban ends before its time, for the source is never to be blocked.
     *
     * @param by the range that says so
     */
    record Revoked(BlockEntry entry, Range by) implements Decision {}

    /**
     * A block ends before its time: the list was full, and there was more evidence against another source.
     *
     * @param by that source's offence
     */
    record Displaced(BlockEntry entry, Detection by) implements Decision {}
}

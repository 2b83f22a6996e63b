package io.denywatch.explain;

import java.time.Instant;

/**
 * Something that happened to a source, or is going to.
 *
 * @param text what happened
 * @param line of the log that proves it; empty if there is none
 */
record TimelineEvent(Instant at, String text, String line) {
    TimelineEvent(Instant at, String text) {
        this(at, text, "");
    }
}

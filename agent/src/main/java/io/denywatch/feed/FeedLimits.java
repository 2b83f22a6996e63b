package io.denywatch.feed;

import java.time.Duration;

/** Limits on feeds. Constants. */
final class FeedLimits {
    /** Maximum size of a list in bytes. */
    static final int BYTES_MAX = 32 * 1024 * 1024;

    /** Maximum number of entries that are read from a list, before they are merged. */
    static final int ENTRIES_READ_MAX = 1_000_000;

    /** Maximum share of entries that cannot be parsed, in percent. */
    static final int UNPARSABLE_PERCENT_MAX = 1;

    /** A list may have at most this many times as many nets as the previous one, and at least this part of it. */
    static final int SIZE_RATIO_MAX = 2;

    /** Maximum number of redirects. */
    static final int REDIRECTS_MAX = 5;

    /** How long the whole list may take to arrive. */
    static final Duration DOWNLOAD_MAX = Duration.ofSeconds(60);

    /** Maximum number of attempts to write a feed, if something else changes its sets at the same time. */
    static final int ATTEMPTS_MAX = 5;

    private FeedLimits() {}
}

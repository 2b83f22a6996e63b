package io.denywatch.tail;

import java.util.Locale;

/** Why lines may have been lost. */
public enum Gap {
    /** A file was truncated before it was read to its end, and no copy was found. */
    TRUNCATED,
    /** More rotated files were still being written to than can be kept open. */
    TOO_MANY_FILES,
    /** A rotated file could not be opened or read to its end. */
    ROTATED_UNREADABLE,
    /** A file was compressed by something other than gzip before it was read. */
    COMPRESSED_UNREADABLE,
    /** Neither lines nor name show whether a file had been the log, so it was not read. */
    UNPLACED,
    /** The end of a line never came. */
    TORN_LINE,
    /** The file in which reading had stopped was gone after a restart. */
    VANISHED,
    /** The log was replaced by an earlier state of itself; lines written in between may not have been counted. */
    RESYNC,
    /** The node was restarted, so kernel records between the last one read and the restart are unknown. */
    REBOOT,
    /** Another kind of log or another path was read before, so lines since then were not searched for. */
    SOURCE_CHANGED;

    private final String label = name().toLowerCase(Locale.ROOT);

    String label() {
        return label;
    }
}

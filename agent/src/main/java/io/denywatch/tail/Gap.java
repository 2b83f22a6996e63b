package io.denywatch.tail;

import java.util.Locale;

/** Where lines may have been lost. */
public enum Gap {
    /** A file was truncated before all of it was read, and no copy of it was found. */
    TRUNCATED,
    /** More rotated files were still being written to than are kept open. */
    TOO_MANY_FILES,
    /** A rotated file could not be opened, or not be read to its end. */
    ROTATED_UNREADABLE,
    /** A file was compressed by something other than gzip before it was seen. */
    COMPRESSED_UNREADABLE,
    /** Neither the lines nor the name of a file tell whether it had been the log, so it was not read. */
    UNPLACED,
    /** The end of a line that had begun never came. */
    TORN_LINE,
    /** The file in which reading had stopped was gone after a restart. */
    VANISHED,
    /** The log had become an earlier copy of itself; what it held was counted, what came in between may not have been. */
    RESYNC,
    /** The node was restarted, so records of the kernel between the last one read and the restart are unknown. */
    REBOOT,
    /** Counting had stopped at another kind of source or another path, so what was logged since then was not looked for. */
    SOURCE_CHANGED;

    private final String label = name().toLowerCase(Locale.ROOT);

    String label() {
        return label;
    }
}

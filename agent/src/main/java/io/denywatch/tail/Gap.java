package io.denywatch.tail;

import java.util.Locale;

/** Where lines may have been lost. */
enum Gap {
    /** A file was truncated before all of it was read, and no copy of it was found. */
    TRUNCATED,
    /** More rotated files were still being written to than are kept open. */
    TOO_MANY_FILES,
    /** A rotated file could not be opened, or not be read to its end. */
    ROTATED_UNREADABLE,
    /** The node was restarted, so records between the last read and the restart are unknown. */
    REBOOT;

    private final String label = name().toLowerCase(Locale.ROOT);

    String label() {
        return label;
    }
}

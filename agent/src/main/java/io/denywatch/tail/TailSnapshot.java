package io.denywatch.tail;

import java.util.Map;

/**
 * The counts of a log at one moment. Immutable.
 *
 * @param readable whether the file is open and its last read succeeded
 * @param problem why it is not readable, or why its rotation cannot be seen, in words for an operator; empty if neither
 * @param unreadBytes bytes between the read positions and the ends of all open files
 * @param readBytes bytes read so far
 * @param lastLineMillis Unix time in milliseconds at which the last line was handed over; 0 before the first
 * @param renamed rotations by rename
 * @param truncated truncations
 * @param readErrors failed attempts to open or read, by reason: {@code permission}, {@code not_found}, {@code io}
 * @param gaps places where lines may have been lost, by reason
 * @param oversizedLines lines that were skipped because they are too long
 * @param nulBytes NUL bytes skipped
 * @param partialLinesDiscarded beginnings of lines whose ends are lost
 * @param drainingFiles rotated files that are still being read
 * @param kmsgLostRecords kernel records that were overwritten before they were read; 0 for a file
 */
public record TailSnapshot(
        boolean readable,
        String problem,
        long unreadBytes,
        long readBytes,
        long lastLineMillis,
        long renamed,
        long truncated,
        Map<String, Long> readErrors,
        Map<String, Long> gaps,
        long oversizedLines,
        long nulBytes,
        long partialLinesDiscarded,
        int drainingFiles,
        long kmsgLostRecords) {

    /** The snapshot of a log that has not been opened yet. */
    public static TailSnapshot unopened(String problem) {
        TailCounts none = new TailCounts();
        return new TailSnapshot(false, problem, 0, 0, 0, 0, 0, none.readErrors(), none.gaps(), 0, 0, 0, 0, 0);
    }
}

package io.denywatch.tail;

import java.util.Map;

/**
 * What a tail has read and met so far.
 *
 * @param readable whether the file is open and its last read succeeded
 * @param problem why it is not readable, in words for an operator; empty while it is
 * @param unreadBytes between the read positions and the ends of all open files
 * @param readBytes consumed since start
 * @param lastLineMillis Unix time in milliseconds at which the last line was handed over; 0 before the first
 * @param renamed rotations by rename handled
 * @param truncated truncations handled
 * @param readErrors failed attempts to open or read, by reason: {@code permission}, {@code not_found}, {@code io}
 * @param gaps places where lines may have been lost, by reason
 * @param oversizedLines lines longer than the longest that is handed over
 * @param nulBytes skipped
 * @param partialLinesDiscarded last lines without a newline in files that will not grow any more
 * @param drainingFiles rotated files that are still being read
 * @param kmsgLostRecords records of the kernel's ring that were overwritten before they were read; 0 for a file
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

    /** Of a source that has not been opened yet, and why. */
    public static TailSnapshot unopened(String problem) {
        TailCounts none = new TailCounts();
        return new TailSnapshot(false, problem, 0, 0, 0, 0, 0, none.readErrors(), none.gaps(), 0, 0, 0, 0, 0);
    }
}

package io.denywatch.tail;

import io.denywatch.tail.RotatedFiles.Rotated;
import java.io.IOException;
import java.util.List;

/**
 * Rotated files that were compressed by something other than gzip. What they contain cannot be known, so they are
 * counted: each of them is one of the files that were read and are gone, or else it is a gap. Confined to the ingest
 * thread.
 */
final class UnreadableFiles {
    private final FinishedFiles finished; // not owned
    private final DrainingFiles draining; // not owned

    UnreadableFiles(FinishedFiles finished, DrainingFiles draining) {
        this.finished = finished;
        this.draining = draining;
    }

    /**
     * Takes each such file for an open one that is gone, as long as there are any; those left over are no business of
     * this.
     *
     * @param listed all rotated files
     * @param read files that are open, the oldest first
     */
    void settle(List<Rotated> listed, List<OpenFile> read) {
        for (Rotated file : listed) {
            if (!draining.contains(file) && !finished.mayContain(file) && isUnreadable(file)) {
                read.stream()
                        .filter(open -> !open.isCompressedAway())
                        .filter(open -> listed.stream().noneMatch(other -> open.is(other.status())))
                        .findFirst()
                        .ifPresent(open -> {
                            open.setCompressedAway();
                            finished.add(file);
                        });
            }
        }
    }

    /** Whether a file is compressed so that it cannot be read. */
    static boolean isUnreadable(Rotated file) {
        try (Content _ = file.open()) {
            return false;
        } catch (IOException e) {
            return e instanceof UnknownCompressionException;
        }
    }
}

package io.denywatch.tail;

import io.denywatch.tail.RotatedFiles.Rotated;
import io.denywatch.tail.TailState.SavedFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes content that has been read, or is not to be read: that of open and of finished files. Confined to the
 * ingest thread. A file that begins like one of them is a copy of it, whatever its name and inode, and only what
 * follows that content is unread.
 */
final class KnownContents {
    private final RotatedFiles rotated; // not owned
    private final FinishedFiles finished; // not owned
    private final DrainingFiles draining; // not owned
    private final TailCounts counts; // not owned
    private final LineClock clock;

    KnownContents(
            RotatedFiles rotated, FinishedFiles finished, DrainingFiles draining, TailCounts counts, LineClock clock) {
        this.rotated = rotated;
        this.finished = finished;
        this.draining = draining;
        this.counts = counts;
        this.clock = clock;
    }

    /** All draining files, and one that is no longer the log. */
    List<OpenFile> openFiles(@Nullable OpenFile old) {
        List<OpenFile> files = new ArrayList<>(draining.files());
        if (old != null) {
            files.add(old);
        }
        return files;
    }

    /** How many of a rotated file's first bytes are known. */
    long bytesReadOf(OpenFile file, @Nullable OpenFile old) throws IOException {
        long known = finished.bytesIn(file.content(), file.identity());
        for (OpenFile read : openFiles(old)) {
            if (read.sharesLines(file, Fingerprint.EVIDENCE_BYTES)) {
                known = Math.max(known, read.linesReadOf(file));
            }
            SavedFile former = read.former();
            if (former != null && former.isEvidence() && former.isIn(file.content())) {
                known = Math.max(known, former.offset()); // a copy made before it was emptied
            }
        }
        return known;
    }

    /** Whether a file has whole lines after this many bytes. */
    static boolean hasLinesAfter(long bytes, OpenFile file) throws IOException {
        Content content = file.content();
        return bytes < content.size() && (content.isCompressed() || bytes < content.lastLineEnd());
    }

    /**
     * Decides where to begin in the file to which the log's name refers now.
     *
     * @return whether it can be read now; if not, everything that it contains so far is known
     */
    boolean place(OpenFile live) throws IOException {
        if (live.content().size() < Fingerprint.EVIDENCE_BYTES) {
            return true;
        }
        long known = 0;
        List<OpenFile> copies = new ArrayList<>();
        for (OpenFile read : draining.files()) {
            if (read.sharesLines(live, Fingerprint.EVIDENCE_BYTES) && isEvident(read, live)) {
                known = Math.max(known, read.linesReadOf(live));
                if (read.isCopyOf(live)) {
                    copies.add(read);
                }
            }
        }
        if (known > live.offset()) {
            live.startAt(known);
        }
        if (known > 0 && !hasLinesAfter(known, live)) {
            live.pass(); // It may be a copy that is still being written.
            return false;
        }
        if (live.offset() == 0) {
            resync(live);
        }
        // The copies may still grow, and what is added to them is read from the live file. After the truncation that
        // follows, they are found again, and only what was not read from the live file is read from them.
        copies.forEach(draining::withdraw);
        live.setPlaced(true);
        return true;
    }

    /**
     * Whether common lines prove that the log is a copy. If the other file still exists, the log is probably new, and
     * it may begin with the same line if that line has no time or is repeated.
     */
    private boolean isEvident(OpenFile read, OpenFile live) throws IOException {
        Fingerprint beginning = read.fingerprint();
        boolean timed = beginning.firstMicros(clock) != LineClock.NO_TIME;
        return !rotated.has(read)
                || (!beginning.isRepetitive() && (timed || read.sharesLines(live, Fingerprint.MARK_BYTES)));
    }

    private void resync(OpenFile live) throws IOException {
        SavedFile former = live.former();
        if (former != null && former.isEvidence() && former.beginsIn(live.content())) {
            live.resync(former);
            counts.gap(Gap.RESYNC);
        } else if (finished.bytesIn(live.content(), live.identity())
                >= live.content().size()) {
            live.repeatFrom(0);
            counts.gap(Gap.RESYNC);
        }
    }

    /**
     * Accounts for files that were compressed by something other than gzip. What they contain cannot be known, so each
     * counts as the compressed form of an open file that is no longer listed, as long as there is such a file. Those
     * left over are not decided here.
     *
     * @param listed all rotated files
     * @param read files that are open, the oldest first
     */
    void settleCompressed(List<Rotated> listed, List<OpenFile> read) {
        for (Rotated file : listed) {
            if (!draining.contains(file) && !finished.mayContain(file) && file.isCompressedUnreadably()) {
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
}

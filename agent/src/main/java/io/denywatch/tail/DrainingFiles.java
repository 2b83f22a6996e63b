package io.denywatch.tail;

import io.denywatch.tail.Unreadable.ReadFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Files that are no longer the log but may still be written to. Confined to the ingest thread. rsyslog continues to
 * write to the renamed file until it is told to reopen its logs, which takes milliseconds, or as long as a slow
 * {@code postrotate} takes. Each file is kept open until it is certainly quiet; with Debian's {@code delaycompress}
 * that can be a week, and costs one descriptor and one buffer.
 */
final class DrainingFiles {
    static final int FILES_MAX = 8;

    /** How long a file that is no longer in the directory must have been quiet before it is closed. */
    static final long GONE_QUIET_MILLIS = 60_000;

    /** How long a file that is still in the directory must have been quiet before it is closed, if newer ones exist. */
    static final long LISTED_QUIET_MILLIS = 600_000;

    /** How often the directory is listed to find out which files are still there. */
    static final long LOOK_INTERVAL_MILLIS = 10_000;

    /** How many newer files show that the writer has moved on. */
    static final int NEWER_FILES = 2;

    private final List<OpenFile> files = new ArrayList<>(); // the oldest first
    private final RotatedFiles rotated; // not owned
    private final FinishedFiles finished; // not owned
    private final TailCounts counts; // not owned
    private long nextLookMillis;

    DrainingFiles(RotatedFiles rotated, FinishedFiles finished, TailCounts counts) {
        this.rotated = rotated;
        this.finished = finished;
        this.counts = counts;
    }

    /** Takes over a file; it must be newer than all others here. */
    void add(OpenFile file, long silenceMillis) {
        if (file.atEnd() && file.isCompressed()) {
            close(file);
            return;
        }
        file.listenFrom(silenceMillis);
        files.add(file);
        if (files.size() > FILES_MAX) {
            OpenFile oldest = files.removeFirst();
            if (!oldest.atEnd() || counts.turns() - oldest.grewAtTurn() < NEWER_FILES) {
                counts.gap(Gap.TOO_MANY_FILES);
            }
            close(oldest);
        }
    }

    /** Gives up a file without marking it as finished. */
    void withdraw(OpenFile file) {
        files.remove(file);
        file.close();
    }

    /**
     * Continues to read all files, the oldest first. A truncated file is read again from byte 0; an unreadable one is
     * given up and counted as a gap.
     *
     * @return bytes read
     */
    int read(LineHandler handler, int budgetBytes, long silenceMillis) {
        int total = 0;
        for (int i = 0; i < files.size(); i++) {
            OpenFile file = files.get(i);
            try {
                if (file.truncated()) {
                    counts.truncation();
                    file.countTornLine();
                    if (!file.atEnd()) {
                        counts.gap(Gap.TRUNCATED);
                    }
                    file.restart();
                }
                total += file.read(handler, budgetBytes - total, silenceMillis);
                if (file.atEnd() && file.isCompressed()) {
                    files.remove(i--); // Nothing writes to it any more.
                    close(file);
                }
            } catch (IOException e) {
                counts.readError(ReadFailure.of(e));
                counts.gap(Gap.ROTATED_UNREADABLE);
                files.remove(i--);
                close(file);
            }
        }
        return total;
    }

    boolean atEnd() {
        for (OpenFile file : files) {
            if (!file.atEnd()) {
                return false;
            }
        }
        return true;
    }

    /** Whether it is time to {@link #retire}. */
    boolean isLookDue(long silenceMillis) {
        return !files.isEmpty() && silenceMillis >= nextLookMillis;
    }

    /** Closes files that will not be written to any more. */
    void retire(long silenceMillis) throws IOException {
        nextLookMillis = silenceMillis + LOOK_INTERVAL_MILLIS;
        List<RotatedFiles.Rotated> listed = rotated.list();
        for (int i = 0; i < files.size(); i++) {
            OpenFile file = files.get(i);
            long quiet = silenceMillis - file.quietSinceMillis();
            boolean gone = listed.stream().noneMatch(entry -> file.is(entry.status()));
            boolean over =
                    gone ? quiet >= GONE_QUIET_MILLIS : quiet >= LISTED_QUIET_MILLIS && files.size() - i >= NEWER_FILES;
            if (over && file.atEnd() && file.unreadBytes() == 0) {
                files.remove(i--);
                close(file);
            }
        }
    }

    /** Whether a file is one of these. */
    boolean contains(RotatedFiles.Rotated candidate) {
        return files.stream().anyMatch(file -> file.is(candidate.status()));
    }

    /** The files, the oldest first. Do not keep the list. */
    List<OpenFile> files() {
        return files;
    }

    long unreadBytes() throws IOException {
        long unread = 0;
        for (OpenFile file : files) {
            unread += file.unreadBytes();
        }
        return unread;
    }

    void close() {
        files.forEach(OpenFile::close);
        files.clear();
    }

    private void close(OpenFile file) {
        file.countTornLine();
        finished.add(file);
        file.close();
    }
}

package io.denywatch.tail;

import io.denywatch.tail.Content.UnknownCompressionException;
import io.denywatch.tail.RotatedFiles.ChangedMeanwhileException;
import io.denywatch.tail.RotatedFiles.Rotated;
import io.denywatch.tail.Succession.Age;
import io.denywatch.tail.Succession.NamePlace;
import io.denywatch.tail.Unreadable.ReadFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds what nobody has read: files that came to be and were renamed between two looks at the log's name, the copies
 * that {@code copytruncate} leaves, and what is new in a file that is a copy of one that has been read. Confined to the
 * ingest thread.
 */
final class Backlog {
    /** Files to be read after a truncation, the oldest first, and whether one of them holds what was read before it. */
    record Copies(List<OpenFile> files, boolean continued) {}

    private final RotatedFiles rotated; // not owned
    private final FinishedFiles finished; // not owned
    private final DrainingFiles draining; // not owned
    private final KnownContents known; // not owned
    private final TailCounts counts; // not owned
    private final Succession succession;

    Backlog(
            RotatedFiles rotated,
            FinishedFiles finished,
            DrainingFiles draining,
            KnownContents known,
            TailCounts counts,
            Succession succession) {
        this.rotated = rotated;
        this.finished = finished;
        this.draining = draining;
        this.known = known;
        this.counts = counts;
        this.succession = succession;
    }

    /** The oldest unread file, where nothing has been read yet. */
    Optional<OpenFile> first() throws IOException {
        return oldest(list(), null);
    }

    /** The unread file that was the log next after one that is the log no longer. */
    Optional<OpenFile> after(OpenFile old) throws IOException {
        List<Rotated> files = list();
        if (find(old)) { // even where it is listed: that may be another link to it
            files = list();
        }
        known.settleCompressed(files, known.openFiles(old));
        return oldest(files, old);
    }

    private Optional<OpenFile> oldest(List<Rotated> files, @Nullable OpenFile old) throws IOException {
        int known = old == null ? -1 : place(files, old);
        OpenFile oldest = null;
        boolean done = false;
        try {
            for (int i = 0; i < files.size(); i++) {
                boolean comparable = known >= 0 && rotated.areComparable(files.get(known), files.get(i));
                NamePlace place = !comparable ? NamePlace.UNKNOWN : i < known ? NamePlace.BEFORE : NamePlace.AFTER;
                OpenFile unread = i == known ? null : openUnread(files.get(i), place, old);
                if (unread != null && isBefore(unread, oldest)) {
                    OpenFile later = oldest;
                    oldest = unread;
                    unread = later;
                }
                if (unread != null) {
                    unread.close();
                }
            }
            done = true;
            return Optional.ofNullable(oldest);
        } finally {
            if (!done && oldest != null) {
                oldest.close();
            }
        }
    }

    /** Looks for a file that was the log where rotated files are not known to be; returns whether it is there. */
    private boolean find(OpenFile old) throws IOException {
        for (Rotated file : rotated.elsewhere(List.of(old.identity()))) {
            if (old.isOrBecame(file)) {
                rotated.learn(file.path());
                return true;
            }
        }
        return false;
    }

    /** Accounts for files that have been compressed since they were read. */
    void settleCompressed() throws IOException {
        known.settleCompressed(list(), draining.files());
    }

    /** Files that may be what was read, although neither their names nor their directories say so. */
    List<Rotated> elsewhere(List<FileStatus.FileIdentity> wanted) throws IOException {
        List<Rotated> files = rotated.elsewhere(wanted);
        files.stream().filter(finished::contains).map(Rotated::path).forEach(rotated::learn);
        return files;
    }

    /** Takes note of where a file that was the log has got. */
    void learn(Path path) {
        rotated.learn(path);
    }

    /** What remains to be read of a log that was truncated, and of its later copies if that happened more than once. */
    Copies copiesOf(OpenFile truncated) throws IOException {
        List<OpenFile> files = new ArrayList<>();
        boolean continued = false;
        boolean done = false;
        try {
            List<Rotated> listed = list();
            int place = listed.size() - 1;
            while (place >= 0 && !truncated.isOrBecameRewritten(listed.get(place))) {
                place--;
            }
            // What was renamed after it is no copy of it, and its turn comes later.
            for (Rotated file : place < 0 ? listed : listed.subList(0, place)) {
                OpenFile copy = open(file);
                if (copy == null) {
                    continue;
                }
                files.add(copy);
                if (holds(() -> truncated.continuesIn(copy, 1))) {
                    copy.startAt(truncated.offset());
                    continued = true;
                } else if (holds(() -> truncated.beginsLike(copy, Fingerprint.EVIDENCE_BYTES))
                        || !isUnread(copy, NamePlace.UNKNOWN, truncated)) {
                    finish(files.removeLast());
                }
            }
            done = true;
            return new Copies(files, continued);
        } finally {
            if (!done) {
                files.forEach(OpenFile::close);
            }
        }
    }

    /** The rotated files, the oldest first as far as names tell. */
    List<Rotated> list() throws IOException {
        List<Rotated> files = rotated.list();
        finished.keep(files);
        return files;
    }

    /** The place of a file among these, or -1: the file itself, or else what compression has made of it. */
    private static int place(List<Rotated> files, OpenFile file) throws IOException {
        for (int i = files.size() - 1; i >= 0; i--) {
            if (file.is(files.get(i).status())) {
                return i;
            }
        }
        int place = files.size() - 1;
        while (place >= 0 && !file.isOrBecame(files.get(place))) {
            place--;
        }
        return place;
    }

    private boolean isBefore(OpenFile file, @Nullable OpenFile other) {
        return other == null || holds(() -> succession.isSurelyBefore(file, other));
    }

    @FunctionalInterface
    private interface Resemblance {
        boolean test() throws IOException;
    }

    /** A damaged file resembles none, and is before none: that it is damaged is found out, and counted, where it is to be read. */
    private static boolean holds(Resemblance resemblance) {
        try {
            return resemblance.test();
        } catch (IOException _) {
            return false;
        }
    }

    private @Nullable OpenFile openUnread(Rotated file, NamePlace place, @Nullable OpenFile old) throws IOException {
        OpenFile opened = open(file);
        if (opened == null || isUnread(opened, place, old)) {
            return opened;
        }
        finish(opened);
        return null;
    }

    /** Whether something in a file has not been read; then reading it begins there. */
    private boolean isUnread(OpenFile file, NamePlace place, @Nullable OpenFile old) throws IOException {
        try {
            long read = known.bytesReadOf(file, old);
            if (read > 0) {
                boolean more = KnownContents.hasLinesAfter(read, file);
                file.startAt(more ? read : 0);
                return more;
            }
            Age age = old == null ? Age.NEWER : succession.of(file, place, known.openFiles(old));
            if (age == Age.UNKNOWN) {
                counts.gap(Gap.UNPLACED);
            }
            return age == Age.NEWER;
        } catch (ChangedMeanwhileException e) {
            throw e;
        } catch (IOException _) {
            return place != NamePlace.BEFORE; // Damaged: that is found out, and counted, where it is to be read.
        }
    }

    /**
     * Leaves alone what was rotated before the tail began. The file that was rotated last may be written to still, if its
     * writer has not been told to open the log again: what comes there is read.
     */
    void begin(Path log, long silenceMillis) throws IOException {
        List<Rotated> files = list();
        Rotated last = null;
        for (Rotated file : files) {
            finished.add(file);
            if (last == null || file.status().modifiedNanos() > last.status().modifiedNanos()) {
                last = file;
            }
        }
        if (last != null && !isWritten(log, last.status().modifiedNanos())) {
            OpenFile file = null;
            try {
                file = OpenFile.open(last, counts);
                if (!file.isCompressed()) {
                    file.startAt(file.content().lastLineEnd());
                    draining.add(file, silenceMillis);
                    file = null;
                }
            } catch (IOException _) {
                // It is not to be read, so nothing is lost.
            } finally {
                if (file != null) {
                    file.close();
                }
            }
        }
    }

    /** Whether the log has lines, the last of them written at this time or later. */
    private static boolean isWritten(Path log, long sinceNanos) throws IOException {
        try {
            FileStatus status = FileStatus.of(log);
            return Files.size(log) > 0 && status.modifiedNanos() >= sinceNanos;
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    private void finish(OpenFile file) {
        finished.add(file);
        file.close();
    }

    /** Opens a file that is neither open nor finished, as far as its inode tells; null if it is, or cannot be read. */
    private @Nullable OpenFile open(Rotated file) throws IOException {
        if (draining.contains(file) || finished.contains(file)) {
            return null;
        }
        try {
            return OpenFile.open(file, counts);
        } catch (NoSuchFileException | ChangedMeanwhileException _) {
            throw new ChangedMeanwhileException(file.path() + ": renamed while it was being opened");
        } catch (IOException e) {
            if (!finished.mayContain(file)) {
                boolean compressed = e instanceof UnknownCompressionException;
                counts.readError(ReadFailure.of(e));
                counts.gap(compressed ? Gap.COMPRESSED_UNREADABLE : Gap.ROTATED_UNREADABLE);
                finished.add(file);
            }
            return null;
        }
    }
}

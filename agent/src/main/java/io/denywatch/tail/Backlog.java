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
 * Finds unread lines in rotated files. Confined to the ingest thread. A rotated file has unread lines if it was created
 * and renamed between two polls, is a copy left by {@code copytruncate}, or is a copy of a file that has been read,
 * with new lines at the end.
 */
final class Backlog {
    /**
     * Files to read after a truncation, the oldest first, and whether one of them contains what was read before it.
     */
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

    /** The oldest unread file, if nothing has been read yet. */
    Optional<OpenFile> first() throws IOException {
        return oldest(list(), null);
    }

    /** The unread file that was the log directly after an earlier one. */
    Optional<OpenFile> after(OpenFile old) throws IOException {
        List<Rotated> files = list();
        if (find(old)) { // even if it is listed, because the listed name may be only another link to it
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

    /** Searches places where no rotated files are known for a file that was the log. Returns whether it was found. */
    private boolean find(OpenFile old) throws IOException {
        for (Rotated file : rotated.elsewhere(List.of(old.identity()))) {
            if (old.isOrBecame(file)) {
                rotated.learn(file.path());
                return true;
            }
        }
        return false;
    }

    /** Accounts for files that were compressed after they were read. */
    void settleCompressed() throws IOException {
        known.settleCompressed(list(), draining.files());
    }

    /** Files that may be among the wanted ones, although neither their names nor their directories show it. */
    List<Rotated> elsewhere(List<FileStatus.FileIdentity> wanted) throws IOException {
        List<Rotated> files = rotated.elsewhere(wanted);
        files.stream().filter(finished::contains).map(Rotated::path).forEach(rotated::learn);
        return files;
    }

    /** Remembers where rotation has put a file that was the log. */
    void learn(Path path) {
        rotated.learn(path);
    }

    /** The unread rest of a truncated log, and of its later copies if it was truncated more than once. */
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
            // A file that was renamed after the truncated one is no copy of it, and is read later.
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

    /** The rotated files, the oldest first as far as their names show. */
    List<Rotated> list() throws IOException {
        List<Rotated> files = rotated.list();
        finished.keep(files);
        return files;
    }

    /** The index of a file, or else of its compressed copy, or -1. */
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

    /** A damaged file resembles no other: the damage is noticed and counted when the file is read. */
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

    /** Whether a file has unread lines; if so, sets where reading begins. */
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
            return place != NamePlace.BEFORE; // Damaged, which is noticed, and counted, when it is read.
        }
    }

    /**
     * Marks as finished all files that were rotated before the tail began. If a writer may still write to the newest of
     * them, because it was not told to reopen the log, what it writes from now on is read.
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
                // The file is not wanted, so nothing is lost.
            } finally {
                if (file != null) {
                    file.close();
                }
            }
        }
    }

    /** Whether the log has lines and was last written to at this time or later. */
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

    /** Opens a file; null if it cannot be read, or if it is open or finished already, as far as its inode shows. */
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

package io.denywatch.tail;

import io.denywatch.tail.RotatedFiles.Rotated;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the rotated files that nobody has read: those that came to be and were renamed between two looks at the log's
 * name, and the copies that {@code copytruncate} leaves. Confined to the ingest thread.
 */
final class Backlog {
    /** Files to be read after a truncation, the oldest first, and whether one of them holds what was read before it. */
    record Copies(List<OpenFile> files, boolean continued) {}

    private final RotatedFiles rotated; // not owned
    private final FinishedFiles finished; // not owned
    private final DrainingFiles draining; // not owned
    private final TailCounts counts; // not owned

    Backlog(RotatedFiles rotated, FinishedFiles finished, DrainingFiles draining, TailCounts counts) {
        this.rotated = rotated;
        this.finished = finished;
        this.draining = draining;
        this.counts = counts;
    }

    /** The oldest unread file, where nothing has been read yet. */
    Optional<OpenFile> first() throws IOException {
        for (Rotated file : list()) {
            Optional<OpenFile> opened = openUnread(file, Long.MIN_VALUE);
            if (opened.isPresent()) {
                return opened;
            }
        }
        return Optional.empty();
    }

    /** Whether a file is still in the directory under a rotated name. */
    boolean lists(OpenFile file) throws IOException {
        return place(list(), file::is) >= 0;
    }

    /**
     * The unread file that was the log next after one that is the log no longer.
     *
     * <p>Its place among the rotated files tells. If it has left the directory, whatever is unread and no copy of it is
     * newer.
     */
    Optional<OpenFile> after(OpenFile old) throws IOException {
        List<Rotated> files = list();
        int place = place(files, old::is);
        boolean listed = place >= 0;
        for (Rotated file : files.subList(place + 1, files.size())) {
            Optional<OpenFile> opened = openUnread(file, old.beganNanos());
            if (opened.isPresent() && (listed || !isCopy(opened.get(), old))) {
                return opened;
            }
        }
        return Optional.empty();
    }

    /** What remains to be read of a log that was truncated, and of its later copies if that happened more than once. */
    Copies copiesOf(OpenFile truncated) throws IOException {
        List<OpenFile> files = new ArrayList<>();
        boolean continued = false;
        boolean done = false;
        try {
            List<Rotated> listed = list();
            int place = place(listed, truncated::isRewritten);
            // What was renamed after it is no copy of it, and its turn comes later.
            for (Rotated file : place < 0 ? listed : listed.subList(0, place)) {
                Optional<OpenFile> opened = openUnread(file, truncated.beganNanos());
                if (opened.isPresent()) {
                    OpenFile copy = opened.get();
                    files.add(copy);
                    if (holds(() -> truncated.continuesIn(copy, 1))) {
                        copy.startAt(truncated.offset());
                        continued = true;
                    } else if (isCopy(copy, truncated)) {
                        files.removeLast();
                    }
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

    /** The rotated files there are, the oldest first. */
    List<Rotated> list() throws IOException {
        List<Rotated> files = rotated.list();
        finished.keep(files);
        return files;
    }

    @FunctionalInterface
    private interface Match {
        boolean is(Rotated file) throws IOException;
    }

    /** The place of a file among these, or -1. */
    private static int place(List<Rotated> files, Match file) throws IOException {
        int place = files.size() - 1;
        while (place >= 0 && !file.is(files.get(place))) {
            place--;
        }
        return place;
    }

    /** Whether a file is an earlier copy of another, all of which has been read; then it is put aside. */
    private boolean isCopy(OpenFile file, OpenFile original) {
        boolean copy = holds(() -> original.beginsLike(file));
        if (copy) {
            finished.add(file);
            file.close();
        }
        return copy;
    }

    @FunctionalInterface
    private interface Resemblance {
        boolean test() throws IOException;
    }

    /** A damaged file resembles none: that it is damaged is found out, and counted, where it is to be read. */
    private static boolean holds(Resemblance resemblance) {
        try {
            return resemblance.test();
        } catch (IOException _) {
            return false;
        }
    }

    private Optional<OpenFile> openUnread(Rotated file, long beganNanos) throws IOException {
        // What was last written to before the old file's first line was read is older, however it got its name.
        if (draining.contains(file) || file.status().modifiedNanos() < beganNanos || finished.contains(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(OpenFile.open(file, counts));
        } catch (NoSuchFileException | ChangedMeanwhileException _) {
            throw new ChangedMeanwhileException(file.path() + ": renamed while it was being opened");
        } catch (IOException e) {
            counts.readError(ReadFailure.of(e));
            counts.gap(Gap.ROTATED_UNREADABLE);
            finished.add(file);
            return Optional.empty();
        }
    }
}

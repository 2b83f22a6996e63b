package io.denywatch.tail;

import io.denywatch.tail.Content.UnknownCompressionException;
import io.denywatch.tail.FileTail.Start;
import io.denywatch.tail.RotatedFiles.ChangedMeanwhileException;
import io.denywatch.tail.RotatedFiles.Rotated;
import io.denywatch.tail.TailState.SavedFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the files in which another tail stopped, even if they have been renamed, copied, compressed or cut short since.
 * Confined to the ingest thread. An inode alone proves nothing, because it may have been reused for another file; the
 * bytes before the saved position must be there.
 */
final class RestartMatcher {
    private static final long NANOS_PER_MILLI = 1_000_000;
    /** Times of files come from a clock that ticks 100 to 1,000 times a second, so they may lag by this much. */
    private static final long FILE_CLOCK_TICK_MILLIS = 10;

    /**
     * Where to continue.
     *
     * @param draining files to read first, the oldest first
     * @param live the file that was the log when reading stopped; null if it no longer exists
     * @param waitingFrom without a live file, where to begin in the file to which the name refers
     * @param paths paths of the files that were found
     */
    record Matches(List<OpenFile> draining, @Nullable OpenFile live, Start waitingFrom, List<Path> paths) {}

    private final Path log;
    private final List<SavedFile> wanted;
    private final @Nullable Start savedWaitingFrom;
    private final long readAtNanos;
    private final List<Rotated> listed;
    private final List<Rotated> elsewhere;
    private final List<Rotated> candidates = new ArrayList<>();
    private final FinishedFiles finished; // not owned
    private final TailCounts counts; // not owned
    private final @Nullable OpenFile[] found;
    private final boolean[] taken; // by candidate
    private int resynced;

    /**
     * Prepares a search.
     *
     * @param log path of the log
     * @param listed the rotated files, the oldest first, and then the log itself if it exists
     * @param elsewhere files that belong to the log only if they contain what has been read
     */
    RestartMatcher(
            Path log,
            TailState saved,
            List<Rotated> listed,
            List<Rotated> elsewhere,
            FinishedFiles finished,
            TailCounts counts) {
        this.log = log;
        this.wanted = saved.files();
        this.savedWaitingFrom = saved.waitingFrom();
        this.readAtNanos = (saved.readAtMillis() - FILE_CLOCK_TICK_MILLIS) * NANOS_PER_MILLI;
        this.listed = List.copyOf(listed);
        this.elsewhere = List.copyOf(elsewhere);
        candidates.addAll(elsewhere);
        candidates.addAll(listed);
        this.finished = finished;
        this.counts = counts;
        this.found = new OpenFile[wanted.size()];
        this.taken = new boolean[candidates.size()];
    }

    /**
     * Opens the files that are found, each at the position from which to continue.
     *
     * @throws IOException if one of them cannot be read, or if names change meanwhile; then nothing is open, and
     *     another search may succeed
     */
    Matches run() throws IOException {
        boolean done = false;
        try {
            seek(RestartMatcher::isSameFile, SavedFile::isIn, OpenFile::resume);
            seek((file, candidate) -> file.isEvidence(), SavedFile::isIn, OpenFile::resume);
            seek(RestartMatcher::isSameFile, SavedFile::beginsIn, this::resync);
            seek((file, candidate) -> file.isEvidence(), SavedFile::beginsIn, this::resync);
            done = true;
            return outcome();
        } finally {
            if (!done) {
                closeFound();
            }
        }
    }

    private Matches outcome() {
        for (int i = 0; i < resynced; i++) {
            counts.gap(Gap.RESYNC);
        }
        int last = wanted.size() - 1;
        OpenFile live = savedWaitingFrom == null ? found[last] : null;
        List<OpenFile> draining = new ArrayList<>();
        Deque<Rotated> unreadable = unreadable();
        Set<Gap> gaps = EnumSet.noneOf(Gap.class);
        for (int i = 0; i <= last; i++) {
            boolean wasLive = savedWaitingFrom == null && i == last;
            OpenFile file = found[i];
            if (file != null && !wasLive) {
                draining.add(file);
            } else if (file == null && mayHaveMore(wanted.get(i), wasLive)) {
                gaps.add(unreadable.poll() == null ? Gap.VANISHED : Gap.COMPRESSED_UNREADABLE);
            }
        }
        // The other files that are not found have been compressed as well, and had no unread lines.
        for (int i = 0; i <= last; i++) {
            boolean wasLive = savedWaitingFrom == null && i == last;
            if (found[i] == null && !mayHaveMore(wanted.get(i), wasLive)) {
                unreadable.poll();
            }
        }
        if (savedWaitingFrom == null && live == null && isAnyUnknown()) {
            gaps.add(Gap.UNPLACED);
        }
        gaps.forEach(counts::gap);
        unreadable.forEach(_ -> counts.gap(Gap.COMPRESSED_UNREADABLE));
        List<Path> paths = new ArrayList<>();
        for (int i = 0; i < taken.length; i++) {
            if (taken[i] && !candidates.get(i).path().equals(log)) {
                paths.add(candidates.get(i).path());
            }
        }
        if (savedWaitingFrom != null) {
            return new Matches(draining, null, savedWaitingFrom, paths);
        }
        Start start = live != null ? Start.BEGINNING : draining.isEmpty() ? leaveOldFilesAlone() : Start.BEGINNING;
        return new Matches(draining, live, start, paths);
    }

    /**
     * Whether lines may have been lost with a file that was not found. None were if it was a rotated file that had gone
     * quiet, or if nothing was read of it and an older file still exists.
     */
    private boolean mayHaveMore(SavedFile file, boolean wasLive) {
        return (wasLive || !file.quiet()) && (file.offset() > 0 || !isAnyOld());
    }

    /** Excludes files whose compression cannot be read. Returns those that may contain unread lines. */
    private Deque<Rotated> unreadable() {
        Deque<Rotated> files = new ArrayDeque<>();
        for (Rotated candidate : listed) {
            if (!finished.mayContain(candidate) && candidate.rotated() && candidate.isCompressedUnreadably()) {
                finished.add(candidate);
                if (candidate.status().modifiedNanos() > readAtNanos) {
                    files.add(candidate);
                }
            }
        }
        return files;
    }

    /** Whether an older file exists. Rotation deletes the oldest first, so then all newer ones exist too. */
    private boolean isAnyOld() {
        for (int i = 0; i < candidates.size(); i++) {
            if (taken[i] || candidates.get(i).status().modifiedNanos() <= readAtNanos) {
                return true;
            }
        }
        return false;
    }

    /**
     * If no file that was read is found, only files written to after reading stopped are unread. A file's time may have
     * been changed, so an older one that is not known counts as a gap.
     */
    private Start leaveOldFilesAlone() {
        Start start = Start.BEGINNING;
        boolean unplaced = false;
        for (Rotated candidate : listed) {
            if (candidate.status().modifiedNanos() <= readAtNanos) {
                if (candidate.path().equals(log)) {
                    start = Start.END;
                } else {
                    unplaced |= !isKnown(candidate);
                    finished.add(candidate);
                }
            }
        }
        if (unplaced) {
            counts.gap(Gap.UNPLACED);
        }
        return start;
    }

    /** Whether a file may have been the log although neither its name nor its content is known. */
    private boolean isAnyUnknown() {
        for (int i = 0; i < elsewhere.size(); i++) {
            if (!taken[i] && !isKnown(elsewhere.get(i))) {
                return true;
            }
        }
        return false;
    }

    private boolean isKnown(Rotated candidate) {
        if (finished.contains(candidate)) {
            return true;
        }
        try (Content content = candidate.open()) {
            return content.size() == 0
                    || finished.bytesIn(content, candidate.status().identity()) >= content.size();
        } catch (IOException _) {
            return finished.mayContain(candidate);
        }
    }

    /** Whether a candidate is worth opening. */
    @FunctionalInterface
    private interface Likelihood {
        boolean test(SavedFile file, Rotated candidate);
    }

    /** Whether the content of a file is what was read. */
    @FunctionalInterface
    private interface ContentCheck {
        boolean test(SavedFile file, Content content) throws IOException;
    }

    /** Sets where to continue. */
    @FunctionalInterface
    private interface Positioning {
        void take(OpenFile content, SavedFile file) throws IOException;
    }

    /**
     * Whether a candidate is the file. If nothing was read of the file, its content proves nothing, but its birth time
     * does.
     */
    private static boolean isSameFile(SavedFile file, Rotated candidate) {
        return file.offset() > 0
                ? sameInode(file, candidate)
                : file.identity().isSurely(candidate.status().identity());
    }

    /** Continues in a log that has lost its end, as after a power loss. */
    private void resync(OpenFile content, SavedFile file) throws IOException {
        content.resync(file);
        resynced++;
    }

    private static boolean sameInode(SavedFile file, Rotated candidate) {
        return file.identity().matches(candidate.status().identity());
    }

    private void seek(Likelihood likely, ContentCheck proof, Positioning step) throws IOException {
        // The newest first, because it was read last.
        for (int i = wanted.size() - 1; i >= 0; i--) {
            for (int j = candidates.size() - 1; j >= 0 && found[i] == null; j--) {
                if (!taken[j] && likely.test(wanted.get(i), candidates.get(j))) {
                    found[i] = open(wanted.get(i), candidates.get(j), proof, step);
                    taken[j] = found[i] != null;
                }
            }
        }
    }

    private @Nullable OpenFile open(SavedFile file, Rotated candidate, ContentCheck proof, Positioning step)
            throws IOException {
        OpenFile opened = null;
        boolean kept = false;
        try {
            opened = OpenFile.open(candidate, counts);
            if (!proof.test(file, opened.content())) {
                return null;
            }
            step.take(opened, file);
            kept = true;
            return opened;
        } catch (NoSuchFileException | ChangedMeanwhileException _) {
            throw new ChangedMeanwhileException(candidate.path() + ": renamed while it was being looked at");
        } catch (IOException e) {
            boolean compressed =
                    e instanceof UnknownCompressionException || candidate.name().endsWith(Content.GZ);
            if (!compressed && sameInode(file, candidate)) {
                throw e; // It is probably the right file, so wait until it can be read.
            }
            return null; // not a regular file, damaged, or not gzip
        } finally {
            if (opened != null && !kept) {
                opened.close();
            }
        }
    }

    private void closeFound() {
        for (OpenFile file : found) {
            if (file != null) {
                file.close();
            }
        }
    }
}

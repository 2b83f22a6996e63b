package io.denywatch.tail;

import io.denywatch.tail.FileTail.Start;
import io.denywatch.tail.RotatedFiles.Rotated;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the files again in which another tail has stopped, whatever they are called by now and whether they have been
 * copied, compressed or cut short meanwhile. An inode alone proves nothing, as it may have been given to another file:
 * the bytes before the place to go on from must be there. Confined to the ingest thread.
 */
final class Resumption {
    private static final long NANOS_PER_MILLI = 1_000_000;
    /** Times of files come from a clock that ticks a hundred to a thousand times a second, and so may be that old. */
    private static final long FILE_CLOCK_TICK_MILLIS = 10;

    /**
     * Where to go on.
     *
     * @param draining files to be read on first, the oldest first
     * @param live the file that was the log when reading stopped; null if it is not there any more
     * @param waitingFrom without a live file, where to begin in what the name means
     */
    record Outcome(List<OpenFile> draining, @Nullable OpenFile live, Start waitingFrom) {}

    private final Path log;
    private final List<SavedFile> wanted;
    private final @Nullable Start savedWaitingFrom;
    private final long readAtNanos;
    private final List<Rotated> candidates;
    private final FinishedFiles finished; // not owned
    private final TailCounts counts; // not owned
    private final @Nullable OpenFile[] found;
    private final boolean[] taken; // by candidate
    private int resynced;

    /**
     * A search that has not begun.
     *
     * @param log that is followed
     * @param candidates the rotated files, the oldest first, and then the log itself if it is there
     */
    Resumption(Path log, TailState saved, List<Rotated> candidates, FinishedFiles finished, TailCounts counts) {
        this.log = log;
        this.wanted = saved.files();
        this.savedWaitingFrom = saved.waitingFrom();
        this.readAtNanos = (saved.readAtMillis() - FILE_CLOCK_TICK_MILLIS) * NANOS_PER_MILLI;
        this.candidates = candidates;
        this.finished = finished;
        this.counts = counts;
        this.found = new OpenFile[wanted.size()];
        this.taken = new boolean[candidates.size()];
    }

    /**
     * Opens what is found, each file at the place to go on from.
     *
     * @throws IOException if one of them is there but can't be read, or names change meanwhile; then nothing is open,
     *     and another search may find more
     */
    Outcome run() throws IOException {
        boolean done = false;
        try {
            seek(Resumption::isPlainAndSameInode, SavedFile::isIn, OpenFile::resume);
            seek((file, candidate) -> file.isEvidence(), SavedFile::isIn, OpenFile::resume);
            seek(Resumption::isPlainAndSameInode, SavedFile::beginsIn, this::resync);
            done = true;
            return outcome();
        } finally {
            if (!done) {
                closeFound();
            }
        }
    }

    private Outcome outcome() {
        for (int i = 0; i < resynced; i++) {
            counts.gap(Gap.RESYNC);
        }
        int last = wanted.size() - 1;
        OpenFile live = savedWaitingFrom == null ? found[last] : null;
        List<OpenFile> draining = new ArrayList<>();
        boolean vanished = false;
        for (int i = 0; i <= last; i++) {
            boolean wasLive = savedWaitingFrom == null && i == last;
            OpenFile file = found[i];
            if (file == null) {
                // A file that was left alone, and deleted as old files are, had nothing more to say.
                vanished |=
                        (wasLive || !wanted.get(i).quiet()) && (wanted.get(i).offset() > 0 || !isAnyOld());
            } else if (!wasLive) {
                draining.add(file);
            }
        }
        if (vanished) {
            counts.gap(Gap.VANISHED);
        }
        if (savedWaitingFrom != null) {
            return new Outcome(draining, null, savedWaitingFrom);
        }
        return new Outcome(draining, live, live == null ? leaveOldFilesAlone() : Start.BEGINNING);
    }

    /** Whether a file is there that was older: rotation deletes the oldest first, so everything newer is there as well. */
    private boolean isAnyOld() {
        for (int i = 0; i < candidates.size(); i++) {
            if (taken[i] || candidates.get(i).status().modifiedNanos() <= readAtNanos) {
                return true;
            }
        }
        return false;
    }

    /**
     * Of files that nothing is known of, those are unread that were written to after reading stopped, or that follow
     * one that is known.
     */
    private Start leaveOldFilesAlone() {
        int known = candidates.size() - 1;
        while (known >= 0 && !taken[known]) {
            known--;
        }
        Start start = Start.BEGINNING;
        for (int i = 0; i < candidates.size(); i++) {
            Rotated candidate = candidates.get(i);
            boolean old = known >= 0 ? i < known : candidate.status().modifiedNanos() <= readAtNanos;
            if (old && candidate.path().equals(log)) {
                start = Start.END;
            } else if (old && !taken[i]) {
                finished.add(candidate);
            }
        }
        return start;
    }

    /** Whether it makes sense to look into a candidate. */
    @FunctionalInterface
    private interface Likelihood {
        boolean test(SavedFile file, Rotated candidate);
    }

    /** Whether a content is what was read. */
    @FunctionalInterface
    private interface Proof {
        boolean test(SavedFile file, Content content) throws IOException;
    }

    /** Goes to the place. */
    @FunctionalInterface
    private interface Step {
        void take(OpenFile content, SavedFile file) throws IOException;
    }

    /** Of a file of which nothing has been read, no content can tell whether it is the one. */
    private static boolean isPlainAndSameInode(SavedFile file, Rotated candidate) {
        return !candidate.compressed()
                && (file.offset() > 0
                        ? sameInode(file, candidate)
                        : file.identity().isSurely(candidate.status().identity()));
    }

    /** The log has lost its end, as it does with the power. */
    private void resync(OpenFile content, SavedFile file) throws IOException {
        content.resync(file);
        resynced++;
    }

    private static boolean sameInode(SavedFile file, Rotated candidate) {
        return file.identity().matches(candidate.status().identity());
    }

    private void seek(Likelihood likely, Proof proof, Step step) throws IOException {
        // The newest first: it is the one that was read last.
        for (int i = wanted.size() - 1; i >= 0; i--) {
            for (int j = candidates.size() - 1; j >= 0 && found[i] == null; j--) {
                if (!taken[j] && likely.test(wanted.get(i), candidates.get(j))) {
                    found[i] = open(wanted.get(i), candidates.get(j), proof, step);
                    taken[j] = found[i] != null;
                }
            }
        }
    }

    private @Nullable OpenFile open(SavedFile file, Rotated candidate, Proof proof, Step step) throws IOException {
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
            if (!candidate.compressed() && sameInode(file, candidate)) {
                throw e; // It may well be the one: better wait until it can be read.
            }
            return null; // no file to be read, damaged, or no gzip at all
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

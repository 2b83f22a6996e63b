package io.denywatch.tail;

import io.denywatch.tail.FileTail.Start;
import io.denywatch.tail.RotatedFiles.ChangedMeanwhileException;
import io.denywatch.tail.RotatedFiles.Rotated;
import io.denywatch.tail.TailState.SavedFile;
import io.denywatch.tail.Unreadable.ReadFailure;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A log's name and the file to which it refers: another one after a rotation, the same one with new content after a
 * truncation. Confined to the ingest thread. Earlier files go to {@link DrainingFiles}.
 */
final class FollowedPath {
    private sealed interface PathState {
        /** The name has not been examined. */
        record Unexamined() implements PathState {}

        /** It is known where another tail stopped, but its files have not been found yet. */
        record Resuming(TailState saved, Optional<Unreadable> why) implements PathState {}

        /** Nothing could be opened yet. */
        record Waiting(Start start, Unreadable why) implements PathState {}

        /** The name refers to the live file, as far as is known. */
        record Following(OpenFile live) implements PathState {}

        /** The name refers to nothing readable; the old file may still be written to. */
        record Clinging(OpenFile live, Unreadable why) implements PathState {}
    }

    private final Path path;
    private final Start start;
    private final TailCounts counts; // not owned
    private final FinishedFiles finished; // not owned
    private final DrainingFiles draining; // not owned
    private final KnownContents known; // not owned
    private final Backlog backlog; // not owned
    private PathState state = new PathState.Unexamined();
    private boolean mountedAlone;
    /** The time of the last call, by the clock that measures silence. */
    private long silenceMillis;

    FollowedPath(
            Path path,
            Start start,
            TailCounts counts,
            FinishedFiles finished,
            DrainingFiles draining,
            KnownContents known,
            Backlog backlog) {
        this.path = path;
        this.start = start;
        this.counts = counts;
        this.finished = finished;
        this.draining = draining;
        this.known = known;
        this.backlog = backlog;
    }

    /** The file to which the name refers, or referred last. */
    @Nullable
    OpenFile live() {
        return switch (state) {
            case PathState.Unexamined _, PathState.Resuming _, PathState.Waiting _ -> null;
            case PathState.Following(OpenFile live) -> live;
            case PathState.Clinging(OpenFile live, Unreadable _) -> live;
        };
    }

    /** Whether the file is open and its last read succeeded. */
    boolean isReadable() {
        return state instanceof PathState.Following;
    }

    /** Whether nothing is unread, as far as the last poll showed. */
    boolean atEnd() {
        if (state instanceof PathState.Resuming(TailState _, Optional<Unreadable> why)) {
            return why.isPresent() && why.get().reason() == ReadFailure.NOT_FOUND; // then no file exists
        }
        OpenFile live = live();
        return live == null || live.atEnd();
    }

    /** The problem, in words for an operator; empty if there is none. */
    String problem() {
        String mounted = mountedAlone
                ? path + ": is mounted as a single file, so its rotation cannot be seen; mount its directory instead"
                : "";
        return failure().map(Unreadable::problem).orElse(mounted);
    }

    private Optional<Unreadable> failure() {
        return switch (state) {
            case PathState.Unexamined _, PathState.Following _ -> Optional.empty();
            case PathState.Resuming(TailState _, Optional<Unreadable> why) -> why;
            case PathState.Waiting(Start _, Unreadable why) -> Optional.of(why);
            case PathState.Clinging(OpenFile _, Unreadable why) -> Optional.of(why);
        };
    }

    /** The state from which to continue, with these files. */
    TailState save(List<SavedFile> files, long readAtMillis) {
        String name = path.toString();
        return switch (state) {
            case PathState.Resuming(TailState earlier, Optional<Unreadable> _) -> earlier;
            case PathState.Unexamined _ -> new TailState(name, readAtMillis, files, start);
            case PathState.Waiting(Start from, Unreadable _) -> new TailState(name, readAtMillis, files, from);
            case PathState.Following _, PathState.Clinging _ -> new TailState(name, readAtMillis, files, null);
        };
    }

    /** Continues from a state of the same path. Call it before anything else. */
    void resumeFrom(TailState saved) {
        state = new PathState.Resuming(saved, Optional.empty());
    }

    /** Reads, unless older files come first. Returns the number of bytes. */
    int read(LineHandler handler, int budgetBytes, long silenceMillis) {
        this.silenceMillis = silenceMillis;
        OpenFile live = live();
        if (live == null) {
            return 0;
        }
        try {
            if (live.truncated()) {
                startOver(live);
            }
            return draining.atEnd() && (live.isPlaced() || known.place(live))
                    ? live.read(handler, budgetBytes, silenceMillis)
                    : 0;
        } catch (ChangedMeanwhileException _) {
            return 0;
        } catch (IOException e) {
            if (live.isCompressed()) { // Trying again would not help.
                counts.readError(ReadFailure.of(e));
                counts.gap(Gap.ROTATED_UNREADABLE);
                live.giveUp();
            } else {
                fail(Unreadable.of(path, e), true);
            }
            return 0;
        }
    }

    /** Examines which file the name refers to now. Returns whether there may be something to read. */
    boolean follow(long silenceMillis) {
        this.silenceMillis = silenceMillis;
        try {
            if (state instanceof PathState.Unexamined) {
                backlog.begin(path, silenceMillis);
            } else if (state instanceof PathState.Resuming(TailState saved, Optional<Unreadable> _)) {
                resume(saved);
                return true;
            }
            if (draining.isLookDue(silenceMillis)) {
                backlog.settleCompressed();
                draining.retire(silenceMillis);
            }
            FileStatus status = FileStatus.of(path);
            if (status.kind() != FileStatus.FileType.REGULAR) {
                fail(Unreadable.notRegular(path, status.kind()), false);
                return false;
            }
            return switch (state) {
                case PathState.Unexamined _, PathState.Resuming _ -> openFirst(status, start);
                case PathState.Waiting(Start from, Unreadable _) -> openFirst(status, from);
                case PathState.Following(OpenFile live) -> look(live, status);
                case PathState.Clinging(OpenFile live, Unreadable _) -> look(live, status);
            };
        } catch (ChangedMeanwhileException _) {
            return true;
        } catch (IOException e) {
            fail(Unreadable.of(path, e), !(e instanceof NoSuchFileException));
            return false;
        }
    }

    private void resume(TailState saved) throws IOException {
        List<Rotated> candidates = new ArrayList<>(backlog.list());
        try {
            FileStatus status = FileStatus.of(path);
            if (status.kind() == FileStatus.FileType.REGULAR) {
                candidates.add(new Rotated(path, status, false));
            }
        } catch (NoSuchFileException e) {
            if (candidates.isEmpty() && !saved.files().isEmpty()) {
                throw e; // Not even a rotated file exists: the file system may not be mounted yet.
            }
            // After a restart of the node, the log may not exist yet; rotated files can be read nevertheless.
        }
        List<FileStatus.FileIdentity> wanted =
                saved.files().stream().map(SavedFile::identity).toList();
        RestartMatcher.Matches outcome =
                new RestartMatcher(path, saved, candidates, backlog.elsewhere(wanted), finished, counts).run();
        outcome.paths().forEach(backlog::learn);
        outcome.draining().forEach(file -> draining.add(file, silenceMillis));
        state = outcome.live() == null
                ? new PathState.Waiting(outcome.waitingFrom(), Unreadable.notOpenYet(path))
                : following(outcome.live());
    }

    private boolean openFirst(FileStatus status, Start from) throws IOException {
        List<OpenFile> older = draining.files();
        Optional<OpenFile> earlier = older.isEmpty() ? backlog.first() : backlog.after(older.getLast());
        return go(earlier.isPresent() ? earlier.get() : open(status, from));
    }

    private OpenFile open(FileStatus status, Start from) throws IOException {
        OpenFile file = OpenFile.open(new Rotated(path, status, false), counts);
        boolean ready = false;
        try {
            if (from == Start.END) {
                file.startAt(file.content().lastLineEnd());
            } else if (!(state instanceof PathState.Unexamined)) {
                file.setPlaced(false);
            }
            ready = true;
            return file;
        } finally {
            if (!ready) {
                file.close();
            }
        }
    }

    private boolean look(OpenFile live, FileStatus status) throws IOException {
        if (!live.is(status)) {
            return succeed(live, status);
        }
        if (live.rewritten(status)) {
            startOver(live);
            return true;
        }
        if (live.atEnd()) { // otherwise its last read failed, and its existence does not make it readable
            state = new PathState.Following(live);
        }
        return false;
    }

    /** Continues with the next newer file: the one to which the name refers, if none was created in between. */
    private boolean succeed(OpenFile live, FileStatus status) throws IOException {
        Optional<OpenFile> between = backlog.after(live);
        OpenFile next = between.isPresent() ? between.get() : open(status, Start.BEGINNING);
        counts.rename();
        draining.add(live, silenceMillis);
        return go(next);
    }

    private boolean go(OpenFile file) {
        state = following(file);
        return true;
    }

    private PathState following(OpenFile file) {
        mountedAlone = MountTable.isMountPoint(path);
        return new PathState.Following(file);
    }

    private void startOver(OpenFile live) throws IOException {
        Backlog.Copies copies = backlog.copiesOf(live);
        counts.truncation();
        if (!copies.continued()) {
            live.countTornLine();
            if (!live.atEnd()) {
                counts.gap(Gap.TRUNCATED);
            }
        }
        copies.files().forEach(file -> draining.add(file, silenceMillis));
        live.restart();
    }

    private void fail(Unreadable why, boolean isThere) {
        if (!failure().equals(Optional.of(why))) {
            counts.readError(why.reason());
        }
        state = switch (state) {
            case PathState.Unexamined _ -> new PathState.Waiting(isThere ? start : Start.BEGINNING, why);
            case PathState.Resuming(TailState saved, Optional<Unreadable> _) ->
                new PathState.Resuming(saved, Optional.of(why));
            case PathState.Waiting(Start from, Unreadable _) ->
                new PathState.Waiting(isThere ? from : Start.BEGINNING, why);
            case PathState.Following(OpenFile live) -> new PathState.Clinging(live, why);
            case PathState.Clinging(OpenFile live, Unreadable _) -> new PathState.Clinging(live, why);
        };
    }

    /** Closes the file. */
    void close() {
        OpenFile live = live();
        if (live != null) {
            live.close();
        }
        state = new PathState.Waiting(Start.BEGINNING, new Unreadable(ReadFailure.IO, path + ": closed"));
    }
}

package io.denywatch.tail;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One path as an endless stream of whole lines, like {@code tail -F} by polling: inotify loses events under load, a
 * look at the name does not. Each line is handed over once, when its newline has been read.
 *
 * <p>Rotation. When the name means another file, the old one is kept open and read on ({@link DrainingFiles}), before
 * the new one. Files that came and were renamed between two looks are found in the directory and read in their turn:
 * the tail goes from each file to the next newer one until it arrives at the name. A new file that holds all that was
 * read of a vanished one, as {@code sed -i} leaves it, is read from there on.
 *
 * <p>Truncation. A file that is shorter than what was read of it, or has other bytes there, was emptied. If a rotated
 * file holds what was read ({@code copytruncate}), its rest is read; then the emptied file from byte 0. A file that
 * was emptied before anything had been read of it looks like one to which nothing happened: such a copy is only found
 * at the next truncation. {@code olddir} and rotated files behind a symbolic link into another directory are not
 * looked for.
 *
 * <p>Errors are counted when they begin or change, not at each poll: a failed attempt is repeated until it succeeds.
 * Confined to the ingest thread.
 */
public final class FileTail extends UnsavedSource {
    /** Most that one poll reads, so that the caller can do other things in between; a buffer's worth may be added. */
    static final int ROUND_BYTES_MAX = 4 * 1024 * 1024;

    /** Most files that one poll goes through. */
    private static final int ROUND_STEPS_MAX = 16;

    /** Most that one poll adds to a silence, as nobody listened in between: the clock was set or the process slept. */
    static final long SILENCE_STEP_MAX_MILLIS = 1_000;

    /** Where reading begins in a file that is there at the first poll. One that appears later is read from byte 0. */
    public enum Start {
        /** At the first byte. */
        BEGINNING,
        /** After the last newline, so that a line that is being written is read whole. */
        END
    }

    private sealed interface State {
        /** The name has not been looked at. */
        record Fresh() implements State {}

        /** Nothing could be opened yet. */
        record Waiting(Start start, Unreadable why) implements State {}

        /** The name means the live file, as far as is known. */
        record Following(OpenFile live) implements State {}

        /** The name means nothing that can be read; who has the old file open may still write to it. */
        record Clinging(OpenFile live, Unreadable why) implements State {}
    }

    private final Path path;
    private final Start start;
    private final TailCounts counts = new TailCounts();
    private final RotatedFiles rotated;
    private final DrainingFiles draining;
    private final Backlog backlog;
    private State state = new State.Fresh();
    private long lastPollMillis;
    private long lastLineMillis;
    /** Grows by the time between polls, as far as it is credible. */
    private long silenceClockMillis;

    /** A tail that touches nothing before its first {@link #poll}. */
    public FileTail(Path path, Start start) {
        this.path = path;
        this.start = start;
        this.rotated = new RotatedFiles(path);
        this.draining = new DrainingFiles(rotated, counts);
        this.backlog = new Backlog(rotated, draining, counts);
    }

    @Override
    public String kind() {
        return "file";
    }

    @Override
    public long turns() {
        return counts.turns();
    }

    /** Reads the oldest file first, and looks for a rotation when all is read. */
    @Override
    public int poll(LineHandler handler, long nowMillis) {
        listenUntil(nowMillis);
        long linesBefore = counts.framing.lines();
        int total = 0;
        boolean more = true;
        for (int step = 0; more && step < ROUND_STEPS_MAX && total < ROUND_BYTES_MAX; step++) {
            total += draining.read(handler, ROUND_BYTES_MAX - total, silenceClockMillis);
            total += readLive(handler, ROUND_BYTES_MAX - total);
            more = (state instanceof State.Following && !atEnd()) || followName();
        }
        if (counts.framing.lines() > linesBefore) {
            lastLineMillis = nowMillis;
        }
        return total;
    }

    @Override
    public boolean atEnd() {
        OpenFile live = live();
        return draining.atEnd() && (live == null || live.atEnd());
    }

    @Override
    public TailSnapshot snapshot() {
        FramingCounts framing = counts.framing;
        return new TailSnapshot(
                state instanceof State.Following,
                problem().map(Unreadable::problem).orElse(""),
                unreadBytes(),
                counts.readBytes,
                lastLineMillis,
                counts.renamed,
                counts.truncated,
                counts.readErrors(),
                counts.gaps(),
                framing.oversizedLines(),
                framing.nulBytes(),
                framing.tornLines(),
                draining.size(),
                0);
    }

    /** Closes all files. A line begun is not counted as torn: who goes on later can still complete it. */
    @Override
    public void close() {
        draining.close();
        OpenFile live = live();
        if (live != null) {
            live.close();
        }
        state = new State.Waiting(Start.BEGINNING, new Unreadable(ReadFailure.IO, path + ": closed"));
    }

    private void listenUntil(long nowMillis) {
        long elapsed = lastPollMillis == 0 ? 0 : nowMillis - lastPollMillis;
        silenceClockMillis += Math.clamp(elapsed, 0, SILENCE_STEP_MAX_MILLIS);
        lastPollMillis = nowMillis;
    }

    private @Nullable OpenFile live() {
        return switch (state) {
            case State.Fresh _, State.Waiting _ -> null;
            case State.Following(OpenFile live) -> live;
            case State.Clinging(OpenFile live, Unreadable _) -> live;
        };
    }

    private Optional<Unreadable> problem() {
        return switch (state) {
            case State.Fresh _, State.Following _ -> Optional.empty();
            case State.Waiting(Start _, Unreadable why) -> Optional.of(why);
            case State.Clinging(OpenFile _, Unreadable why) -> Optional.of(why);
        };
    }

    private long unreadBytes() {
        OpenFile live = live();
        try {
            return draining.unreadBytes() + (live == null ? 0 : live.unreadBytes());
        } catch (IOException e) {
            counts.readError(ReadFailure.of(e));
            return 0;
        }
    }

    private int readLive(LineHandler handler, int budgetBytes) {
        OpenFile live = live();
        if (live == null) {
            return 0;
        }
        try {
            if (live.truncated()) {
                startOver(live);
            }
            return draining.atEnd() ? live.read(handler, budgetBytes, silenceClockMillis) : 0;
        } catch (ChangedMeanwhileException _) {
            return 0;
        } catch (IOException e) {
            fail(Unreadable.of(path, e), true);
            return 0;
        }
    }

    /** Looks what the name means now. Returns whether there may be something to read. */
    private boolean followName() {
        try {
            if (state instanceof State.Fresh) {
                rotated.finishAll(); // Rotated before the tail began: not its business.
            }
            draining.retire(silenceClockMillis);
            FileStatus status = FileStatus.of(path);
            if (status.kind() != FileStatus.Kind.REGULAR) {
                fail(Unreadable.notRegular(path, status.kind()), false);
                return false;
            }
            return switch (state) {
                case State.Fresh _ -> openFirst(status, start);
                case State.Waiting(Start from, Unreadable _) -> openFirst(status, from);
                case State.Following(OpenFile live) -> look(live, status);
                case State.Clinging(OpenFile live, Unreadable _) -> look(live, status);
            };
        } catch (ChangedMeanwhileException _) {
            return true;
        } catch (IOException e) {
            fail(Unreadable.of(path, e), !(e instanceof NoSuchFileException));
            return false;
        }
    }

    private boolean openFirst(FileStatus status, Start from) throws IOException {
        Optional<OpenFile> earlier = backlog.first();
        if (earlier.isPresent()) {
            return follow(earlier.get());
        }
        OpenFile file = OpenFile.open(path, status, counts);
        file.startAt(from == Start.END ? file.lastLineEnd() : 0);
        return follow(file);
    }

    private boolean look(OpenFile live, FileStatus status) throws IOException {
        if (!live.is(status)) {
            return succeed(live, status);
        }
        if (live.rewritten(status)) {
            startOver(live);
            return true;
        }
        if (live.atEnd()) { // else its last read failed, and being there does not make it readable
            state = new State.Following(live);
        }
        return false;
    }

    /** Goes on to the next newer file, which is the one that the name means if none came in between. */
    private boolean succeed(OpenFile live, FileStatus status) throws IOException {
        Optional<OpenFile> between = backlog.after(live);
        if (between.isPresent()) {
            return advance(live, between.get());
        }
        boolean vanished = !backlog.lists(live);
        OpenFile next = OpenFile.open(path, status, counts);
        if (vanished && live.continuesIn(next, Fingerprint.EVIDENCE_BYTES)) {
            next.startAt(live.offset());
        }
        return advance(live, next);
    }

    private boolean advance(OpenFile live, OpenFile next) {
        counts.renamed++;
        draining.add(live, silenceClockMillis);
        return follow(next);
    }

    private boolean follow(OpenFile file) {
        state = new State.Following(file);
        return true;
    }

    private void startOver(OpenFile live) throws IOException {
        Backlog.Copies copies = backlog.copiesOf(live);
        counts.truncated++;
        if (!copies.continued()) {
            live.countTornLine();
            if (!live.atEnd()) {
                counts.gap(Gap.TRUNCATED);
            }
        }
        copies.files().forEach(file -> draining.add(file, silenceClockMillis));
        live.restart();
    }

    private void fail(Unreadable why, boolean isThere) {
        if (!problem().equals(Optional.of(why))) {
            counts.readError(why.reason());
        }
        state = switch (state) {
            case State.Fresh _ -> new State.Waiting(isThere ? start : Start.BEGINNING, why);
            case State.Waiting(Start from, Unreadable _) -> new State.Waiting(isThere ? from : Start.BEGINNING, why);
            case State.Following(OpenFile live) -> new State.Clinging(live, why);
            case State.Clinging(OpenFile live, Unreadable _) -> new State.Clinging(live, why);
        };
    }
}

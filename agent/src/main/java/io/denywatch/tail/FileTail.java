package io.denywatch.tail;

import io.denywatch.tail.TailState.SavedFile;
import io.denywatch.tail.Unreadable.ReadFailure;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Follows one path as an endless stream of whole lines, like {@code tail -F}. Confined to the ingest thread. It polls,
 * because inotify loses events under load. Each line is handed over once, when its newline has been read.
 *
 * <p>Rotation. When the name refers to another file, the old one stays open and is read ({@link DrainingFiles}) before
 * the new one. Files that were created and renamed between two polls are found in the directory and read in order: the
 * tail goes from each file to the next newer one until it arrives at the file to which the name refers. A file that
 * begins with content that has been read elsewhere is a copy ({@link KnownContents}), and is read from the end of that
 * content.
 *
 * <p>Truncation. A file was truncated if it no longer has the bytes read last, at the same position. If a rotated file
 * contains what was read ({@code copytruncate}), its rest is read first, then the truncated file from byte 0. A file
 * that was truncated before anything was read of it looks untouched; its copy is found only at the next truncation.
 * Rotated files are searched for beside the log, beside the target of a link, and in the directories below.
 * Files in an {@code olddir} elsewhere are read only while they are open.
 *
 * <p>A failed attempt is repeated until it succeeds. Errors are counted when they begin or change, not at each poll.
 */
public final class FileTail implements LogSource {
    /**
     * The most that one poll reads, so that the caller can do other work in between; may be exceeded by one buffer.
     */
    static final int ROUND_BYTES_MAX = 4 * 1024 * 1024;

    /** The most steps from one file to the next in one poll. */
    private static final int ROUND_STEPS_MAX = 16;

    /**
     * The most that one poll adds to a silence. A longer interval means that the clock was set or the process slept.
     */
    static final long SILENCE_STEP_MAX_MILLIS = 1_000;

    /** Where reading begins in a file that exists at the first poll. A file that appears later is read from byte 0. */
    public enum Start {
        /** At the first byte. */
        BEGINNING,
        /** After the last newline, so that a line that is being written is read whole. */
        END
    }

    private final Path path;
    private final TailCounts counts = new TailCounts();
    private final FinishedFiles finished = new FinishedFiles();
    private final DrainingFiles draining;
    private final FollowedPath name;
    private long lastPollMillis;
    /**
     * When bytes were last read, or the first poll if none were. A file last written to before this time has no unread
     * lines.
     */
    private long lastReadMillis;

    /** Grows by the time between polls, but by at most {@link #SILENCE_STEP_MAX_MILLIS} at each. */
    private long silenceMillis;

    /** Creates a tail that opens nothing before its first {@link #poll}. */
    public FileTail(Path path, Start start) {
        this(path, start, LineClock.NONE);
    }

    /** The same, with a clock that reads the times of lines. */
    public FileTail(Path path, Start start, LineClock clock) {
        this.path = path;
        RotatedFiles rotated = new RotatedFiles(path);
        this.draining = new DrainingFiles(rotated, finished, counts);
        KnownContents known = new KnownContents(rotated, finished, draining, counts, clock);
        Backlog backlog = new Backlog(rotated, finished, draining, known, counts, new Succession(clock));
        this.name = new FollowedPath(path, start, counts, finished, draining, known, backlog);
    }

    @Override
    public String kind() {
        return "file";
    }

    @Override
    public String path() {
        return path.toString();
    }

    @Override
    public void begin(long nowMillis) {
        listenUntil(nowMillis);
        name.follow(silenceMillis);
        if (lastReadMillis == 0) {
            lastReadMillis = nowMillis;
        }
    }

    /** Reads what is there, the oldest file first, and checks for a rotation when everything is read. */
    @Override
    public int poll(LineHandler handler, long nowMillis) {
        listenUntil(nowMillis);
        long linesBefore = counts.lines;
        int total = 0;
        boolean more = true;
        for (int step = 0; more && step < ROUND_STEPS_MAX && total < ROUND_BYTES_MAX; step++) {
            total += draining.read(handler, ROUND_BYTES_MAX - total, silenceMillis);
            total += name.read(handler, ROUND_BYTES_MAX - total, silenceMillis);
            more = (name.isReadable() && !atEnd()) || name.follow(silenceMillis);
        }
        if (total > 0 || lastReadMillis == 0) {
            lastReadMillis = nowMillis;
        }
        if (counts.lines > linesBefore) {
            counts.lastLineMillis = nowMillis;
        }
        return total;
    }

    @Override
    public boolean atEnd() {
        return draining.atEnd() && name.atEnd();
    }

    @Override
    public boolean isReadable() {
        return name.isReadable();
    }

    @Override
    public long turns() {
        return counts.turns();
    }

    @Override
    public TailSnapshot snapshot() {
        return new TailSnapshot(
                name.isReadable(),
                name.problem(),
                unreadBytes(),
                counts.readBytes,
                counts.lastLineMillis,
                counts.renamed,
                counts.truncated,
                counts.readErrors(),
                counts.gaps(),
                counts.oversizedLines,
                counts.nulBytes,
                counts.tornLines(),
                draining.files().size(),
                0);
    }

    @Override
    public void save(DataOutput out) throws IOException {
        long bytesAgain = 0;
        long nulBytesAgain = 0;
        long tornLinesAgain = 0;
        List<SavedFile> saved = new ArrayList<>();
        for (OpenFile file : files()) {
            LineFramer framer = file.framer();
            bytesAgain += framer.position() - framer.offset();
            nulBytesAgain += framer.nulBytesAfterOffset();
            tornLinesAgain += framer.tornLinesAfterOffset();
            saved.add(file.save(silenceMillis));
        }
        counts.save(out, bytesAgain, nulBytesAgain, tornLinesAgain);
        finished.save(out);
        name.save(saved, lastReadMillis).save(out);
    }

    @Override
    public void saved() {
        files().forEach(OpenFile::saved);
    }

    @Override
    public void replacesAnotherKind() {
        counts.gap(Gap.SOURCE_CHANGED);
    }

    /** Continues where another tail stopped if that followed the same path; otherwise takes over only its counts. */
    @Override
    public void restore(DataInput in) throws IOException {
        counts.restore(in);
        finished.restore(in);
        TailState earlier = TailState.read(in);
        if (earlier.path().equals(path.toString())) {
            name.resumeFrom(earlier);
            lastReadMillis = earlier.readAtMillis();
        } else {
            finished.clear();
            counts.gap(Gap.SOURCE_CHANGED);
        }
    }

    /** Closes all files. An unfinished line is not counted as torn, because a later process can still complete it. */
    @Override
    public void close() {
        draining.close();
        name.close();
    }

    private void listenUntil(long nowMillis) {
        long elapsed = lastPollMillis == 0 ? 0 : nowMillis - lastPollMillis;
        silenceMillis += Math.clamp(elapsed, 0, SILENCE_STEP_MAX_MILLIS);
        lastPollMillis = nowMillis;
    }

    /** All open files, the oldest first. */
    private List<OpenFile> files() {
        List<OpenFile> files = new ArrayList<>(draining.files());
        OpenFile live = name.live();
        if (live != null) {
            files.add(live);
        }
        return files;
    }

    private long unreadBytes() {
        OpenFile live = name.live();
        try {
            return draining.unreadBytes() + (live == null ? 0 : live.unreadBytes());
        } catch (IOException e) {
            counts.readError(ReadFailure.of(e));
            return 0;
        }
    }
}

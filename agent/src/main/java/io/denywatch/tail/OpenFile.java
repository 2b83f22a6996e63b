package io.denywatch.tail;

import io.denywatch.tail.Fingerprint.Mark;
import io.denywatch.tail.RotatedFiles.ChangedMeanwhileException;
import io.denywatch.tail.RotatedFiles.Rotated;
import io.denywatch.tail.TailState.SavedFile;
import io.denywatch.tail.Unreadable.ReadFailure;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One open file, how far it has been read, and what identifies it. Confined to the ingest thread. The position to save
 * is {@link #offset()}, which is always byte 0 or directly after a newline.
 */
final class OpenFile {
    private final Content content;
    private final LineFramer framer;
    private final TailCounts counts;
    private final Fingerprint fingerprint = new Fingerprint();
    private final ReadPlaces places = new ReadPlaces();
    private @Nullable SavedFile former;
    private FileStatus.FileIdentity identity;
    private long beganNanos;
    private long modifiedNanos;
    private boolean atEnd;
    private boolean broken;
    /** Whether the next lines may have been handed over before. */
    private boolean repeats;

    private boolean placed = true;
    /** Whether an unreadable compressed file counts as this one. */
    private boolean compressedAway;

    private long quietSinceMillis;
    private long grewAtTurn;

    private OpenFile(Content content, FileStatus status, TailCounts counts) {
        this.content = content;
        this.counts = counts;
        this.framer = new LineFramer(counts);
        this.identity = status.identity();
        this.beganNanos = status.modifiedNanos();
        this.modifiedNanos = status.modifiedNanos();
    }

    /**
     * Opens a file at byte 0. Java has no {@code fstat}, so the name is examined again afterwards.
     *
     * @param expected the file to which the name referred when it was examined
     * @throws ChangedMeanwhileException if the name refers to another file now
     */
    static OpenFile open(Rotated expected, TailCounts counts) throws IOException {
        Content content = expected.open();
        boolean opened = false;
        try {
            if (!FileStatus.of(expected.path())
                    .identity()
                    .matches(expected.status().identity())) {
                throw new ChangedMeanwhileException(expected.path() + ": replaced while it was being opened");
            }
            opened = true;
            return new OpenFile(content, expected.status(), counts);
        } finally {
            if (!opened) {
                content.close();
            }
        }
    }

    /** Sets where reading begins: byte 0 or just past a newline. */
    void startAt(long offset) throws IOException {
        fingerprint.take(content, offset);
        framer.restart(offset);
        places.clear();
    }

    /** Continues where another process stopped in the same content. */
    void resume(SavedFile saved) throws IOException {
        if (content.isCompressed() && saved.isWhole(content)) { // need not be unpacked
            fingerprint.takeHead(content, saved.offset());
            framer.restart(saved.offset());
            atEnd = true;
        } else {
            startAt(saved.offset());
        }
        beganNanos = saved.beganNanos();
        places.restore(saved.marks());
        placed = saved.offset() > 0;
    }

    /** Whether it is known where to begin. Until then the file may be a copy of what has been read. */
    boolean isPlaced() {
        return placed;
    }

    void setPlaced(boolean known) {
        placed = known;
    }

    void pass() {
        atEnd = true;
    }

    boolean isCompressedAway() {
        return compressedAway;
    }

    void setCompressedAway() {
        compressedAway = true;
    }

    /** Continues at an earlier place; lines after it may have been read before. */
    void resync(SavedFile saved) throws IOException {
        beganNanos = saved.beganNanos();
        repeatFrom(saved.lastCommonOffset(content));
    }

    void repeatFrom(long offset) throws IOException {
        startAt(offset);
        repeats = true;
    }

    /** What had been read before the file was truncated or overwritten; null if it was not. */
    @Nullable
    SavedFile former() {
        return former;
    }

    /**
     * Reads until the end of the file or until the budget is spent.
     *
     * @return bytes read
     */
    int read(LineHandler handler, int budgetBytes, long silenceMillis) throws IOException {
        if (broken || (atEnd && content.isCompressed())) {
            return 0;
        }
        if (repeats) {
            handler.linesMayRepeat();
            repeats = false;
        }
        int total = 0;
        atEnd = false;
        while (total < budgetBytes) {
            int read = framer.fill(content);
            if (read <= 0) {
                atEnd = true;
                break;
            }
            long offsetBefore = framer.offset();
            framer.drain(handler);
            int afterLine = (int) (framer.position() - framer.offset());
            int lineBytes = framer.offset() > offsetBefore ? read - afterLine : 0;
            fingerprint.extend(framer.buffer(), framer.end() - read, read, lineBytes);
            total += read;
        }
        if (total > 0) {
            quietSinceMillis = silenceMillis;
            grewAtTurn = counts.turns();
            counts.read(total);
        }
        return total;
    }

    /** Gives up reading: nothing more can be read from it. */
    void giveUp() {
        broken = true;
        pass();
    }

    boolean atEnd() {
        return atEnd;
    }

    long unreadBytes() throws IOException {
        boolean nothing = broken || (atEnd && content.isCompressed());
        return nothing ? 0 : Math.max(0, content.size() - framer.position());
    }

    /**
     * Whether what has been read is no longer there. A file with the same length as when it was read counts as
     * unchanged; {@link #rewritten} checks more.
     */
    boolean truncated() throws IOException {
        return !content.isCompressed() && content.size() != framer.position() && isOverwritten();
    }

    /** Whether the file was written to since the last call, and what has been read is no longer there. */
    boolean rewritten(FileStatus status) throws IOException {
        identity = status.identity().knowsBirth() ? status.identity() : identity;
        if (content.isCompressed() || modifiedNanos == status.modifiedNanos()) {
            return false;
        }
        modifiedNanos = status.modifiedNanos();
        return isOverwritten();
    }

    /** Whether what was read last is no longer there. */
    boolean isOverwritten() throws IOException {
        return !fingerprint.endsAt(content, framer.position());
    }

    /**
     * Begins again at byte 0, because the file has new content now. An unfinished line is forgotten and not counted.
     */
    void restart() throws IOException {
        former = framer.offset() > 0 ? asRead() : former;
        placed = false;
        startAt(0);
        beganNanos = modifiedNanos;
        atEnd = false;
    }

    /** Counts an unfinished line, which will not be completed any more. */
    void countTornLine() {
        if (framer.isTorn()) {
            counts.gap(Gap.TORN_LINE);
        }
    }

    /** Whether a rotated file is this one, or a compressed copy of what was read of this one. */
    boolean isOrBecame(Rotated candidate) throws IOException {
        return isOrBecame(candidate, head());
    }

    /** Whether a rotated file is this one, or a compressed copy of what this one holds now. */
    boolean isOrBecameRewritten(Rotated candidate) throws IOException {
        return isOrBecame(candidate, Fingerprint.of(content).head(Fingerprint.MARK_BYTES));
    }

    private boolean isOrBecame(Rotated candidate, Mark head) throws IOException {
        if (is(candidate.status())) {
            return true;
        }
        if (isCompressed()) {
            return false;
        }
        try (Content other = candidate.open()) {
            return other.isCompressed() && head.tells(other);
        } catch (NoSuchFileException _) {
            throw new ChangedMeanwhileException(candidate.path() + ": renamed while it was being examined");
        } catch (IOException _) {
            return false; // An error is counted when the file is read.
        }
    }

    /** Whether another file holds all that has been read of this one. */
    boolean continuesIn(OpenFile other, int evidenceBytes) throws IOException {
        return fingerprint.continuesIn(other.content, framer.position(), evidenceBytes);
    }

    /**
     * Whether this is a copy of another file: it is younger, and that file contains, at the same place, all that was
     * read of this one.
     */
    boolean isCopyOf(OpenFile original) throws IOException {
        return original.identity.isSurelyOlderThan(identity) && continuesIn(original, Fingerprint.EVIDENCE_BYTES);
    }

    /** Whether another file begins with the same lines, and with at least {@code evidenceBytes} in common. */
    boolean beginsLike(OpenFile other, int evidenceBytes) throws IOException {
        return fingerprint.beginsLike(other.content, evidenceBytes);
    }

    /** Whether another file has the first line of this one, and at least {@code evidenceBytes} in common. */
    boolean sharesLines(OpenFile other, int evidenceBytes) throws IOException {
        return fingerprint.sharesLines(other.content, evidenceBytes);
    }

    /** How far the lines of another file, which begins like this one, have been read here. */
    long linesReadOf(OpenFile other) throws IOException {
        long size = other.content.size();
        long position = framer.position();
        if (other.isCompressed() && (int) size == (int) position) {
            return Long.MAX_VALUE; // all of it, so it need not be unpacked
        }
        if (size >= position && fingerprint.endsAt(other.content, position)) {
            return offset();
        }
        if (isOverwritten()) {
            return asRead().lastCommonOffset(other.content);
        }
        return content.commonLines(other.content, Math.min(size, offset()));
    }

    Fingerprint fingerprint() {
        return fingerprint;
    }

    boolean is(FileStatus status) {
        return identity.matches(status.identity());
    }

    /** The content. Callers may read it, but not close it. */
    Content content() {
        return content;
    }

    FileStatus.FileIdentity identity() {
        return identity;
    }

    boolean isCompressed() {
        return content.isCompressed();
    }

    Mark head() {
        return fingerprint.head(Fingerprint.MARK_BYTES);
    }

    /** How far it was read, so that another process can continue; the clock is that of {@link #read}. */
    SavedFile save(long silenceMillis) {
        boolean quiet = compressedAway || silenceMillis - quietSinceMillis >= DrainingFiles.GONE_QUIET_MILLIS;
        return asRead(quiet, places.save(fingerprint, framer.offset()));
    }

    /** What has been read of it, so that it can be recognized. */
    SavedFile asRead() {
        return asRead(false, places.with(fingerprint, framer.offset()));
    }

    private SavedFile asRead(boolean quiet, List<Mark> marks) {
        return new SavedFile(identity, beganNanos, quiet, fingerprint.head(framer.offset()), marks);
    }

    /** Called when what {@link #save} returned last is on disk. */
    void saved() {
        places.saved();
    }

    LineFramer framer() {
        return framer;
    }

    /** Just past the last newline read. */
    long offset() {
        return framer.offset();
    }

    /** When the file was last written to before its content began to be read; Unix time in nanoseconds. */
    long beganNanos() {
        return beganNanos;
    }

    /** Starts to measure silence; how quiet the file was before its rotation does not matter. */
    void listenFrom(long silenceMillis) {
        quietSinceMillis = silenceMillis;
    }

    /** The time since which there was nothing to read, by the clock of {@link #read}. */
    long quietSinceMillis() {
        return quietSinceMillis;
    }

    /** How many times the log had been rotated when the last bytes were read. */
    long grewAtTurn() {
        return grewAtTurn;
    }

    void close() {
        try {
            content.close();
        } catch (IOException e) {
            // The file was only read, so nothing is lost, but the operator may want to know.
            counts.readError(ReadFailure.of(e));
        }
    }

    /** The positions in a file that were saved to disk. */
    private static final class ReadPlaces {
        private List<Mark> places = List.of(); // the latest last
        /** The value of {@link #places} once what was saved last is on disk. */
        private List<Mark> saving = List.of();

        void clear() {
            restore(List.of());
        }

        void restore(List<Mark> saved) {
            places = saved;
            saving = saved;
        }

        /** These places and the current one, to be saved. */
        List<Mark> save(Fingerprint fingerprint, long offset) {
            saving = with(fingerprint, offset);
            return saving;
        }

        /** Called when what {@link #save} returned last is on disk. */
        void saved() {
            places = saving;
        }

        /** These places and the current one. */
        List<Mark> with(Fingerprint fingerprint, long offset) {
            List<Mark> all = new ArrayList<>(places);
            if (all.isEmpty() || all.getLast().end() != offset) {
                all.add(fingerprint.lineEnd(offset));
            }
            return all.subList(Math.max(0, all.size() - SavedFile.MARKS_MAX), all.size());
        }
    }
}

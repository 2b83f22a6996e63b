package io.denywatch.tail;

import io.denywatch.tail.Fingerprint.Mark;
import io.denywatch.tail.RotatedFiles.Rotated;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/**
 * One file that is open, how far it has been read, and what tells it from others. Its exportable position is
 * {@link #offset()}, which only ever stands at byte 0 or after a newline. Confined to the ingest thread.
 */
final class OpenFile {
    private final Content content;
    private final LineFramer framer;
    private final TailCounts counts;
    private final Fingerprint fingerprint = new Fingerprint();
    /** Where reading stood each time when that was saved for good, the latest last. */
    private List<Mark> marks = List.of();
    /** The same, if what was saved last turns out to be durable. */
    private List<Mark> savedMarks = List.of();

    private FileIdentity identity;
    private long beganNanos;
    private long modifiedNanos;
    private boolean atEnd;
    private boolean broken;
    /** Whether lines that come may have been handed over before. */
    private boolean repeats;

    private long quietSinceMillis;
    private long grewAtTurn;

    private OpenFile(Content content, FileStatus status, TailCounts counts) {
        this.content = content;
        this.counts = counts;
        this.framer = new LineFramer(counts.framing);
        this.identity = status.identity();
        this.beganNanos = status.modifiedNanos();
        this.modifiedNanos = status.modifiedNanos();
    }

    /**
     * Opens a file at byte 0. Java has no {@code fstat}, so the name is looked at again after opening it.
     *
     * @param expected what the name meant when it was looked at
     * @throws ChangedMeanwhileException if it means another file by now
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

    /** Goes to where reading begins: byte 0 or just past a newline. */
    void startAt(long offset) throws IOException {
        fingerprint.take(content, offset);
        framer.restart(offset);
        marks = List.of();
        savedMarks = marks;
    }

    /** Goes on where another stopped in the same content. */
    void resume(SavedFile saved) throws IOException {
        if (content.isCompressed() && saved.isWhole(content)) {
            fingerprint.takeHead(content, saved.offset());
            framer.restart(saved.offset());
            atEnd = true; // read to its end already: not to be unpacked for nothing
        } else {
            startAt(saved.offset());
        }
        beganNanos = saved.beganNanos();
        marks = saved.marks();
        savedMarks = marks;
    }

    /** Goes on at an earlier place: what follows may have been read, and then changed. */
    void resync(SavedFile saved) throws IOException {
        startAt(saved.lastCommonOffset(content));
        beganNanos = saved.beganNanos();
        repeats = true;
    }

    /**
     * Reads until the end of the file or until the budget is spent.
     *
     * @return bytes read
     */
    int read(LineHandler handler, int budgetBytes, long nowMillis) throws IOException {
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
            int behindLine = (int) (framer.position() - framer.offset());
            int lineBytes = framer.offset() > offsetBefore ? read - behindLine : 0;
            fingerprint.extend(framer.buffer(), framer.end() - read, read, lineBytes);
            total += read;
        }
        if (total > 0) {
            quietSinceMillis = nowMillis;
            grewAtTurn = counts.turns();
            counts.readBytes += total;
        }
        return total;
    }

    /** Gives up reading: there is nothing more to be had from it. */
    void giveUp() {
        broken = true;
        atEnd = true;
    }

    /** Whether the last read came to the end. */
    boolean atEnd() {
        return atEnd;
    }

    long unreadBytes() throws IOException {
        boolean nothing = broken || (atEnd && content.isCompressed());
        return nothing ? 0 : Math.max(0, content.size() - framer.position());
    }

    /**
     * Whether what has been read is no longer there. A file that is as long as it was when it was read is taken for
     * unchanged; {@link #rewritten} looks closer.
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

    private boolean isOverwritten() throws IOException {
        return !fingerprint.endsAt(content, framer.position());
    }

    /** Goes back to byte 0 of what is another content from now on. A line begun is forgotten without being counted. */
    void restart() throws IOException {
        startAt(0);
        beganNanos = modifiedNanos;
        atEnd = false;
    }

    /** Counts a line begun, which will not be completed any more. */
    void countTornLine() {
        if (framer.isTorn()) {
            counts.framing.tornLines++;
        }
    }

    /** Whether another file holds all that has been read of this one. */
    boolean continuesIn(OpenFile other, int evidenceBytes) throws IOException {
        return fingerprint.continuesIn(other.content, framer.position(), evidenceBytes);
    }

    /** Whether another file begins with the same lines. */
    boolean beginsLike(OpenFile other) throws IOException {
        return fingerprint.beginsLike(other.content);
    }

    boolean is(FileStatus status) {
        return identity.matches(status.identity());
    }

    /** Whether a rotated file is this one, or a compressed copy of what was read of it. */
    boolean is(Rotated file) throws IOException {
        return is(file, head());
    }

    /** Whether a rotated file is this one, or a compressed copy of what it holds now. */
    boolean isRewritten(Rotated file) throws IOException {
        Fingerprint now = new Fingerprint();
        now.takeHead(content, Math.min(content.size(), Fingerprint.MARK_BYTES));
        return is(file, now.head(Fingerprint.MARK_BYTES));
    }

    private boolean is(Rotated file, Mark head) throws IOException {
        if (is(file.status())) {
            return true;
        }
        if (!file.compressed() || isCompressed()) {
            return false;
        }
        try (Content other = file.open()) {
            return head.tells(other);
        } catch (NoSuchFileException _) {
            throw new ChangedMeanwhileException(file.path() + ": renamed while it was being looked at");
        } catch (IOException _) {
            return false; // What can't be read is found out where it is to be read.
        }
    }

    /** What it holds; whoever asks may look, but not close it. */
    Content content() {
        return content;
    }

    FileIdentity identity() {
        return identity;
    }

    boolean isCompressed() {
        return content.isCompressed();
    }

    /** How it begins. */
    Mark head() {
        return fingerprint.head(Fingerprint.MARK_BYTES);
    }

    /** How far it was read, for another to go on; the clock is that of {@link #read}. */
    SavedFile save(long nowMillis) {
        List<Mark> places = new ArrayList<>(marks);
        if (places.isEmpty() || places.getLast().end() != framer.offset()) {
            places.add(fingerprint.lineEnd(framer.offset()));
        }
        int excess = Math.max(0, places.size() - SavedFile.MARKS_MAX);
        savedMarks = places.subList(excess, places.size());
        boolean quiet = nowMillis - quietSinceMillis >= DrainingFiles.GONE_QUIET_MILLIS;
        return new SavedFile(identity, beganNanos, quiet, fingerprint.head(framer.offset()), savedMarks);
    }

    /** Says that what {@link #save} returned last is durable. */
    void saved() {
        marks = savedMarks;
    }

    /** What frames its lines; whoever asks may look at its counts. */
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

    /** Starts to wait for silence: how quiet the file was before it was rotated tells nothing. */
    void listenFrom(long nowMillis) {
        quietSinceMillis = nowMillis;
    }

    /** Since when there was nothing to read, by the clock given to {@link #read}. */
    long quietSinceMillis() {
        return quietSinceMillis;
    }

    /** How many turns the log had taken when the last bytes were read. */
    long grewAtTurn() {
        return grewAtTurn;
    }

    void close() {
        try {
            content.close();
        } catch (IOException e) {
            // It was only read, so closing loses nothing; yet the operator may want to know.
            counts.readError(ReadFailure.of(e));
        }
    }
}

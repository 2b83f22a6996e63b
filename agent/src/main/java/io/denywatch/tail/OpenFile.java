package io.denywatch.tail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One file that is open, how far it has been read, and what tells it from others. Its exportable position is
 * {@link #offset()}, which only ever stands at byte 0 or after a newline. Confined to the ingest thread.
 */
final class OpenFile {
    private static final int LOOK_BACK_BYTES = 64 * 1024;

    private final FileChannel channel;
    private final LineFramer framer;
    private final TailCounts counts;
    private final Fingerprint fingerprint = new Fingerprint();
    private FileIdentity identity;
    private long beganNanos;
    private long modifiedNanos;
    private boolean atEnd;
    private long quietSinceMillis;
    private long grewAtTurn;

    private OpenFile(FileChannel channel, FileStatus status, TailCounts counts) {
        this.channel = channel;
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
    static OpenFile open(Path path, FileStatus expected, TailCounts counts) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        boolean opened = false;
        try {
            if (!FileStatus.of(path).identity().matches(expected.identity())) {
                throw new ChangedMeanwhileException(path + ": replaced while it was being opened");
            }
            opened = true;
            return new OpenFile(channel, expected, counts);
        } finally {
            if (!opened) {
                channel.close();
            }
        }
    }

    /** Goes to where reading begins: byte 0 or just past a newline. */
    void startAt(long offset) throws IOException {
        fingerprint.take(channel, offset);
        framer.restart(offset);
        channel.position(offset);
    }

    /** Just past the last newline; a line that is still being written is thus read whole. */
    long lastLineEnd() throws IOException {
        ByteBuffer block = ByteBuffer.allocate(LOOK_BACK_BYTES);
        long blockEnd = channel.size();
        while (blockEnd > 0) {
            int length = (int) Math.min(blockEnd, LOOK_BACK_BYTES);
            int read = channel.read(block.clear().limit(length), blockEnd - length);
            for (int at = read - 1; at >= 0; at--) {
                if (block.get(at) == '\n') {
                    return blockEnd - length + at + 1;
                }
            }
            blockEnd -= length;
        }
        return 0;
    }

    /**
     * Reads until the end of the file or until the budget is spent.
     *
     * @return bytes read
     */
    int read(LineHandler handler, int budgetBytes, long nowMillis) throws IOException {
        int total = 0;
        atEnd = false;
        while (total < budgetBytes) {
            int read = framer.fill(channel);
            if (read <= 0) {
                atEnd = true;
                break;
            }
            fingerprint.extend(framer.buffer(), framer.end() - read, read);
            framer.drain(handler);
            total += read;
        }
        if (total > 0) {
            quietSinceMillis = nowMillis;
            grewAtTurn = counts.turns();
            counts.readBytes += total;
        }
        return total;
    }

    /** Whether the last read came to the end. */
    boolean atEnd() {
        return atEnd;
    }

    long unreadBytes() throws IOException {
        return Math.max(0, channel.size() - framer.position());
    }

    /**
     * Whether what has been read is no longer there. A file that is as long as it was when it was read is taken for
     * unchanged; {@link #rewritten} looks closer.
     */
    boolean truncated() throws IOException {
        return channel.size() != framer.position() && isOverwritten();
    }

    /** Whether the file was written to since the last call, and what has been read is no longer there. */
    boolean rewritten(FileStatus status) throws IOException {
        identity = status.identity().knowsBirth() ? status.identity() : identity;
        if (modifiedNanos == status.modifiedNanos()) {
            return false;
        }
        modifiedNanos = status.modifiedNanos();
        return isOverwritten();
    }

    private boolean isOverwritten() throws IOException {
        return !fingerprint.endsAt(channel, framer.position());
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
        return fingerprint.continuesIn(other.channel, framer.position(), evidenceBytes);
    }

    /** Whether another file begins with the same lines. */
    boolean beginsLike(OpenFile other) throws IOException {
        return fingerprint.beginsLike(other.channel);
    }

    boolean is(FileStatus status) {
        return identity.matches(status.identity());
    }

    FileIdentity identity() {
        return identity;
    }

    Fingerprint.Head head() {
        return fingerprint.head();
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
            channel.close();
        } catch (IOException e) {
            // It was only read, so closing loses nothing; yet the operator may want to know.
            counts.readError(ReadFailure.of(e));
        }
    }
}

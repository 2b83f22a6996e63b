package io.denywatch.tail;

import io.denywatch.count.Count;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Cuts bytes into lines, in constant memory and without allocating. Confined to the thread that reads.
 *
 * <p>A line ends at its newline and is handed over without it; a carriage return is a byte like any other. A line of
 * more than {@link #LINE_MAX_BYTES} is skipped and counted once. NULs are skipped and counted: a power loss, or a
 * truncation under a writer that does not append, leaves megabytes of them in front of a good line. Text before NULs is
 * the torn beginning of one line, and text after them is another line. So the last text before the newline is the line,
 * and any text before the NULs is counted as torn.
 *
 * <p>All of this depends on the bytes alone: any chunking of the same bytes gives the same lines and counts.
 *
 * <p>Use: {@code while (framer.fill(in) >= 0) framer.drain(handler)}, and {@link #finish} when the input has ended for
 * good. Newlines are found eight bytes at a time by the borrow trick of Mycroft (1987), in the form "a byte less than
 * n" of Anderson's Bit Twiddling Hacks.
 */
public final class LineFramer {
    /** The longest line that is handed over, without its newline. */
    public static final int LINE_MAX_BYTES = 64 * 1024;

    static final int BUFFER_BYTES = 256 * 1024;

    private static final byte NEWLINE = '\n';
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ABOVE_NEWLINE = 0x0B0B0B0B0B0B0B0BL;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final ByteBuffer view = ByteBuffer.wrap(buffer);
    private final TailCounts counts;

    private int textStart;
    /** The end of the text if it is {@link #cut}. */
    private int textEnd;
    /** Bytes before this index have been examined. */
    private int scanned;

    private int end;
    /** Whether NULs follow the text, so that further text would belong to another line. */
    private boolean cut;
    /** Whether the text is longer than a line may be, and is no longer kept. */
    private boolean oversized;

    private long position;
    private long offset;
    // What was counted after the offset: a reader that continues from there counts it again.
    private long nulBytesAfterOffset;
    private long tornLinesAfterOffset;

    /** A framer at byte 0 of its input. */
    public LineFramer() {
        this(new TailCounts());
    }

    LineFramer(TailCounts counts) {
        this.counts = counts;
    }

    /** Bytes of the input read so far. */
    public long position() {
        return position;
    }

    /** Index of the first byte that is not part of a finished line: just past the last newline. */
    public long offset() {
        return offset;
    }

    /** NUL bytes counted after the offset. */
    long nulBytesAfterOffset() {
        return nulBytesAfterOffset;
    }

    /** Torn lines counted after the offset. */
    long tornLinesAfterOffset() {
        return tornLinesAfterOffset;
    }

    /** The counts so far; always the same object. */
    public TailCounts counts() {
        return counts;
    }

    /**
     * Reads once from a stream. Each call must be followed by {@link #drain}.
     *
     * @return bytes read, or -1 at the end
     */
    public int fill(InputStream in) throws IOException {
        makeRoom();
        return filled(in.read(buffer, end, BUFFER_BYTES - end));
    }

    /**
     * Reads once from a file, from {@link #position()} on. Each call must be followed by {@link #drain}.
     *
     * @return bytes read, or -1 at the end
     */
    int fill(Content in) throws IOException {
        makeRoom();
        view.limit(BUFFER_BYTES).position(end);
        return filled(in.read(view, position));
    }

    /** Hands over each line whose newline has been read. */
    public void drain(LineHandler handler) {
        int at = scanned;
        while (at < end) {
            if (cut) {
                int next = afterNuls(at);
                counts.nulBytes = Count.sum(counts.nulBytes, next - at);
                nulBytesAfterOffset = Count.sum(nulBytesAfterOffset, next - at);
                at = next;
                if (at == end) {
                    break;
                }
                if (buffer[at] != NEWLINE) {
                    abandonText();
                    textStart = at;
                }
            }
            at = nextStop(at);
            if (at < end) {
                if (buffer[at] == NEWLINE) {
                    handOver(cut ? textEnd : at, handler);
                    at++;
                    textStart = at;
                    moveOffset(position - (end - at));
                } else {
                    textEnd = at;
                    cut = true;
                }
            }
        }
        scanned = end;
    }

    /** Hands over a last line without a newline, if the input has ended for good. */
    public void finish(LineHandler handler) {
        if (isTorn()) {
            handOver(cut ? textEnd : end, handler);
        }
        restart(position);
    }

    /** Forgets an unfinished line without counting it, and continues at this byte of the input. */
    void restart(long newPosition) {
        textStart = 0;
        scanned = 0;
        end = 0;
        cut = false;
        oversized = false;
        position = newPosition;
        moveOffset(newPosition);
    }

    private void moveOffset(long afterLine) {
        offset = afterLine;
        nulBytesAfterOffset = 0;
        tornLinesAfterOffset = 0;
    }

    /** Whether a line has begun whose newline has not been read. */
    boolean isTorn() {
        return oversized || (cut ? textEnd : end) > textStart;
    }

    /** Between {@link #fill} and {@link #drain}, contains the bytes just read: those before {@link #end()}. */
    byte[] buffer() {
        return buffer;
    }

    int end() {
        return end;
    }

    private int filled(int read) {
        if (read > 0) {
            end += read;
            position += read;
        }
        return read;
    }

    /** Moves an unfinished line to the front. It takes at most a quarter of the buffer, so there is always room. */
    private void makeRoom() {
        assert scanned == end : "fill() without drain()";
        int length = (cut ? textEnd : end) - textStart;
        if (oversized || length > LINE_MAX_BYTES) {
            oversized = true;
            length = 0;
        }
        System.arraycopy(buffer, textStart, buffer, 0, length);
        textStart = 0;
        textEnd = length;
        scanned = length;
        end = length;
    }

    private void handOver(int lineEnd, LineHandler handler) {
        int length = lineEnd - textStart;
        if (oversized || length > LINE_MAX_BYTES) {
            counts.oversizedLines = Count.sum(counts.oversizedLines, 1);
        } else {
            counts.lines = Count.sum(counts.lines, 1);
            handler.line(buffer, textStart, length);
        }
        cut = false;
        oversized = false;
    }

    private void abandonText() {
        if (isTorn()) {
            counts.gap(Gap.TORN_LINE);
            tornLinesAfterOffset = Count.sum(tornLinesAfterOffset, 1);
        }
        cut = false;
        oversized = false;
    }

    /** The index of the first newline or NUL from {@code from} on, or {@code end}. */
    private int nextStop(int from) {
        byte[] bytes = buffer;
        int limit = end;
        int at = from;
        while (at <= limit - Long.BYTES) {
            long word = (long) WORDS.get(bytes, at);
            // The high bit of each byte below 11; a borrow makes false ones only above the first true one.
            long low = (word - ABOVE_NEWLINE) & ~word & HIGH_BITS;
            if (low == 0) {
                at += Long.BYTES;
            } else {
                at += Long.numberOfTrailingZeros(low) >>> 3;
                if (isStop(bytes[at])) {
                    return at;
                }
                at++;
            }
        }
        while (at < limit && !isStop(bytes[at])) {
            at++;
        }
        return at;
    }

    private static boolean isStop(byte value) {
        return value == NEWLINE || value == 0;
    }

    private int afterNuls(int from) {
        int at = from;
        while (at <= end - Long.BYTES && (long) WORDS.get(buffer, at) == 0) {
            at += Long.BYTES;
        }
        while (at < end && buffer[at] == 0) {
            at++;
        }
        return at;
    }
}

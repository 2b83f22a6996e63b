package io.denywatch.tail;

import io.denywatch.tail.RotatedFiles.ChangedMeanwhileException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The first and the last bytes that were read of a file. Confined to the ingest thread. They are kept in memory as they
 * were read, because a truncated file no longer contains them. A kibibyte contains three or four lines with their
 * times. Less would not identify a file, because nearly every packet line ends with the same 32 bytes.
 */
final class Fingerprint {
    static final int MARK_BYTES = 1024;

    /** How many bytes two files with different inodes must have in common to count as the same content. */
    static final int EVIDENCE_BYTES = 64;

    /**
     * Bytes that a file contains, or contained, at one place. Immutable.
     *
     * @param end index after the last of them
     * @param length the number of bytes, 0 to {@link #MARK_BYTES}
     * @param crc their CRC-32C
     */
    record Mark(long end, int length, int crc) {
        Mark {
            if (length < 0 || length > MARK_BYTES || end < length) {
                throw new IllegalArgumentException("mark must have 0 to " + MARK_BYTES + " bytes, and an end that is"
                        + " no less than their number: " + length + " at " + end);
            }
        }

        boolean isIn(Content file) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(length);
            file.readFully(bytes, end - length);
            return bytes.position() == length && crcOf(bytes.array(), length) == crc;
        }

        /** Whether these first bytes prove that another file has the same content. */
        boolean tells(Content file) throws IOException {
            return isEnoughFor(file) && isIn(file);
        }

        /** The same, if the other file's beginning has been read already. */
        boolean tells(Content file, Fingerprint beginning) throws IOException {
            return length <= beginning.headLength && isEnoughFor(file) && crcOf(beginning.head, length) == crc;
        }

        private boolean isEnoughFor(Content file) throws IOException {
            return length >= EVIDENCE_BYTES || (length > 0 && length == file.size());
        }

        void save(DataOutput out) throws IOException {
            out.writeLong(end);
            out.writeShort(length);
            out.writeInt(crc);
        }

        static Mark read(DataInput in) throws IOException {
            long end = in.readLong();
            int length = in.readUnsignedShort();
            int crc = in.readInt();
            try {
                return new Mark(end, length, crc);
            } catch (IllegalArgumentException e) {
                throw new IOException(e);
            }
        }
    }

    private final byte[] head = new byte[MARK_BYTES];
    private final byte[] tail = new byte[MARK_BYTES];
    /** The bytes before the end of the last whole line. */
    private final byte[] lineTail = new byte[MARK_BYTES];

    private final ByteBuffer probe = ByteBuffer.allocate(MARK_BYTES);
    private int headLength;
    private int tailLength;
    private int lineTailLength;

    /** The fingerprint of a file as it begins now. */
    static Fingerprint of(Content file) throws IOException {
        Fingerprint now = new Fingerprint();
        now.takeHead(file, Math.min(file.size(), MARK_BYTES));
        return now;
    }

    /** Takes a file's first bytes and those before a line's end, as if everything up to there had been read. */
    void take(Content file, long position) throws IOException {
        int length = (int) Math.min(position, MARK_BYTES);
        headLength = copy(file, 0, head, length);
        tailLength = copy(file, position - length, tail, length);
        lineTailLength = append(lineTail, 0, tail, 0, tailLength);
    }

    /** Takes a file's first bytes only; its last are not needed. */
    void takeHead(Content file, long position) throws IOException {
        headLength = copy(file, 0, head, (int) Math.min(position, MARK_BYTES));
        tailLength = 0;
        lineTailLength = 0;
    }

    /**
     * Takes bytes just read.
     *
     * @param lineBytes the number of bytes up to the end of the last whole line; 0 if no line ends in them
     */
    void extend(byte[] buffer, int from, int length, int lineBytes) {
        if (lineBytes > 0) {
            lineTailLength = append(lineTail, 0, tail, 0, tailLength);
            lineTailLength = append(lineTail, lineTailLength, buffer, from, lineBytes);
        }
        int missing = Math.min(MARK_BYTES - headLength, length);
        System.arraycopy(buffer, from, head, headLength, missing);
        headLength += missing;
        tailLength = append(tail, tailLength, buffer, from, length);
    }

    /** Keeps the last bytes of the old and the added ones. Returns their number. */
    private static int append(byte[] kept, int filled, byte[] added, int from, int length) {
        int taken = Math.min(length, MARK_BYTES);
        int stay = Math.min(filled, MARK_BYTES - taken);
        System.arraycopy(kept, filled - stay, kept, 0, stay);
        System.arraycopy(added, from + length - taken, kept, stay, taken);
        return stay + taken;
    }

    /** The file's first bytes, up to an index. */
    Mark head(long end) {
        int length = (int) Math.min(headLength, end);
        return new Mark(length, length, crcOf(head, length));
    }

    /** The bytes before the end of the last whole line. */
    Mark lineEnd(long offset) {
        return new Mark(offset, lineTailLength, crcOf(lineTail, lineTailLength));
    }

    /** Whether a file has the bytes read last, at the same position. */
    boolean endsAt(Content file, long position) throws IOException {
        return commonBytes(file, position - tailLength, tail, tailLength) == tailLength;
    }

    /** Whether a file has all known bytes of this one, whose known head is at least {@code evidenceBytes} long. */
    boolean continuesIn(Content file, long position, int evidenceBytes) throws IOException {
        return headLength >= evidenceBytes && beginning(file) == headLength && endsAt(file, position);
    }

    /**
     * Whether a file begins like this one, up to the end of the shorter of the two, with at least {@code evidenceBytes}
     * in common.
     */
    boolean beginsLike(Content file, int evidenceBytes) throws IOException {
        int common = beginning(file);
        return common >= evidenceBytes && (common == headLength || common == file.size());
    }

    /**
     * Whether a file has the first line of this one or begins like it, with at least {@code evidenceBytes} in common.
     */
    boolean sharesLines(Content file, int evidenceBytes) throws IOException {
        int common = beginning(file);
        boolean whole = common == headLength || common == file.size() || lineEnd(head, 0, common) < common;
        return whole && common >= evidenceBytes;
    }

    /** Whether the beginning is one line repeated. */
    boolean isRepetitive() {
        int length = lineEnd(head, 0, headLength) + 1;
        for (int at = length; at < headLength; at++) {
            if (head[at] != head[at - length]) {
                return false;
            }
        }
        return headLength > length;
    }

    /** The time of the first line that has one. */
    long firstMicros(LineClock clock) {
        int start = 0;
        long micros = LineClock.NO_TIME;
        while (micros == LineClock.NO_TIME && start < headLength) {
            int end = lineEnd(head, start, headLength);
            micros = time(clock, head, start, end);
            start = end + 1;
        }
        return micros;
    }

    /** The latest time of the last lines that were read. */
    long lastMicros(LineClock clock) {
        int start = tailLength < MARK_BYTES ? 0 : lineEnd(tail, 0, tailLength) + 1;
        long latest = LineClock.NO_TIME;
        while (start < tailLength) {
            int end = lineEnd(tail, start, tailLength);
            latest = Math.max(latest, time(clock, tail, start, end));
            start = end + 1;
        }
        return latest;
    }

    private static long time(LineClock clock, byte[] bytes, int start, int end) {
        int text = start;
        while (text < end && bytes[text] == 0) {
            text++; // a power loss may have left NULs before the line
        }
        return clock.micros(bytes, text, end - text);
    }

    private static int lineEnd(byte[] bytes, int start, int limit) {
        int end = start;
        while (end < limit && bytes[end] != '\n') {
            end++;
        }
        return end;
    }

    private int beginning(Content file) throws IOException {
        return commonBytes(file, 0, head, headLength);
    }

    private int commonBytes(Content file, long at, byte[] expected, int length) throws IOException {
        probe.clear().limit(length);
        file.readFully(probe, at);
        int read = probe.position();
        int difference = Arrays.mismatch(expected, 0, read, probe.array(), 0, read);
        return difference < 0 ? read : difference;
    }

    private static int copy(Content file, long at, byte[] into, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(into, 0, length);
        file.readFully(bytes, at);
        if (bytes.hasRemaining()) {
            throw new ChangedMeanwhileException("the file became shorter while it was being opened");
        }
        return length;
    }

    private static int crcOf(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}

package io.denywatch.tail;

import io.denywatch.tail.RotatedFiles.ChangedMeanwhileException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The first and the last bytes read of a file, as they were when they were read. They are kept as bytes and in memory,
 * since after a truncation the file can no longer tell. A kibibyte holds three or four lines with their times; less
 * would not do, as the last 32 bytes of nearly every packet line are the same. Confined to the ingest thread.
 */
final class Fingerprint {
    static final int MARK_BYTES = 1024;

    /** What two files must have in common to be taken for the same content under different inodes. */
    static final int EVIDENCE_BYTES = 64;

    /**
     * Bytes that a content has, or had, at one place.
     *
     * @param end index behind the last of them
     * @param length how many they are, 0 to {@link #MARK_BYTES}
     * @param crc CRC-32C of them
     */
    record Mark(long end, int length, int crc) {
        Mark {
            if (length < 0 || length > MARK_BYTES || end < length) {
                throw new IllegalArgumentException("mark must be of 0 to " + MARK_BYTES + " bytes that end at or behind"
                        + " their number: " + length + " at " + end);
            }
        }

        boolean isIn(Content file) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(length);
            file.readFully(bytes, end - length);
            return bytes.position() == length && crcOf(bytes.array(), length) == crc;
        }

        /** Whether these first bytes of a file are enough to tell that another file holds the same. */
        boolean tells(Content file) throws IOException {
            return isEnoughFor(file) && isIn(file);
        }

        /** The same, where the other file's beginning has been read already. */
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
    /** The last bytes of the last whole line and before. */
    private final byte[] lineTail = new byte[MARK_BYTES];

    private final ByteBuffer probe = ByteBuffer.allocate(MARK_BYTES);
    private int headLength;
    private int tailLength;
    private int lineTailLength;

    /** How a file begins now. */
    static Fingerprint of(Content file) throws IOException {
        Fingerprint now = new Fingerprint();
        now.takeHead(file, Math.min(file.size(), MARK_BYTES));
        return now;
    }

    /** Takes a file's bytes around a position behind a whole line, as if everything before it had been read. */
    void take(Content file, long position) throws IOException {
        int length = (int) Math.min(position, MARK_BYTES);
        headLength = copy(file, 0, head, length);
        tailLength = copy(file, position - length, tail, length);
        lineTailLength = append(lineTail, 0, tail, 0, tailLength);
    }

    /** Takes a file's first bytes, where its last won't be asked for. */
    void takeHead(Content file, long position) throws IOException {
        headLength = copy(file, 0, head, (int) Math.min(position, MARK_BYTES));
        tailLength = 0;
        lineTailLength = 0;
    }

    /**
     * Takes bytes just read.
     *
     * @param lineBytes how many of them are up to the end of the last whole line; 0 if no line ends in them
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

    /** Keeps the last bytes of what was there and what is added; returns how many they are. */
    private static int append(byte[] kept, int filled, byte[] added, int from, int length) {
        int taken = Math.min(length, MARK_BYTES);
        int stay = Math.min(filled, MARK_BYTES - taken);
        System.arraycopy(kept, filled - stay, kept, 0, stay);
        System.arraycopy(added, from + length - taken, kept, stay, taken);
        return stay + taken;
    }

    /** How the file begins, no further than up to an index. */
    Mark head(long end) {
        int length = (int) Math.min(headLength, end);
        return new Mark(length, length, crcOf(head, length));
    }

    /** What stands before the end of the last whole line. */
    Mark lineEnd(long offset) {
        return new Mark(offset, lineTailLength, crcOf(lineTail, lineTailLength));
    }

    /** Whether a file still has, or also has, the last bytes read where they were read. */
    boolean endsAt(Content file, long position) throws IOException {
        return commonBytes(file, position - tailLength, tail, tailLength) == tailLength;
    }

    /** Whether a file has all that is known of this one, and at least some bytes of it. */
    boolean continuesIn(Content file, long position, int evidenceBytes) throws IOException {
        return headLength >= evidenceBytes && beginning(file) == headLength && endsAt(file, position);
    }

    /** Whether a file begins as this one does, as far as it goes, with so many bytes at least. */
    boolean beginsLike(Content file, int evidenceBytes) throws IOException {
        int common = beginning(file);
        return common >= evidenceBytes && (common == headLength || common == file.size());
    }

    /** Whether a file has the first line of this one, of so many bytes at least, or begins like it. */
    boolean sharesLines(Content file, int evidenceBytes) throws IOException {
        int common = beginning(file);
        boolean whole = common == headLength || common == file.size() || lineEnd(head, 0, common) < common;
        return whole && common >= evidenceBytes;
    }

    /** Whether the beginning is one line again and again. */
    boolean isRepetitive() {
        int length = lineEnd(head, 0, headLength) + 1;
        for (int at = length; at < headLength; at++) {
            if (head[at] != head[at - length]) {
                return false;
            }
        }
        return headLength > length;
    }

    /** When the first line was written of which that is known. */
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

    /** When the last line that was read was written; of the last ones, the latest. */
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

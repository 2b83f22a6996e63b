package io.denywatch.tail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
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
     * How a file begins.
     *
     * @param length in bytes, 0 to {@link #MARK_BYTES}
     * @param crc CRC-32C of them
     */
    record Head(int length, int crc) {
        boolean beginsFile(FileChannel file) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(length);
            readFully(file, bytes, 0);
            return bytes.position() == length && crcOf(bytes.array(), length) == crc;
        }
    }

    private final byte[] head = new byte[MARK_BYTES];
    private final byte[] tail = new byte[MARK_BYTES];
    private final ByteBuffer probe = ByteBuffer.allocate(MARK_BYTES);
    private int headLength;
    private int tailLength;

    /** Takes a file's bytes around a position from the file, as if everything before it had been read. */
    void take(FileChannel file, long position) throws IOException {
        int length = (int) Math.min(position, MARK_BYTES);
        headLength = copy(file, 0, head, length);
        tailLength = copy(file, position - length, tail, length);
    }

    /** Takes bytes just read. */
    void extend(byte[] buffer, int from, int length) {
        int missing = Math.min(MARK_BYTES - headLength, length);
        System.arraycopy(buffer, from, head, headLength, missing);
        headLength += missing;

        int added = Math.min(length, MARK_BYTES);
        int kept = Math.min(tailLength, MARK_BYTES - added);
        System.arraycopy(tail, tailLength - kept, tail, 0, kept);
        System.arraycopy(buffer, from + length - added, tail, kept, added);
        tailLength = kept + added;
    }

    Head head() {
        return new Head(headLength, crcOf(head, headLength));
    }

    /** Whether a file still has, or also has, the last bytes read where they were read. */
    boolean endsAt(FileChannel file, long position) throws IOException {
        return commonBytes(file, position - tailLength, tail, tailLength) == tailLength;
    }

    /** Whether a file has all that is known of this one, and at least some bytes of it. */
    boolean continuesIn(FileChannel file, long position, int evidenceBytes) throws IOException {
        return headLength >= evidenceBytes && beginning(file) == headLength && endsAt(file, position);
    }

    /** Whether a file begins as this one does, as far as it goes. */
    boolean beginsLike(FileChannel file) throws IOException {
        long length = Math.min(file.size(), headLength);
        return length >= EVIDENCE_BYTES && beginning(file) == length;
    }

    private int beginning(FileChannel file) throws IOException {
        return commonBytes(file, 0, head, headLength);
    }

    private int commonBytes(FileChannel file, long at, byte[] expected, int length) throws IOException {
        probe.clear().limit(length);
        readFully(file, probe, at);
        int read = probe.position();
        int difference = Arrays.mismatch(expected, 0, read, probe.array(), 0, read);
        return difference < 0 ? read : difference;
    }

    private int copy(FileChannel file, long at, byte[] into, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(into, 0, length);
        readFully(file, bytes, at);
        if (bytes.hasRemaining()) {
            throw new ChangedMeanwhileException("the file became shorter while it was being opened");
        }
        return length;
    }

    private static void readFully(FileChannel file, ByteBuffer into, long at) throws IOException {
        long position = at;
        while (into.hasRemaining()) {
            int read = file.read(into, position);
            if (read < 0) {
                return;
            }
            position += read;
        }
    }

    private static int crcOf(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}

package io.denywatch.replay;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * The lines of a file that begin in a given range of it, so that adjacent ranges together contain each line once. Reads
 * a few bytes beyond both ends of the range. Confined to one thread.
 */
final class LineRange extends InputStream {
    private static final int LOOK_BYTES = 4 * 1024;

    private final FileChannel file; // not owned
    private final long end;
    private long position;
    private boolean ended;

    /**
     * Creates a range and finds its first line.
     *
     * @param from the range's first byte
     * @param end one past the range's last byte
     */
    LineRange(FileChannel file, long from, long end) throws IOException {
        this.file = file;
        this.end = end;
        position = from == 0 ? 0 : lineStart(from, end);
        ended = position >= end;
    }

    /** The start of the first line that begins at {@code from} or later; {@code limit} if none begins before it. */
    private long lineStart(long from, long limit) throws IOException {
        ByteBuffer look = ByteBuffer.allocate(LOOK_BYTES);
        long at = from - 1; // if this byte is a newline, a line starts at "from"
        while (at < limit - 1) {
            look.clear().limit((int) Math.min(LOOK_BYTES, limit - 1 - at));
            int read = file.read(look, at);
            if (read < 0) {
                return limit;
            }
            int newline = newline(look.array(), 0, read);
            if (newline >= 0) {
                return at + newline + 1;
            }
            at += read;
        }
        return limit;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (ended) {
            return -1;
        }
        if (position < end) {
            return read(into, offset, (int) Math.min(length, end - position), position);
        }
        // The last line continues beyond the end.
        int read = read(into, offset, Math.min(length, LOOK_BYTES), position);
        int newline = newline(into, offset, Math.max(read, 0));
        if (newline < 0) {
            return read;
        }
        ended = true;
        return newline - offset + 1;
    }

    private int read(byte[] into, int offset, int length, long at) throws IOException {
        int read = file.read(ByteBuffer.wrap(into, offset, length), at);
        if (read < 0) {
            ended = true;
            return -1;
        }
        position = at + read;
        ended = position == end && into[offset + read - 1] == '\n';
        return read;
    }

    private static int newline(byte[] bytes, int from, int count) {
        for (int i = from; i < from + count; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }
}

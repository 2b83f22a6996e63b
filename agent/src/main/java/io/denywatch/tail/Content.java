package io.denywatch.tail;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The bytes of one open file as they were written to the log: those inside it where the file is compressed. */
sealed interface Content extends Closeable permits PlainContent, GzipContent {
    /** How much is looked at at once on the way back to the last newline. */
    int LOOK_BACK_BYTES = 64 * 1024;

    /** What ends with this was meant to be gzip, damaged or not. */
    String GZ = ".gz";

    /**
     * Opens what the name means now.
     *
     * @param rotated whether it may be compressed
     * @throws UnknownCompressionException if it is, and not by gzip
     */
    static Content open(Path path, boolean rotated) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        boolean opened = false;
        try {
            Compression compression = !rotated
                    ? Compression.NONE
                    : path.toString().endsWith(GZ) ? Compression.GZIP : Compression.of(channel);
            if (compression == Compression.UNKNOWN) {
                throw new UnknownCompressionException(path + ": not compressed by gzip");
            }
            opened = true;
            return compression == Compression.GZIP ? new GzipContent(channel) : new PlainContent(channel);
        } finally {
            if (!opened) {
                channel.close();
            }
        }
    }

    /**
     * Reads once.
     *
     * @param into backed by an array
     * @param at index of the first byte wanted
     * @return bytes read, or -1 if there are none from there on
     */
    int read(ByteBuffer into, long at) throws IOException;

    /** How many bytes there are; of a compressed file, what it says itself, modulo 2^32. */
    long size() throws IOException;

    /** Whether the file is compressed, and so will neither grow nor be emptied any more. */
    boolean isCompressed();

    /** Reads until the buffer is full or the content ends. */
    default void readFully(ByteBuffer into, long at) throws IOException {
        long position = at;
        while (into.hasRemaining()) {
            int read = read(into, position);
            if (read < 0) {
                return;
            }
            position += read;
        }
    }

    /** Just past the last newline; a line that is still being written is thus read whole. */
    default long lastLineEnd() throws IOException {
        ByteBuffer block = ByteBuffer.allocate(LOOK_BACK_BYTES);
        long blockEnd = size();
        while (blockEnd > 0) {
            int length = (int) Math.min(blockEnd, LOOK_BACK_BYTES);
            int read = read(block.clear().limit(length), blockEnd - length);
            for (int at = read - 1; at >= 0; at--) {
                if (block.get(at) == '\n') {
                    return blockEnd - length + at + 1;
                }
            }
            blockEnd -= length;
        }
        return 0;
    }
}

package io.denywatch.tail;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one open file as they were written to the log, unpacked if it is compressed. Confined to the ingest
 * thread.
 */
sealed interface Content extends Closeable {
    /** How much is compared, or searched for the last newline, at a time. */
    int BLOCK_BYTES = 64 * 1024;

    /** A file with this extension is read as gzip, even if it is damaged. */
    String GZ = ".gz";

    /** A rotated file was compressed by something other than gzip, so its content cannot be read. */
    final class UnknownCompressionException extends IOException {
        private static final long serialVersionUID = 1;

        UnknownCompressionException(String what) {
            super(what);
        }
    }

    /**
     * Opens the file that the name refers to now.
     *
     * @param rotated whether the file may be compressed
     * @throws UnknownCompressionException if it is compressed, but not by gzip
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
            return compression == Compression.GZIP ? new Gzip(channel) : new Plain(channel);
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

    /** The number of bytes; for a compressed file, the number in its trailer, modulo 2^32. */
    long size() throws IOException;

    /** Whether the file is compressed. A compressed file neither grows nor is truncated. */
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

    /** The index after the last newline, so that a line that is still being written is read whole. */
    default long lastLineEnd() throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        long blockEnd = size();
        while (blockEnd > 0) {
            int length = (int) Math.min(blockEnd, BLOCK_BYTES);
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

    /** The end of the last line up to which both contents are the same; at most the limit. */
    default long commonLines(Content other, long limit) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        ByteBuffer otherBlock = ByteBuffer.allocate(BLOCK_BYTES);
        long lines = 0;
        for (long at = 0; at < limit; at += BLOCK_BYTES) {
            int wanted = (int) Math.min(BLOCK_BYTES, limit - at);
            readFully(block.clear().limit(wanted), at);
            other.readFully(otherBlock.clear().limit(wanted), at);
            int length = Math.min(block.position(), otherBlock.position());
            int difference = Arrays.mismatch(block.array(), 0, length, otherBlock.array(), 0, length);
            int common = difference < 0 ? length : difference;
            int end = common;
            while (end > 0 && block.get(end - 1) != '\n') {
                end--;
            }
            lines = end > 0 ? at + end : lines;
            if (common < BLOCK_BYTES) {
                break;
            }
        }
        return lines;
    }

    /** A plain file. The caller keeps track of the position. */
    record Plain(FileChannel channel) implements Content {
        @Override
        public int read(ByteBuffer into, long at) throws IOException {
            return channel.read(into, at);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public boolean isCompressed() {
            return false;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /**
     * A file compressed by logrotate's {@code compress}: gzip (RFC 1952). It can only be read forwards; a step back
     * starts again at the first byte, so several places are best read in ascending order.
     */
    final class Gzip implements Content {
        private static final int BUFFER_BYTES = 64 * 1024;
        private static final int SKIP_BYTES = 64 * 1024;
        private static final int TRAILER_SIZE_BYTES = 4;

        private final FileChannel channel;
        private @Nullable InputStream in;
        private long position;

        Gzip(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read(ByteBuffer into, long at) throws IOException {
            InputStream stream = in;
            if (stream == null || at < position) {
                stream = begin();
            }
            if (!skipTo(at, stream)) {
                return -1;
            }
            int read = stream.read(into.array(), into.arrayOffset() + into.position(), into.remaining());
            if (read > 0) {
                into.position(into.position() + read);
                position += read;
            }
            return read;
        }

        private InputStream begin() throws IOException {
            end();
            channel.position(0);
            InputStream stream = new GZIPInputStream(new Compressed(channel), BUFFER_BYTES);
            in = stream;
            position = 0;
            return stream;
        }

        /** Frees the memory that unpacking takes outside the heap. */
        private void end() throws IOException {
            InputStream stream = in;
            in = null;
            if (stream != null) {
                stream.close();
            }
        }

        /** The file's own bytes. Closing this stream leaves the file open. */
        private static final class Compressed extends FilterInputStream {
            Compressed(FileChannel channel) {
                super(Channels.newInputStream(channel));
            }

            @Override
            public void close() {}
        }

        private boolean skipTo(long at, InputStream stream) throws IOException {
            byte[] skipped = new byte[(int) Math.min(SKIP_BYTES, at - position)];
            while (position < at) {
                int read = stream.read(skipped, 0, (int) Math.min(skipped.length, at - position));
                if (read < 0) {
                    return false;
                }
                position += read;
            }
            return true;
        }

        /** The last four bytes of the file. If it has several gzip members, they give the size of the last one only. */
        @Override
        public long size() throws IOException {
            long end = channel.size();
            ByteBuffer trailer = ByteBuffer.allocate(TRAILER_SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            while (end >= TRAILER_SIZE_BYTES && trailer.hasRemaining()) {
                if (channel.read(trailer, end - trailer.remaining()) < 0) {
                    return 0;
                }
            }
            return trailer.hasRemaining() ? 0 : Integer.toUnsignedLong(trailer.getInt(0));
        }

        @Override
        public boolean isCompressed() {
            return true;
        }

        @Override
        public void close() throws IOException {
            end();
            channel.close();
        }
    }
}

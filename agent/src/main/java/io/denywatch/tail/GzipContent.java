package io.denywatch.tail;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * What logrotate's {@code compress} makes of a log: gzip (RFC 1952). It can be read forwards only; a step back begins
 * again at the first byte, so who looks at several places looks at the first one first. Confined to the ingest thread.
 */
final class GzipContent implements Content {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int SKIP_BYTES = 64 * 1024;
    private static final int TRAILER_SIZE_BYTES = 4;

    private final FileChannel channel;
    private @Nullable InputStream in;
    private long position;

    GzipContent(FileChannel channel) {
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

    /** Gives back what unpacking has taken of the memory outside the heap. */
    private void end() throws IOException {
        InputStream stream = in;
        in = null;
        if (stream != null) {
            stream.close();
        }
    }

    /** The file's own bytes, which stay open when their reader is closed. */
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

    /** The last four bytes of the file; of the last member only, where there are several. */
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

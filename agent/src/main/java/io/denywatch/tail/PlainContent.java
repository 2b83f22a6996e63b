package io.denywatch.tail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A file that is written to, or was. Its position is the reader's business. Confined to the ingest thread. */
record PlainContent(FileChannel channel) implements Content {
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

package io.denywatch.exposition;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.stream.ChunkedInput;

/** A response body, sent in slices, each after the previous one has been sent. Confined to the event loop. */
final class BodySlices implements ChunkedInput<HttpContent> {
    private static final int SLICE_BYTES = 128 * 1024;

    private final ByteBuf body; // owned
    private boolean last;
    private boolean closed;

    BodySlices(ByteBuf body) {
        this.body = body;
    }

    @Override
    public HttpContent readChunk(ByteBufAllocator allocator) {
        ByteBuf slice = body.readRetainedSlice(Math.min(body.readableBytes(), SLICE_BYTES));
        last = !body.isReadable();
        return last ? new DefaultLastHttpContent(slice) : new DefaultHttpContent(slice);
    }

    @Override
    @Deprecated
    @SuppressWarnings("InlineMeSuggester") // nobody here calls it
    public HttpContent readChunk(ChannelHandlerContext context) {
        return readChunk(context.alloc());
    }

    @Override
    public boolean isEndOfInput() {
        return last;
    }

    @Override
    public void close() {
        if (!closed) { // the handler closes it twice if the client disconnects early
            closed = true;
            body.release();
        }
    }

    @Override
    public long length() {
        return (long) body.readerIndex() + body.readableBytes();
    }

    @Override
    public long progress() {
        return body.readerIndex();
    }
}

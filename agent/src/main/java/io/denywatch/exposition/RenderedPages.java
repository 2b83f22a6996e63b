package io.denywatch.exposition;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rendered pages. Each page is rendered once per generation, usually one per published snapshot, and all clients get
 * the same bytes: a thousand requests cost no more rendering than one, and slow clients share their buffers. Confined
 * to the event loop.
 */
final class RenderedPages implements AutoCloseable {
    /** Limit of unsent bytes of earlier pages; a page with full tables is below 1 MiB. */
    static final int UNSENT_BYTES_MAX = 8 * 1024 * 1024;
    /**
     * Maximum number of pages with a parameter in a generation; clients choose the parameter, so there could be any
     * number.
     */
    static final int WITH_PARAMETER_MAX = 16;
    /** Maximum age of a generation: some values, such as those of the process, belong to no snapshot. */
    static final long GENERATION_MAX_MILLIS = 1_000;

    /** A generation lives at least this multiple of its rendering time, which limits the load from rendering. */
    private static final int LIFE_PER_RENDERING = 4;

    private static final int BODY_BYTES = 4 * 1024; // to start with; bodies grow as needed

    private final Connections connections; // not owned
    private final Ticker ticker;
    private final Map<String, Response> pages = new HashMap<>();
    /** Earlier pages that were still being sent at the last check. */
    private final List<ByteBuf> unsent = new ArrayList<>();
    /** Size of each page when it was last rendered: the next is about as large, and its buffer need not grow. */
    private final Map<String, Integer> sizes = new HashMap<>();

    private int withParameters;
    private @Nullable Object published;
    private long sinceMillis;
    private long sinceNanos;
    private long renderingNanos;

    RenderedPages(Connections connections, Ticker ticker) {
        this.connections = connections;
        this.ticker = ticker;
    }

    /**
     * Begins a generation if there is something new to show.
     *
     * @param published what is shown, compared by identity
     */
    @SuppressWarnings("ReferenceEquality") // snapshots are compared by identity, not by contents
    void show(Object published, long nowMillis) {
        long age = nowMillis - sinceMillis;
        boolean same = published == this.published && age >= 0 && age < GENERATION_MAX_MILLIS;
        long nanos = ticker.nanoTime();
        if (!same && nanos - sinceNanos >= LIFE_PER_RENDERING * renderingNanos) {
            sinceNanos = nanos;
            renderingNanos = 0;
            this.published = published;
            sinceMillis = nowMillis;
            retire();
        }
    }

    /**
     * A page.
     *
     * @param name kind of the page, followed by a question mark and its parameter, if it has one
     * @return none if there are too many pages with a parameter already; the next generation has room again
     */
    @Nullable
    Response get(String name, String contentType, ByteBufAllocator allocator, Rendering rendering) throws IOException {
        Response page = pages.get(name);
        if (page == null) {
            boolean withParameter = name.indexOf('?') >= 0;
            if (withParameter && withParameters >= WITH_PARAMETER_MAX) {
                return null;
            }
            makeRoom();
            long began = ticker.nanoTime();
            page = render(name, contentType, allocator, rendering);
            renderingNanos += ticker.nanoTime() - began;
            pages.put(name, page);
            withParameters += withParameter ? 1 : 0;
        }
        return new Response(
                page.status(),
                page.contentType(),
                page.contentSecurityPolicy(),
                page.etag(),
                page.body().retainedDuplicate());
    }

    private Response render(String name, String contentType, ByteBufAllocator allocator, Rendering rendering)
            throws IOException {
        String kind = name.replaceFirst("\\?.*", "");
        int expected = sizes.getOrDefault(kind, BODY_BYTES);
        ByteBuf body = allocator.directBuffer(expected + expected / 16);
        boolean written = false;
        try (ByteBufOutputStream out = new ByteBufOutputStream(body)) {
            rendering.write(out);
            written = true;
        } finally {
            if (!written) {
                body.release();
            }
        }
        sizes.put(kind, body.readableBytes());
        return new Response(HttpResponseStatus.OK, contentType, body);
    }

    /** Closes the connections of the slowest clients until the unsent bytes are within the limit. */
    private void makeRoom() {
        while (unsentBytes() > UNSENT_BYTES_MAX && connections.closeSlowest()) {
            // until there is room, or no response is being sent
        }
    }

    private long unsentBytes() {
        unsent.removeIf(body -> body.refCnt() == 0);
        return unsent.stream().mapToLong(ByteBuf::capacity).sum();
    }

    private void retire() {
        for (Response page : pages.values()) {
            if (!page.body().release()) {
                unsent.add(page.body());
            }
        }
        pages.clear();
        withParameters = 0;
    }

    /** Releases all pages; those being sent are kept until they have been sent. */
    @Override
    public void close() {
        retire();
    }

    /** Writes the body of a page. */
    @FunctionalInterface
    interface Rendering {
        void write(OutputStream out) throws IOException;
    }
}

package io.denywatch.cluster;

import io.fabric8.kubernetes.client.http.AsyncBody;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, read while it arrives. More is requested only after everything that arrived has been read, so
 * memory never holds more of it than the client hands over at a time. The client's threads write it, one at a time, and
 * the requesting thread reads it; they share the queue.
 */
final class ResponseBody extends InputStream implements AsyncBody.Consumer<List<ByteBuffer>> {
    private final LongSupplier nanos;
    private final long deadlineNanos;
    private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    private final Deque<ByteBuffer> unread = new ArrayDeque<>();
    private @Nullable AsyncBody body;
    private boolean ended;
    private long bytesLeft;

    /** A message from the client's threads. */
    private sealed interface Arrival {
        record Bytes(List<ByteBuffer> buffers) implements Arrival {}

        /** Nothing more will arrive. */
        record End(@Nullable Throwable failure) implements Arrival {}
    }

    /**
     * A stream without a body yet.
     *
     * @param nanos a monotonic clock
     * @param deadlineNanos the time on that clock by which everything must have been read
     * @param bytesMax longest body; a longer one is an error
     */
    ResponseBody(LongSupplier nanos, long deadlineNanos, long bytesMax) {
        bytesLeft = bytesMax;
        this.nanos = nanos;
        this.deadlineNanos = deadlineNanos;
    }

    @Override
    public void consume(List<ByteBuffer> buffers, AsyncBody source) {
        arrivals.add(new Arrival.Bytes(buffers));
    }

    /** Receives the body of the answer, of which nothing has been requested yet. */
    void open(AsyncBody answered) {
        body = answered;
        var _ = answered.done().whenComplete((_, failure) -> arrivals.add(new Arrival.End(failure)));
    }

    /** Nanoseconds until the deadline; 0 or less once it has passed. */
    long remainingNanos() {
        return deadlineNanos - nanos.getAsLong();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (unread.isEmpty()) {
            if (ended) {
                return -1;
            }
            await();
        }
        ByteBuffer buffer = unread.getFirst();
        int count = Math.min(length, buffer.remaining());
        buffer.get(into, offset, count);
        if (!buffer.hasRemaining()) {
            unread.removeFirst();
        }
        return count;
    }

    private void await() throws IOException {
        if (body == null) {
            throw new IOException("there is no answer");
        }
        body.consume();
        @Nullable Arrival arrival;
        try {
            arrival = arrivals.poll(Math.max(0, remainingNanos()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        switch (arrival) {
            case null -> throw new IOException("the answer did not end in time");
            case Arrival.Bytes(var buffers) -> {
                for (ByteBuffer buffer : buffers) {
                    bytesLeft -= buffer.remaining();
                    if (buffer.hasRemaining()) {
                        unread.add(buffer);
                    }
                }
                if (bytesLeft < 0) {
                    throw new IOException("the answer is too long");
                }
            }
            case Arrival.End(var failure) -> {
                ended = true;
                if (failure != null) {
                    throw new IOException("the answer broke off", failure);
                }
            }
        }
    }

    /** Ends the request, if it has not ended. */
    @Override
    public void close() {
        if (body != null && !ended) {
            body.cancel();
        }
    }
}

package io.denywatch.exposition;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The state and time limits of a connection. This handler comes before the codec, so bytes that arrive without
 * completing a request do not count as activity. Confined to the event loop.
 */
final class Connection extends ChannelInboundHandlerAdapter {
    /** Time for a whole request, from its first byte; for the first request, from the start of the connection. */
    static final int REQUEST_MAX_SECONDS = 5;
    /** Time between an answer and the first byte of the next request. */
    static final int IDLE_MAX_SECONDS = 30;
    /** Time for the client to accept a complete response. */
    static final int ANSWER_MAX_SECONDS = 30;
    /** Age from which a connection without a request counts as mute. */
    static final int MUTE_MAX_MILLIS = 1_000;

    private enum Phase {
        REQUEST,
        ANSWER,
        IDLE
    }

    private final Channel channel;
    private final Object peer;
    private Phase phase = Phase.REQUEST;
    private boolean mute = true;
    /**
     * When the last complete request was received or, before the first one, when the connection began; by the loop's
     * clock.
     */
    private long lastRequestNanos;

    private @Nullable Future<?> deadline;

    Connection(Channel channel) {
        this.channel = channel;
        SocketAddress remote = channel.remoteAddress();
        peer = remote instanceof InetSocketAddress address && address.getAddress() != null
                ? address.getAddress()
                : String.valueOf(remote);
        lastRequestNanos = nanos();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        begin(Phase.REQUEST, REQUEST_MAX_SECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (phase == Phase.IDLE) {
            begin(Phase.REQUEST, REQUEST_MAX_SECONDS);
        }
        context.fireChannelRead(message);
    }

    /** A complete request was received; a response is due. */
    void requested() {
        mute = false;
        lastRequestNanos = nanos();
        begin(Phase.ANSWER, ANSWER_MAX_SECONDS);
    }

    /** The response was sent. */
    void answered() {
        begin(Phase.IDLE, IDLE_MAX_SECONDS);
    }

    /** The address of the other end. */
    Object peer() {
        return peer;
    }

    /** Whether a response is being sent. */
    boolean isAnswering() {
        return phase == Phase.ANSWER;
    }

    /** Whether it is older than {@link #MUTE_MAX_MILLIS} and has never sent a complete request. */
    boolean isMute() {
        return mute && nanosWithoutRequest() > TimeUnit.MILLISECONDS.toNanos(MUTE_MAX_MILLIS);
    }

    /** Time since the last complete request. */
    long nanosWithoutRequest() {
        return nanos() - lastRequestNanos;
    }

    /** Hangs up. */
    void close() {
        var _ = channel.close();
    }

    private void begin(Phase next, int maxSeconds) {
        phase = next;
        if (deadline != null) {
            deadline.cancel(false);
        }
        if (channel.isOpen()) {
            deadline = channel.eventLoop().schedule(this::close, maxSeconds, TimeUnit.SECONDS);
        }
    }

    private long nanos() {
        return channel.eventLoop().ticker().nanoTime();
    }
}

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
 * What a connection is doing, and for how long it may. It sits before the codec, so bytes that trickle in without making
 * up a request do not count as activity. Confined to the event loop.
 */
final class Connection extends ChannelInboundHandlerAdapter {
    /** Time for a whole request, from its first byte; the first request's runs from the start of the connection. */
    static final int REQUEST_MAX_SECONDS = 5;
    /** Time between an answer and the first byte of the next request. */
    static final int IDLE_MAX_SECONDS = 30;
    /** Time in which the client must have taken a whole answer. */
    static final int ANSWER_MAX_SECONDS = 30;
    /** Age from which a connection that made no request is of no use. */
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
    /** When its last whole request came, or when it began; on the loop's clock. */
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

    /** A whole request has come, and an answer is due. */
    void requested() {
        mute = false;
        lastRequestNanos = nanos();
        begin(Phase.ANSWER, ANSWER_MAX_SECONDS);
    }

    /** The answer has been taken. */
    void answered() {
        begin(Phase.IDLE, IDLE_MAX_SECONDS);
    }

    /** The address of the other end. */
    Object peer() {
        return peer;
    }

    /** Whether an answer is on its way. */
    boolean isAnswering() {
        return phase == Phase.ANSWER;
    }

    /** Whether it never made a whole request, and had the time to. */
    boolean isMute() {
        return mute && nanosWithoutRequest() > TimeUnit.MILLISECONDS.toNanos(MUTE_MAX_MILLIS);
    }

    /** How long it has gone without a whole request. */
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

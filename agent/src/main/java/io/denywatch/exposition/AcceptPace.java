package io.denywatch.exposition;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.nio.AbstractNioChannel.NioUnsafe;
import java.util.concurrent.TimeUnit;

/**
 * Has the first request of each accepted connection read before the next is accepted, so that no crowd that comes with it
 * can push it out unheard. And accepts no more than so many connections in a slice of time, so that clients that reconnect in a loop do not keep a
 * core busy. The others wait in the kernel's queue. Confined to the event loop.
 */
final class AcceptPace extends ChannelInboundHandlerAdapter {
    /** Accepted in each slice: 500 a second cost about 2 % of a core. */
    static final int ACCEPTED_MAX = 25;
    /** Length of a slice. */
    static final int SLICE_MILLIS = 50;

    private int accepted;

    @Override
    public void channelRead(ChannelHandlerContext context, Object child) {
        context.fireChannelRead(child);
        if (child instanceof Channel accepting
                && accepting.unsafe() instanceof NioUnsafe socket
                && accepting.isActive()) {
            socket.read();
        }
        if (accepted == 0) {
            var _ = context.executor().schedule(() -> next(context), SLICE_MILLIS, TimeUnit.MILLISECONDS);
        }
        accepted++;
        if (accepted == ACCEPTED_MAX) {
            context.channel().config().setAutoRead(false);
        }
    }

    private void next(ChannelHandlerContext context) {
        accepted = 0;
        context.channel().config().setAutoRead(true);
    }
}

package io.denywatch.exposition;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.nio.AbstractNioChannel.NioUnsafe;
import java.util.concurrent.TimeUnit;

/**
 * Limits how fast connections are accepted. The first request of each connection is read before the next connection is
 * accepted, so that a burst of connections cannot displace one whose request has not been read. The number of
 * connections per time slice is limited, so that clients that reconnect in a loop do not keep a core busy; further
 * connections wait in the kernel's queue. Confined to the event loop.
 */
final class AcceptPace extends ChannelInboundHandlerAdapter {
    /** Connections accepted per slice: 500 per second cost about 2 % of a core. */
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

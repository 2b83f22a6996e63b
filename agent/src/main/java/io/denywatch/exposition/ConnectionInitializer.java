package io.denywatch.exposition;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.concurrent.TimeUnit;

/** Sets up each new connection, or refuses it. Confined to the event loop. */
final class ConnectionInitializer extends ChannelInitializer<Channel> {
    /** The longest request line. */
    static final int REQUEST_LINE_MAX_BYTES = 2 * 1024;
    /** The longest header section; browsers bring cookies along when a port is forwarded to localhost. */
    static final int HEADERS_MAX_BYTES = 8 * 1024;
    /** Time in which a whole request must have come, or an answer must have been taken. */
    static final int IDLE_MAX_SECONDS = 30;

    private final Pages pages; // not owned
    private final ServerLoad load; // not owned
    private final ChannelGroup connections; // not owned

    ConnectionInitializer(Pages pages, ServerLoad load, ChannelGroup connections) {
        this.pages = pages;
        this.load = load;
        this.connections = connections;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (connections.size() >= ServerLoad.CONNECTIONS_MAX) {
            var _ = channel.close();
            return;
        }
        connections.add(channel); // until it closes
        channel.config().setAutoRead(false); // RequestHandler asks for one message at a time
        HttpDecoderConfig limits = new HttpDecoderConfig()
                .setMaxInitialLineLength(REQUEST_LINE_MAX_BYTES)
                .setMaxHeaderSize(HEADERS_MAX_BYTES);
        channel.pipeline()
                .addLast(new HttpServerCodec(limits))
                // Behind the codec, where bytes that trickle in without making up a request are no activity.
                .addLast(new IdleStateHandler(0, 0, IDLE_MAX_SECONDS, TimeUnit.SECONDS))
                .addLast(new FlowControlHandler())
                .addLast(new RequestHandler(pages, load));
    }
}

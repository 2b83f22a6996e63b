package io.denywatch.exposition;

import io.denywatch.process.TokenBucket;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import java.util.concurrent.TimeUnit;

/** Sets up each new connection. Confined to the event loop. */
final class ConnectionInitializer extends ChannelInitializer<Channel> {
    /** The longest request line. */
    static final int REQUEST_LINE_MAX_BYTES = 2 * 1024;
    /** The longest header section; browsers bring cookies along when a port is forwarded to localhost. */
    static final int HEADERS_MAX_BYTES = 8 * 1024;

    private final Site site; // not owned
    private final AllowedHosts hosts;
    private final Access access; // not owned
    private final Connections connections; // not owned
    private final TokenBucket failures = new TokenBucket(1, TimeUnit.MINUTES.toNanos(1));

    ConnectionInitializer(Site site, AllowedHosts hosts, Access access, Connections connections) {
        this.site = site;
        this.hosts = hosts;
        this.access = access;
        this.connections = connections;
    }

    @Override
    protected void initChannel(Channel channel) {
        Connection connection = new Connection(channel);
        connections.add(connection);
        channel.closeFuture().addListener(closed -> connections.remove(connection));
        channel.config().setAutoRead(false); // RequestHandler asks for one message at a time
        HttpDecoderConfig limits = new HttpDecoderConfig()
                .setMaxInitialLineLength(REQUEST_LINE_MAX_BYTES)
                .setMaxHeaderSize(HEADERS_MAX_BYTES);
        access.secure(channel);
        channel.pipeline()
                .addLast(connection)
                .addLast(new HttpServerCodec(limits))
                .addLast(new ChunkedWriteHandler())
                .addLast(new FlowControlHandler())
                .addLast(new RequestHandler(site, hosts, access, connection, connections, failures));
    }
}

package io.denywatch.exposition;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * Serves metrics, probes and the API over HTTP/1.1: GET and HEAD only, bounded in request size, connections, idle time
 * and unsent answers. One event loop, a daemon thread named {@code http}, does all of it and writes nothing but its
 * connections; it reads what other threads published.
 *
 * <p>Buffers are not pooled: a scrape every few seconds is worth neither an arena nor its caches.
 */
public final class MetricsServer implements AutoCloseable {
    static final int RECEIVE_BUFFER_BYTES = 2 * 1024;
    private static final int CLOSE_MAX_SECONDS = 2;

    private final EventLoopGroup eventLoop;
    private final Channel channel;
    private final ChannelGroup connections;
    private final MetricsPage metrics;

    private MetricsServer(EventLoopGroup eventLoop, Channel channel, ChannelGroup connections, MetricsPage metrics) {
        this.eventLoop = eventLoop;
        this.channel = channel;
        this.connections = connections;
        this.metrics = metrics;
    }

    /**
     * Binds and serves.
     *
     * @param published what to serve
     * @param clock that the times in it are on
     * @throws BindException if the address can't be listened on; the message holds it, and why
     */
    public static MetricsServer start(ExpositionSettings settings, Published published, InstantSource clock)
            throws IOException {
        String javaVersion = Runtime.version().toString();
        MetricsPage metrics = new MetricsPage(settings, javaVersion, published, clock);
        Pages pages = new Pages(settings, metrics, published, clock);
        EventLoopGroup eventLoop =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("http", true), NioIoHandler.newFactory());
        // Closes what is accepted while it is being closed, too.
        ChannelGroup connections = new DefaultChannelGroup(eventLoop.next(), true);
        ByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
        ChannelFuture bound = new ServerBootstrap()
                .group(eventLoop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, allocator)
                .option(ChannelOption.SO_BACKLOG, ServerLoad.CONNECTIONS_MAX)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(RECEIVE_BUFFER_BYTES).maxMessagesPerRead(1))
                .childHandler(new ConnectionInitializer(pages, new ServerLoad(), connections))
                .bind(settings.listen())
                .awaitUninterruptibly();
        MetricsServer server = new MetricsServer(eventLoop, bound.channel(), connections, metrics);
        Throwable failure = bound.cause();
        if (failure != null) {
            server.close();
            throw (BindException)
                    new BindException("can't listen on " + hostAndPort(settings.listen()) + ": " + failure.getMessage())
                            .initCause(failure);
        }
        return server;
    }

    /** Where it listens: never port 0. */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Stops listening, drops the connections and ends the thread. Not for the event loop's own thread. */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        // Not left to the loop's end: that was seen to leave sockets open.
        connections.close().awaitUninterruptibly(CLOSE_MAX_SECONDS, TimeUnit.SECONDS);
        eventLoop
                .shutdownGracefully(0, CLOSE_MAX_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_MAX_SECONDS, TimeUnit.SECONDS);
        metrics.close();
    }

    private static String hostAndPort(InetSocketAddress address) {
        String host = address.getHostString();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}

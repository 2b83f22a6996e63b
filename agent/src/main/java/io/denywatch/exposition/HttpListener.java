package io.denywatch.exposition;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * A listening address, and the one event loop that does all its work: a daemon thread that mutates
 * nothing but its connections.
 *
 * <p>Buffers are not pooled: a scrape every few seconds does not justify an arena and its caches.
 */
final class HttpListener implements AutoCloseable {
    static final int RECEIVE_BUFFER_BYTES = 2 * 1024;
    /** Maximum number of connections that wait in the kernel to be accepted. */
    private static final int BACKLOG_MAX = 512;

    private static final int CLOSE_MAX_SECONDS = 2;

    private final EventLoopGroup eventLoop;
    private final Channel channel;
    private final ChannelGroup connections;

    private HttpListener(EventLoopGroup eventLoop, Channel channel, ChannelGroup connections) {
        this.eventLoop = eventLoop;
        this.channel = channel;
        this.connections = connections;
    }

    /**
     * Binds and serves.
     *
     * @param thread the name of the event loop's thread
     * @throws BindException if the address cannot be listened on; the message names it and the reason
     */
    static HttpListener start(InetSocketAddress listen, String thread, ChannelInitializer<Channel> initializer)
            throws BindException {
        EventLoopGroup eventLoop =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(thread, true), NioIoHandler.newFactory());
        // Also closes connections that are accepted while the group is being closed.
        ChannelGroup connections = new DefaultChannelGroup(eventLoop.next(), true);
        ByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
        ChannelFuture bound = new ServerBootstrap()
                .group(eventLoop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, allocator)
                .option(ChannelOption.SO_BACKLOG, BACKLOG_MAX)
                .handler(new AcceptPace())
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(RECEIVE_BUFFER_BYTES).maxMessagesPerRead(1))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel child) {
                        connections.add(child); // until it closes
                        child.pipeline().addLast(initializer);
                    }
                })
                .bind(listen)
                .awaitUninterruptibly();
        HttpListener listener = new HttpListener(eventLoop, bound.channel(), connections);
        Throwable failure = bound.cause();
        if (failure != null) {
            listener.close();
            throw (BindException)
                    new BindException("can't listen on " + HostPort.text(listen) + ": " + failure.getMessage())
                            .initCause(failure);
        }
        return listener;
    }

    /** The address that it listens on; its port is never 0. */
    InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Stops listening, drops the connections and ends the thread. Not for the event loop's own thread. */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        // Closed here, because ending the event loop alone has been seen to leave sockets open.
        connections.close().awaitUninterruptibly(CLOSE_MAX_SECONDS, TimeUnit.SECONDS);
        eventLoop
                .shutdownGracefully(0, CLOSE_MAX_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_MAX_SECONDS, TimeUnit.SECONDS);
    }
}

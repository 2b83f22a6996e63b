package io.denywatch.web;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** How connections are encrypted. Immutable. */
public final class ServerTls {
    private final SslContext context;
    private final boolean serverPrefers;
    private final List<String> curves;

    /**
     * Creates the TLS settings of a server.
     *
     * @param serverPrefers whether the server's order of cipher suites takes precedence
     * @param curves the named groups in order of preference; Java's defaults if empty
     */
    ServerTls(SslContext context, boolean serverPrefers, List<String> curves) {
        this.context = context;
        this.serverPrefers = serverPrefers;
        this.curves = List.copyOf(curves);
    }

    /** The handler for one connection, with a time limit for the handshake. */
    public SslHandler handler(ByteBufAllocator allocator, int handshakeMaxSeconds) {
        SSLEngine engine = context.newEngine(allocator);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setUseCipherSuitesOrder(serverPrefers);
        if (!curves.isEmpty()) {
            parameters.setNamedGroups(curves.toArray(String[]::new));
        }
        engine.setSSLParameters(parameters);
        SslHandler handler = new SslHandler(engine);
        handler.setHandshakeTimeout(handshakeMaxSeconds, TimeUnit.SECONDS);
        return handler;
    }
}

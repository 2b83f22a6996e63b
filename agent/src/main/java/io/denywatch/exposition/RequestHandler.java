package io.denywatch.exposition;

import io.denywatch.process.TokenBucket;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Handles one connection, one request after the other. Nothing is read while a response is being sent, so that a client
 * that sends requests without reading the responses costs only one response. Confined to the event loop.
 */
final class RequestHandler extends SimpleChannelInboundHandler<HttpObject> {
    private static final Logger LOG = System.getLogger(RequestHandler.class.getName());
    private static final String ALLOWED_METHODS = HttpMethod.GET + ", " + HttpMethod.HEAD;
    /** Time until a page that could not be rendered is tried again. */
    private static final int AGAIN_MILLIS = 100;
    /** Pause between a response and the next request on the same connection, if many connections are open. */
    private static final int CROWD_PAUSE_MILLIS = 1_000;
    /** Tells this handler to answer its request now. */
    private static final Object ANSWER = new Object();

    private final Site site; // not owned
    private final AllowedHosts hosts;
    private final Access access; // not owned
    private final Connection connection; // not owned
    private final Connections connections; // not owned
    private final TokenBucket failures; // shared by all connections
    /** The request whose end has not been read yet. */
    private @Nullable HttpRequest request;
    /** Whether a response is due, is being sent or was the last one; then nothing is read. */
    private boolean answering;

    RequestHandler(
            Site site,
            AllowedHosts hosts,
            Access access,
            Connection connection,
            Connections connections,
            TokenBucket failures) {
        this.site = site;
        this.hosts = hosts;
        this.access = access;
        this.connection = connection;
        this.connections = connections;
        this.failures = failures;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.fireChannelActive();
        context.read();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.fireChannelReadComplete();
        // Requests the next read. This method is also called after a read that brought only a part of a request.
        if (!answering) {
            context.read();
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) throws IOException {
        if (message instanceof HttpRequest head) {
            request = head;
            Response refusal = refusal(context, head);
            if (refusal != null) {
                send(context, refusal, false);
                return;
            }
        }
        if (request != null && message instanceof LastHttpContent) {
            connection.requested();
            answering = true;
            access.check(request, context.channel(), refused -> {
                // As an event, so that failures of its handling reach exceptionCaught.
                context.pipeline()
                        .fireUserEventTriggered(
                                refused.<Object>map(status -> status).orElse(ANSWER));
            });
        }
    }

    private void answer(ChannelHandlerContext context, HttpRequest whole) throws IOException {
        String accept = String.join(",", whole.headers().getAll(HttpHeaderNames.ACCEPT));
        Response answer = site.get(whole.uri(), accept, context.alloc());
        if (answer != null) {
            send(context, answer, HttpUtil.isKeepAlive(whole));
        } else {
            var _ = context.executor()
                    .schedule(
                            () -> context.pipeline().fireUserEventTriggered(ANSWER),
                            AGAIN_MILLIS,
                            TimeUnit.MILLISECONDS);
        }
    }

    /** The response to a request that is refused outright, after which the connection closes. */
    private @Nullable Response refusal(ChannelHandlerContext context, HttpRequest head) {
        if (head.decoderResult().isFailure()) {
            HttpResponseStatus status = switch (head.decoderResult().cause()) {
                case TooLongHttpLineException e -> HttpResponseStatus.REQUEST_URI_TOO_LONG;
                case TooLongHttpHeaderException e -> HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
                default -> HttpResponseStatus.BAD_REQUEST;
            };
            return Pages.text(status, status.reasonPhrase(), context.alloc());
        }
        if (!head.method().equals(HttpMethod.GET) && !head.method().equals(HttpMethod.HEAD)) {
            String allowed = "this method is not allowed; allowed: " + ALLOWED_METHODS;
            return Pages.text(HttpResponseStatus.METHOD_NOT_ALLOWED, allowed, context.alloc());
        }
        if (HttpUtil.isTransferEncodingChunked(head) || HttpUtil.getContentLength(head, 0L) > 0) {
            return Pages.text(
                    HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "a request must have no body", context.alloc());
        }
        HttpResponseStatus wrongHost = hosts.refusal(head);
        if (wrongHost != null) {
            String line = wrongHost.equals(HttpResponseStatus.MISDIRECTED_REQUEST)
                    ? "this host name is not allowed; allowed: an IP address, localhost, and the names in http.allowedHosts"
                    : "exactly one Host header is required, with an IP address or a name";
            return Pages.text(wrongHost, line, context.alloc());
        }
        return null;
    }

    private void send(ChannelHandlerContext context, Response answer, boolean keepAlive) {
        HttpRequest answered = request;
        request = null;
        answering = true;
        connection.requested();
        int bytes = answer.body().readableBytes();
        boolean unchanged = answered != null && isKept(answered, answer.etag());
        boolean head = unchanged || (answered != null && answered.method().equals(HttpMethod.HEAD));
        HttpResponse response = new DefaultHttpResponse(
                HttpVersion.HTTP_1_1, unchanged ? HttpResponseStatus.NOT_MODIFIED : answer.status());
        HttpHeaders headers = response.headers();
        headers.set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
        if (!unchanged) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, bytes);
        }
        if (answer.etag().isEmpty()) {
            headers.set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
        } else {
            headers.set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_CACHE); // keep it, but ask each time
            headers.set(HttpHeaderNames.ETAG, answer.etag());
        }
        headers.set("x-content-type-options", "nosniff");
        headers.set("referrer-policy", "no-referrer");
        headers.set("cross-origin-resource-policy", "same-origin");
        headers.set(HttpHeaderNames.CONTENT_SECURITY_POLICY, answer.contentSecurityPolicy());
        access.headers(context.channel()).forEach(headers::set);
        if (answer.status().equals(HttpResponseStatus.UNAUTHORIZED)) {
            headers.set(HttpHeaderNames.WWW_AUTHENTICATE, "Basic realm=\"denywatch\", charset=\"UTF-8\"");
        }
        if (answer.status().equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            headers.set(HttpHeaderNames.ALLOW, ALLOWED_METHODS);
        }
        if (!keepAlive) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (answered != null && !answered.protocolVersion().isKeepAliveDefault()) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
        var _ = context.write(response, context.voidPromise());
        if (head) {
            answer.body().release();
        }
        // In slices, so that at most one of them is buffered for a slow client.
        ChannelFuture sent = head
                ? context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
                : context.writeAndFlush(new BodySlices(answer.body()));
        if (keepAlive) {
            // On the loop's next turn, so that requests waiting on one connection do not recurse or starve the others.
            sent.addListener(done -> {
                connection.answered();
                if (connections.isCrowded()) {
                    var _ = context.executor().schedule(() -> next(context), CROWD_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                } else {
                    context.executor().execute(() -> next(context));
                }
            });
        } else {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Whether the client has the body already (RFC 9110, section 13.1.2). */
    private static boolean isKept(HttpRequest request, String etag) {
        return !etag.isEmpty()
                && request.headers().getAll(HttpHeaderNames.IF_NONE_MATCH).stream()
                        .flatMap(tags -> Arrays.stream(tags.split(",", -1)))
                        .map(tag -> tag.strip().replaceFirst("^W/", ""))
                        .anyMatch(tag -> tag.equals(etag) || tag.equals("*"));
    }

    private void next(ChannelHandlerContext context) {
        answering = false;
        context.read();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws IOException {
        HttpRequest waiting = context.channel().isActive() ? request : null;
        if (event == ANSWER && waiting != null) {
            answer(context, waiting);
        } else if (event instanceof HttpResponseStatus refusal && waiting != null) {
            send(context, Pages.text(refusal, refusal.reasonPhrase(), context.alloc()), HttpUtil.isKeepAlive(waiting));
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (request == null || cause instanceof DecoderException) {
            // Clients that disconnect or send garbage are common.
            LOG.log(Level.DEBUG, () -> "closing " + context.channel().remoteAddress() + ": " + cause);
            var _ = context.close();
            return;
        }
        long failed = failures.takeAll(context.executor().ticker().nanoTime());
        if (failed > 0) {
            String others = failed == 1 ? "" : ", nor to " + (failed - 1) + " earlier requests";
            LOG.log(Level.ERROR, "no answer to " + request.method() + " " + request.uri() + others, cause);
        }
        Response failure = Pages.text(HttpResponseStatus.INTERNAL_SERVER_ERROR, "internal error", context.alloc());
        send(context, failure, false);
    }
}

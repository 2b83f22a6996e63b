package io.denywatch.exposition;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * One connection: a request in, its answer out, then the next request. Nothing is read while an answer is on its way,
 * so that a client which asks without taking the answers costs one answer. Confined to the event loop.
 */
final class RequestHandler extends SimpleChannelInboundHandler<HttpObject> {
    private static final Logger LOG = System.getLogger(RequestHandler.class.getName());
    private static final String ALLOWED_METHODS = HttpMethod.GET + ", " + HttpMethod.HEAD;

    private final Pages pages; // not owned
    private final ServerLoad load; // not owned
    /** The request whose end has not been read yet. */
    private @Nullable HttpRequest request;
    /** Whether an answer is on its way, or was the last: nothing is read then. */
    private boolean answering;

    RequestHandler(Pages pages, ServerLoad load) {
        this.pages = pages;
        this.load = load;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.fireChannelActive();
        context.read();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.fireChannelReadComplete();
        // Again after each read: one that brought only a part of a request counts as done, too.
        if (!answering) {
            context.read();
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) throws IOException {
        if (message instanceof HttpRequest head) {
            request = head;
            Answer refusal = refusal(context, head);
            if (refusal != null) {
                send(context, refusal, false);
                return;
            }
        }
        HttpRequest whole = request;
        if (whole == null) {
            return; // what follows a refused request
        }
        if (message instanceof LastHttpContent) {
            String accept = String.join(",", whole.headers().getAll(HttpHeaderNames.ACCEPT));
            send(context, pages.get(whole.uri(), accept, context.alloc()), HttpUtil.isKeepAlive(whole));
        }
    }

    /** The answer to a request that is not looked at further, after which the connection closes. */
    private static @Nullable Answer refusal(ChannelHandlerContext context, HttpRequest head) {
        if (head.decoderResult().isFailure()) {
            HttpResponseStatus status = switch (head.decoderResult().cause()) {
                case TooLongHttpLineException e -> HttpResponseStatus.REQUEST_URI_TOO_LONG;
                case TooLongHttpHeaderException e -> HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
                default -> HttpResponseStatus.BAD_REQUEST;
            };
            return Pages.text(status, status.reasonPhrase(), context.alloc());
        }
        if (!head.method().equals(HttpMethod.GET) && !head.method().equals(HttpMethod.HEAD)) {
            String allowed = "allowed are " + ALLOWED_METHODS;
            return Pages.text(HttpResponseStatus.METHOD_NOT_ALLOWED, allowed, context.alloc());
        }
        if (HttpUtil.isTransferEncodingChunked(head) || HttpUtil.getContentLength(head, 0L) > 0) {
            return Pages.text(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "no body is taken", context.alloc());
        }
        return null;
    }

    private void send(ChannelHandlerContext context, Answer answer, boolean keepAlive) {
        HttpRequest answered = request;
        request = null;
        answering = true;
        int bytes = answer.body().readableBytes();
        if (!load.sending(bytes)) {
            answer.body().release();
            String busy = "too many answers wait for slow clients";
            send(context, Pages.text(HttpResponseStatus.SERVICE_UNAVAILABLE, busy, context.alloc()), false);
            return;
        }
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, answer.status(), answer.body());
        HttpHeaders headers = response.headers();
        headers.set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
        headers.set(HttpHeaderNames.CONTENT_LENGTH, bytes);
        headers.set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
        headers.set("x-content-type-options", "nosniff");
        headers.set("referrer-policy", "no-referrer");
        headers.set(HttpHeaderNames.CONTENT_SECURITY_POLICY, answer.contentSecurityPolicy());
        if (answer.status().equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            headers.set(HttpHeaderNames.ALLOW, ALLOWED_METHODS);
        }
        if (!keepAlive) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (answered != null && !answered.protocolVersion().isKeepAliveDefault()) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
        ChannelFuture sent = context.writeAndFlush(response);
        sent.addListener(done -> load.sent(bytes));
        if (keepAlive) {
            // On the loop's next turn: requests that wait in one connection neither recurse nor starve the others.
            sent.addListener(done -> context.executor().execute(() -> next(context)));
        } else {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void next(ChannelHandlerContext context) {
        answering = false;
        context.read();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            var _ = context.close();
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (request == null || cause instanceof DecoderException) {
            // Clients that go away or talk nonsense are everyday matters.
            LOG.log(Level.DEBUG, () -> "closing " + context.channel().remoteAddress() + ": " + cause);
            var _ = context.close();
            return;
        }
        LOG.log(Level.ERROR, "no answer to " + request.method() + " " + request.uri(), cause);
        Answer failure = Pages.text(HttpResponseStatus.INTERNAL_SERVER_ERROR, "internal error", context.alloc());
        send(context, failure, false);
    }
}

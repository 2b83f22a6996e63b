package io.denywatch.exposition;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * An HTTP response.
 *
 * @param status of the response
 * @param contentType of the body
 * @param contentSecurityPolicy what a browser may do with it
 * @param body owned: the sender releases it
 */
record Response(HttpResponseStatus status, String contentType, String contentSecurityPolicy, ByteBuf body) {
    /** A response that a browser may not execute. */
    Response(HttpResponseStatus status, String contentType, ByteBuf body) {
        this(status, contentType, "default-src 'none'; frame-ancestors 'none'", body);
    }
}

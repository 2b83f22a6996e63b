package io.denywatch.exposition;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * An HTTP response.
 *
 * @param status of the response
 * @param contentType of the body
 * @param contentSecurityPolicy what a browser may do with it
 * @param etag of the body, in quotes; empty if the response must not be kept
 * @param body owned: the sender releases it
 */
record Response(
        HttpResponseStatus status, String contentType, String contentSecurityPolicy, String etag, ByteBuf body) {
    /** A response that a browser may not execute. */
    Response(HttpResponseStatus status, String contentType, ByteBuf body) {
        this(status, contentType, "default-src 'none'; frame-ancestors 'none'", "", body);
    }

    /** The same with a tag of its body. */
    Response tagged(String tag) {
        return new Response(status, contentType, contentSecurityPolicy, tag, body);
    }
}

package io.denywatch.exposition;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * What is sent back.
 *
 * @param status of the response
 * @param contentType of the body
 * @param contentSecurityPolicy what a browser may do with it
 * @param body owned: whoever sends it lets go of it
 */
record Response(HttpResponseStatus status, String contentType, String contentSecurityPolicy, ByteBuf body) {
    /** An answer that is only to be looked at. */
    Response(HttpResponseStatus status, String contentType, ByteBuf body) {
        this(status, contentType, "default-src 'none'; frame-ancestors 'none'", body);
    }
}

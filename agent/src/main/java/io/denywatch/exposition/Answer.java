package io.denywatch.exposition;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * What is sent back.
 *
 * @param status of the response
 * @param contentType of the body
 * @param body owned: whoever sends it lets go of it
 */
record Answer(HttpResponseStatus status, String contentType, ByteBuf body) {}

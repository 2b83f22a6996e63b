package io.denywatch.exposition;

import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What a listener serves. Confined to its event loop. */
@FunctionalInterface
interface Site {
    /**
     * Answers a GET.
     *
     * @param target of the request: a path, or a whole URI (RFC 9112, section 3.2.2)
     * @param accept the {@code Accept} header; empty if there is none
     * @return none if this must be called again a little later
     */
    @Nullable
    Response get(String target, String accept, ByteBufAllocator allocator) throws IOException;
}

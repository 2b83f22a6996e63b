package io.denywatch.tail;

import java.io.IOException;

/** A rotated file was compressed by something other than gzip, so what it contains cannot be read. */
final class UnknownCompressionException extends IOException {
    private static final long serialVersionUID = 1;

    UnknownCompressionException(String what) {
        super(what);
    }
}

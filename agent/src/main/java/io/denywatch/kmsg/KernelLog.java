package io.denywatch.kmsg;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The kernel's own log, and what must be known of the kernel to understand it; a test can be the kernel. */
public interface KernelLog {
    /** Opens the log at its oldest record. */
    Records open() throws IOException;

    /** Differs from boot to boot. Sequence numbers are those of one boot. */
    String bootId() throws IOException;

    /** Microseconds since boot, the time in which the machine was suspended included. */
    long uptimeMicros() throws IOException;

    /** An open log. */
    interface Records extends Closeable {
        /**
         * Waits for a record and reads it whole.
         *
         * @return its length in bytes
         * @throws java.nio.channels.ClosedChannelException if it was closed, by another thread while this one waited
         * @throws IOException also once when records were overwritten before they were read, and for a record that is
         *     longer than the buffer: it is skipped then
         */
        int read(ByteBuffer into) throws IOException;
    }
}

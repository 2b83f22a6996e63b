package io.denywatch.kmsg;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The kernel's own log, and what must be known about the kernel to understand it. Used by the ingest thread, except
 * {@link Records#read}. Tests provide a kernel of their own.
 */
public interface KernelLog {
    /** Opens the log at its oldest record. */
    Records open() throws IOException;

    /** Identifies the current boot. Sequence numbers belong to one boot. */
    String bootId() throws IOException;

    /** Microseconds since boot, including the time in which the machine was suspended. */
    long uptimeMicros() throws IOException;

    /** An open log. */
    interface Records extends Closeable {
        /**
         * Waits for a record and reads it whole.
         *
         * @return its length in bytes
         * @throws java.nio.channels.ClosedChannelException if another thread closed it
         * @throws IOException if reading fails; also once whenever records were overwritten before they were read, and
         *     for each record that is longer than the buffer, which is skipped
         */
        int read(ByteBuffer into) throws IOException;
    }
}

package io.denywatch.tail;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Where a node's log lines come from: a file followed through its rotations, or the kernel's own ring. Confined to the
 * ingest thread.
 *
 * <p>What {@link #save} writes and the lines handed over so far belong together: whoever counts those lines writes both
 * into one record, and after a crash goes on from both.
 */
public interface LogSource extends AutoCloseable {
    /** {@code file} or {@code kmsg}. */
    String kind();

    /** The name of what is read. */
    String path();

    /**
     * Takes its place in what is there now, as far as that can be done without handing anything over. For those who must
     * wait before the first {@link #poll}: what is written meanwhile is then not taken for what was there before.
     */
    default void begin(long nowMillis) {}

    /**
     * Reads what is there and hands it over.
     *
     * @param nowMillis Unix time in milliseconds
     * @return bytes read, 0 if there was nothing to do
     */
    int poll(LineHandler handler, long nowMillis);

    /** Whether the last poll left nothing unread. */
    boolean atEnd();

    /** Whether it is open and its last read succeeded; if not, there may be more than {@link #atEnd} knows of. */
    boolean isReadable();

    /** What was read and met so far. */
    TailSnapshot snapshot();

    /** Grows with each new generation of the log: after each, what was read should be saved soon. */
    long turns();

    /** Writes how far has been read, and what was counted on the way. */
    void save(DataOutput out) throws IOException;

    /** Says that what {@link #save} wrote last is durable. */
    default void saved() {}

    /**
     * Goes on where another source of this kind stopped; only before the first {@link #poll}.
     *
     * @param in what that one saved
     * @throws IOException if it is not what {@link #save} writes
     */
    void restore(DataInput in) throws IOException;

    /** Says that counting stopped at another kind of source: this one begins as if there had been none, which is a gap. */
    void replacesAnotherKind();

    @Override
    void close();
}

package io.denywatch.tail;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A log that is read: a file that is followed through its rotations, or the kernel's own ring. Confined to the ingest
 * thread.
 *
 * <p>What {@link #save} writes belongs to the lines handed over so far: the caller writes it into one record with the
 * counts of those lines, so that both continue from the same place after a crash.
 */
public interface LogSource extends AutoCloseable {
    /** {@code file} or {@code kmsg}. */
    String kind();

    /** The path that is read. */
    String path();

    /**
     * Opens the log and fixes the start position without delivering lines. Call it when the first {@link #poll} must be
     * delayed, so that lines written in the meantime count as new.
     */
    default void begin(long nowMillis) {}

    /**
     * Reads what is there and hands over its lines.
     *
     * @param nowMillis Unix time in milliseconds
     * @return bytes read; 0 if there was nothing to do
     */
    int poll(LineHandler handler, long nowMillis);

    /** Whether the last poll left nothing unread. */
    boolean atEnd();

    /**
     * Whether it is open and its last read succeeded. If not, there may be unread lines although {@link #atEnd} is
     * true.
     */
    boolean isReadable();

    /** The current counts. */
    TailSnapshot snapshot();

    /** Grows with each rotation. What was read should be saved soon after each. */
    long turns();

    /** Writes the position and the counts. */
    void save(DataOutput out) throws IOException;

    /** Called when what {@link #save} wrote last is on disk. */
    default void saved() {}

    /**
     * Continues where another log of this kind stopped. Call it before the first {@link #poll}.
     *
     * @param in what that log saved
     * @throws IOException if it is not what {@link #save} writes
     */
    void restore(DataInput in) throws IOException;

    /**
     * Called if the saved position belongs to another kind of log. Reading begins as if there were no saved position,
     * and a gap is counted.
     */
    void replacesAnotherKind();

    @Override
    void close();
}

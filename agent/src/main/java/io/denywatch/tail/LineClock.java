package io.denywatch.tail;

/** Reads the time of a line from its text. Confined to the ingest thread. */
@FunctionalInterface
public interface LineClock {
    /** The time of a line without one. */
    long NO_TIME = Long.MIN_VALUE;

    /** For lines without times. */
    LineClock NONE = (buffer, offset, length) -> NO_TIME;

    /**
     * The time of the line in {@code buffer[offset, offset + length)}, which may be cut short.
     *
     * @return Unix time in microseconds, or {@link #NO_TIME}
     */
    long micros(byte[] buffer, int offset, int length);
}

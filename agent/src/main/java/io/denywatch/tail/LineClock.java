package io.denywatch.tail;

/** Reads from a line's text when it was written. */
@FunctionalInterface
public interface LineClock {
    /** Of a line that does not say. */
    long NO_TIME = Long.MIN_VALUE;

    /** Reads nothing: for lines without times. */
    LineClock NONE = (buffer, offset, length) -> NO_TIME;

    /**
     * The time of the line in {@code buffer[offset, offset + length)}, which may be cut short.
     *
     * @return Unix time in microseconds, or {@link #NO_TIME}
     */
    long micros(byte[] buffer, int offset, int length);
}

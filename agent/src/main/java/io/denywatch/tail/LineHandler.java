package io.denywatch.tail;

/** Receives the lines of a log one by one, on the thread that reads it. */
@FunctionalInterface
public interface LineHandler {
    /**
     * Receives one line.
     *
     * @param buffer contains the line; it may change when this returns
     * @param offset of the line's first byte
     * @param length of the line in bytes, without its newline
     */
    void line(byte[] buffer, int offset, int length);

    /**
     * Receives one message that is certainly the kernel's own and whose time is known.
     *
     * @param buffer contains the message; it may change when this returns
     * @param offset of the message's first byte
     * @param length of the message in bytes
     * @param unixMicros when it was written, Unix time in microseconds
     */
    default void kernelMessage(byte[] buffer, int offset, int length, long unixMicros) {
        line(buffer, offset, length);
    }

    /**
     * Called when the next lines may have been handed over before, because the log has lost its end or was replaced by
     * an earlier state of itself. Only their times show which of them are new.
     */
    default void linesMayRepeat() {}

    /**
     * Receives one message that a program wrote into the kernel's log, so nothing in it comes from the kernel.
     *
     * @param buffer contains the message; it may change when this returns
     * @param offset of the message's first byte
     * @param length of the message in bytes
     */
    default void userMessage(byte[] buffer, int offset, int length) {}
}

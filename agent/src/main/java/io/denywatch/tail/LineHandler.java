package io.denywatch.tail;

/** Takes the lines of a log, one by one, on the thread that reads it. */
@FunctionalInterface
public interface LineHandler {
    /**
     * Takes one line.
     *
     * @param buffer holds the line; the bytes are the reader's again when this returns
     * @param offset of the line's first byte
     * @param length of the line in bytes, without its newline
     */
    void line(byte[] buffer, int offset, int length);

    /**
     * Takes one message that surely is the kernel's own and whose time is known beside its text.
     *
     * @param buffer holds the message; the bytes are the reader's again when this returns
     * @param offset of the message's first byte
     * @param length of the message in bytes
     * @param unixMicros when it was written, Unix time in microseconds
     */
    default void kernelMessage(byte[] buffer, int offset, int length, long unixMicros) {
        line(buffer, offset, length);
    }

    /**
     * Says that lines which come from now on may have been handed over before the last restart: the log has lost its
     * end, and what was written since cannot be told from it by place, only by time.
     */
    default void linesMayRepeat() {}

    /**
     * Takes one message that a program wrote into the kernel's log: nothing it says can be trusted to be the kernel's.
     *
     * @param buffer holds the message; the bytes are the reader's again when this returns
     * @param offset of the message's first byte
     * @param length of the message in bytes
     */
    default void userMessage(byte[] buffer, int offset, int length) {}
}

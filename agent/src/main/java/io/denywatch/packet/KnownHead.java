package io.denywatch.packet;

import java.util.Arrays;

/**
 * The head of a packet line: all between its time stamp and {@code SRC=}, but for the kernel's own stamp. Lines that share
 * it share what was read of it, for nothing that stands behind {@code SRC=} has a say in how the head is read. Confined to
 * the thread that parses.
 */
final class KnownHead {
    /** Longest head that is remembered, in bytes: of a usual one it is twice the length. */
    static final int BYTES_MAX = 256;

    private static final int SRC_BYTES = 4;

    private final byte[] bytes = new byte[BYTES_MAX + SRC_BYTES];
    private int length;
    private int
            tagEnd; // up to the tag's end the indexes count from behind the time stamp, then from the message's start
    private int hostStart;
    private int hostEnd;
    private int prefixStart;
    private int prefixEnd;
    private int inStart;
    private int inEnd;
    private int outStart;
    private int outEnd;
    private int physInStart;
    private int physInEnd;
    private int physOutStart;
    private int physOutEnd;
    private int macStart;
    private int macEnd;

    /**
     * Remembers the head of a line.
     *
     * @param from behind its time stamp
     * @param lineTagEnd behind its tag, where kernel stamps may stand
     * @param message behind those
     * @param source at {@code SRC=}
     * @param read what was read of it
     */
    void learn(byte[] line, int from, int lineTagEnd, int message, int source, DeniedPacket read) {
        tagEnd = lineTagEnd - from;
        length = tagEnd + source + SRC_BYTES - message;
        System.arraycopy(line, from, bytes, 0, tagEnd);
        System.arraycopy(line, message, bytes, tagEnd, length - tagEnd);
        hostStart = read.hostStart - from;
        hostEnd = read.hostEnd - from;
        prefixStart = read.prefixStart - message;
        prefixEnd = read.prefixEnd - message;
        inStart = read.inStart - message;
        inEnd = read.inEnd - message;
        outStart = read.outStart - message;
        outEnd = read.outEnd - message;
        physInStart = read.physInStart - message;
        physInEnd = read.physInEnd - message;
        physOutStart = read.physOutStart - message;
        physOutEnd = read.physOutEnd - message;
        macStart = read.macStart - message;
        macEnd = read.macEnd - message;
    }

    /** Behind the tag, if the line has this head's from {@code from} on and {@code end} is not before; else -1. */
    int tagEnd(byte[] line, int from, int end) {
        int at = from + tagEnd;
        return length > 0 && at <= end && Arrays.equals(line, from, at, bytes, 0, tagEnd) ? at : -1;
    }

    /** Index of {@code SRC=}, if the line has the rest of this head from {@code message} on; else -1. */
    int source(byte[] line, int message, int end) {
        int at = message + length - tagEnd;
        return at <= end && Arrays.equals(line, message, at, bytes, tagEnd, length) ? at - SRC_BYTES : -1;
    }

    /** Says what the head holds, in a line where it begins at {@code from} and {@code message}. */
    void tell(int from, int message, DeniedPacket into) {
        boolean named = hostEnd > hostStart; // else both are 0, wherever the line begins
        into.hostStart = named ? hostStart + from : 0;
        into.hostEnd = named ? hostEnd + from : 0;
        into.prefixStart = prefixStart + message;
        into.prefixEnd = prefixEnd + message;
        into.inStart = inStart + message;
        into.inEnd = inEnd + message;
        into.outStart = outStart + message;
        into.outEnd = outEnd + message;
        into.physInStart = physInStart + message;
        into.physInEnd = physInEnd + message;
        into.physOutStart = physOutStart + message;
        into.physOutEnd = physOutEnd + message;
        into.macStart = macStart + message;
        into.macEnd = macEnd + message;
    }
}

package io.denywatch.packet;

import java.util.Arrays;

/**
 * Remembers the heads of recent packet lines, because most lines have one of a few heads. A head is everything between
 * the time stamp and {@code SRC=}, except the kernel's own stamp. Confined to the thread that parses.
 *
 * <p>Lines with the same head have the same values in it, because nothing from {@code SRC=} on influences how the head
 * is read.
 */
final class HeadCache {
    /** The longest head that is remembered, in bytes: twice the length of a usual one. */
    static final int BYTES_MAX = 256;

    /** Enough for packets that arrive alternately through a few interfaces and routers. */
    private static final int HEADS = 4;

    private static final int MASK = HEADS - 1;
    private static final int SRC_BYTES = 4;

    private final SyslogEnvelope envelope; // not owned
    private final Head[] heads = new Head[HEADS];
    private int found;
    private int oldest;
    private int from;
    private int message;

    /** A head up to and including {@code SRC=}. */
    private static final class Head {
        private final byte[] bytes = new byte[BYTES_MAX + SRC_BYTES];
        private int length;
        private int tagEnd; // the first tagEnd bytes follow the time stamp, the rest begins the message
        // The host's span is relative to the end of the time stamp, the others to the message.
        private final int[] spans = new int[DeniedPacket.SPANS];
    }

    HeadCache(SyslogEnvelope envelope) {
        this.envelope = envelope;
        Arrays.setAll(heads, _ -> new Head());
    }

    /** Index of {@code SRC=} if the line in {@code [afterTime, end)} begins with a remembered head, or -1. */
    int find(byte[] line, int afterTime, int end) {
        from = afterTime;
        for (int i = 0; i < HEADS; i++) {
            int candidate = found + i & MASK;
            Head head = heads[candidate];
            int lineTagEnd = from + head.tagEnd;
            if (head.length > 0
                    && lineTagEnd <= end
                    && Arrays.equals(line, from, lineTagEnd, head.bytes, 0, head.tagEnd)) {
                message = envelope.skipKernelStamps(lineTagEnd);
                int headEnd = message + head.length - head.tagEnd;
                if (headEnd <= end && Arrays.equals(line, message, headEnd, head.bytes, head.tagEnd, head.length)) {
                    found = candidate;
                    return headEnd - SRC_BYTES;
                }
            }
        }
        return -1;
    }

    /** Fills in the values of the head found last. */
    void fill(DeniedPacket into) {
        int[] spans = heads[found].spans;
        boolean hasHost = spans[DeniedPacket.HOST + 1] > spans[DeniedPacket.HOST]; // else both are 0 in every line
        into.spans[DeniedPacket.HOST] = hasHost ? spans[DeniedPacket.HOST] + from : 0;
        into.spans[DeniedPacket.HOST + 1] = hasHost ? spans[DeniedPacket.HOST + 1] + from : 0;
        for (int i = DeniedPacket.PREFIX; i < DeniedPacket.SPANS; i++) {
            into.spans[i] = spans[i] + message;
        }
    }

    /**
     * Remembers the head of the line that {@link #find} was last given, in place of the oldest.
     *
     * @param source index of {@code SRC=}
     * @param read the parsed line; the envelope must have found the kernel's tag in its head
     */
    void store(byte[] line, int source, DeniedPacket read) {
        if (source - from > BYTES_MAX) {
            return;
        }
        Head head = heads[oldest];
        message = envelope.messageStart();
        head.tagEnd = envelope.tagEnd() - from;
        head.length = head.tagEnd + source + SRC_BYTES - message;
        System.arraycopy(line, from, head.bytes, 0, head.tagEnd);
        System.arraycopy(line, message, head.bytes, head.tagEnd, head.length - head.tagEnd);
        for (int i = 0; i < DeniedPacket.SPANS; i++) {
            head.spans[i] = read.spans[i] - (i < DeniedPacket.PREFIX ? from : message);
        }
        found = oldest;
        oldest = oldest + 1 & MASK;
    }
}

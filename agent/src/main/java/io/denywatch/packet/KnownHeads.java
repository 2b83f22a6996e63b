package io.denywatch.packet;

import java.util.Arrays;

/** The heads of the packet lines before: most lines have one of them. Confined to the thread that parses. */
final class KnownHeads {
    /** Interfaces and routers by which packets come, by turns. */
    private static final int HEADS = 4;

    private static final int MASK = HEADS - 1;

    private final SyslogEnvelope envelope; // not owned
    private final KnownHead[] heads = new KnownHead[HEADS];
    private int found;
    private int oldest;
    private int from;
    private int message;

    KnownHeads(SyslogEnvelope envelope) {
        this.envelope = envelope;
        Arrays.setAll(heads, _ -> new KnownHead());
    }

    /** Index of {@code SRC=}, if the line in {@code [afterTime, end)} begins with a known head; else -1. */
    int find(byte[] line, int afterTime, int end) {
        from = afterTime;
        for (int i = 0; i < HEADS; i++) {
            int candidate = found + i & MASK;
            KnownHead head = heads[candidate];
            int tagEnd = head.tagEnd(line, afterTime, end);
            if (tagEnd >= 0) {
                message = envelope.skipKernelStamps(tagEnd);
                int source = head.source(line, message, end);
                if (source >= 0) {
                    found = candidate;
                    return source;
                }
            }
        }
        return -1;
    }

    /** Says what the head found last holds. */
    void tell(DeniedPacket into) {
        heads[found].tell(from, message, into);
    }

    /** Remembers the head of the line looked at last, where the envelope ends in a kernel's tag, instead of another. */
    void learn(byte[] line, int source, DeniedPacket read) {
        if (source - from <= KnownHead.BYTES_MAX) {
            heads[oldest].learn(line, from, envelope.tagEnd(), envelope.messageStart(), source, read);
            found = oldest;
            oldest = oldest + 1 & MASK;
        }
    }
}

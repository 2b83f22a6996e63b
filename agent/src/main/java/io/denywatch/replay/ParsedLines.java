package io.denywatch.replay;

import io.denywatch.count.Count;
import io.denywatch.ingest.LineCounter;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.LineKind;
import io.denywatch.packet.PackedLines;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.process.CommandFailure;
import io.denywatch.tail.LineHandler;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive lines, parsed by one thread and then counted by another. Instances are reused, so parsing allocates
 * nothing. Belongs to one thread at a time, which the queues between them hand it over to.
 */
final class ParsedLines implements LineHandler {
    private final PacketLogParser parser; // not owned
    private final DeniedPacket packet; // not owned
    private final PackedLines lines;
    private long others;
    private boolean lastIsOther;
    private long oversized;
    private long fileBytes;
    private boolean last;
    private @Nullable CommandFailure failure;

    /**
     * Begins with no lines.
     *
     * @param parser of what comes
     * @param packet that the thread which parses does so into
     * @param capacity lines that there is room for at first
     */
    ParsedLines(PacketLogParser parser, DeniedPacket packet, int capacity) {
        this.parser = parser;
        this.packet = packet;
        lines = new PackedLines(capacity);
    }

    /** Forgets all. */
    void clear() {
        lines.clear();
        others = 0;
        lastIsOther = false;
        oversized = 0;
        fileBytes = 0;
        last = false;
        failure = null;
    }

    @Override
    public void line(byte[] buffer, int start, int length) {
        LineKind kind = parser.parse(buffer, start, length, packet);
        if (kind == LineKind.OTHER || (kind == LineKind.REPETITION && lastIsOther)) {
            others = Count.sum(others, 1);
            lastIsOther = true;
        } else {
            lines.add(kind, packet); // a repetition of the line counted before it, which may be in another batch
            lastIsOther = false;
        }
    }

    /**
     * Says what was read beside lines.
     *
     * @param oversizedLines that were skipped
     * @param bytes of the file itself
     * @param isLast whether no more lines follow of what was read
     */
    void end(long oversizedLines, long bytes, boolean isLast) {
        oversized = oversizedLines;
        fileBytes = bytes;
        last = isLast;
    }

    /** Says that no more lines can be read. */
    void fail(CommandFailure reason) {
        failure = reason;
        last = true;
    }

    /**
     * Counts all lines, in their order.
     *
     * @param into that the thread which counts takes lines out into
     */
    void countInto(LineCounter tally, DeniedPacket into) {
        for (int i = 0; i < lines.size(); i++) {
            tally.take(lines.get(i, into), into);
        }
        tally.others(others, lastIsOther);
    }

    int size() {
        return lines.size();
    }

    long oversized() {
        return oversized;
    }

    long fileBytes() {
        return fileBytes;
    }

    boolean isLast() {
        return last;
    }

    /** Why reading ended before its time; null if it did not. */
    @Nullable
    CommandFailure failure() {
        return failure;
    }
}

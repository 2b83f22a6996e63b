package io.denywatch.command;

import io.denywatch.ingest.LineTally;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.LineKind;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.tail.LineHandler;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Some lines in a row, parsed by one thread and then counted by another. Filled anew each time: what is made of a line is
 * not made again. Belongs to one thread at a time, which the queues between them hand it over to.
 */
final class ParsedLines implements LineHandler {
    private final PacketLogParser parser; // not owned
    private DeniedPacket[] packets;
    private LineKind[] kinds;
    private int size;
    private long others;
    private long oversized;
    private long fileBytes;
    private boolean last;
    private @Nullable CommandFailure failure;

    /**
     * Begins with no lines.
     *
     * @param parser of what comes
     * @param capacity lines that there is room for at first
     */
    ParsedLines(PacketLogParser parser, int capacity) {
        this.parser = parser;
        packets = new DeniedPacket[0];
        kinds = new LineKind[0];
        grow(capacity);
    }

    private void grow(int capacity) {
        int from = packets.length;
        packets = Arrays.copyOf(packets, capacity);
        kinds = Arrays.copyOf(kinds, capacity);
        for (int i = from; i < capacity; i++) {
            packets[i] = new DeniedPacket();
            kinds[i] = LineKind.OTHER;
        }
    }

    /** Forgets all. */
    void clear() {
        size = 0;
        others = 0;
        oversized = 0;
        fileBytes = 0;
        last = false;
        failure = null;
    }

    @Override
    public void line(byte[] buffer, int start, int length) {
        if (size == packets.length) {
            grow(2 * size);
        }
        LineKind kind = parser.parse(buffer, start, length, packets[size]);
        if (kind == LineKind.OTHER) {
            others++;
        } else {
            kinds[size++] = kind;
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

    /** Counts all lines, in their order. */
    void countInto(LineTally tally) {
        tally.others(others);
        for (int i = 0; i < size; i++) {
            tally.take(kinds[i], packets[i]);
        }
    }

    int size() {
        return size;
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

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
 * Consecutive lines that one thread parses and another one counts. Instances are reused, so parsing allocates nothing.
 * Belongs to one thread at a time; queues pass it from one to the other.
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
     * Creates an empty batch.
     *
     * @param parser the parser to use
     * @param packet the parsing thread's packet
     * @param capacity initial capacity in lines
     */
    ParsedLines(PacketLogParser parser, DeniedPacket packet, int capacity) {
        this.parser = parser;
        this.packet = packet;
        lines = new PackedLines(capacity);
    }

    /** Removes all lines. */
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
            lines.add(kind, packet); // also a repetition: the line that it repeats may be in another batch
            lastIsOther = false;
        }
    }

    /**
     * Records what was read besides the lines.
     *
     * @param oversizedLines number of lines that were skipped because of their length
     * @param bytes bytes read from the file
     * @param isLast whether this is the last batch of its piece
     */
    void end(long oversizedLines, long bytes, boolean isLast) {
        oversized = oversizedLines;
        fileBytes = bytes;
        last = isLast;
    }

    /** Records that reading failed. */
    void fail(CommandFailure reason) {
        failure = reason;
        last = true;
    }

    /**
     * Counts all lines in order.
     *
     * @param into the counting thread's packet
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

    /** Why reading failed; null if it did not. */
    @Nullable
    CommandFailure failure() {
        return failure;
    }
}

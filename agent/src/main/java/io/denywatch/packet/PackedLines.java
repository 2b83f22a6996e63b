package io.denywatch.packet;

import java.util.Arrays;

/**
 * A sequence of parsed lines, reduced to what counting needs: 64 bytes each in one array, which another core reads fast.
 * May pass from one thread to another, but only one may use it at a time.
 */
public final class PackedLines {
    private static final int LONGS = 8;
    private static final int TIME = 4;
    private static final int SIZES = 5;
    private static final int TRAITS = 6;
    private static final int LAST = 7;

    private static final LineKind[] KINDS = LineKind.values();
    private static final Malformation[] MALFORMATIONS = Malformation.values();
    private static final Suppressor[] SUPPRESSORS = Suppressor.values();

    // Traits: kind, malformation and suppressor, a byte each; then flags, protocol and destination port (0 for NONE).
    private static final int BYTE = 0xff;
    private static final int MALFORMATION_SHIFT = 8;
    private static final int SUPPRESSOR_SHIFT = 16;
    private static final long IPV6 = 1L << 24;
    private static final long YEARLESS = 1L << 25;
    private static final int PROTOCOL_SHIFT = 28;
    private static final int PROTOCOL_MASK = 0xfff;
    private static final int PORT_SHIFT = 40;

    // The last word: the suppressed lines of a notice; otherwise the source port (0 for NONE) and TCP flags.
    private static final int SOURCE_PORT_MASK = 0x1_ffff;
    private static final int FLAGS_SHIFT = 17;

    private long[] words;
    private int size;

    /**
     * Creates an empty sequence.
     *
     * @param capacity lines that fit before it must grow, at least 1
     */
    public PackedLines(int capacity) {
        words = new long[capacity * LONGS];
    }

    /** How many lines there are. */
    public int size() {
        return size;
    }

    /** Removes all lines. */
    public void clear() {
        size = 0;
    }

    /** Adds a line. */
    public void add(LineKind kind, DeniedPacket packet) {
        if ((size + 1) * LONGS > words.length) {
            words = Arrays.copyOf(words, 2 * words.length);
        }
        int at = size * LONGS;
        PacketHeader header = packet.outer;
        words[at] = header.sourceHigh;
        words[at + 1] = header.sourceLow;
        words[at + 2] = header.destinationHigh;
        words[at + 3] = header.destinationLow;
        words[at + TIME] = packet.timeMicros;
        words[at + SIZES] = (long) packet.repeat << Integer.SIZE | Integer.toUnsignedLong(header.length);
        words[at + TRAITS] = kind.ordinal()
                | (long) packet.malformation.ordinal() << MALFORMATION_SHIFT
                | (long) packet.suppressor.ordinal() << SUPPRESSOR_SHIFT
                | (header.ipv6 ? IPV6 : 0)
                | (packet.yearless ? YEARLESS : 0)
                | (header.protocol + 1L) << PROTOCOL_SHIFT
                | (header.destinationPort + 1L) << PORT_SHIFT;
        words[at + LAST] = isNotice(kind)
                ? packet.suppressedLines
                : header.sourcePort + 1L | (long) header.tcpFlags << FLAGS_SHIFT;
        size++;
    }

    /**
     * Reads a line.
     *
     * @param into gets addresses, family, length, protocol, ports, TCP flags, time and repeat, and the fields of
     *     malformed and suppression lines; its other fields are undefined
     */
    public LineKind get(int line, DeniedPacket into) {
        int at = line * LONGS;
        PacketHeader header = into.outer;
        header.sourceHigh = words[at];
        header.sourceLow = words[at + 1];
        header.destinationHigh = words[at + 2];
        header.destinationLow = words[at + 3];
        into.timeMicros = words[at + TIME];
        into.repeat = (int) (words[at + SIZES] >>> Integer.SIZE);
        header.length = (int) words[at + SIZES];
        long traits = words[at + TRAITS];
        into.malformation = MALFORMATIONS[(int) (traits >> MALFORMATION_SHIFT) & BYTE];
        into.suppressor = SUPPRESSORS[(int) (traits >> SUPPRESSOR_SHIFT) & BYTE];
        header.ipv6 = (traits & IPV6) != 0;
        into.yearless = (traits & YEARLESS) != 0;
        header.protocol = ((int) (traits >> PROTOCOL_SHIFT) & PROTOCOL_MASK) - 1;
        header.destinationPort = (int) (traits >> PORT_SHIFT) - 1;
        LineKind kind = KINDS[(int) traits & BYTE];
        long last = words[at + LAST];
        if (isNotice(kind)) {
            into.suppressedLines = last;
        } else {
            header.sourcePort = ((int) last & SOURCE_PORT_MASK) - 1;
            header.tcpFlags = (int) (last >> FLAGS_SHIFT);
        }
        return kind;
    }

    private static boolean isNotice(LineKind kind) {
        return kind == LineKind.SUPPRESSION || kind == LineKind.REPETITION;
    }
}

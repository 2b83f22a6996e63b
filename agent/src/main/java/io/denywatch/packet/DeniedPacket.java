package io.denywatch.packet;

import java.util.Arrays;

/**
 * One parsed line: its envelope, the packet that was logged and, in an ICMP error, the packet that caused it. Confined to
 * the thread that parses.
 *
 * <p>A flyweight over the caller's buffer: valid until the buffer changes or the next line is parsed into it.
 */
public final class DeniedPacket {
    /** The time of a line without a readable time stamp. */
    public static final long NO_TIME = Long.MIN_VALUE;

    // Texts of a line: spans[constant] is where the text starts, spans[constant + 1] is where it ends.
    /** Host name. */
    public static final int HOST = 0;
    /** Log prefix, without the blanks after it. */
    public static final int PREFIX = 2;
    /** Input interface. */
    public static final int IN = 4;
    /** Output interface. */
    public static final int OUT = 6;
    /** Bridge port on the input side. */
    public static final int PHYS_IN = 8;
    /** Bridge port on the output side. */
    public static final int PHYS_OUT = 10;
    /** Link-layer header as hex pairs. */
    public static final int MAC = 12;

    static final int SPANS = 14;

    /**
     * The longest {@link #lineText}, in characters. Every packet line of the kernel is shorter, even for an IPv6 packet
     * with a nested one.
     */
    public static final int LINE_TEXT_MAX = 768;

    private static final String CUT = "...";
    private static final String HEX = "0123456789abcdef";

    private byte[] line = {}; // not owned
    private int lineStart;
    private int lineLength;

    final PacketHeader outer = new PacketHeader();
    final PacketHeader inner = new PacketHeader();
    boolean hasInner;

    long timeMicros;
    boolean yearless;
    int repeat;
    long mark;
    long uid;
    long gid;

    /** Start and end of each text in the line's buffer, equal if the line does not have it. */
    final int[] spans = new int[SPANS];

    Malformation malformation = Malformation.NO_ANCHOR;
    int malformedAt;
    Suppressor suppressor = Suppressor.KERNEL;
    long suppressedLines;

    /** Points to the line that is parsed into this. */
    void pointTo(byte[] buffer, int start, int length) {
        line = buffer;
        lineStart = start;
        lineLength = length;
    }

    /**
     * The text of the line; empty if the packet was not parsed from one. Attackers can choose what it says, so bytes
     * that are not printable ASCII, and the backslash, are written as {@code \xNN}. A text longer than
     * {@link #LINE_TEXT_MAX} is cut and ends with {@code ...}; a carriage return before the newline is left out.
     */
    public String lineText() {
        StringBuilder text = new StringBuilder(Math.min(lineLength, LINE_TEXT_MAX));
        int end = lineStart + lineLength;
        if (lineLength > 0 && line[end - 1] == '\r') {
            end--;
        }
        int cutAt = 0;
        for (int i = lineStart; i < end; i++) {
            append(text, line[i] & 0xff);
            if (text.length() > LINE_TEXT_MAX) {
                text.setLength(cutAt);
                return text.append(CUT).toString();
            }
            cutAt = text.length() <= LINE_TEXT_MAX - CUT.length() ? text.length() : cutAt;
        }
        return text.toString();
    }

    private static void append(StringBuilder text, int value) {
        if (value >= ' ' && value <= '~' && value != '\\') {
            text.append((char) value);
        } else {
            text.append("\\x").append(HEX.charAt(value >> 4)).append(HEX.charAt(value & 0xf));
        }
    }

    /** Forgets the previous line's fields. */
    void clear() {
        outer.clear();
        hasInner = false;
        timeMicros = NO_TIME;
        yearless = false;
        repeat = 1;
        mark = PacketHeader.NONE;
        uid = PacketHeader.NONE;
        gid = PacketHeader.NONE;
        Arrays.fill(spans, 0);
        suppressedLines = 0;
    }

    /** Marks the line as malformed for this reason at this index. */
    LineKind malformed(Malformation reason, int at) {
        malformation = reason;
        malformedAt = at;
        return LineKind.MALFORMED;
    }

    /** Converts the spans that {@link PacketBody} found to indexes in the caller's buffer. */
    void rebase(int by) {
        for (int i = IN; i < SPANS; i++) {
            spans[i] += by;
        }
    }

    /** The packet that was logged. */
    public PacketHeader outer() {
        return outer;
    }

    /** The packet inside an ICMP error; only where {@link #hasInner}. */
    public PacketHeader inner() {
        return inner;
    }

    /** Whether the line holds a nested packet. */
    public boolean hasInner() {
        return hasInner;
    }

    /** Unix time of the line in microseconds, or {@link #NO_TIME}. */
    public long timeMicros() {
        return timeMicros;
    }

    /** Whether the time came from a stamp without a zone, and so depends on the zone assumed. */
    public boolean isYearless() {
        return yearless;
    }

    /** How many packets the line stands for: 1, or the N of {@code message repeated N times}. */
    public int repeat() {
        return repeat;
    }

    /** Firewall mark (32 bits), or {@link PacketHeader#NONE}. */
    public long mark() {
        return mark;
    }

    /** User id of the local process that sent the packet, or {@link PacketHeader#NONE}. */
    public long uid() {
        return uid;
    }

    /** Group id of the local process that sent the packet, or {@link PacketHeader#NONE}. */
    public long gid() {
        return gid;
    }

    /** Why the line is {@link LineKind#MALFORMED}. */
    public Malformation malformation() {
        return malformation;
    }

    /** Index in the buffer of the byte at which the grammar broke. */
    public int malformedAt() {
        return malformedAt;
    }

    /** Who dropped lines, for {@link LineKind#SUPPRESSION}. */
    public Suppressor suppressor() {
        return suppressor;
    }

    /** How many lines were dropped, for {@link LineKind#SUPPRESSION}. */
    public long suppressedLines() {
        return suppressedLines;
    }

    /**
     * Where a text begins in the buffer.
     *
     * @param text {@link #HOST} to {@link #MAC}
     */
    public int start(int text) {
        return spans[text];
    }

    /**
     * One past the last byte of a text; equal to its start if the line does not have it.
     *
     * @param text {@link #HOST} to {@link #MAC}
     */
    public int end(int text) {
        return spans[text + 1];
    }
}

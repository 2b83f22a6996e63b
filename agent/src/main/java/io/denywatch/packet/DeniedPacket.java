package io.denywatch.packet;

/**
 * One parsed line: its envelope, the packet that was logged and, in an ICMP error, the packet that caused it. A
 * flyweight over the caller's buffer: valid until the buffer or the line changes. Confined to the thread that parses.
 */
public final class DeniedPacket {
    /** The time of a line without a readable time stamp. */
    public static final long NO_TIME = Long.MIN_VALUE;

    final PacketHeader outer = new PacketHeader();
    final PacketHeader inner = new PacketHeader();
    boolean hasInner;

    long timeMicros;
    boolean yearless;
    int repeat;
    long mark;
    long uid;
    long gid;

    // Texts are ranges of the line's buffer: start and end, equal where there is none.
    int hostStart;
    int hostEnd;
    int prefixStart;
    int prefixEnd;
    int inStart;
    int inEnd;
    int outStart;
    int outEnd;
    int physInStart;
    int physInEnd;
    int physOutStart;
    int physOutEnd;
    int macStart;
    int macEnd;

    Malformation malformation = Malformation.NO_ANCHOR;
    int malformedAt;
    Suppressor suppressor = Suppressor.KERNEL;
    long suppressedLines;

    /** Forgets the line before. */
    void clear() {
        outer.clear();
        hasInner = false;
        timeMicros = NO_TIME;
        yearless = false;
        repeat = 1;
        mark = PacketHeader.NONE;
        uid = PacketHeader.NONE;
        gid = PacketHeader.NONE;
        hostStart = hostEnd = 0;
        prefixStart = prefixEnd = 0;
        inStart = inEnd = 0;
        outStart = outEnd = 0;
        physInStart = physInEnd = 0;
        physOutStart = physOutEnd = 0;
        macStart = macEnd = 0;
        suppressedLines = 0;
    }

    /** Says why and where the line is malformed. */
    LineKind malformed(Malformation reason, int at) {
        malformation = reason;
        malformedAt = at;
        return LineKind.MALFORMED;
    }

    /** Turns the ranges that the body reader found into ranges of the caller's buffer. */
    void rebase(int by) {
        inStart += by;
        inEnd += by;
        outStart += by;
        outEnd += by;
        physInStart += by;
        physInEnd += by;
        physOutStart += by;
        physOutEnd += by;
        macStart += by;
        macEnd += by;
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

    /** Whether the time came from a stamp without year and zone, so that it hangs on the zone assumed. */
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

    /** User id of the local sender, or {@link PacketHeader#NONE}. */
    public long uid() {
        return uid;
    }

    /** Group id of the local sender, or {@link PacketHeader#NONE}. */
    public long gid() {
        return gid;
    }

    /** Why a {@link LineKind#MALFORMED} line is one. */
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

    /** The host name's first byte in the buffer. */
    public int hostStart() {
        return hostStart;
    }

    /** One past the host name's last byte. */
    public int hostEnd() {
        return hostEnd;
    }

    /** The log prefix's first byte, blanks left out. */
    public int prefixStart() {
        return prefixStart;
    }

    /** One past the log prefix's last byte. */
    public int prefixEnd() {
        return prefixEnd;
    }

    /** The input interface's first byte. */
    public int inStart() {
        return inStart;
    }

    /** One past the input interface's last byte. */
    public int inEnd() {
        return inEnd;
    }

    /** The output interface's first byte. */
    public int outStart() {
        return outStart;
    }

    /** One past the output interface's last byte. */
    public int outEnd() {
        return outEnd;
    }

    /** The bridge port's first byte, input side. */
    public int physInStart() {
        return physInStart;
    }

    /** One past the bridge port's last byte, input side. */
    public int physInEnd() {
        return physInEnd;
    }

    /** The bridge port's first byte, output side. */
    public int physOutStart() {
        return physOutStart;
    }

    /** One past the bridge port's last byte, output side. */
    public int physOutEnd() {
        return physOutEnd;
    }

    /** The link-layer header's first byte, as hex pairs. */
    public int macStart() {
        return macStart;
    }

    /** One past the link-layer header's last byte. */
    public int macEnd() {
        return macEnd;
    }
}

package io.denywatch.packet;

import io.denywatch.packet.SyslogEnvelope.LineWriter;
import java.util.Arrays;
import java.util.List;

/**
 * Parses a log line into a {@link DeniedPacket}: envelope, prefix, then the kernel's own text. Confined to one thread.
 * Allocates nothing.
 */
public final class PacketLogParser {
    /** The longest packet line, in bytes: rsyslog's own limit. */
    private static final int LINE_BYTES_MAX = 8 * 1024;

    /**
     * The most packets that one line may report. A logger that folds equal lines reaches this after ten seconds of
     * copies of one packet at printk's highest rate. A forged line could claim any number.
     */
    static final int REPEAT_MAX = 1_000_000;

    private static final byte[] REPEATED = Ascii.bytes("message repeated ");
    private static final byte[] TIMES = Ascii.bytes(" times: [");
    private static final byte[] KERNEL_TAG = Ascii.bytes("kernel: ");

    private final LogPrefixes prefixes;
    private final boolean anyPrefix;
    private final SyslogEnvelope envelope;
    private final Notices notices;
    private final PacketBody body = new PacketBody();
    private final HeadCache heads;
    private final byte[] message = new byte[LINE_BYTES_MAX + PacketBody.PADDING];

    private byte[] line = new byte[0];
    private int lineStart;
    private int end;
    private int anchor; // in the packet line read last
    private boolean plain; // whether its message begins with one of the prefixes, not with a notice

    private PacketLogParser(List<String> prefixes, boolean anyPrefix, SyslogTime time) {
        this.prefixes = new LogPrefixes(prefixes);
        this.anyPrefix = anyPrefix;
        envelope = new SyslogEnvelope(time);
        heads = new HeadCache(envelope);
        notices = new Notices(envelope, this.prefixes);
    }

    /** Parses lines whose message begins with one of these texts, and Calico's response lines. */
    public static PacketLogParser withPrefixes(List<String> prefixes, SyslogTime time) {
        if (prefixes.isEmpty() || prefixes.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("prefixes must be one or more non-empty texts: " + prefixes);
        }
        return new PacketLogParser(prefixes, false, time);
    }

    /** Parses every line that the kernel's LOG target wrote, whatever its prefix. */
    public static PacketLogParser anyPrefix(SyslogTime time) {
        return new PacketLogParser(List.of("calico-packet", "calico-drop"), true, time);
    }

    /**
     * Parses the line in {@code buffer[offset, offset + length)}, without its newline.
     *
     * @param into gets all fields of packets and responses, reason and index of malformed lines, reporter and number of
     *     suppression notices; its other fields are undefined
     */
    public LineKind parse(byte[] buffer, int offset, int length, DeniedPacket into) {
        into.pointTo(buffer, offset, length);
        line = buffer;
        lineStart = offset;
        end = offset + length;
        if (length > 0 && buffer[end - 1] == '\r') {
            end--;
        }
        int afterTime = envelope.readStamp(buffer, offset, end);
        if (afterTime < 0 || end - afterTime > LINE_BYTES_MAX) {
            return message(envelope.readAfterStamp(offset, afterTime), into);
        }
        int source = heads.find(buffer, afterTime, end);
        if (source >= 0) {
            begin(1, into);
            heads.fill(into);
            return body(LineKind.PACKET, source, body.readPacket(copied(source, end), end - source, into), into);
        }
        LineKind kind = message(envelope.readAfterStamp(offset, afterTime), into);
        if (kind == LineKind.PACKET && plain) {
            heads.store(buffer, anchor + body.packetStart(), into);
        }
        return kind;
    }

    /**
     * Parses the message in {@code buffer[offset, offset + length)}, which comes from the kernel itself and has neither
     * time stamp nor tag. It is read like text after a kernel's tag. That includes {@code message repeated}:
     * only the logger can write here.
     *
     * @param unixMicros when it was written, Unix time in microseconds
     * @param into as for {@link #parse}; it has no host
     */
    public LineKind parseKernelMessage(byte[] buffer, int offset, int length, long unixMicros, DeniedPacket into) {
        into.pointTo(buffer, offset, length);
        line = buffer;
        lineStart = offset;
        end = offset + length;
        return message(envelope.readNone(buffer, offset, end, unixMicros), into);
    }

    /**
     * Recognizes Calico's response lines by this prefix, in addition to those derived from the prefixes.
     *
     * @param base the value of {@code logConnectionTransitionsPrefix}
     */
    public void responseBase(String base) {
        prefixes.responseBase(base);
    }

    private LineKind message(LineWriter writer, DeniedPacket into) {
        int start = envelope.messageStart();
        plain = false;
        if (writer == LineWriter.KERNEL) {
            int inside = repeatedBody(start);
            int from = inside < 0 ? start : inside;
            LineKind kind = prefixes.kind(line, from, end);
            if (kind != LineKind.OTHER) {
                plain = inside < 0;
                return plain ? packetLine(kind, start, end, 1, into) : repeated(start, inside, into);
            }
        }
        if (anyPrefix && (writer == LineWriter.KERNEL || writer == LineWriter.UNKNOWN)) {
            LineKind kind = foreign(start, writer, into);
            if (kind != LineKind.OTHER) {
                return kind;
            }
        }
        LineKind kind = notices.read(line, start, end, writer, into);
        boolean misunderstood =
                kind == LineKind.OTHER && prefixes.areInPacketLine(line, lineStart, end, envelope.equalsSign());
        return misunderstood ? LineKind.UNRECOGNIZED : kind;
    }

    /** Classifies a line that the kernel certainly did not write. */
    public LineKind userMessage(byte[] buffer, int offset, int length) {
        int limit = offset + length;
        int equals = Ascii.indexOf(buffer, offset, limit, (byte) '=');
        return prefixes.areInPacketLine(buffer, offset, limit, equals) ? LineKind.UNRECOGNIZED : LineKind.OTHER;
    }

    /**
     * When the last parsed line, of any kind, was written. Call it before the buffer changes.
     *
     * @return Unix time in microseconds, or {@link DeniedPacket#NO_TIME}
     */
    public long lineMicros() {
        return envelope.timeMicros();
    }

    /** Whether {@link #lineMicros} came from a stamp without a zone. */
    public boolean isLineYearless() {
        return envelope.isYearless();
    }

    /** Where the repeated message begins, or -1 if the message at {@code at} is not such a notice. */
    private int repeatedBody(int at) {
        if (at >= end || line[at] != 'm' || !Ascii.startsWith(line, at, end, REPEATED)) {
            return -1;
        }
        int p = at + REPEATED.length;
        while (p < end && line[p] != ' ') {
            p++;
        }
        return Ascii.startsWith(line, p, end, TIMES) ? envelope.skipKernelStamps(p + TIMES.length) : -1;
    }

    /** {@code message repeated N times: [ ... ]} reports N more copies of the packet inside. */
    private LineKind repeated(int at, int from, DeniedPacket into) {
        int times = 0;
        int p = at + REPEATED.length;
        int digits = p;
        while (p < end && line[p] >= '0' && line[p] <= '9' && times <= REPEAT_MAX) {
            times = times * 10 + line[p++] - '0';
        }
        into.clear();
        if (p == digits || line[digits] == '0' || times > REPEAT_MAX || line[p] != ' ') {
            return into.malformed(Malformation.BAD_NUMBER, digits);
        }
        int close = line[end - 1] == ' ' ? end - 2 : end - 1;
        if (close < from || line[close] != ']') {
            return into.malformed(Malformation.CUT, end);
        }
        return packetLine(kindOf(from), from, close, times, into);
    }

    /** Parses a line that does not show tag and prefix as expected but may still come from the LOG target. */
    private LineKind foreign(int start, LineWriter writer, DeniedPacket into) {
        int head = start;
        int inside = repeatedBody(head);
        if (inside < 0 && writer == LineWriter.UNKNOWN) {
            head = afterKernelTag(start, LogPrefixes.anchor(line, start, end));
            inside = repeatedBody(head);
        }
        int from = inside < 0 ? head : inside;
        if (prefixes.kind(line, from, end) == LineKind.OTHER && LogPrefixes.anchor(line, from, end) < 0) {
            return LineKind.OTHER;
        }
        return inside < 0 ? packetLine(kindOf(head), head, end, 1, into) : repeated(head, inside, into);
    }

    private LineKind kindOf(int from) {
        LineKind kind = prefixes.kind(line, from, end);
        return kind == LineKind.OTHER ? LineKind.PACKET : kind;
    }

    /** Index after the last kernel tag in a head of unknown form, or {@code from} if there is none. */
    private int afterKernelTag(int from, int anchor) {
        int message = from;
        for (int tag = Ascii.indexOf(line, from, anchor, KERNEL_TAG); tag >= 0; ) {
            message = envelope.skipKernelStamps(tag + KERNEL_TAG.length);
            tag = Ascii.indexOf(line, message, anchor, KERNEL_TAG);
        }
        return message;
    }

    private LineKind packetLine(LineKind begun, int from, int limit, int repeat, DeniedPacket into) {
        begin(repeat, into);
        into.spans[DeniedPacket.HOST] = envelope.hostStart();
        into.spans[DeniedPacket.HOST + 1] = envelope.hostEnd();
        anchor = LogPrefixes.anchor(line, prefixes.prefixEnd(), limit);
        LineKind kind = begun == LineKind.PACKET && anchor >= 0
                ? prefixes.kindOfPrefix(line, prefixes.prefixEnd(), anchor)
                : begun;
        setPrefix(from, anchor < 0 ? from : anchor, into);
        if (anchor < 0) {
            return into.malformed(Malformation.NO_ANCHOR, from);
        }
        if (limit - anchor > LINE_BYTES_MAX) {
            return into.malformed(Malformation.UNEXPECTED_FIELD, anchor + LINE_BYTES_MAX);
        }
        boolean wellFormed = body.read(copied(anchor, limit), limit - anchor, into);
        into.rebase(anchor);
        return body(kind, anchor, wellFormed, into);
    }

    private void begin(int repeat, DeniedPacket into) {
        into.clear();
        into.timeMicros = envelope.timeMicros();
        into.yearless = envelope.isYearless();
        into.repeat = repeat;
    }

    /** A copy of the line's {@code [from, limit)}, followed by zeros. */
    private byte[] copied(int from, int limit) {
        int length = limit - from;
        System.arraycopy(line, from, message, 0, length);
        Arrays.fill(message, length, length + PacketBody.PADDING, (byte) 0);
        return message;
    }

    /** The kind of a line, after its body has been copied from {@code from} on and read. */
    private LineKind body(LineKind kind, int from, boolean wellFormed, DeniedPacket into) {
        return wellFormed ? kind : into.malformed(body.malformation(), from + body.malformedAt());
    }

    private void setPrefix(int from, int anchor, DeniedPacket into) {
        int prefixEnd = anchor;
        while (prefixEnd > from && line[prefixEnd - 1] == ' ') {
            prefixEnd--;
        }
        into.spans[DeniedPacket.PREFIX] = from;
        into.spans[DeniedPacket.PREFIX + 1] = prefixEnd;
    }
}

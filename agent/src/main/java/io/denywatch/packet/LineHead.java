package io.denywatch.packet;

import io.denywatch.packet.SyslogEnvelope.LineWriter;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Reads the head of a line of any kind. Counting does not need it, but explaining a log does. Confined to one thread.
 */
public final class LineHead {
    private final SyslogEnvelope envelope;
    private final LogPrefixes prefixes;
    private byte[] line = new byte[0];
    private int start;
    private int end;
    private boolean timed;
    private LineWriter writer = LineWriter.UNKNOWN;

    /** A head without prefixes; no line has been read yet. */
    public LineHead(SyslogTime time) {
        this(List.of(), time);
    }

    /**
     * A head that looks for these prefixes; no line has been read yet.
     *
     * @param prefixes by which packets are counted
     */
    public LineHead(List<String> prefixes) {
        this(prefixes, new SyslogTime(ZoneOffset.UTC));
    }

    private LineHead(List<String> prefixes, SyslogTime time) {
        this.prefixes = new LogPrefixes(prefixes);
        envelope = new SyslogEnvelope(time);
    }

    /** Reads the head of the line in {@code buffer[offset, offset + length)}; the other methods describe it. */
    public void read(byte[] buffer, int offset, int length) {
        line = buffer;
        start = offset;
        end = offset + length;
        int afterTime = envelope.readStamp(buffer, offset, end);
        timed = afterTime >= 0;
        writer = envelope.readAfterStamp(offset, afterTime);
    }

    /** Whether the head says that the kernel wrote the line. */
    public boolean isKernels() {
        return writer == LineWriter.KERNEL;
    }

    /** When the line was written, Unix microseconds, or {@link DeniedPacket#NO_TIME}. */
    public long micros() {
        return envelope.timeMicros();
    }

    /** The host, or an empty text. */
    public String host() {
        return text(envelope.hostStart(), envelope.hostEnd());
    }

    /** Whether the kernel's own time stamp follows its tag. */
    public boolean hasKernelStamp() {
        return isKernels() && envelope.hasKernelStamp();
    }

    /** Why the line is {@link LineKind#UNRECOGNIZED}; call this only for such a line. */
    public Misunderstanding misunderstanding() {
        return switch (writer) {
            case KERNEL -> Misunderstanding.TEXT_BEFORE_PREFIX;
            case RSYSLOG, JOURNALD, SYSLOGD -> Misunderstanding.PROGRAM;
            case PROGRAM -> envelope.isNamedKernel() ? Misunderstanding.KERNEL_WITH_PID : Misunderstanding.PROGRAM;
            case UNKNOWN -> {
                int from = timed ? envelope.messageStart() : start;
                String before = text(from, Math.max(from, prefixes.firstIn(line, start, end)));
                yield Misunderstanding.ofUntagged(before, timed);
            }
        };
    }

    private String text(int from, int to) {
        return new String(line, from, to - from, StandardCharsets.ISO_8859_1);
    }
}

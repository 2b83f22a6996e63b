package io.denywatch.packet;

import io.denywatch.packet.SyslogEnvelope.LineWriter;

/**
 * Reads {@code last message repeated N times}, which syslogd, busybox and others write instead of N copies of the
 * previous line, and the variant of syslog-ng, which quotes the line's beginning. Confined to the thread that parses.
 *
 * <p>Neither contains a packet, and any local user can write the first, so they count as suppressed lines and never as
 * packets. rsyslog's {@code message repeated N times: [...]} contains one; {@link PacketLogParser} reads it.
 */
final class RepetitionNotice {
    private static final byte[] LAST = Ascii.bytes("last message ");
    private static final byte[] LAST_CAPITAL = Ascii.bytes("Last message ");
    private static final byte[] DASHES = Ascii.bytes("--- ");
    private static final byte[] REPEATED = Ascii.bytes("repeated ");
    private static final byte[] TIME = Ascii.bytes(" time");
    private static final byte[] QUOTE_REPEATED = Ascii.bytes("' repeated ");
    private static final byte[] BY_SYSLOG_NG = Ascii.bytes(", suppressed by syslog-ng");
    private static final String TRAILING = " .-"; // what may follow the notice

    private final SyslogEnvelope envelope; // not owned
    private final LogPrefixes prefixes; // not owned
    private byte[] line = new byte[0];
    private int end;
    private long lines;
    private int numberAt;

    RepetitionNotice(SyslogEnvelope envelope, LogPrefixes prefixes) {
        this.envelope = envelope;
        this.prefixes = prefixes;
    }

    /**
     * Classifies the message at {@code start}.
     *
     * @return {@link LineKind#SUPPRESSION} of lines that began with one of our prefixes, {@link LineKind#REPETITION} of
     *     copies of the previous line, or {@link LineKind#OTHER}
     */
    LineKind read(byte[] buffer, int start, int lineEnd, LineWriter writer) {
        if (writer != LineWriter.KERNEL && writer != LineWriter.SYSLOGD && writer != LineWriter.UNKNOWN) {
            return LineKind.OTHER;
        }
        line = buffer;
        end = lineEnd;
        int p = afterLast(start);
        if (p < 0 && writer == LineWriter.UNKNOWN && envelope.hostEnd() > envelope.hostStart()) {
            p = afterLast(envelope.hostStart()); // without a host, the first word was read as one
        }
        if (p < 0 || p >= end) {
            return LineKind.OTHER;
        }
        if (line[p] == '\'') {
            return quoting(p + 1);
        }
        int counted = Ascii.startsWith(line, p, end, REPEATED) ? times(p + REPEATED.length) : -1;
        while (counted >= 0 && counted < end && TRAILING.indexOf(line[counted]) >= 0) {
            counted++;
        }
        return counted == end ? LineKind.REPETITION : LineKind.OTHER;
    }

    /**
     * The number of lines in the last notice read; more than {@link SuppressionNotice#LINES_MAX} if it is too large.
     */
    long lines() {
        return lines;
    }

    /** Where its number begins. */
    int numberAt() {
        return numberAt;
    }

    private int afterLast(int at) {
        int p = Ascii.startsWith(line, at, end, DASHES) ? at + DASHES.length : at;
        boolean last = Ascii.startsWith(line, p, end, LAST) || Ascii.startsWith(line, p, end, LAST_CAPITAL);
        return last ? p + LAST.length : -1;
    }

    /** Only the first 20 characters of the message are quoted. */
    private LineKind quoting(int from) {
        int quote = Ascii.indexOf(line, from, end, QUOTE_REPEATED);
        int counted = quote < 0 ? -1 : times(quote + QUOTE_REPEATED.length);
        return counted >= 0
                        && Ascii.startsWith(line, counted, end, BY_SYSLOG_NG)
                        && prefixes.mayBegin(line, envelope.skipKernelStamps(from), quote)
                ? LineKind.SUPPRESSION
                : LineKind.OTHER;
    }

    /** Index after {@code 7 times} at {@code at}, or -1. */
    private int times(int at) {
        int p = KernelStamp.skipDigits(line, at, end);
        if (p == at || line[at] == '0' || !Ascii.startsWith(line, p, end, TIME)) {
            return -1;
        }
        lines = SuppressionNotice.lines(line, at, p);
        numberAt = at;
        p += TIME.length;
        return p < end && line[p] == 's' ? p + 1 : p;
    }
}

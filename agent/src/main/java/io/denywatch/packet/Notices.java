package io.denywatch.packet;

import io.denywatch.packet.SyslogEnvelope.LineWriter;

/** Reads notices that other lines are missing from the log. Confined to the thread that parses. */
final class Notices {
    private final SuppressionNotice suppression = new SuppressionNotice();
    private final RepetitionNotice repetition;

    Notices(SyslogEnvelope envelope, LogPrefixes prefixes) {
        repetition = new RepetitionNotice(envelope, prefixes);
    }

    /**
     * Classifies the message at {@code start}: a notice, a notice with an impossible number, or {@link LineKind#OTHER}.
     *
     * @param into receives the program that dropped lines and their number
     */
    LineKind read(byte[] line, int start, int end, LineWriter writer, DeniedPacket into) {
        if (suppression.read(line, start, end, writer)) {
            Suppressor by = writer == LineWriter.RSYSLOG
                    ? Suppressor.RSYSLOG
                    : suppression.isJournald() ? Suppressor.JOURNALD : Suppressor.KERNEL;
            return dropped(LineKind.SUPPRESSION, by, suppression.lines(), suppression.numberAt(), into);
        }
        LineKind kind = repetition.read(line, start, end, writer);
        return kind == LineKind.OTHER
                ? kind
                : dropped(kind, Suppressor.SYSLOGD, repetition.lines(), repetition.numberAt(), into);
    }

    private static LineKind dropped(LineKind kind, Suppressor by, long lines, int numberAt, DeniedPacket into) {
        if (lines > SuppressionNotice.LINES_MAX) {
            into.clear();
            return into.malformed(Malformation.BAD_NUMBER, numberAt);
        }
        into.suppressor = by;
        into.suppressedLines = lines;
        return kind;
    }
}

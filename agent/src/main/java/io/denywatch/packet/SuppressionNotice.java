package io.denywatch.packet;

import io.denywatch.packet.SyslogEnvelope.Writer;
import java.nio.charset.StandardCharsets;

/**
 * The lines in which the kernel, rsyslog and journald say that they dropped others. Told apart by the tag, so that a
 * program's text cannot fake one. Confined to the thread that parses.
 */
final class SuppressionNotice {
    private static final byte[] CALLBACKS = ascii(" callbacks suppressed");
    private static final byte[] LOST = ascii(" messages lost");
    private static final byte[] MISSED = ascii("Missed ");
    private static final byte[] SUPPRESSED = ascii("Suppressed ");
    private static final long COUNT_MAX = 1_000_000_000_000L;

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether the message is such a notice; if so, who and how many are in {@code into}. */
    boolean read(byte[] line, int start, int end, Writer writer, DeniedPacket into) {
        return switch (writer) {
            case KERNEL -> countBefore(line, start, end, CALLBACKS, Suppressor.KERNEL, into);
            case RSYSLOG -> countBefore(line, start, end, LOST, Suppressor.RSYSLOG, into);
            case JOURNALD ->
                countBehind(line, start, end, MISSED, into) || countBehind(line, start, end, SUPPRESSED, into);
            case PROGRAM, UNKNOWN -> false;
        };
    }

    private static boolean countBefore(
            byte[] line, int start, int end, byte[] words, Suppressor who, DeniedPacket into) {
        int at = Ascii.indexOf(line, start, end, words);
        int digits = at;
        while (digits > start && line[digits - 1] >= '0' && line[digits - 1] <= '9') {
            digits--;
        }
        return at >= 0 && count(line, digits, end, who, into);
    }

    private static boolean countBehind(byte[] line, int start, int end, byte[] word, DeniedPacket into) {
        return Ascii.startsWith(line, start, end, word)
                && count(line, start + word.length, end, Suppressor.JOURNALD, into);
    }

    private static boolean count(byte[] line, int at, int end, Suppressor who, DeniedPacket into) {
        long count = 0;
        int p = at;
        while (p < end && line[p] >= '0' && line[p] <= '9' && count < COUNT_MAX) {
            count = count * 10 + line[p++] - '0';
        }
        into.suppressor = who;
        into.suppressedLines = count;
        return p > at;
    }
}

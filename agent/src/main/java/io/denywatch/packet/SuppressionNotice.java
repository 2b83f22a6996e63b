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
    private static final byte[] KERNEL_MESSAGES = ascii(" kernel messages");
    private static final byte[] SUPPRESSED = ascii("Suppressed ");
    private static final byte[] MESSAGES_FROM = ascii(" messages from ");
    private static final byte[] JOURNALD = ascii("systemd-journald[");
    private static final byte[] TAG_END = ascii("]: ");

    /** Most lines that a notice may report: beyond, it is malformed. A second of the kernel's fastest log is 10^6. */
    static final int LINES_MAX = 1_000_000_000;

    private byte[] line = new byte[0];
    private int end;
    private int numberAt;

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Whether the message is such a notice; if so, who and how many are in {@code into}: more than {@link #LINES_MAX}
     * where the number is too large.
     */
    boolean read(byte[] buffer, int start, int lineEnd, Writer writer, DeniedPacket into) {
        line = buffer;
        end = lineEnd;
        return switch (writer) {
            case KERNEL -> before(start, CALLBACKS, true, Suppressor.KERNEL, into) || journald(skipTag(start), into);
            case RSYSLOG -> before(start, LOST, false, Suppressor.RSYSLOG, into);
            case JOURNALD -> journald(start, into);
            case PROGRAM, UNKNOWN -> false;
        };
    }

    /** Where the number of the notice read last begins. */
    int numberAt() {
        return numberAt;
    }

    /** journald writes some of its messages to the kernel's buffer, tag included. */
    private int skipTag(int start) {
        if (!Ascii.startsWith(line, start, end, JOURNALD)) {
            return start;
        }
        int pid = start + JOURNALD.length;
        int p = KernelStamp.skipDigits(line, pid, end);
        return p > pid && Ascii.startsWith(line, p, end, TAG_END) ? p + TAG_END.length : start;
    }

    private boolean journald(int start, DeniedPacket into) {
        return behind(start, MISSED, KERNEL_MESSAGES, into) || behind(start, SUPPRESSED, MESSAGES_FROM, into);
    }

    /** A number before these words, which may have to be the last ones. */
    private boolean before(int start, byte[] words, boolean last, Suppressor who, DeniedPacket into) {
        int at = Ascii.indexOf(line, start, end, words);
        int behind = at + words.length;
        while (last && at >= 0 && behind < end && line[behind] == ' ') {
            behind++;
        }
        int digits = at;
        while (digits > start && line[digits - 1] >= '0' && line[digits - 1] <= '9') {
            digits--;
        }
        boolean word = digits == start || (digits > start && line[digits - 1] == ' ');
        return at >= 0 && word && (!last || behind == end) && count(digits, at, who, into);
    }

    private boolean behind(int start, byte[] word, byte[] words, DeniedPacket into) {
        int digits = start + word.length;
        if (!Ascii.startsWith(line, start, end, word)) {
            return false;
        }
        int p = KernelStamp.skipDigits(line, digits, end);
        return Ascii.startsWith(line, p, end, words) && count(digits, p, Suppressor.JOURNALD, into);
    }

    private boolean count(int from, int to, Suppressor who, DeniedPacket into) {
        if (to == from || (line[from] == '0' && to - from > 1)) {
            return false;
        }
        long count = 0;
        for (int i = from; i < to; i++) {
            count = Math.min(count * 10 + line[i] - '0', LINES_MAX + 1L);
        }
        numberAt = from;
        into.suppressor = who;
        into.suppressedLines = count;
        return true;
    }
}

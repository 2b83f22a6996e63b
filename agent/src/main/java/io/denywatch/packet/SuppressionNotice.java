package io.denywatch.packet;

import io.denywatch.packet.SyslogEnvelope.LineWriter;
import java.util.List;

/**
 * Reads notices in which the kernel, rsyslog or journald report dropped lines, if these may have included packet lines.
 * Confined to the thread that parses.
 *
 * <p>Such lines were dropped by a rate limit on the LOG target or on all of printk, or were kernel records that got
 * lost. Notices about the lines of one program or unit, or of the kernel's audit, are ignored. The tag shows which
 * program reports; other programs cannot forge a tag in their text.
 */
final class SuppressionNotice {
    /**
     * The most lines that a notice may report without being malformed. The kernel logs at most about 10^6 in a second.
     */
    static final int LINES_MAX = 1_000_000_000;

    private static final byte[] CALLBACKS = Ascii.bytes(" callbacks suppressed");
    private static final byte[] PRINTK = Ascii.bytes("printk: ");
    private static final byte[] MESSAGES_SUPPRESSED = Ascii.bytes(" messages suppressed");
    private static final byte[] STARS = Ascii.bytes("** ");
    private static final byte[] PRINTK_DROPPED = Ascii.bytes(" printk messages dropped");
    private static final byte[] RATE_LIMIT = Ascii.bytes("ratelimit");
    /** Functions that log packets, or through which all of printk's output passes. */
    private static final List<byte[]> LOGGING =
            bytes("printk", "__printk", "vprintk", "nf_log", "nft_", "ipt_", "ip6t_", "xt_", "log_tg");

    private static final byte[] LOST = Ascii.bytes(" messages lost");
    /** rsyslog's modules that read the kernel's lines. */
    private static final List<byte[]> INPUTS = bytes("imklog: ", "imkmsg: ", "imjournal: ");

    private static final byte[] OVERWRITTEN = Ascii.bytes("some messages in circular buffer got overwritten");

    private static final byte[] MISSED = Ascii.bytes("Missed ");
    private static final byte[] KERNEL_MESSAGES = Ascii.bytes(" kernel messages");
    private static final byte[] OVERRUN = Ascii.bytes("/dev/kmsg buffer overrun, some messages lost.");
    private static final byte[] DROPPED = Ascii.bytes(" (Dropped ");
    private static final byte[] SIMILAR = Ascii.bytes(" similar message");
    private static final List<byte[]> JOURNALD_TAGS = bytes("systemd-journald[", "systemd-journal[");
    private static final byte[] TAG_END = Ascii.bytes("]: ");

    private byte[] line = new byte[0];
    private int end;
    private boolean journalds;
    private long lines;
    private int numberAt;

    private static List<byte[]> bytes(String... texts) {
        return List.of(texts).stream().map(Ascii::bytes).toList();
    }

    /** Whether the message is such a notice; if so, the other methods describe it. */
    boolean read(byte[] buffer, int start, int lineEnd, LineWriter writer) {
        line = buffer;
        end = lineEnd;
        journalds = false;
        return switch (writer) {
            case KERNEL -> kernel(start) || journald(skipTag(start));
            case RSYSLOG -> rsyslog(start);
            case JOURNALD -> journald(start);
            case SYSLOGD, PROGRAM, UNKNOWN -> false;
        };
    }

    /** Whether journald wrote the notice read last, whatever its tag; otherwise the tag names the writer. */
    boolean isJournald() {
        return journalds;
    }

    /** How many lines the notice read last reports; more than {@link #LINES_MAX} where the number is too large. */
    long lines() {
        return lines;
    }

    /** Where its number begins. */
    int numberAt() {
        return numberAt;
    }

    private boolean kernel(int start) {
        if (Ascii.startsWith(line, start, end, STARS)) {
            return number(start + STARS.length, PRINTK_DROPPED) >= 0;
        }
        if (Ascii.startsWith(line, start, end, PRINTK) && number(start + PRINTK.length, MESSAGES_SUPPRESSED) >= 0) {
            return true;
        }
        int colon = start;
        while (colon < end && line[colon] != ' ' && line[colon] != ':') {
            colon++;
        }
        if (colon + 1 >= end || line[colon] != ':' || line[colon + 1] != ' ' || !isLogging(start, colon)) {
            return false;
        }
        int p = number(colon + 2, CALLBACKS);
        while (p >= 0 && p < end && line[p] == ' ') {
            p++;
        }
        return p == end;
    }

    private boolean isLogging(int start, int nameEnd) {
        int suffix = nameEnd - RATE_LIMIT.length;
        return (suffix >= start && Ascii.startsWith(line, suffix, nameEnd, RATE_LIMIT))
                || afterAny(start, nameEnd, LOGGING) >= 0;
    }

    private boolean rsyslog(int start) {
        int p = afterAny(start, end, INPUTS);
        return p >= 0 && (number(p, LOST) >= 0 || one(p, OVERWRITTEN));
    }

    private boolean journald(int start) {
        journalds = true;
        if (Ascii.startsWith(line, start, end, MISSED)) {
            return number(start + MISSED.length, KERNEL_MESSAGES) >= 0;
        }
        if (!one(start, OVERRUN)) {
            return false;
        }
        int more = start + OVERRUN.length;
        if (Ascii.startsWith(line, more, end, DROPPED) && number(more + DROPPED.length, SIMILAR) >= 0) {
            lines++; // each of those reports a loss, and so does this one
        }
        return true;
    }

    /** journald writes some of its messages to the kernel's buffer, tag included. */
    private int skipTag(int start) {
        int pid = afterAny(start, end, JOURNALD_TAGS);
        if (pid < 0) {
            return start;
        }
        int p = KernelStamp.skipDigits(line, pid, end);
        return p > pid && Ascii.startsWith(line, p, end, TAG_END) ? p + TAG_END.length : start;
    }

    private int afterAny(int at, int limit, List<byte[]> texts) {
        for (int i = 0; i < texts.size(); i++) {
            if (Ascii.startsWith(line, at, limit, texts.get(i))) {
                return at + texts.get(i).length;
            }
        }
        return -1;
    }

    /** Whether these words, which report a loss without a number, are at {@code at}. */
    private boolean one(int at, byte[] words) {
        lines = 1;
        numberAt = at;
        return Ascii.startsWith(line, at, end, words);
    }

    /** Index after a number at {@code at} and these words, or -1 if they are not here. */
    private int number(int at, byte[] words) {
        int p = KernelStamp.skipDigits(line, at, end);
        if (p == at || (line[at] == '0' && p > at + 1) || !Ascii.startsWith(line, p, end, words)) {
            return -1;
        }
        lines = lines(line, at, p);
        numberAt = at;
        return p + words.length;
    }

    /** The number in {@code [from, to)}, where all characters are digits; more than {@link #LINES_MAX} if it is too large. */
    static long lines(byte[] text, int from, int to) {
        long number = 0;
        for (int i = from; i < to; i++) {
            number = Math.min(number * 10 + text[i] - '0', LINES_MAX + 1L);
        }
        return number;
    }
}

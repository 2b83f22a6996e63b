package io.denywatch.packet;

import java.nio.charset.StandardCharsets;

/**
 * The head of a log line: what rsyslog, journald, dmesg and their kin write before the message. All parts may be
 * missing: {@code <PRI>}, time stamp, host, facility and severity, tag, the kernel's own stamp. Confined to the thread
 * that parses.
 */
final class SyslogEnvelope {
    /** Who wrote the message, as far as the head tells. */
    enum Writer {
        /** The tag is {@code kernel:}, or the line begins with a kernel stamp as dmesg prints it. */
        KERNEL,
        /** The tag names rsyslog. */
        RSYSLOG,
        /** The tag names journald. */
        JOURNALD,
        /** Some other program's tag. */
        PROGRAM,
        /** There is no tag that can be told from the message. */
        UNKNOWN
    }

    /** Host, facility and tag: the tag is the third word behind the time at the latest. */
    private static final int WORDS_BEFORE_MESSAGE_MAX = 3;

    private static final byte[] KERNEL = bytes("kernel");
    private static final byte[] RSYSLOGD = bytes("rsyslogd");
    private static final byte[] JOURNALD = bytes("systemd-journald");
    private static final byte[] NO_PID_MESSAGE_ID_DATA = bytes(" - - - ");
    private static final byte[] CRI_STDOUT = bytes("stdout ");
    private static final byte[] CRI_STDERR = bytes("stderr ");

    private final StampReader stamps;

    private byte[] text = new byte[0];
    private int end;
    private int hostStart;
    private int hostEnd;
    private int messageStart;

    SyslogEnvelope(SyslogTime time) {
        stamps = new StampReader(time);
    }

    private static byte[] bytes(String ascii) {
        return ascii.getBytes(StandardCharsets.US_ASCII);
    }

    int hostStart() {
        return hostStart;
    }

    int hostEnd() {
        return hostEnd;
    }

    /** Where the message begins, kernel stamps and blanks left out. */
    int messageStart() {
        return messageStart;
    }

    /** Unix time in microseconds of the line read last, or {@link DeniedPacket#NO_TIME}. */
    long timeMicros() {
        return stamps.micros(text);
    }

    /** Whether that time came from a stamp without year and zone. */
    boolean isYearless() {
        return stamps.isYearless();
    }

    /** Reads the head of the line in {@code [offset, end)}. */
    Writer read(byte[] buffer, int offset, int end) {
        this.text = buffer;
        this.end = end;
        hostStart = hostEnd = 0;
        int p = skipPriority(offset);
        int afterTime = stamps.find(buffer, p, end);
        if (afterTime < 0) {
            int afterStamp = skipKernelStamps(p);
            return afterStamp > p ? dmesg(afterStamp) : words(p, false);
        }
        return words(afterTime, true);
    }

    /** Behind a kernel stamp: journald's monotonic form goes on with host and tag, dmesg with the message. */
    private Writer dmesg(int p) {
        Writer writer = words(p, true);
        if (writer != Writer.KERNEL) {
            hostStart = hostEnd = 0;
            messageStart = p;
        }
        return Writer.KERNEL;
    }

    /** {@code <5>}, and the version of RFC 5424 behind it. */
    private int skipPriority(int offset) {
        if (offset >= end || text[offset] != '<') {
            return offset;
        }
        int p = offset + 1;
        while (p < end && text[p] >= '0' && text[p] <= '9') {
            p++;
        }
        if (p >= end || text[p] != '>' || p == offset + 1) {
            return offset;
        }
        p++;
        return p + 1 < end && text[p] == '1' && text[p + 1] == ' ' ? p + 2 : p;
    }

    /** The words up to the tag. Where there is none, the message begins behind the host. */
    private Writer words(int from, boolean timed) {
        int p = from;
        int secondWord = -1;
        for (int word = 0; word < WORDS_BEFORE_MESSAGE_MAX; word++) {
            int wordEnd = p;
            while (wordEnd < end && text[wordEnd] != ' ') {
                wordEnd++;
            }
            Writer writer = writerOf(p, wordEnd, word);
            if (writer != Writer.UNKNOWN) {
                if (word > 0 && timed) {
                    setHost(from);
                }
                messageStart = afterTag(writer, wordEnd);
                return writer;
            }
            if (wordEnd == end || (word == 1 && !isFacilityAndSeverity(p, wordEnd))) {
                break; // a program's own words: a tag among them would be forged
            }
            p = skipBlanks(wordEnd);
            if (word == 0) {
                secondWord = p;
            }
        }
        untagged(from, timed, secondWord);
        return Writer.UNKNOWN;
    }

    /** {@code user.warn}, as some routers write it between host and tag. */
    private boolean isFacilityAndSeverity(int start, int wordEnd) {
        int dots = 0;
        for (int i = start; i < wordEnd; i++) {
            byte c = text[i];
            boolean plain = c == '.' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            if (!plain) {
                return false;
            }
            dots += c == '.' ? 1 : 0;
        }
        return dots == 1;
    }

    private void setHost(int from) {
        hostStart = from;
        hostEnd = from;
        while (text[hostEnd] != ' ') {
            hostEnd++;
        }
    }

    /** Host and message follow the time; a word that ends in a colon or holds an equals sign is no host. */
    private void untagged(int from, boolean timed, int secondWord) {
        messageStart = skipKernelStamps(from);
        if (messageStart > from || !timed || secondWord < 0) {
            return;
        }
        int last = secondWord - 1;
        while (last > from && text[last] == ' ') {
            last--;
        }
        boolean host = text[last] != ':' && text[from] != '[';
        for (int i = from; i <= last && host; i++) {
            host = text[i] != '=';
        }
        if (host) {
            setHost(from);
            messageStart = skipKernelStamps(secondWord);
        }
    }

    private Writer writerOf(int start, int wordEnd, int word) {
        int length = wordEnd - start;
        if (length == KERNEL.length + 1 && text[wordEnd - 1] == ':' && Ascii.startsWith(text, start, end, KERNEL)) {
            return Writer.KERNEL;
        }
        if (length == KERNEL.length
                && word > 0
                && Ascii.startsWith(text, start, end, KERNEL)
                && Ascii.startsWith(text, wordEnd, end, NO_PID_MESSAGE_ID_DATA)) {
            return Writer.KERNEL;
        }
        if (length < 2 || text[wordEnd - 1] != ':') {
            return Writer.UNKNOWN;
        }
        int nameEnd = wordEnd - 1;
        boolean pid = false;
        if (text[nameEnd - 1] == ']') {
            int p = nameEnd - 2;
            while (p > start && text[p] >= '0' && text[p] <= '9') {
                p--;
            }
            pid = p > start && p < nameEnd - 2 && text[p] == '[';
            nameEnd = pid ? p : nameEnd;
        }
        if (nameEnd - start == RSYSLOGD.length && Ascii.startsWith(text, start, end, RSYSLOGD)) {
            return Writer.RSYSLOG;
        }
        if (nameEnd - start == JOURNALD.length && Ascii.startsWith(text, start, end, JOURNALD)) {
            return Writer.JOURNALD;
        }
        return pid ? Writer.PROGRAM : Writer.UNKNOWN;
    }

    private int afterTag(Writer writer, int tagEnd) {
        int p = text[tagEnd - 1] == ':' ? tagEnd : tagEnd + NO_PID_MESSAGE_ID_DATA.length;
        return writer == Writer.KERNEL ? skipKernelStamps(skipBlanks(p)) : skipBlanks(p);
    }

    /** {@code stdout F } of a container log; returns {@code from} where there is none. */
    int skipContainerStream(int from) {
        boolean stream = Ascii.startsWith(text, from, end, CRI_STDOUT) || Ascii.startsWith(text, from, end, CRI_STDERR);
        int flag = from + CRI_STDOUT.length;
        boolean whole = stream && flag + 1 < end && (text[flag] == 'F' || text[flag] == 'P') && text[flag + 1] == ' ';
        return whole ? flag + 2 : from;
    }

    private int skipBlanks(int from) {
        int p = from;
        while (p < end && text[p] == ' ') {
            p++;
        }
        return p;
    }

    /** {@code [158271.044316] }, {@code [    C3] }, both, in dmesg also {@code [Mon Nov 15 01:42:08 2021] }. */
    int skipKernelStamps(int from) {
        int p = from;
        while (p < end && text[p] == '[') {
            int close = kernelStampEnd(p);
            if (close < 0) {
                return p;
            }
            p = skipBlanks(close);
        }
        return p;
    }

    /** One past the bracket of the stamp at {@code open}, or -1 if it is none. */
    private int kernelStampEnd(int open) {
        int p = skipBlanks(open + 1);
        if (p >= end) {
            return -1;
        }
        boolean caller = text[p] == 'T' || text[p] == 'C';
        int close = p;
        if (caller) {
            close = skipDigits(p + 1);
            if (close == p + 1) {
                return text[p] == 'T' ? calendarStampEnd(p) : -1;
            }
        } else {
            close = skipDigits(p);
            if (close == p) {
                return calendarStampEnd(p);
            }
            if (close >= end || text[close] != '.') {
                return -1;
            }
            int fraction = close + 1;
            close = skipDigits(fraction);
            if (close == fraction) {
                return -1;
            }
        }
        return close < end && text[close] == ']' ? close + 1 : -1;
    }

    /** {@code Mon Nov 15 01:42:08 2021]}: 24 characters with colons in their places. */
    private int calendarStampEnd(int p) {
        boolean shaped = p + 25 <= end
                && text[p + 3] == ' '
                && text[p + 13] == ':'
                && text[p + 16] == ':'
                && text[p + 24] == ']';
        return shaped ? p + 25 : -1;
    }

    private int skipDigits(int from) {
        int p = from;
        while (p < end && text[p] >= '0' && text[p] <= '9') {
            p++;
        }
        return p;
    }
}

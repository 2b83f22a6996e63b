package io.denywatch.packet;

import io.denywatch.packet.SyslogEnvelope.LineWriter;

/**
 * Reads the tag of a line. Confined to the thread that parses.
 *
 * <p>It is {@code name:} or {@code name[pid]:} in RFC 3164. In RFC 5424, it is APP-NAME, PROCID, MSGID and
 * STRUCTURED-DATA, of which all but the first may be {@code -}.
 */
final class SyslogTag {
    private static final byte[] KERNEL = Ascii.bytes("kernel");
    private static final byte[] RSYSLOGD = Ascii.bytes("rsyslogd");
    private static final byte[] JOURNALD = Ascii.bytes("systemd-journald");
    /** The same name as the kernel prints it, cut to 15 characters like every task's name. */
    private static final byte[] JOURNALD_CUT = Ascii.bytes("systemd-journal");

    private static final byte[] SYSLOGD = Ascii.bytes("syslogd");
    private static final byte[] SYSLOG_NG = Ascii.bytes("syslog-ng");
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private int tagStart;
    private int tagEnd;

    /** Index after the tag read last, where the message, or a kernel stamp before it, may begin. */
    int end() {
        return tagEnd;
    }

    /**
     * The writer whose tag begins with the word in {@code [start, wordEnd)}; {@link LineWriter#UNKNOWN} if none does.
     */
    LineWriter read(byte[] text, int start, int wordEnd, int end) {
        tagStart = start;
        if (isKernelTag(text, start, end)) {
            tagEnd = start + KERNEL.length + 1;
            return LineWriter.KERNEL;
        }
        if (wordEnd - start < 2) {
            return LineWriter.UNKNOWN;
        }
        if (text[wordEnd - 1] != ':') {
            LineWriter known = known(text, start, wordEnd);
            boolean fields = known != LineWriter.UNKNOWN && readFields(text, wordEnd, end);
            return fields ? known : LineWriter.UNKNOWN;
        }
        tagEnd = wordEnd;
        int nameEnd = nameEnd(text, start, wordEnd - 1);
        LineWriter known = known(text, start, nameEnd);
        if (known != LineWriter.UNKNOWN && known != LineWriter.KERNEL) { // the kernel has no process id
            return known;
        }
        return nameEnd < wordEnd - 1 ? LineWriter.PROGRAM : LineWriter.UNKNOWN;
    }

    /** Whether the tag read last begins with the kernel's name and a process id. */
    boolean isNamedKernel(byte[] text) {
        int nameEnd = tagStart + KERNEL.length;
        return Ascii.startsWith(text, tagStart, tagEnd, KERNEL) && nameEnd < tagEnd && text[nameEnd] == '[';
    }

    /** Whether {@code kernel:} is here. */
    boolean isKernelTag(byte[] text, int at, int end) {
        int colon = at + KERNEL.length;
        return colon < end && text[colon] == ':' && Ascii.startsWith(text, at, end, KERNEL);
    }

    private static LineWriter known(byte[] text, int start, int end) {
        return switch (text[start]) {
            case 'k' -> is(text, start, end, KERNEL) ? LineWriter.KERNEL : LineWriter.UNKNOWN;
            case 'r' -> is(text, start, end, RSYSLOGD) ? LineWriter.RSYSLOG : LineWriter.UNKNOWN;
            case 's' -> {
                if (is(text, start, end, JOURNALD) || is(text, start, end, JOURNALD_CUT)) {
                    yield LineWriter.JOURNALD;
                }
                boolean syslogd = is(text, start, end, SYSLOGD) || is(text, start, end, SYSLOG_NG);
                yield syslogd ? LineWriter.SYSLOGD : LineWriter.UNKNOWN;
            }
            default -> LineWriter.UNKNOWN;
        };
    }

    private static boolean is(byte[] text, int start, int end, byte[] name) {
        return end - start == name.length && Ascii.startsWith(text, start, end, name);
    }

    /** The end of a program's name: before {@code [pid]}, if that is there. */
    private static int nameEnd(byte[] text, int start, int colon) {
        if (text[colon - 1] != ']') {
            return colon;
        }
        int p = colon - 1;
        while (p > start && text[p - 1] >= '0' && text[p - 1] <= '9') {
            p--;
        }
        boolean pid = p < colon - 1 && p - 1 > start && text[p - 1] == '[';
        return pid ? p - 1 : colon;
    }

    /** Reads the fields of RFC 5424 after an APP-NAME that ends at {@code at}. Returns whether they are there. */
    boolean readFields(byte[] text, int at, int end) {
        int p = structuredData(text, field(text, field(text, at, end), end), end);
        if (p < 0 || p >= end || text[p] != ' ') {
            return false;
        }
        p++;
        tagEnd = Ascii.startsWith(text, p, end, BYTE_ORDER_MARK) ? p + BYTE_ORDER_MARK.length : p;
        return true;
    }

    /** Index after the blank at {@code at} and a word, or -1 if they are not there. */
    private static int field(byte[] text, int at, int end) {
        if (at < 0 || at >= end || text[at] != ' ') {
            return -1;
        }
        int p = at + 1;
        while (p < end && text[p] > ' ' && text[p] < 0x7f) {
            p++;
        }
        return p > at + 1 ? p : -1;
    }

    /** Index after the blank at {@code at} and {@code -} or elements in brackets, or -1 if they are not there. */
    private static int structuredData(byte[] text, int at, int end) {
        if (at < 0 || at + 1 >= end || text[at] != ' ') {
            return -1;
        }
        int p = at + 1;
        if (text[p] == '-') {
            return p + 1;
        }
        while (p < end && text[p] == '[') {
            p = elementEnd(text, p, end);
            if (p < 0) {
                return -1;
            }
        }
        return p > at + 1 ? p : -1;
    }

    /** Index after {@code [id name="value" ...]}, or -1. */
    private static int elementEnd(byte[] text, int open, int end) {
        int p = nameOf(text, open + 1, end);
        while (p > 0 && p < end && text[p] == ' ') {
            int equals = nameOf(text, p + 1, end);
            boolean parameter = equals > 0 && equals + 1 < end && text[equals] == '=' && text[equals + 1] == '"';
            p = parameter ? valueEnd(text, equals + 2, end) : -1;
        }
        return p > 0 && p < end && text[p] == ']' ? p + 1 : -1;
    }

    private static int nameOf(byte[] text, int at, int end) {
        int p = at;
        while (p < end && text[p] > ' ' && text[p] < 0x7f && text[p] != '=' && text[p] != ']' && text[p] != '"') {
            p++;
        }
        return p > at ? p : -1;
    }

    /** Index after the quotation mark that ends a value, which is the first one that is not escaped, or -1. */
    private static int valueEnd(byte[] text, int at, int end) {
        for (int p = at; p < end; p++) {
            if (text[p] == '"') {
                return p + 1;
            }
            if (text[p] == '\\') {
                p++;
            }
        }
        return -1;
    }
}

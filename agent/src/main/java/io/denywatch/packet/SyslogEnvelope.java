package io.denywatch.packet;

/**
 * Reads the head of a log line, which rsyslog, journald, dmesg and others write before the message. Confined to the
 * thread that parses.
 *
 * <p>Its parts are {@code <PRI>}, time stamp, host, facility and severity, tag, and the kernel's own stamp. Each may be
 * missing.
 */
final class SyslogEnvelope {
    /** Who wrote the message, according to the head. */
    enum LineWriter {
        /** The tag is the kernel's, without a process id, or the line begins with a kernel stamp as dmesg prints it. */
        KERNEL,
        /** The tag names rsyslog. */
        RSYSLOG,
        /** The tag names journald. */
        JOURNALD,
        /** The tag names another program that writes the log itself. */
        SYSLOGD,
        /** Some other program's tag. */
        PROGRAM,
        /** There is no tag that can be distinguished from the message. */
        UNKNOWN
    }

    /** Host, facility and tag: at most two words come between the time and the tag. */
    private static final int WORDS_BEFORE_MESSAGE_MAX = 3;

    private static final byte[] CONTAINER_OUTPUT = Ascii.bytes("stdout ");
    private static final byte[] CONTAINER_ERRORS = Ascii.bytes("stderr ");

    private final StampReader stamps;
    private final SyslogTag tag = new SyslogTag();

    private byte[] text = new byte[0];
    private int end;
    private boolean versioned; // the priority says RFC 5424
    private int hostStart;
    private int hostEnd;
    private int tagEnd;
    private int messageStart;
    private int equalsSign;

    SyslogEnvelope(SyslogTime time) {
        stamps = new StampReader(time);
    }

    int hostStart() {
        return hostStart;
    }

    int hostEnd() {
        return hostEnd;
    }

    /** Index after the kernel's tag, where its stamps may be; only for a line of the kernel with a time stamp. */
    int tagEnd() {
        return tagEnd;
    }

    /** Where the message begins, after kernel stamps and blanks. */
    int messageStart() {
        return messageStart;
    }

    /** Index of the first equals sign in the line, or -1. Neither priority nor time stamp contains one. */
    int equalsSign() {
        return equalsSign;
    }

    /** Unix time in microseconds of the line read last, or {@link DeniedPacket#NO_TIME}. */
    long timeMicros() {
        return stamps.micros(text);
    }

    /** Whether that time came from a stamp without a zone. */
    boolean isYearless() {
        return stamps.isYearless();
    }

    /**
     * Reads the time stamp of the line in {@code [offset, end)}. Returns the index after it, or -1 if there is none.
     */
    int readStamp(byte[] buffer, int offset, int end) {
        this.text = buffer;
        this.end = end;
        return stamps.find(buffer, skipPriority(offset), end);
    }

    /** Reads the rest of the head of the line at {@code offset}, after {@link #readStamp} returned {@code afterTime}. */
    LineWriter readAfterStamp(int offset, int afterTime) {
        hostStart = hostEnd = 0;
        tagEnd = -1;
        equalsSign = Ascii.indexOf(text, Math.max(offset, afterTime), end, (byte) '=');
        if (afterTime >= 0) {
            int afterStream = skipContainerStream(afterTime);
            return afterStream > afterTime ? ofContainer(afterStream) : timed(afterTime);
        }
        int p = skipPriority(offset);
        if (versioned && p + 1 < end && text[p] == '-' && text[p + 1] == ' ') {
            return timed(skipBlanks(p + 1)); // RFC 5424 for an unknown time
        }
        int monotonic = KernelStamp.monotonicEnd(text, p, end);
        if (monotonic > 0) {
            return dmesg(p, skipBlanks(monotonic));
        }
        int calendar = KernelStamp.calendarEnd(text, p, end);
        if (calendar > 0) {
            messageStart = skipKernelStamps(calendar);
            return LineWriter.KERNEL;
        }
        return untimed(p);
    }

    /** A kernel message without a head, in {@code [offset, end)}, whose time is known from elsewhere. */
    LineWriter readNone(byte[] buffer, int offset, int end, long unixMicros) {
        this.text = buffer;
        this.end = end;
        hostStart = hostEnd = 0;
        equalsSign = Ascii.indexOf(text, offset, end, (byte) '=');
        stamps.give(unixMicros);
        messageStart = skipBlanks(offset); // a stamp here would be the message's own text
        return LineWriter.KERNEL;
    }

    /** After a monotonic stamp: host and tag if journald wrote the line, the message if dmesg did. */
    private LineWriter dmesg(int stamp, int afterStamp) {
        int hostEnd = wordEnd(afterStamp);
        int word = skipBlanks(hostEnd);
        boolean journal = isHost(afterStamp, hostEnd) && tag.isKernelTag(text, word, end);
        if (journal) {
            setHost(afterStamp, hostEnd);
            tag.read(text, word, wordEnd(word), end);
        }
        messageStart = skipKernelStamps(journal ? tag.end() : stamp);
        return LineWriter.KERNEL;
    }

    /** {@code <5>}, and the version of RFC 5424 after it. */
    private int skipPriority(int offset) {
        versioned = false;
        if (offset >= end || text[offset] != '<') {
            return offset;
        }
        int p = KernelStamp.skipDigits(text, offset + 1, end);
        int digits = p - offset - 1;
        if (p >= end || text[p] != '>' || digits < 1 || digits > 3) {
            return offset;
        }
        p++;
        versioned = p + 1 < end && text[p] == '1' && text[p + 1] == ' ';
        return versioned ? p + 2 : p;
    }

    /** The words after a time stamp, up to the tag. If there is no tag, the message begins after the host. */
    private LineWriter timed(int from) {
        int p = from;
        int firstEnd = wordEnd(from);
        int wordEnd = firstEnd;
        for (int word = 0; word < WORDS_BEFORE_MESSAGE_MAX; word++) {
            LineWriter writer = tag.read(text, p, wordEnd, end);
            if (writer != LineWriter.UNKNOWN) {
                if (word > 0) {
                    setHost(from, firstEnd);
                }
                return afterTag(writer);
            }
            // After anything but host and facility, the words are a program's own, and a tag among them would be
            // forged.
            boolean head = word == 0 ? isHost(p, wordEnd) : isFacilityAndSeverity(p, wordEnd);
            if (!head || wordEnd == end) {
                break;
            }
            p = skipBlanks(wordEnd);
            wordEnd = wordEnd(p);
        }
        if (p > from) {
            setHost(from, firstEnd);
            if (versioned && tag.readFields(text, wordEnd(skipBlanks(firstEnd)), end)) {
                return afterTag(LineWriter.PROGRAM);
            }
        }
        messageStart = skipKernelStamps(p);
        return LineWriter.UNKNOWN;
    }

    /** Reads a line without a time stamp: it begins with the tag or with the message. */
    private LineWriter untimed(int from) {
        int wordEnd = wordEnd(from);
        LineWriter writer = tag.read(text, from, wordEnd, end);
        if (writer != LineWriter.UNKNOWN) {
            return afterTag(writer);
        }
        messageStart = skipKernelStamps(from);
        return writer;
    }

    /** Reads the output of a container. No tag in it is taken for the kernel's or a logger's. */
    private LineWriter ofContainer(int from) {
        LineWriter writer = tag.read(text, from, wordEnd(from), end);
        messageStart = skipKernelStamps(from);
        return writer == LineWriter.UNKNOWN || writer == LineWriter.KERNEL ? LineWriter.UNKNOWN : LineWriter.PROGRAM;
    }

    private int wordEnd(int from) {
        int p = from;
        while (p < end && text[p] != ' ') {
            p++;
        }
        return p;
    }

    /** Sets the host to this word; {@code -} is an unknown host. */
    private void setHost(int start, int afterHost) {
        boolean unknown = afterHost == start + 1 && text[start] == '-';
        hostStart = unknown ? 0 : start;
        hostEnd = unknown ? 0 : afterHost;
    }

    /** Whether the word may be a host: words of a message have brackets, equals signs or a colon at the end. */
    private boolean isHost(int start, int wordEnd) {
        return start < wordEnd
                && text[start] != '['
                && text[wordEnd - 1] != ':'
                && (equalsSign < 0 || equalsSign >= wordEnd);
    }

    /** {@code user.warn}, as some routers write it between host and tag. */
    private boolean isFacilityAndSeverity(int start, int wordEnd) {
        int dot = -1;
        for (int i = start; i < wordEnd; i++) {
            byte c = text[i];
            boolean letter = c >= 'a' && c <= 'z';
            if (c == '.' && dot < 0) {
                dot = i;
            } else if (!letter && (dot >= 0 || c < '0' || c > '9')) {
                return false;
            }
        }
        return dot > start && dot < wordEnd - 1;
    }

    /** Whether the kernel's time stamp follows its tag. */
    boolean hasKernelStamp() {
        return tagEnd >= 0 && KernelStamp.monotonicEnd(text, skipBlanks(tagEnd), end) > 0;
    }

    /** Whether the tag read last, which is a program's, names it {@code kernel}. */
    boolean isNamedKernel() {
        return tag.isNamedKernel(text);
    }

    private LineWriter afterTag(LineWriter writer) {
        tagEnd = tag.end();
        messageStart = writer == LineWriter.KERNEL ? skipKernelStamps(tagEnd) : skipBlanks(tagEnd);
        return writer;
    }

    /** Index after {@code stdout F } of a container log, or {@code from} if that is not there. */
    private int skipContainerStream(int from) {
        boolean stream = Ascii.startsWith(text, from, end, CONTAINER_OUTPUT)
                || Ascii.startsWith(text, from, end, CONTAINER_ERRORS);
        int flag = from + CONTAINER_OUTPUT.length;
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

    /** Index after blanks, {@code [158271.044316] } and {@code [    C3] }, each of which may be missing. */
    int skipKernelStamps(int from) {
        int p = skipBlanks(from);
        if (p >= end || text[p] != '[') {
            return p;
        }
        int monotonic = KernelStamp.monotonicEnd(text, p, end);
        p = monotonic > 0 ? skipBlanks(monotonic) : p;
        int caller = KernelStamp.callerEnd(text, p, end);
        return caller > 0 ? skipBlanks(caller) : p;
    }
}

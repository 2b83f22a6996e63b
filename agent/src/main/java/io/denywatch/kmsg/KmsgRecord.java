package io.denywatch.kmsg;

/**
 * One record of the kernel's log, as read from {@code /dev/kmsg}: {@code priority,sequence,stamp,flags;text}. Confined
 * to the ingest thread. Newer kernels add fields before the semicolon; the text may be followed by lines that begin
 * with a blank and name the device. A flyweight over the caller's buffer, in which it unescapes the text.
 */
final class KmsgRecord {
    /** The most digits read of a number. The kernel's numbers have 64 bits, but none needs more digits in one boot. */
    private static final int DIGITS_MAX = 18;

    private static final int FACILITY_SHIFT = 3;
    private static final int KERNEL_FACILITY = 0;
    private static final int ESCAPE_BYTES = 4; // \x5c

    private byte[] buffer = new byte[0];
    private int end;
    private int next;
    private long priority;
    private long sequence;
    private long stampMicros;
    private int textStart;
    private int textLength;

    /** Reads the record in {@code [0, length)}. Returns whether it is one. */
    boolean read(byte[] bytes, int length) {
        buffer = bytes;
        end = length;
        next = 0;
        priority = number();
        sequence = number();
        stampMicros = number();
        if ((priority | sequence | stampMicros) < 0 || !skipFlags()) {
            return false;
        }
        textStart = next;
        int textEnd = next;
        boolean escaped = false;
        while (textEnd < end && buffer[textEnd] != '\n') {
            escaped |= buffer[textEnd++] == '\\';
        }
        textLength = (escaped ? unescape(textStart, textEnd) : textEnd) - textStart;
        return true;
    }

    /** Reads a number and the comma after it; -1 if they are not there. */
    private long number() {
        int start = next;
        long value = 0;
        while (next < end && buffer[next] >= '0' && buffer[next] <= '9' && next - start < DIGITS_MAX) {
            value = value * 10 + buffer[next++] - '0';
        }
        boolean whole = next > start && next < end && buffer[next] == ',';
        next++;
        return whole ? value : -1;
    }

    /** Skips the flags and the semicolon after them. Returns whether both are in the first line. */
    private boolean skipFlags() {
        int start = next;
        while (next < end && buffer[next] != ';' && buffer[next] != '\n') {
            next++;
        }
        boolean found = next > start && next < end && buffer[next] == ';' && buffer[start] != ',';
        next++;
        return found;
    }

    /** Replaces each {@code \xNN} by its byte. Returns the new end of the text. */
    private int unescape(int from, int to) {
        int out = from;
        for (int in = from; in < to; ) {
            int value = buffer[in] == '\\' && to - in >= ESCAPE_BYTES && buffer[in + 1] == 'x'
                    ? hex(buffer[in + 2]) << 4 | hex(buffer[in + 3])
                    : -1;
            buffer[out++] = value < 0 ? buffer[in] : (byte) value;
            in += value < 0 ? 1 : ESCAPE_BYTES;
        }
        return out;
    }

    private static int hex(byte digit) {
        if (digit >= '0' && digit <= '9') {
            return digit - '0';
        }
        return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
    }

    /** Whether the kernel itself wrote it. No program can write with the kernel's facility. */
    boolean isKernels() {
        return priority >>> FACILITY_SHIFT == KERNEL_FACILITY;
    }

    /** The record's number, which grows by one with each record of a boot. */
    long sequence() {
        return sequence;
    }

    /** The time of the kernel's local clock in microseconds, which is not a wall clock. */
    long stampMicros() {
        return stampMicros;
    }

    /** Index of the text's first byte. */
    int textStart() {
        return textStart;
    }

    /** The text's length in bytes. */
    int textLength() {
        return textLength;
    }
}

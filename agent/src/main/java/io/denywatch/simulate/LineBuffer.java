package io.denywatch.simulate;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Builds text as bytes, without garbage. Confined to the thread that writes the log. */
final class LineBuffer {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int SECONDS_BYTES = 19; // 2026-03-01T10:00:00
    private static final int MICROS_DIGITS = 6;
    private static final byte[] UTC = "+00:00".getBytes(StandardCharsets.US_ASCII);
    private static final long MICROS = 1_000_000;

    private final byte[] bytes;
    private final byte[] second = new byte[SECONDS_BYTES];
    private long secondIs = Long.MIN_VALUE;
    private int length;

    LineBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    LineBuffer text(byte[] text) {
        System.arraycopy(text, 0, bytes, length, text.length);
        length += text.length;
        return this;
    }

    LineBuffer character(char character) {
        bytes[length++] = (byte) character;
        return this;
    }

    /** Appends a non-negative number in decimal. */
    LineBuffer decimal(long number) {
        int digits = 1;
        for (long rest = number; rest >= 10; rest /= 10) {
            digits++;
        }
        padded(number, digits);
        return this;
    }

    /** Appends a number with this many decimal digits. */
    private void padded(long number, int digits) {
        long rest = number;
        for (int i = length + digits - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
    }

    /** Appends an IPv4 address in dotted decimal. */
    LineBuffer ipv4(int address) {
        return decimal(address >>> 24)
                .character('.')
                .decimal(address >>> 16 & 0xff)
                .character('.')
                .decimal(address >>> 8 & 0xff)
                .character('.')
                .decimal(address & 0xff);
    }

    /** Appends an IPv6 address as the kernel prints it: eight groups of four digits. */
    LineBuffer ipv6(long high, long low) {
        half(high);
        character(':');
        half(low);
        return this;
    }

    private void half(long bits) {
        for (int shift = 60; shift >= 0; shift -= 4) {
            bytes[length++] = HEX[(int) (bits >>> shift) & 0xf];
            if (shift % 16 == 0 && shift > 0) {
                bytes[length++] = ':';
            }
        }
    }

    /** Appends a time in rsyslog's RFC 3339 format: UTC with microseconds. */
    LineBuffer time(long unixMicros) {
        long at = Math.floorDiv(unixMicros, MICROS);
        if (at != secondIs) {
            secondIs = at;
            byte[] text = Instant.ofEpochSecond(at).toString().getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(text, 0, second, 0, SECONDS_BYTES);
        }
        text(second);
        character('.');
        padded(Math.floorMod(unixMicros, MICROS), MICROS_DIGITS);
        return text(UTC);
    }
}

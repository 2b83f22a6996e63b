package io.denywatch.packet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads ASCII text eight bytes at a time (SWAR, see Hacker's Delight 2nd ed., 6-1). Stateless: any thread may use it.
 *
 * <p>Words are little-endian: the first character is the lowest byte. Callers make sure that eight bytes can be read.
 */
final class Ascii {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ZEROS = 0x3030_3030_3030_3030L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final long SEVEN_BITS = 0x7f7f_7f7f_7f7f_7f7fL;
    private static final long ABOVE_NINE = 0x7676_7676_7676_7676L;
    private static final long ONES = 0x0101_0101_0101_0101L;

    private static final byte[] HEX_LOWER = hexTable('a');
    private static final byte[] HEX_UPPER = hexTable('A');

    private Ascii() {}

    private static byte[] hexTable(char letters) {
        byte[] table = new byte[256];
        for (int c = 0; c < table.length; c++) {
            boolean digit = c >= '0' && c <= '9';
            boolean letter = c >= letters && c < letters + 6;
            table[c] = (byte) (digit ? c - '0' : letter ? c - letters + 10 : -1);
        }
        return table;
    }

    /** The word that holds these 1 to 8 characters. */
    static long word(String characters) {
        long word = 0;
        for (int i = characters.length() - 1; i >= 0; i--) {
            word = word << 8 | characters.charAt(i);
        }
        return word;
    }

    /** How many characters such a word holds. */
    static int length(long word) {
        return Long.BYTES - (Long.numberOfLeadingZeros(word) >>> 3);
    }

    /** Whether the characters of such a word are at {@code at}. */
    static boolean is(byte[] text, int at, long word) {
        int otherBits = Long.numberOfLeadingZeros(word) & ~7; // the bits after the word's characters
        return (long8(text, at) ^ word) << otherBits == 0;
    }

    /** The characters as bytes. */
    static byte[] bytes(String characters) {
        return characters.getBytes(StandardCharsets.ISO_8859_1);
    }

    static long long8(byte[] text, int at) {
        return (long) LONG.get(text, at);
    }

    /** How many of the eight bytes come before the first that is not a decimal digit: 0 to 8. */
    static int digits(long word) {
        long t = word ^ ZEROS;
        long foreign = ((t & SEVEN_BITS) + ABOVE_NINE | t) & HIGH_BITS;
        return Long.numberOfTrailingZeros(foreign) >>> 3;
    }

    /** The value of the first {@code count} digits of a word, 1 to 8. */
    static int decimal(long word, int count) {
        long t = (word ^ ZEROS) << (64 - 8 * count);
        t = t * 10 + (t >>> 8) & 0x00ff_00ff_00ff_00ffL;
        t = t * 100 + (t >>> 16) & 0x0000_ffff_0000_ffffL;
        return (int) (t * 10_000 + (t >>> 32));
    }

    /** The value of a hexadecimal digit with small letters, or -1. */
    static int hexLower(byte character) {
        return HEX_LOWER[character & 0xff];
    }

    /** The value of a hexadecimal digit with capital letters, or -1. */
    static int hexUpper(byte character) {
        return HEX_UPPER[character & 0xff];
    }

    /** Whether {@code text[at, end)} begins with {@code expected}. */
    static boolean startsWith(byte[] text, int at, int end, byte[] expected) {
        if (end - at < expected.length) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if (text[at + i] != expected[i]) {
                return false;
            }
        }
        return true;
    }

    /** Index of the first {@code wanted} in {@code text[from, end)}, or -1. */
    static int indexOf(byte[] text, int from, int end, byte[] wanted) {
        for (int i = from; i <= end - wanted.length; i++) {
            if (text[i] == wanted[0] && startsWith(text, i, end, wanted)) {
                return i;
            }
        }
        return -1;
    }

    /** Index of the first {@code wanted} in {@code [from, end)}, or -1. */
    static int indexOf(byte[] text, int from, int end, byte wanted) {
        int lastWord = end - Long.BYTES;
        if (from > lastWord) {
            return indexOfInFew(text, from, end, wanted);
        }
        long eight = (wanted & 0xff) * ONES;
        for (int i = from; i < lastWord; i += Long.BYTES) {
            long zeros = zeros(long8(text, i) ^ eight);
            if (zeros != 0) {
                return i + (Long.numberOfTrailingZeros(zeros) >>> 3);
            }
        }
        long zeros = zeros(long8(text, lastWord) ^ eight); // bytes read twice did not match the first time
        return zeros == 0 ? -1 : lastWord + (Long.numberOfTrailingZeros(zeros) >>> 3);
    }

    private static int indexOfInFew(byte[] text, int from, int end, byte wanted) {
        int i = from;
        while (i < end && text[i] != wanted) {
            i++;
        }
        return i < end ? i : -1;
    }

    /** The high bit of each zero byte. Above the lowest of these, high bits of other bytes may be set as well. */
    private static long zeros(long word) {
        return word - ONES & ~word & HIGH_BITS;
    }
}

package io.denywatch.packet;

import java.util.stream.Stream;

/**
 * Reads keys, values and separators of the kernel's format. Confined to the thread that parses.
 *
 * <p>Each step takes the index where its field begins and returns the index after the field's blank. The blank may be
 * missing at the end of the text, because many collectors strip it.
 *
 * <p>Failure is sticky. A step that does not find what the grammar demands records the first reason and returns the end
 * of the text. The text is followed by zeros, which match no key and no value, so later steps fail there without
 * effect and a caller checks {@link #failed} once, at the end. Values read after a failure are meaningless.
 */
final class FieldReader {
    private static final int WORD_DIGITS_MAX = 7;

    /** All words of the format. A text that ends with the beginning of one of them was cut. */
    private static final byte[][] KEYWORDS = Stream.of(
                    ("IN=|OUT=|PHYSIN=|PHYSOUT=|MAC=|TUNNEL=|->|MACSRC=|MACDST=|VPROTO="
                                    + "|VID=|MACPROTO=|ARP |SRC=|DST=|LEN=|TOS=0x|PREC=0x|TTL=|ID=|CE |DF |MF |FRAG:|OPT (TRUNCATED) "
                                    + "|TC=|HOPLIMIT=|FLOWLBL=|OPT ( |FRAG:TRUNCATED |INCOMPLETE |ID:|AH SPI=0x|) |TRUNCATED "
                                    + "|Unknown Ext Hdr |PROTO=|TCP |UDP |UDPLITE |ICMP |ICMPv6 |AH |ESP |SPT=|DPT=|SEQ=|ACK=|WINDOW="
                                    + "|RES=0x|AE |CWR |ECE |URG |ACK |PSH |RST |SYN |FIN |URGP=|INCOMPLETE [|bytes] |TYPE=|CODE="
                                    + "|PARAMETER=|GATEWAY=|POINTER=|[TRUNCATED] |] |MTU=|SPI=0x|UID=|GID=|MARK=0x")
                            .split("\\|"))
            .map(Ascii::bytes)
            .toArray(byte[][]::new);

    private static final long TRUNCATE = Ascii.word("TRUNCATE");
    private static final long D = Ascii.word("D");

    private byte[] text = new byte[0];
    private int end;
    private long value;
    private boolean failed;
    private Malformation malformation = Malformation.CUT;
    private int malformedAt;

    /** Starts on {@code line[0, lineEnd)}, which {@link PacketBody#PADDING} zeros follow. */
    void begin(byte[] line, int lineEnd) {
        text = line;
        end = lineEnd;
        failed = false;
    }

    int end() {
        return end;
    }

    /** The number read last. */
    long value() {
        return value;
    }

    /** Whether any step has failed. */
    boolean failed() {
        return failed;
    }

    /** The reason for the first failure. */
    Malformation malformation() {
        return malformation;
    }

    /** Index of the byte at which the first failure occurred. */
    int malformedAt() {
        return malformedAt;
    }

    /** Whether the text ends with a blank, as the kernel's text does unless a collector stripped or cut it. */
    boolean endsWithBlank() {
        return text[end - 1] == ' ';
    }

    byte at(int index) {
        return text[index];
    }

    /** Whether these 1 to 8 characters ({@link Ascii#word}) are at {@code at}. */
    boolean is(int at, long word) {
        return Ascii.is(text, at, word);
    }

    /** Whether these 9 to 16 characters are at {@code at}. */
    boolean is(int at, long first, long rest) {
        return Ascii.is(text, at, first) && Ascii.is(text, at + Long.BYTES, rest);
    }

    boolean isTruncated(int at) {
        return is(at, TRUNCATE, D);
    }

    /** Skips a blank; the end of the text counts as one. */
    int separator(int at) {
        if (text[at] == ' ') {
            return at + 1;
        }
        return at == end ? at : fail(Malformation.UNEXPECTED_FIELD, at);
    }

    /** A key of 1 to 8 characters. */
    int key(int at, long key) {
        return is(at, key) ? at + Ascii.length(key) : unexpected(at);
    }

    /** A key of 9 to 16 characters. */
    int key(int at, long first, long rest) {
        return is(at, first, rest) ? at + Long.BYTES + Ascii.length(rest) : unexpected(at);
    }

    /** The blank after an address, and the key of the next field. */
    int nextKey(int at, long key) {
        return text[at] == ' ' ? key(at + 1, key) : noAddress(at);
    }

    /** A key and its decimal. */
    int decimal(int at, long key, long max) {
        return decimal(key(at, key), max);
    }

    /** A decimal without sign or leading zeros, 0 to {@code max}, and its blank. */
    int decimal(int at, long max) {
        long word = Ascii.long8(text, at);
        int digits = Ascii.digits(word);
        if (digits > WORD_DIGITS_MAX) {
            return longDecimal(at, max);
        }
        if (digits == 0) {
            return broken(at);
        }
        value = Ascii.decimal(word, digits);
        int next = at + digits;
        if (value > max || (digits > 1 && text[at] == '0')) {
            return fail(Malformation.BAD_NUMBER, at);
        }
        return text[next] == ' ' ? next + 1 : numberEnd(next);
    }

    private int longDecimal(int at, long max) {
        int p = at;
        long number = 0;
        while (text[p] >= '0' && text[p] <= '9') {
            if (number > max) {
                return fail(Malformation.BAD_NUMBER, at);
            }
            number = number * 10 + text[p++] - '0';
        }
        value = number;
        if (number > max || text[at] == '0') {
            return fail(Malformation.BAD_NUMBER, at);
        }
        return text[p] == ' ' ? p + 1 : numberEnd(p);
    }

    private int numberEnd(int at) {
        return at == end ? at : fail(Malformation.BAD_NUMBER, at);
    }

    /** A decimal of 0 to 255, without the blank after it. */
    int byteValue(int at) {
        long word = Ascii.long8(text, at);
        int digits = Ascii.digits(word);
        if (digits == 0) {
            return broken(at);
        }
        boolean fits = digits <= 3 && Ascii.decimal(word, digits) <= 255 && (digits == 1 || text[at] != '0');
        return fits ? at + digits : fail(Malformation.BAD_NUMBER, at);
    }

    /** A key and its number of {@code min} to {@code max} hexadecimal digits with small letters. */
    int hex(int at, long key, int min, int max) {
        return hex(key(at, key), min, max);
    }

    /** A number of {@code min} to {@code max} hexadecimal digits with small letters, and its blank. */
    int hex(int at, int min, int max) {
        long number = 0;
        int p = at;
        for (int digit = Ascii.hexLower(text[p]); digit >= 0 && p - at < max; digit = Ascii.hexLower(text[++p])) {
            number = number << 4 | digit;
        }
        value = number;
        if (p - at < min) {
            return broken(p);
        }
        if (text[at] == '0' && p - at > 1 && min == 1) {
            return fail(Malformation.BAD_NUMBER, at);
        }
        return text[p] == ' ' ? p + 1 : numberEnd(p);
    }

    /** A key, two hexadecimal digits with capital letters, and their blank. */
    int hexByte(int keyAt, long key) {
        int at = key(keyAt, key);
        int high = Ascii.hexUpper(text[at]);
        int low = high < 0 ? -1 : Ascii.hexUpper(text[at + 1]);
        if (low < 0) {
            return broken(high < 0 ? at : at + 1);
        }
        value = 16L * high + low;
        return text[at + 2] == ' ' ? at + 3 : numberEnd(at + 2);
    }

    /** A dotted address, without the blank after it. */
    int ipv4(int at) {
        int p = at;
        int bits = 0;
        for (int octet = 0; octet < 4; octet++) {
            long word = Ascii.long8(text, p);
            int digits = Ascii.digits(word);
            if (digits == 0 || digits > 3) {
                return noAddress(p);
            }
            int number = Ascii.decimal(word, digits);
            if (number > 255 || (digits > 1 && text[p] == '0')) {
                return noAddress(p);
            }
            bits = bits << 8 | number;
            p += digits;
            if (octet < 3) {
                if (text[p] != '.') {
                    return noAddress(p);
                }
                p++;
            }
        }
        value = Integer.toUnsignedLong(bits);
        return p;
    }

    /** Four of the eight groups of an IPv6 address, each of four digits with small letters, as the kernel prints them. */
    int ipv6Half(int at) {
        long bits = 0;
        int p = at;
        for (int group = 0; group < 4; group++) {
            if (group > 0) {
                if (text[p] != ':') {
                    return noAddress(p);
                }
                p++;
            }
            int first = Ascii.hexLower(text[p]);
            int second = Ascii.hexLower(text[p + 1]);
            int third = Ascii.hexLower(text[p + 2]);
            int fourth = Ascii.hexLower(text[p + 3]);
            if ((first | second | third | fourth) < 0) {
                return noAddress(p);
            }
            bits = (bits << 16) | (first << 12 | second << 8 | third << 4 | fourth);
            p += 4;
        }
        value = bits;
        return p;
    }

    /** A colon and the other four groups. */
    int ipv6LowHalf(int at) {
        return text[at] == ':' ? ipv6Half(at + 1) : fail(at == end ? Malformation.CUT : Malformation.BAD_ADDRESS, at);
    }

    /** Fails: there is no number where one must be. */
    int broken(int at) {
        return fail(at == end ? Malformation.CUT : Malformation.BAD_NUMBER, at);
    }

    /** Fails: the required field is missing. If the text ends with the beginning of any field, it was cut. */
    int unexpected(int at) {
        if (failed) {
            return end;
        }
        for (byte[] keyword : KEYWORDS) {
            if (end - at < keyword.length && isBegun(at, keyword)) {
                return fail(Malformation.CUT, at);
            }
        }
        return fail(Malformation.UNEXPECTED_FIELD, at);
    }

    private boolean isBegun(int at, byte[] keyword) {
        for (int i = at; i < end; i++) {
            if (text[i] != keyword[i - at]) {
                return false;
            }
        }
        return true;
    }

    /** Fails: there is no address, or only the beginning of one, where one must be. */
    private int noAddress(int at) {
        int p = at;
        while (Ascii.hexLower(text[p]) >= 0 || text[p] == ':' || text[p] == '.') {
            p++;
        }
        return fail(p == end ? Malformation.CUT : Malformation.BAD_ADDRESS, at);
    }

    /** Fails for this reason, if no step has failed before. Returns the end of the text. */
    int fail(Malformation reason, int at) {
        if (!failed) {
            failed = true;
            malformation = reason;
            malformedAt = at;
        }
        return end;
    }
}

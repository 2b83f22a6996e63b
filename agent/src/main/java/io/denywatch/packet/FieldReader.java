package io.denywatch.packet;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/**
 * Values and separators of the kernel's format, and what went wrong with them. Works on a text that ends in zeros; each
 * step returns the index behind the value's blank, or a negative number when the text breaks the grammar. At the text's
 * end the blank may be missing: many collectors strip it. Confined to the thread that parses.
 */
final class FieldReader {
    private static final int BROKEN = -1;
    private static final int WORD_DIGITS_MAX = 7;

    /** Whatever the kernel may print next, to tell a cut field from a foreign one; a bar separates, a blank counts. */
    private static final byte[][] KEYWORDS = Stream.of(
                    ("IN=|OUT=|PHYSIN=|PHYSOUT=|MAC=|TUNNEL=|->|MACSRC=|MACDST=|VPROTO="
                                    + "|VID=|MACPROTO=|ARP |SRC=|DST=|LEN=|TOS=0x|PREC=0x|TTL=|ID=|CE |DF |MF |FRAG:|OPT (TRUNCATED) "
                                    + "|TC=|HOPLIMIT=|FLOWLBL=|OPT ( |FRAG:TRUNCATED |INCOMPLETE |ID:|AH SPI=0x|) |TRUNCATED "
                                    + "|Unknown Ext Hdr |PROTO=|TCP |UDP |UDPLITE |ICMP |ICMPv6 |AH |ESP |SPT=|DPT=|SEQ=|ACK=|WINDOW="
                                    + "|RES=0x|AE |CWR |ECE |URG |ACK |PSH |RST |SYN |FIN |URGP=|INCOMPLETE [|bytes] |TYPE=|CODE="
                                    + "|PARAMETER=|GATEWAY=|POINTER=|[TRUNCATED] |] |MTU=|SPI=0x|UID=|GID=|MARK=0x")
                            .split("\\|"))
            .map(keyword -> keyword.getBytes(StandardCharsets.US_ASCII))
            .toArray(byte[][]::new);

    private static final long TRUNCATED = Ascii.word("TRUNCATE");

    private byte[] text = new byte[0];
    private int end;
    private long value;
    private Malformation malformation = Malformation.CUT;
    private int malformedAt;

    void begin(byte[] line, int lineEnd) {
        text = line;
        end = lineEnd;
    }

    byte[] text() {
        return text;
    }

    int end() {
        return end;
    }

    /** The number read last. */
    long value() {
        return value;
    }

    Malformation malformation() {
        return malformation;
    }

    int malformedAt() {
        return malformedAt;
    }

    /** Whether the kernel ended the text itself, rather than a collector or a cut. */
    boolean endsWithBlank() {
        return text[end - 1] == ' ';
    }

    /** One past the value whose blank ends before {@code next}. */
    int valueEnd(int next) {
        return text[next - 1] == ' ' ? next - 1 : next;
    }

    boolean isTruncated(int at) {
        return Ascii.long8(text, at) == TRUNCATED && text[at + 8] == 'D';
    }

    /** Behind the blank at {@code at}; the end of the text passes for one. */
    int separator(int at) {
        if (text[at] == ' ') {
            return at + 1;
        }
        return at == end ? at : fail(Malformation.UNEXPECTED_FIELD, at);
    }

    /** Behind the blank at {@code at} and a key of four characters. */
    int key(int at, int key) {
        if (text[at] != ' ') {
            return noAddress(at);
        }
        return Ascii.int4(text, at + 1) == key ? at + 5 : unexpected(at + 1);
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

    /** Two hexadecimal digits with capital letters, and their blank. */
    int hexByte(int at) {
        int high = Ascii.hexUpper(text[at]);
        int low = high < 0 ? -1 : Ascii.hexUpper(text[at + 1]);
        if (low < 0) {
            return broken(high < 0 ? at : at + 1);
        }
        value = 16L * high + low;
        return text[at + 2] == ' ' ? at + 3 : numberEnd(at + 2);
    }

    /** A dotted address; its blank is the caller's. Returns the index behind its last digit. */
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

    /** Four groups of an IPv6 address as the kernel prints it: four small digits each, colons between. */
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

    /** Something that is no value stands where one should. */
    int broken(int at) {
        return fail(at == end ? Malformation.CUT : Malformation.BAD_NUMBER, at);
    }

    /** Something stands where the grammar has another field: at the text's end, the beginning of one was cut. */
    int unexpected(int at) {
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

    /** Something stands where an address should, or the beginning of one. */
    private int noAddress(int at) {
        int p = at;
        while (Ascii.hexLower(text[p]) >= 0 || text[p] == ':' || text[p] == '.') {
            p++;
        }
        return fail(p == end ? Malformation.CUT : Malformation.BAD_ADDRESS, at);
    }

    int fail(Malformation reason, int at) {
        malformation = reason;
        malformedAt = at;
        return BROKEN;
    }
}

package io.denywatch.packet;

import java.util.Arrays;
import java.util.List;

/** Classifies messages by the log prefix with which they begin. Confined to the thread that parses. */
final class LogPrefixes {
    /** The base of Calico's response prefixes: the default of {@code logConnectionTransitionsPrefix}. */
    private static final byte[] RESPONSE_BASE = Ascii.bytes("calico-response");

    private static final byte[] ESTABLISHED = Ascii.bytes("-est");
    private static final byte[] RESET = Ascii.bytes("-rst");
    private static final byte[] ICMP_ERROR = Ascii.bytes("-icmp-err");
    private static final byte[] IN = Ascii.bytes("IN=");
    private static final byte[] PHYS = Ascii.bytes("PHYS");
    private static final byte[] OUT = Ascii.bytes(" OUT=");
    private static final int U_IN_OUT = 2;

    /** The characters that iptables keeps of a prefix. Calico shortens the base, so that its own suffix is kept. */
    private static final int PREFIX_CHARACTERS_MAX = 29;

    private static final int SEPARATOR_CHARACTERS = 2; // the colon and the blank

    private final byte[][] prefixes;
    private byte[][] responseBases = {RESPONSE_BASE};
    private int prefixEnd;

    LogPrefixes(List<String> prefixes) {
        this.prefixes = prefixes.stream().map(Ascii::bytes).toArray(byte[][]::new);
    }

    /** What the message at {@code at} is: a packet, a response, or neither. */
    LineKind kind(byte[] line, int at, int end) {
        for (byte[] prefix : prefixes) {
            if (Ascii.startsWith(line, at, end, prefix)) {
                prefixEnd = at + prefix.length;
                LineKind response = response(line, prefixEnd, end);
                return response == LineKind.OTHER ? LineKind.PACKET : response;
            }
        }
        for (byte[] base : responseBases) {
            int longest = Math.min(base.length, PREFIX_CHARACTERS_MAX - ICMP_ERROR.length - SEPARATOR_CHARACTERS);
            if (Ascii.startsWith(line, at, end, base)) {
                longest = base.length;
            } else if (!Arrays.equals(line, at, Math.min(end, at + longest), base, 0, longest)) {
                continue;
            }
            LineKind response = response(line, at + longest, end);
            if (response != LineKind.OTHER) {
                return response;
            }
        }
        prefixEnd = at;
        return LineKind.OTHER;
    }

    /**
     * Classifies the line by the text in {@code [from, anchor)}, between one of the prefixes and the kernel's text: the
     * line is a response if that text ends like the prefix of a response.
     */
    LineKind kindOfPrefix(byte[] line, int from, int anchor) {
        int p = anchor;
        while (p > from && line[p - 1] == ' ') {
            p--;
        }
        p = p > from && line[p - 1] == ':' ? p - 1 : p;
        if (ends(line, from, p, ESTABLISHED)) {
            return LineKind.RESPONSE_ESTABLISHED;
        }
        if (ends(line, from, p, RESET)) {
            return LineKind.RESPONSE_RESET;
        }
        return ends(line, from, p, ICMP_ERROR) ? LineKind.RESPONSE_ICMP_ERROR : LineKind.PACKET;
    }

    private static boolean ends(byte[] line, int from, int end, byte[] suffix) {
        int at = end - suffix.length;
        return at >= from && Ascii.startsWith(line, at, end, suffix);
    }

    /** Also recognizes responses whose prefix begins with this base. */
    void responseBase(String base) {
        responseBases = base.isEmpty() ? new byte[][] {RESPONSE_BASE} : new byte[][] {RESPONSE_BASE, Ascii.bytes(base)};
    }

    /**
     * Whether {@code  OUT=} and one of the prefixes are anywhere in {@code [from, end)}.
     *
     * @param equals the first equals sign there, or -1
     */
    boolean areInPacketLine(byte[] line, int from, int end, int equals) {
        return equals >= 0
                && indexOfOut(line, Math.max(from, equals + 1 - OUT.length), end) >= 0
                && firstIn(line, from, end) >= 0;
    }

    /** Index of the first {@code  OUT=} in {@code [from, end)}, or -1; searches for its rarest letter. */
    private static int indexOfOut(byte[] line, int from, int end) {
        for (int u = Ascii.indexOf(line, from, end, OUT[U_IN_OUT]); u >= 0; ) {
            int out = u - U_IN_OUT;
            if (out >= from && Ascii.startsWith(line, out, end, OUT)) {
                return out;
            }
            u = Ascii.indexOf(line, u + 1, end, OUT[U_IN_OUT]);
        }
        return -1;
    }

    /** Index of the first prefix in {@code [from, end)}, or -1. */
    int firstIn(byte[] line, int from, int end) {
        int first = -1;
        for (byte[] prefix : prefixes) {
            int at = Ascii.indexOf(line, from, first < 0 ? end : Math.min(end, first + prefix.length), prefix);
            first = at < 0 ? first : at;
        }
        return first;
    }

    /** The last {@code IN=} before the first {@code  OUT=}, or -1; prefixes may contain either word. */
    static int anchor(byte[] line, int from, int limit) {
        int out = indexOfOut(line, from, limit);
        for (int i = out - IN.length; i >= from; i--) {
            if (line[i] == 'I' && Ascii.startsWith(line, i, limit, IN)) {
                boolean bridgePort = i - PHYS.length >= from && Ascii.startsWith(line, i - PHYS.length, i, PHYS);
                if (!bridgePort) {
                    return i;
                }
            }
        }
        return -1;
    }

    /** Whether a message of which only {@code [from, end)} is known may begin with one of the prefixes. */
    boolean mayBegin(byte[] line, int from, int end) {
        for (byte[] prefix : prefixes) {
            int common = Math.min(prefix.length, end - from);
            if (common > 0 && Arrays.equals(line, from, from + common, prefix, 0, common)) {
                return true;
            }
        }
        return false;
    }

    /** Where the kernel's text may begin in the message that was classified last, after its prefix. */
    int prefixEnd() {
        return prefixEnd;
    }

    private LineKind response(byte[] line, int at, int end) {
        if (at >= end || line[at] != '-') {
            return LineKind.OTHER;
        }
        if (isEnd(line, at, end, ESTABLISHED)) {
            return LineKind.RESPONSE_ESTABLISHED;
        }
        if (isEnd(line, at, end, RESET)) {
            return LineKind.RESPONSE_RESET;
        }
        return isEnd(line, at, end, ICMP_ERROR) ? LineKind.RESPONSE_ICMP_ERROR : LineKind.OTHER;
    }

    private boolean isEnd(byte[] line, int at, int end, byte[] suffix) {
        int p = at + suffix.length;
        boolean ends = Ascii.startsWith(line, at, end, suffix)
                && p < end
                && (line[p] == ':' || line[p] == ' ' || Ascii.startsWith(line, p, end, IN));
        if (ends) {
            prefixEnd = p;
        }
        return ends;
    }
}

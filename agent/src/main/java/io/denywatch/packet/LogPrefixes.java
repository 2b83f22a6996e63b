package io.denywatch.packet;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a message is by the log prefix that it begins with. Confined to the thread that parses. */
final class LogPrefixes {
    /** The base of Calico's response prefixes, as {@code logConnectionTransitionsPrefix} has it by default. */
    private static final byte[] RESPONSE_BASE = bytes("calico-response");

    private static final byte[] ESTABLISHED = bytes("-est");
    private static final byte[] RESET = bytes("-rst");
    private static final byte[] ICMP_ERROR = bytes("-icmp-err");
    private static final byte[] IN = bytes("IN=");

    private final byte[][] prefixes;
    private int behind;

    LogPrefixes(List<String> prefixes) {
        this.prefixes = prefixes.stream().map(LogPrefixes::bytes).toArray(byte[][]::new);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** What the message at {@code at} is: a packet, a response, or neither. */
    LineKind kind(byte[] line, int at, int end) {
        for (byte[] prefix : prefixes) {
            if (Ascii.startsWith(line, at, end, prefix)) {
                behind = at + prefix.length;
                LineKind response = response(line, behind, end);
                return response == LineKind.OTHER ? LineKind.PACKET : response;
            }
        }
        LineKind response = Ascii.startsWith(line, at, end, RESPONSE_BASE)
                ? response(line, at + RESPONSE_BASE.length, end)
                : LineKind.OTHER;
        if (response == LineKind.OTHER) {
            behind = at;
        }
        return response;
    }

    /** Where, in the message asked for last, the kernel's text may begin: what is before it belongs to the prefix. */
    int behind() {
        return behind;
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
            behind = p;
        }
        return ends;
    }
}

package io.denywatch.command;

import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.LineKind;
import io.denywatch.packet.Malformation;
import io.denywatch.packet.Suppressor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** How many lines there were of each kind. Confined to the thread that reads. */
final class ParseTally {
    private final long[] byKind = new long[LineKind.values().length];
    private final long[] byMalformation = new long[Malformation.values().length];
    private final long[] bySuppressor = new long[Suppressor.values().length];
    private long oversized;
    private long packets;

    /** Counts a line that was parsed. */
    void add(LineKind kind, DeniedPacket packet) {
        byKind[kind.ordinal()]++;
        switch (kind) {
            case PACKET -> packets += packet.repeat();
            case MALFORMED -> byMalformation[packet.malformation().ordinal()]++;
            case SUPPRESSION -> bySuppressor[packet.suppressor().ordinal()] += packet.suppressedLines();
            case RESPONSE_ESTABLISHED, RESPONSE_RESET, RESPONSE_ICMP_ERROR, OTHER -> {}
        }
    }

    /** Counts lines too long to be parsed. */
    void addOversized(long lines) {
        oversized += lines;
    }

    /** Lines of any kind. */
    long lines() {
        long lines = oversized;
        for (long count : byKind) {
            lines += count;
        }
        return lines;
    }

    /** Packets, with repeats. */
    long packets() {
        return packets;
    }

    /** Malformed lines by reason, those that occurred. */
    Map<String, Long> malformed() {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (Malformation reason : Malformation.values()) {
            put(counts, reason.label(), byMalformation[reason.ordinal()]);
        }
        return counts;
    }

    /** Lines that others dropped, by those who reported some. */
    Map<String, Long> suppressed() {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (Suppressor suppressor : Suppressor.values()) {
            put(counts, suppressor.label(), bySuppressor[suppressor.ordinal()]);
        }
        return counts;
    }

    private static void put(Map<String, Long> counts, String name, long count) {
        if (count > 0) {
            counts.put(name, count);
        }
    }

    /** All of it in one line. */
    String summary() {
        long responses = 0;
        for (LineKind kind : LineKind.values()) {
            responses += kind.isResponse() ? byKind[kind.ordinal()] : 0;
        }
        long malformed = byKind[LineKind.MALFORMED.ordinal()];
        long other = byKind[LineKind.OTHER.ordinal()] + byKind[LineKind.SUPPRESSION.ordinal()];
        String reasons = malformed().entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return "lines " + lines() + ", packets " + packets + ", responses " + responses + ", other " + other
                + ", oversized " + oversized + ", malformed " + malformed
                + (reasons.isEmpty() ? "" : " (" + reasons + ")");
    }
}

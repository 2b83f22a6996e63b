package io.denywatch.command;

import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.LineKind;
import io.denywatch.packet.Malformation;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** How many lines there were of each kind. Confined to the thread that reads. */
final class ParseTally {
    private final Map<LineKind, Long> byKind = new EnumMap<>(LineKind.class);
    private final Map<Malformation, Long> byMalformation = new EnumMap<>(Malformation.class);
    private long oversized;
    private long packets;

    /** Counts a line that was parsed. */
    void add(LineKind kind, DeniedPacket packet) {
        byKind.merge(kind, 1L, Long::sum);
        switch (kind) {
            case PACKET -> packets += packet.repeat();
            case MALFORMED -> byMalformation.merge(packet.malformation(), 1L, Long::sum);
            case RESPONSE_ESTABLISHED, RESPONSE_RESET, RESPONSE_ICMP_ERROR, SUPPRESSION, OTHER -> {}
        }
    }

    /** Counts lines too long to be parsed. */
    void addOversized(long lines) {
        oversized += lines;
    }

    private long lines(LineKind kind) {
        return byKind.getOrDefault(kind, 0L);
    }

    /** All of it in one line. */
    String summary() {
        long lines = oversized;
        long responses = 0;
        for (LineKind kind : LineKind.values()) {
            lines += lines(kind);
            responses += kind.isResponse() ? lines(kind) : 0;
        }
        String reasons = byMalformation.entrySet().stream()
                .map(entry -> entry.getKey().label() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return "lines " + lines + ", packets " + packets + ", responses " + responses + ", other "
                + (lines(LineKind.OTHER) + lines(LineKind.SUPPRESSION)) + ", oversized " + oversized + ", malformed "
                + lines(LineKind.MALFORMED) + (reasons.isEmpty() ? "" : " (" + reasons + ")");
    }
}

package io.denywatch.replay;

import io.denywatch.count.Count;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.LineKind;
import io.denywatch.packet.Malformation;
import io.denywatch.packet.Misunderstanding;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Counts lines of each kind. Confined to the reading thread. */
final class ParseTally {
    private final Map<LineKind, Long> byKind = new EnumMap<>(LineKind.class);
    private final Map<Malformation, Long> byMalformation = new EnumMap<>(Malformation.class);
    private final Map<Misunderstanding, Long> byMisunderstanding = new EnumMap<>(Misunderstanding.class);
    private long oversized;
    private long packets;
    private long suppressed; // as reported by the programs that dropped them
    private boolean afterPacketLine = true; // the line before the first one is not known

    /** Counts a line that was parsed. */
    void add(LineKind kind, DeniedPacket packet) {
        if (kind == LineKind.SUPPRESSION || (kind == LineKind.REPETITION && afterPacketLine)) {
            suppressed = Count.sum(suppressed, packet.suppressedLines());
        }
        afterPacketLine = kind.hasPrefix() || (kind == LineKind.REPETITION && afterPacketLine);
        byKind.merge(kind, 1L, Count::sum);
        switch (kind) {
            case PACKET -> packets = Count.sum(packets, packet.repeat());
            case MALFORMED -> byMalformation.merge(packet.malformation(), 1L, Count::sum);
            case RESPONSE_ESTABLISHED,
                    RESPONSE_RESET,
                    RESPONSE_ICMP_ERROR,
                    SUPPRESSION,
                    REPETITION,
                    UNRECOGNIZED,
                    OTHER -> {}
        }
    }

    /** Records why the last counted line was not recognized. */
    void misunderstood(Misunderstanding reason) {
        byMisunderstanding.merge(reason, 1L, Count::sum);
    }

    /** Messages about unrecognized lines, one per reason. */
    List<String> misunderstandings(boolean anyPrefix) {
        List<String> said = new ArrayList<>();
        byMisunderstanding.forEach((reason, lines) -> said.add(lines + (lines == 1 ? " line has" : " lines have")
                + " a prefix of a packet line, but " + reason.words() + "; --malformed prints "
                + (lines == 1 ? "it" : "them")
                + (anyPrefix ? "" : ", and --any-prefix reads lines without the tag")));
        return said;
    }

    /** Counts lines that are too long to be parsed. */
    void addOversized(long lines) {
        oversized = Count.sum(oversized, lines);
    }

    private long lines(LineKind kind) {
        return byKind.getOrDefault(kind, 0L);
    }

    /** All counts, in one line. */
    String summary() {
        long lines = oversized;
        long responses = 0;
        long others = 0;
        for (LineKind kind : LineKind.values()) {
            lines = Count.sum(lines, lines(kind));
            responses = Count.sum(responses, kind.isResponse() ? lines(kind) : 0);
            others = Count.sum(others, kind.hasPrefix() ? 0 : lines(kind));
        }
        String reasons = byMalformation.entrySet().stream()
                .map(entry -> entry.getKey().label() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return "lines " + lines + ", packets " + packets + ", responses " + responses + ", other "
                + others + ", oversized " + oversized + ", malformed "
                + lines(LineKind.MALFORMED) + (reasons.isEmpty() ? "" : " (" + reasons + ")")
                + ", unrecognized " + lines(LineKind.UNRECOGNIZED) + ", suppressed " + suppressed;
    }
}

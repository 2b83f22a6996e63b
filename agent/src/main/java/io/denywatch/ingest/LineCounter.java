package io.denywatch.ingest;

import io.denywatch.count.CheckedInput;
import io.denywatch.count.Count;
import io.denywatch.count.EnumCounts;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.ObservedPacket;
import io.denywatch.denial.ObservedPacket.EventTime;
import io.denywatch.detection.PacketObserver;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.LineKind;
import io.denywatch.packet.Malformation;
import io.denywatch.packet.PacketHeader;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.Suppressor;
import io.denywatch.tail.LineHandler;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Parses each line, counts what it is, and hands packets to the table: the step that a live log and an old file share.
 * Allocates nothing per line. Confined to one thread.
 */
public final class LineCounter implements LineHandler {
    /** A packet read longer than this after its event time is late, in seconds. */
    public static final int LATE_SECONDS = 120;

    /** An event time further ahead of the time of reading is not believed, in seconds. */
    static final int EARLY_SECONDS = 5;

    /** An event time further ahead is none: no zone or clock is that far off, in seconds. */
    private static final long AHEAD_SECONDS_MAX = 86_400;

    /** The last that the table has bits for: 2106-02-07, in seconds. */
    private static final long TIME_SECONDS_MAX = 0xffff_ffffL;

    private static final int LABELS_MAX = 256; // in a saved state
    private static final long MICROS = 1_000_000;
    private static final long MICROS_PER_MILLI = 1_000;
    private static final LineKind[] KINDS = LineKind.values();

    private final PacketLogParser parser;
    private final DenialTable table; // not owned
    private final PacketObserver detection; // not owned
    private final Supplier<String> responseBase;
    private String responseBaseUsed = "";
    private final DeniedPacket parsed = new DeniedPacket();
    private final ObservedPacket observed = new ObservedPacket();

    private final EnumCounts<LineKind> lines = new EnumCounts<>("lines counted as", KINDS, LineKind::label);
    private final EnumCounts<Malformation> malformed =
            new EnumCounts<>("lines counted as", Malformation.values(), Malformation::label);
    private final EnumCounts<Suppressor> suppressed =
            new EnumCounts<>("lines counted as", Suppressor.values(), Suppressor::label);
    private long earliestMicros = DeniedPacket.NO_TIME;
    private long latestMicros = DeniedPacket.NO_TIME;
    private long lastReadMicros = DeniedPacket.NO_TIME;

    private long nowMicros;
    private long lateBeforeMicros = Long.MIN_VALUE;
    private long earlyAfterMicros = Long.MAX_VALUE;
    private long noTimeAfterMicros = TIME_SECONDS_MAX * MICROS;
    private boolean live;
    private boolean afterPacketLine = true; // what was before the first line is not known
    private boolean repeating;
    private long repeatedUpToMicros;
    private final ZoneOffsetEstimator offset;

    /** Counts lines, and shows packets to nobody. */
    public LineCounter(PacketLogParser parser, DenialTable table, ZoneOffsetEstimator offset) {
        this(parser, table, offset, PacketObserver.NONE);
    }

    /** Counts lines; of responses it knows those whose prefix follows from the parser's. */
    public LineCounter(
            PacketLogParser parser, DenialTable table, ZoneOffsetEstimator offset, PacketObserver detection) {
        this(parser, table, offset, detection, () -> "");
    }

    /**
     * Counts lines. For those of a live log, {@link #begin} must be called before each round of reading.
     *
     * @param detection receives the packets that may lead to a block; not owned
     * @param responseBase another prefix of lines about responses; may become known while counting
     */
    public LineCounter(
            PacketLogParser parser,
            DenialTable table,
            ZoneOffsetEstimator offset,
            PacketObserver detection,
            Supplier<String> responseBase) {
        this.parser = parser;
        this.table = table;
        this.offset = offset;
        this.detection = detection;
        this.responseBase = responseBase;
    }

    /** Sets the time against which packets are late, and whether what comes was written since the last time. */
    void begin(long nowMillis, boolean justWritten) {
        nowMicros = nowMillis * MICROS_PER_MILLI;
        lateBeforeMicros = (nowSeconds() - LATE_SECONDS) * MICROS;
        earlyAfterMicros = nowMicros + EARLY_SECONDS * MICROS;
        noTimeAfterMicros = Math.min(TIME_SECONDS_MAX, nowSeconds() + AHEAD_SECONDS_MAX) * MICROS;
        live = justWritten;
        String base = responseBase.get();
        if (!base.equals(responseBaseUsed)) {
            parser.responseBase(base);
            responseBaseUsed = base;
        }
    }

    /** Whether an event may have been then: not before 1970, and not much later than now. */
    private boolean isTime(long micros) {
        return micros >= 0 && micros <= noTimeAfterMicros;
    }

    private long nowSeconds() {
        return Math.floorDiv(nowMicros, MICROS);
    }

    @Override
    public void line(byte[] buffer, int start, int length) {
        LineKind kind = parser.parse(buffer, start, length, parsed);
        if (!isRepeated()) {
            take(kind, parsed);
        }
    }

    @Override
    public void kernelMessage(byte[] buffer, int start, int length, long unixMicros) {
        take(parser.parseKernelMessage(buffer, start, length, unixMicros, parsed), parsed);
    }

    @Override
    public void userMessage(byte[] buffer, int start, int length) {
        take(parser.userMessage(buffer, start, length), parsed);
    }

    @Override
    public void linesMayRepeat() {
        // One stamp from the future would hide all lines until then. What is yet to be written is no repetition.
        repeatedUpToMicros = Math.min(latestMicros, nowSeconds() * MICROS);
        repeating = latestMicros != DeniedPacket.NO_TIME;
    }

    /** Whether the line may have been counted before: up to the first that is later than all that were, or has no time. */
    private boolean isRepeated() {
        if (repeating) {
            long micros = parser.lineMicros();
            repeating = !isTime(micros) || micros <= repeatedUpToMicros;
        }
        return repeating;
    }

    /**
     * Counts so many lines that say nothing of packets, parsed elsewhere.
     *
     * @param last whether one of them is the last line so far
     */
    public void others(long count, boolean last) {
        lines.add(LineKind.OTHER, count);
        afterPacketLine &= !last;
    }

    /** Counts a line that was parsed elsewhere. */
    public void take(LineKind kind, DeniedPacket packet) {
        lines.add(kind, 1);
        switch (kind) {
            case PACKET -> denied(packet);
            case MALFORMED -> malformed.add(packet.malformation(), 1);
            case SUPPRESSION -> suppressed(packet);
            case REPETITION -> {
                if (afterPacketLine) {
                    suppressed(packet);
                }
            }
            case RESPONSE_ESTABLISHED -> established(packet);
            case RESPONSE_RESET, RESPONSE_ICMP_ERROR, UNRECOGNIZED, OTHER -> {} // refused is not let in
        }
        afterPacketLine = kind.hasPrefix() || (kind == LineKind.REPETITION && afterPacketLine);
    }

    private void suppressed(DeniedPacket packet) {
        suppressed.add(packet.suppressor(), packet.suppressedLines());
    }

    /** Counts a packet, and shows it to the detection if it may lead to a block. */
    private void denied(DeniedPacket packet) {
        long micros = packet.timeMicros();
        boolean known = isTime(micros);
        if (known) {
            remember(packet, micros);
        }
        observed.of(packet).at(known ? micros : nowMicros, eventTime(micros));
        table.record(observed);
        if (observed.mayLeadToBlock()) {
            detection.packet(observed);
        }
    }

    private void remember(DeniedPacket packet, long micros) {
        if (live && packet.isYearless()) {
            offset.sample(micros, nowSeconds());
        }
        earliestMicros = earliestMicros == DeniedPacket.NO_TIME ? micros : Math.min(earliestMicros, micros);
        latestMicros = Math.max(latestMicros, micros); // NO_TIME is the least of all
        lastReadMicros = micros;
    }

    /** A line without a time counts as just written; in a replay, where there is no now, nobody knows when it was. */
    private EventTime eventTime(long micros) {
        if (micros == DeniedPacket.NO_TIME) {
            return nowMicros > 0 ? EventTime.CURRENT : EventTime.DOUBTFUL;
        }
        if (micros < lateBeforeMicros) {
            return EventTime.LATE;
        }
        return micros <= earlyAfterMicros && isTime(micros) ? EventTime.CURRENT : EventTime.DOUBTFUL;
    }

    /** A response without a time counts as just written; one from the future would exempt its client for too long. */
    private void established(DeniedPacket response) {
        long micros = response.timeMicros() == DeniedPacket.NO_TIME ? nowMicros : response.timeMicros();
        PacketHeader header = response.outer();
        // 0 in a replay: then nobody knows when it came.
        if (micros > 0 && micros <= earlyAfterMicros && isTime(micros) && header.isDestinationGenuine()) {
            detection.established(header.destinationHigh(), header.destinationLow(), micros);
        }
    }

    /** The earliest event time of a packet, Unix microseconds, or {@link DeniedPacket#NO_TIME}. */
    public long earliestMicros() {
        return earliestMicros;
    }

    /** The latest event time of a packet, Unix microseconds, or {@link DeniedPacket#NO_TIME}. */
    public long latestMicros() {
        return latestMicros;
    }

    /** Whether the packet read last was late. */
    boolean isLate() {
        return lastReadMicros != DeniedPacket.NO_TIME && lastReadMicros < lateBeforeMicros;
    }

    /** How many lines were read. */
    public long lines() {
        return lines.sum();
    }

    /** Lines of one kind. */
    public long lines(LineKind kind) {
        return lines.get(kind);
    }

    /** Lines by result, as metrics tell them apart; {@code oversized} is what the reader skipped. */
    public Map<String, Long> results(long oversized) {
        long responses = 0;
        long others = 0;
        for (LineKind kind : KINDS) {
            responses = Count.sum(responses, kind.isResponse() ? lines(kind) : 0);
            others = Count.sum(others, kind.hasPrefix() ? 0 : lines(kind));
        }
        Map<String, Long> results = new LinkedHashMap<>();
        results.put("packet", lines(LineKind.PACKET));
        results.put("response", responses);
        results.put("other", others);
        results.put("malformed", lines(LineKind.MALFORMED));
        results.put("unrecognized", lines(LineKind.UNRECOGNIZED));
        results.put("oversized", oversized);
        return results;
    }

    /** Malformed lines by reason, all reasons. */
    public Map<String, Long> malformed() {
        return malformed.byLabel();
    }

    /** Lines that others reported as dropped, by all who may. */
    public Map<String, Long> suppressed() {
        return suppressed.byLabel();
    }

    /** Writes what was counted since start, the table aside. */
    void save(DataOutput out) throws IOException {
        for (EnumCounts<?> counts : List.of(lines, malformed, suppressed)) {
            out.writeInt(counts.size());
            counts.save(out);
        }
        out.writeLong(earliestMicros);
        out.writeLong(latestMicros);
    }

    /**
     * Takes on what another tally saved; names that are not known here are skipped.
     *
     * @throws IOException if that is not what a tally saves. Then this one is half restored: throw it away
     */
    void restore(DataInput in) throws IOException {
        CheckedInput state = CheckedInput.of(in);
        for (EnumCounts<?> counts : List.of(lines, malformed, suppressed)) {
            counts.restore(state, state.size("number of line counts", LABELS_MAX));
        }
        long max = TIME_SECONDS_MAX * MICROS;
        earliestMicros = state.longValue("earliest event time", 0, max, DeniedPacket.NO_TIME);
        latestMicros = state.longValue("latest event time", 0, max, DeniedPacket.NO_TIME);
    }
}

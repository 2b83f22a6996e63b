package io.denywatch.ingest;

import io.denywatch.count.CheckedInput;
import io.denywatch.count.Count;
import io.denywatch.count.EnumCounts;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.ObservedPacket;
import io.denywatch.denial.ObservedPacket.EventTime;
import io.denywatch.denial.StoppedPackets;
import io.denywatch.denial.StoppedSources;
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
 * The path of one line: parse, classify, count, detect. Confined to one thread: the ingest thread, or the one that
 * replays a file. Allocates nothing per line.
 */
public final class LineCounter implements LineHandler {
    /** A packet is late if it is read more than this after its event time. */
    public static final int LATE_SECONDS = 120;

    /** An event time further ahead of the clock than this counts as doubtful. */
    static final int EARLY_SECONDS = 5;

    /** An event time further ahead than this is ignored, because no zone or clock is that far off. */
    private static final long AHEAD_SECONDS_MAX = 86_400;

    /** The last Unix second that the table can store: 2106-02-07. */
    private static final long TIME_SECONDS_MAX = 0xffff_ffffL;

    private static final int LABELS_MAX = 256; // in a saved record
    private static final long MICROS = 1_000_000;
    private static final long MICROS_PER_MILLI = 1_000;
    private static final LineKind[] KINDS = LineKind.values();

    private final PacketLogParser parser;
    private final DenialTable table; // not owned
    private final PacketObserver detection; // not owned
    private final StoppedPackets stopped;
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
    private boolean afterPacketLine = true; // the line before the first is not known
    private boolean repeating;
    private long repeatedUpToMicros;
    private final ZoneOffsetEstimator offset;

    /** Counts lines, without a detection. */
    public LineCounter(PacketLogParser parser, DenialTable table, ZoneOffsetEstimator offset) {
        this(parser, table, offset, PacketObserver.NONE);
    }

    /** Counts lines; recognizes responses by prefixes derived from the parser's. */
    public LineCounter(
            PacketLogParser parser, DenialTable table, ZoneOffsetEstimator offset, PacketObserver detection) {
        this(parser, table, offset, detection, StoppedPackets.off(), () -> "");
    }

    /**
     * Counts lines. For those of a live log, {@link #begin} must be called before each round of reading.
     *
     * @param detection receives the packets that may lead to a block; not owned
     * @param stopped recognizes packets that the blocklist stopped
     * @param responseBase another prefix of lines about responses; may become known while counting
     */
    public LineCounter(
            PacketLogParser parser,
            DenialTable table,
            ZoneOffsetEstimator offset,
            PacketObserver detection,
            StoppedPackets stopped,
            Supplier<String> responseBase) {
        this.parser = parser;
        this.table = table;
        this.offset = offset;
        this.detection = detection;
        this.stopped = stopped;
        this.responseBase = responseBase;
    }

    /** Begins a round of reading. */
    void begin(long nowMillis, boolean justWritten) {
        nowMicros = nowMillis * MICROS_PER_MILLI;
        lateBeforeMicros = (nowSeconds() - LATE_SECONDS) * MICROS;
        earlyAfterMicros = nowMicros + EARLY_SECONDS * MICROS;
        noTimeAfterMicros = Math.min(TIME_SECONDS_MAX, nowSeconds() + AHEAD_SECONDS_MAX) * MICROS;
        live = justWritten;
        stopped.begin();
        String base = responseBase.get();
        if (!base.equals(responseBaseUsed)) {
            parser.responseBase(base);
            responseBaseUsed = base;
        }
    }

    /** Whether an event can have this time: not before 1970 and not much later than now. */
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
        // Limited to now, because a single time stamp from the future would otherwise hide all lines until then.
        repeatedUpToMicros = Math.min(latestMicros, nowSeconds() * MICROS);
        repeating = latestMicros != DeniedPacket.NO_TIME;
    }

    /**
     * Whether the line may have been counted before: true until the first line that is later than all counted packets.
     */
    private boolean isRepeated() {
        if (repeating) {
            long micros = parser.lineMicros();
            repeating = !isTime(micros) || micros <= repeatedUpToMicros;
        }
        return repeating;
    }

    /**
     * Counts lines that contain no packet and were parsed elsewhere.
     *
     * @param last whether one of them is the last line read so far
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
            case RESPONSE_RESET, RESPONSE_ICMP_ERROR, UNRECOGNIZED, OTHER -> {} // none of them exempts a source
        }
        afterPacketLine = kind.hasPrefix() || (kind == LineKind.REPETITION && afterPacketLine);
    }

    private void suppressed(DeniedPacket packet) {
        suppressed.add(packet.suppressor(), packet.suppressedLines());
    }

    /** Counts a packet, and passes it to the detection if it may lead to a block. */
    private void denied(DeniedPacket packet) {
        long micros = packet.timeMicros();
        boolean known = isTime(micros);
        if (known) {
            remember(packet, micros);
        }
        observed.of(packet).at(known ? micros : nowMicros, eventTime(micros));
        stopped.packet(observed);
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
        latestMicros = Math.max(latestMicros, micros); // NO_TIME is the smallest long
        lastReadMicros = micros;
    }

    /**
     * Without a time, a line counts as just written. In a replay there is no current time, so its time stays unknown.
     */
    private EventTime eventTime(long micros) {
        if (micros == DeniedPacket.NO_TIME) {
            return nowMicros > 0 ? EventTime.CURRENT : EventTime.DOUBTFUL;
        }
        if (micros < lateBeforeMicros) {
            return EventTime.LATE;
        }
        return micros <= earlyAfterMicros && isTime(micros) ? EventTime.CURRENT : EventTime.DOUBTFUL;
    }

    /**
     * A response without a time counts as just written. One from the future is ignored, because it would exempt its
     * source for too long.
     */
    private void established(DeniedPacket response) {
        long micros = response.timeMicros() == DeniedPacket.NO_TIME ? nowMicros : response.timeMicros();
        PacketHeader header = response.outer();
        // In a replay, the current time is 0.
        if (micros > 0 && micros <= earlyAfterMicros && isTime(micros) && header.isDestinationGenuine()) {
            detection.established(header.destinationHigh(), header.destinationLow(), micros);
        }
    }

    /** The earliest event time of all packets, Unix microseconds, or {@link DeniedPacket#NO_TIME}. */
    public long earliestMicros() {
        return earliestMicros;
    }

    /** The latest event time of all packets, Unix microseconds, or {@link DeniedPacket#NO_TIME}. */
    public long latestMicros() {
        return latestMicros;
    }

    /** Packets that the blocklist stopped, by source. */
    StoppedSources stopped() {
        return stopped.snapshot();
    }

    /** Whether the last packet was late. */
    boolean isLate() {
        return lastReadMicros != DeniedPacket.NO_TIME && lastReadMicros < lateBeforeMicros;
    }

    /** The number of lines read. */
    public long lines() {
        return lines.sum();
    }

    /** Lines of one kind. */
    public long lines(LineKind kind) {
        return lines.get(kind);
    }

    /** Lines by the results that metrics distinguish. */
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

    /** Malformed lines by reason, including reasons that did not occur. */
    public Map<String, Long> malformed() {
        return malformed.byLabel();
    }

    /** Lines that were reported as dropped, by the program that dropped them. */
    public Map<String, Long> suppressed() {
        return suppressed.byLabel();
    }

    /** Writes the line counts, but not the table. */
    void save(DataOutput out) throws IOException {
        for (EnumCounts<?> counts : List.of(lines, malformed, suppressed)) {
            out.writeInt(counts.size());
            counts.save(out);
        }
        out.writeLong(earliestMicros);
        out.writeLong(latestMicros);
    }

    /**
     * Restores what another counter saved. Unknown labels are skipped.
     *
     * @throws IOException if that is not what {@link #save} writes; then this counter is half restored and must be
     *     discarded
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

package io.denywatch.doctor;

import io.denywatch.count.Count;
import io.denywatch.ip.Ip;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.LineHead;
import io.denywatch.packet.LineKind;
import io.denywatch.packet.Malformation;
import io.denywatch.packet.Misunderstanding;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.Suppressor;
import io.denywatch.packet.SyslogTime;
import io.denywatch.tail.LineFramer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Statistics of the end of a log. Confined to the reading thread; unchanged once the log has been read.
 *
 * <p>Time stamps without a zone get the offset that the file reveals: its last line was written at its modification
 * time, so the line's time stamp differs from that time by the error of the zone, in quarters of an hour.
 */
final class LogSample {
    /** Maximum number of bytes that are read. */
    static final int BYTES_MAX = 1024 * 1024;

    private static final long NO_TIME = DeniedPacket.NO_TIME;
    private static final long MICROS = 1_000_000;
    private static final int QUARTER_HOUR_SECONDS = 900;
    private static final int OFFSET_SECONDS_MAX = 18 * 3_600;
    private static final int ANCHOR_CHARACTERS = "IN=".length();

    private final Map<LineKind, Long> kinds = new EnumMap<>(LineKind.class);
    private final Map<Malformation, Long> malformations = new EnumMap<>(Malformation.class);
    private final Map<Suppressor, Long> suppressed = new EnumMap<>(Suppressor.class);
    private final Map<String, Long> prefixes = new TreeMap<>();
    private final Map<String, Long> otherPrefixes = new TreeMap<>();
    private final Span lineTimes = new Span();
    private final Span packetTimes = new Span();
    private int zoneErrorSeconds;
    private long lines;
    private long kernelLines;
    private long zoned;
    private long yearless;
    private long packets;
    private long untagged;
    private boolean afterPacketLine = true; // the line before the first one is not known
    private final Map<Misunderstanding, Unrecognized> unrecognized = new EnumMap<>(Misunderstanding.class);
    private final KernelHosts hosts = new KernelHosts();
    private final LoggedTwice twice = new LoggedTwice();
    private final Set<Ip> denied = new HashSet<>();
    private final Set<Ip> answered = new HashSet<>();

    /**
     * Lines with one of our prefixes that are not understood for the same reason.
     *
     * @param example the first of them
     */
    record Unrecognized(long lines, String example) {}

    /** The first and the last of some times in the order of the log, and the latest of them; Unix microseconds. */
    static final class Span {
        private long first = NO_TIME;
        private long last = NO_TIME;
        private long greatest = NO_TIME;

        void add(long micros) {
            if (micros != NO_TIME) {
                first = first == NO_TIME ? micros : first;
                last = micros;
                greatest = Math.max(greatest, micros);
            }
        }

        boolean isEmpty() {
            return last == NO_TIME;
        }

        long micros() {
            return Math.max(0, last - first);
        }

        long lastMicros() {
            return last;
        }

        long greatestMicros() {
            return greatest;
        }
    }

    private LogSample() {}

    /**
     * Reads the end of a log.
     *
     * @param ending its last {@link #BYTES_MAX} bytes, or all of it if it is shorter
     * @param file the log, for the time of its last modification
     */
    static LogSample of(byte[] ending, Path file, Installation installation, Instant now) throws IOException {
        long written = Files.getLastModifiedTime(file).toMillis() * 1_000;
        boolean live = Files.size(file) > 0;
        ZoneId zone = installation.zone();
        LogSample sample = new LogSample();
        sample.read(ending, installation, zone, now);
        int error = live && sample.yearless > 0 ? sample.quarters(written) : 0;
        if (error == 0) {
            return sample;
        }
        int offset = zone.getRules().getOffset(now).getTotalSeconds() + error;
        if (Math.abs(offset) > OFFSET_SECONDS_MAX) {
            return sample; // no zone is that far off, so a clock is wrong
        }
        LogSample corrected = new LogSample();
        corrected.read(ending, installation, ZoneOffset.ofTotalSeconds(offset), now);
        corrected.zoneErrorSeconds = error;
        return corrected;
    }

    /** How far the last time stamp is ahead of the time of writing, in seconds, rounded to quarters of an hour. */
    private int quarters(long writtenMicros) {
        long seconds = Math.floorDiv(lineTimes.lastMicros() - writtenMicros, MICROS);
        long quarters = Math.floorDiv(seconds + QUARTER_HOUR_SECONDS / 2, QUARTER_HOUR_SECONDS);
        return Math.abs(quarters) * QUARTER_HOUR_SECONDS > OFFSET_SECONDS_MAX
                ? 0
                : (int) quarters * QUARTER_HOUR_SECONDS;
    }

    private void read(byte[] ending, Installation installation, ZoneId zone, Instant now) throws IOException {
        SyslogTime time = new SyslogTime(zone);
        time.reference(now.getEpochSecond() * MICROS);
        PacketLogParser ours = PacketLogParser.withPrefixes(installation.prefixes(), time);
        PacketLogParser any = PacketLogParser.anyPrefix(time);
        LineHead head = new LineHead(installation.prefixes());
        DeniedPacket packet = new DeniedPacket();
        ByteArrayInputStream in = new ByteArrayInputStream(ending);
        for (int b = 0; ending.length == BYTES_MAX && b >= 0 && b != '\n'; ) {
            b = in.read(); // the first line is most likely a part of one
        }
        LineFramer framer = new LineFramer();
        while (framer.fill(in) >= 0) {
            framer.drain((buffer, start, length) -> line(ours, any, head, packet, buffer, start, length));
        }
    }

    private void line(
            PacketLogParser ours,
            PacketLogParser any,
            LineHead head,
            DeniedPacket into,
            byte[] buffer,
            int at,
            int length) {
        LineKind kind = ours.parse(buffer, at, length, into);
        long micros = ours.lineMicros();
        boolean isYearless = ours.isLineYearless();
        lines = Count.sum(lines, 1);
        kinds.merge(kind, 1L, Count::sum);
        lineTimes.add(micros);
        yearless = Count.sum(yearless, isYearless && micros != NO_TIME ? 1 : 0);
        zoned = Count.sum(zoned, !isYearless && micros != NO_TIME ? 1 : 0);
        head.read(buffer, at, length);
        boolean kernels = head.isKernels();
        kernelLines = Count.sum(kernelLines, kernels ? 1 : 0);
        String text = new String(buffer, at, length, StandardCharsets.ISO_8859_1);
        if (kernels) {
            hosts.add(head.host(), text);
        }
        switch (kind) {
            case PACKET -> {
                packets = Count.sum(packets, into.repeat());
                packetTimes.add(micros);
                prefixes.merge(prefix(buffer, into), 1L, Count::sum);
                denied.add(new Ip(into.outer().sourceHigh(), into.outer().sourceLow()));
                if (micros != NO_TIME) {
                    twice.add(into, micros, head.hasKernelStamp(), text);
                }
            }
            case MALFORMED -> malformations.merge(into.malformation(), 1L, Count::sum);
            case SUPPRESSION -> suppressed.merge(into.suppressor(), into.suppressedLines(), Count::sum);
            case REPETITION -> {
                if (afterPacketLine) {
                    suppressed.merge(into.suppressor(), into.suppressedLines(), Count::sum);
                }
            }
            case UNRECOGNIZED ->
                unrecognized.merge(
                        head.misunderstanding(),
                        new Unrecognized(1, text),
                        (all, one) -> new Unrecognized(all.lines + one.lines, all.example));
            case RESPONSE_ESTABLISHED ->
                answered.add(new Ip(into.outer().destinationHigh(), into.outer().destinationLow()));
            case RESPONSE_RESET, RESPONSE_ICMP_ERROR -> {}
            case OTHER -> {
                if (any.parse(buffer, at, length, into) == LineKind.PACKET) {
                    if (kernels) {
                        otherPrefixes.merge(prefix(buffer, into), 1L, Count::sum);
                    } else {
                        untagged = Count.sum(untagged, 1);
                    }
                }
            }
        }
        afterPacketLine = kind.hasPrefix() || (kind == LineKind.REPETITION && afterPacketLine);
    }

    /** Everything before the anchor, including spaces. */
    private static String prefix(byte[] buffer, DeniedPacket packet) {
        int start = packet.start(DeniedPacket.PREFIX);
        int length = Math.max(0, packet.start(DeniedPacket.IN) - ANCHOR_CHARACTERS - start);
        return new String(buffer, start, length, StandardCharsets.ISO_8859_1);
    }

    long lines() {
        return lines;
    }

    long lines(LineKind kind) {
        return kinds.getOrDefault(kind, 0L);
    }

    /** Lines that come from the kernel according to their heads. */
    long kernelLines() {
        return kernelLines;
    }

    /** Lines with a stamp that has a zone. */
    long zonedLines() {
        return zoned;
    }

    /** Lines with a stamp that has neither year nor zone. */
    long yearlessLines() {
        return yearless;
    }

    /** Packets with a prefix that is counted, repeats included. */
    long packets() {
        return packets;
    }

    /** The number of sources with both denied packets and an established response. */
    int answeredSources() {
        Set<Ip> both = new HashSet<>(denied);
        both.retainAll(answered);
        return both.size();
    }

    /** Lines with one of our prefixes that are not counted, by the reason. */
    Map<Misunderstanding, Unrecognized> unrecognized() {
        return unrecognized;
    }

    /** Whether some unrecognized lines may be the kernel's own. */
    boolean mayMisunderstandKernel() {
        return unrecognized.containsKey(Misunderstanding.HEAD) || unrecognized.containsKey(Misunderstanding.NO_TAG);
    }

    /** The hosts whose kernels wrote lines. */
    KernelHosts hosts() {
        return hosts;
    }

    /** Packets that are counted twice. */
    LoggedTwice twice() {
        return twice;
    }

    /** Packet lines with other prefixes and without the kernel's tag. */
    long untaggedPackets() {
        return untagged;
    }

    /** Times of all lines that have one. */
    Span lineTimes() {
        return lineTimes;
    }

    /** Times of packet lines. */
    Span packetTimes() {
        return packetTimes;
    }

    /** How far time stamps without a zone are ahead if they are read in the configured zone, in seconds. */
    int zoneErrorSeconds() {
        return zoneErrorSeconds;
    }

    /** Whole prefixes of packet lines that are counted, with the number of lines. */
    Map<String, Long> prefixes() {
        return prefixes;
    }

    /** Whole prefixes of packet lines that are not counted. */
    Map<String, Long> otherPrefixes() {
        return otherPrefixes;
    }

    Map<Malformation, Long> malformations() {
        return malformations;
    }

    /** Lines that other programs report as dropped. */
    Map<Suppressor, Long> suppressed() {
        return suppressed;
    }
}

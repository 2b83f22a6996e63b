package io.denywatch.explain;

import io.denywatch.config.Configuration;
import io.denywatch.count.Count;
import io.denywatch.denial.DenialLimits;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.Destinations;
import io.denywatch.denial.ObservedPacket;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.PacketObserver;
import io.denywatch.ingest.LineCounter;
import io.denywatch.ingest.ZoneOffsetEstimator;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.LogInput;
import io.denywatch.process.ProcessContext;
import io.denywatch.tail.LineFramer;
import io.denywatch.tail.LogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Extracts from a log what it says about one source. Confined to one thread. Reads each line once and keeps a few. */
final class SourceLog implements PacketObserver {
    private static final int MICROS_PER_MILLI = 1_000;
    private static final long SEED = 0; // no attacker can observe this process

    private static final int COUNTED = 16; // by the table; the counts are not used

    private final IpPrefix asked;
    private final List<Evidence> evidence;
    private final WindowMaxima peaks;
    private final SyslogTime time;
    private final LineCounter tally;

    private long packets;
    private final Map<String, Long> byNlb = new HashMap<>();
    private final Map<String, Long> byPort = new HashMap<>();
    private @Nullable DatedLine first;
    private @Nullable DatedLine reached;
    private @Nullable DatedLine latest;
    private long establishedMicros = DeniedPacket.NO_TIME;
    private final Map<Long, DatedLine> begun = new TreeMap<>(); // by the second in which evidence begins
    private final Map<Long, DatedLine> ended = new TreeMap<>(); // by the millisecond in which a threshold was reached

    /**
     * A line of the log.
     *
     * @param at event time of its packet
     * @param text as {@link DeniedPacket#lineText} returns it
     */
    record DatedLine(Instant at, String text) {}

    /**
     * What a log says.
     *
     * @param path of the log
     * @param packets of the source in it
     * @param nlbs the load balancers they went to, those with the most packets first
     * @param ports the ports they went to, those with the most packets first
     * @param from event time of the first packet of any source in it
     * @param first packet of the source
     * @param reached the last packet that reached a threshold
     * @param latest packet of the source
     * @param established when Calico last logged an established response to it
     * @param peaks how close it came to each threshold; empty if more than one source was asked for
     * @param cited the first and the last packet of each piece of evidence, if they are in the log
     */
    record Findings(
            String path,
            long packets,
            List<String> nlbs,
            List<String> ports,
            Optional<Instant> from,
            Optional<DatedLine> first,
            Optional<DatedLine> reached,
            Optional<DatedLine> latest,
            Optional<Instant> established,
            List<WindowMaxima.Peak> peaks,
            List<DatedLine> cited) {}

    private SourceLog(Configuration configuration, IpPrefix asked, List<DetectionRule> rules, List<Evidence> evidence) {
        this.asked = asked;
        this.evidence = evidence;
        boolean isOne = asked.isSingle() || (!asked.isIpv4() && asked.length() >= length(configuration));
        peaks = new WindowMaxima(isOne ? rules : List.of());
        time = new SyslogTime(configuration.source().zone());
        Configuration.LoadBalancerSettings loadBalancers = configuration.loadBalancers();
        DenialTable table = new DenialTable(
                new DenialLimits(loadBalancers.max(), COUNTED, 0, length(configuration), COUNTED),
                loadBalancers.known(),
                loadBalancers.destinations() == Destinations.CONFIGURED ? Destinations.CONFIGURED : Destinations.ANY,
                SEED);
        PacketLogParser parser = PacketLogParser.withPrefixes(configuration.prefixes(), time);
        tally = new LineCounter(parser, table, ZoneOffsetEstimator.configured(time), this);
    }

    private static int length(Configuration configuration) {
        return Math.max(64, configuration.sources().ipv6PrefixLength());
    }

    /**
     * Reads a log and its rotated files, and reports those that cannot be read.
     *
     * @param rules whose thresholds matter
     * @param evidence whose first and last packets are to be found
     */
    static Findings read(
            ProcessContext world,
            Configuration configuration,
            Path log,
            IpPrefix asked,
            List<DetectionRule> rules,
            List<Evidence> evidence) {
        SourceLog source = new SourceLog(configuration, asked, rules, evidence);
        List<Path> files;
        try {
            files = LogFiles.of(log);
        } catch (IOException e) {
            throw LogInput.failure(log, e);
        }
        for (Path file : files) {
            try {
                source.read(world, file);
            } catch (CommandFailure e) {
                if (file.equals(log)) {
                    throw e;
                }
                world.say("denywatch: " + e.line());
            }
        }
        return source.findings(log);
    }

    private void read(ProcessContext world, Path file) {
        try (LogInput input = LogInput.open(file)) {
            time.reference(LogInput.modifiedMicros(file));
            LineFramer framer = new LineFramer();
            while (!world.stop().requested() && framer.fill(input.lines()) >= 0) {
                framer.drain(tally);
            }
            framer.finish(tally);
        } catch (IOException e) {
            throw LogInput.failure(file, e);
        }
    }

    @Override
    public void packet(ObservedPacket packet) {
        if (!asked.contains(packet.sourceHigh(), packet.sourceLow())) {
            return;
        }
        String transport = packet.transport().label();
        long micros = packet.micros();
        packets = Count.sum(packets, 1);
        byNlb.merge(new Ip(packet.targetHigh(), packet.targetLow()).toString(), 1L, Count::sum);
        byPort.merge(packet.port() < 0 ? transport : transport + "/" + packet.port(), 1L, Count::sum);
        boolean exempt = establishedMicros != DeniedPacket.NO_TIME
                && micros < establishedMicros + EstablishedSources.VALID_FOR.toMillis() * MICROS_PER_MILLI;
        boolean reaches = !exempt && peaks.packet(packet);
        DatedLine sample = new DatedLine(Instant.EPOCH.plus(micros, ChronoUnit.MICROS), packet.lineText());
        first = first == null ? sample : first;
        reached = reaches ? sample : reached;
        latest = sample;
        cite(sample);
    }

    private void cite(DatedLine sample) {
        for (Evidence each : evidence) {
            Instant begin = each.firstSeen().truncatedTo(ChronoUnit.SECONDS);
            if (!sample.at.isBefore(begin) && !sample.at.isAfter(each.lastSeen().plusMillis(1))) {
                begun.putIfAbsent(begin.getEpochSecond(), sample);
                if (sample.at.toEpochMilli() == each.lastSeen().toEpochMilli()) {
                    ended.put(sample.at.toEpochMilli(), sample);
                }
            }
        }
    }

    @Override
    public void established(long clientHigh, long clientLow, long micros) {
        if (asked.contains(clientHigh, clientLow)) {
            establishedMicros = Math.max(establishedMicros, micros);
            peaks.established();
        }
    }

    private Findings findings(Path log) {
        List<DatedLine> cited = new ArrayList<>(begun.values());
        cited.addAll(ended.values());
        return new Findings(
                log.toString(),
                packets,
                most(byNlb),
                most(byPort),
                instant(tally.earliestMicros()),
                Optional.ofNullable(first),
                Optional.ofNullable(reached),
                Optional.ofNullable(latest),
                instant(establishedMicros),
                peaks.peaks(),
                cited);
    }

    private static Optional<Instant> instant(long micros) {
        return micros == DeniedPacket.NO_TIME
                ? Optional.empty()
                : Optional.of(Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
    }

    private static List<String> most(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .map(each -> each.getKey() + " (" + each.getValue() + ")")
                .toList();
    }
}

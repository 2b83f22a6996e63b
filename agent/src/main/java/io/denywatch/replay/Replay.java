package io.denywatch.replay;

import io.denywatch.api.TrafficDocument;
import io.denywatch.blocklist.EnforcementGate;
import io.denywatch.blocklist.EnforcementState;
import io.denywatch.blocklist.LogTrust;
import io.denywatch.blocklist.ManualList;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.PromotionPolicy;
import io.denywatch.blocklist.PromotionPolicy.Facts;
import io.denywatch.blocklist.PromotionPolicy.Ruling;
import io.denywatch.config.Configuration;
import io.denywatch.config.Exemptions;
import io.denywatch.count.Count;
import io.denywatch.denial.DenialLimits;
import io.denywatch.denial.DenialSnapshot;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.Destinations;
import io.denywatch.detection.PacketObserver;
import io.denywatch.feed.NetSet;
import io.denywatch.ingest.LineCounter;
import io.denywatch.ingest.ZoneOffsetEstimator;
import io.denywatch.ip.Ip;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.LineKind;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import io.denywatch.replay.Backtest.Decided;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Counts whole files as the agent counts a live one, in a single window. Confined to the replaying thread. */
final class Replay {
    /** More threads would only wait for the one thread that counts. */
    private static final int THREADS_MAX = 4;

    private final ZoneId zone;
    private final List<String> prefixes;
    private final int threads;
    private final int pieceBytes;
    private final Configuration configuration;
    private List<Ip> counted = List.of();
    private NeverBlock neverBlock;
    private final Backtest backtest;
    private final Optional<FeedMatches> matches;
    private EnforcementState state = EnforcementState.NONE;
    private final DenialTable table;
    private final LineCounter tally;
    private final DeniedPacket packet = new DeniedPacket();
    private long oversized;
    private long fileBytes;

    /**
     * Creates a replay with empty counts.
     *
     * @param seed seed of the tables' hash
     * @param feed a list whose sources are looked for
     */
    Replay(Configuration configuration, long seed, Optional<NetSet> feed) {
        this(configuration, seed, feed, Runtime.getRuntime().availableProcessors(), ParsedLog.PIECE_BYTES);
    }

    Replay(Configuration configuration, long seed, int processors, int pieceBytes) {
        this(configuration, seed, Optional.empty(), processors, pieceBytes);
    }

    private Replay(Configuration configuration, long seed, Optional<NetSet> feed, int processors, int pieceBytes) {
        this.configuration = configuration;
        zone = configuration.source().zone();
        prefixes = configuration.prefixes();
        this.pieceBytes = pieceBytes;
        // When clocks go back, an hour occurs twice, and only the previous line tells which one a line belongs to. So
        // one thread parses all lines, in order.
        threads = zone.getRules().isFixedOffset() ? Math.clamp(processors, 1, THREADS_MAX) : 1;
        Configuration.LoadBalancerSettings loadBalancers = configuration.loadBalancers();
        Configuration.SourceSettings sources = configuration.sources();
        SyslogTime time = new SyslogTime(zone);
        DenialLimits limits = new DenialLimits(
                loadBalancers.max(),
                sources.trackedPerLoadBalancer(),
                sources.exportedPerLoadBalancer(),
                sources.ipv6PrefixLength(),
                DenialLimits.EVERY_PORT);
        Configuration.BlocklistSettings blocklist = configuration.blocklist();
        PromotionPolicy policy = new PromotionPolicy(blocklist.rules(), blocklist.limits(), blocklist.rememberFor());
        neverBlock = configuration.neverBlock(List.of());
        backtest = new Backtest(
                blocklist.rules(),
                sources.ipv6PrefixLength(),
                seed,
                (_, detections, signs, established, now) -> decide(
                        policy,
                        new Facts(
                                detections,
                                EnforcementGate.GRANTED,
                                LogTrust.TRUSTED,
                                signs,
                                new NeverBlock.Known(neverBlock(), true),
                                ManualList.EMPTY,
                                established),
                        now));
        table = new DenialTable(limits, loadBalancers.known(), destinations(loadBalancers), seed);
        matches = feed.map(nets -> new FeedMatches(nets, seed, backtest));
        tally = new LineCounter(
                PacketLogParser.withPrefixes(prefixes, time),
                table,
                ZoneOffsetEstimator.configured(time),
                matches.<PacketObserver>map(each -> each).orElse(backtest));
    }

    /**
     * The configured destinations, but any destination instead of those of a cluster, because the lines may come from
     * any cluster.
     */
    private static Destinations destinations(Configuration.LoadBalancerSettings loadBalancers) {
        return loadBalancers.destinations() == Destinations.DISCOVERED
                ? Destinations.ANY
                : loadBalancers.destinations();
    }

    /** Load balancers are exempt, as in an agent that counts any destination. */
    private NeverBlock neverBlock() {
        List<Ip> now = table.addresses();
        if (!now.equals(counted)) {
            counted = now;
            neverBlock = configuration.neverBlock(Exemptions.counted(now));
        }
        return neverBlock;
    }

    private Decided decide(PromotionPolicy policy, Facts facts, Instant now) {
        Ruling ruling = policy.decide(state, facts, now);
        state = ruling.state();
        return new Decided(
                state.blocklist(), ruling.decisions(), !state.waiting().isEmpty());
    }

    /** The backtest of the configured rules, whatever the mode. */
    Backtest.Result backtest() {
        return backtest.result();
    }

    /** Counts the files, the oldest first, and updates the progress bar. */
    void read(List<Path> files, ProgressBar progress) {
        try (ParsedLog log = new ParsedLog(files, this::parser, threads, pieceBytes)) {
            log.read(lines -> {
                lines.countInto(tally, packet);
                oversized = Count.sum(oversized, lines.oversized());
                fileBytes = Count.sum(fileBytes, lines.fileBytes());
                progress.show(fileBytes, lines());
            });
        }
    }

    private ParsedLog.Parser parser() {
        SyslogTime time = new SyslogTime(zone);
        return new ParsedLog.Parser(PacketLogParser.withPrefixes(prefixes, time), time);
    }

    private long lines() {
        return Count.sum(tally.lines(), oversized);
    }

    /** The traffic of all files. */
    TrafficDocument report(long millis) {
        DenialSnapshot snapshot = table.snapshot();
        List<DenialSnapshot.LoadBalancerDenials> counted = new ArrayList<>(snapshot.loadBalancers());
        counted.add(snapshot.other());
        List<TrafficDocument.LoadBalancerTraffic> nlbs = counted.stream()
                .filter(nlb -> nlb.packets() > 0)
                .map(Replay::nlb)
                .sorted(Comparator.comparingLong(TrafficDocument.LoadBalancerTraffic::packets)
                        .reversed())
                .toList();
        return new TrafficDocument(
                lines(),
                counted.stream()
                        .mapToLong(DenialSnapshot.LoadBalancerDenials::packets)
                        .reduce(0, Count::sum),
                counted.stream()
                        .mapToLong(DenialSnapshot.LoadBalancerDenials::bytes)
                        .reduce(0, Count::sum),
                tally.lines(LineKind.UNRECOGNIZED),
                occurred(tally.malformed()),
                occurred(tally.suppressed()),
                instant(tally.earliestMicros()),
                instant(tally.latestMicros()),
                BigDecimal.valueOf(millis, 3),
                nlbs,
                BacktestText.promotions(backtest()),
                BacktestText.totals(backtest()),
                matches.map(FeedMatches::result).orElse(null),
                null,
                null);
    }

    private static TrafficDocument.LoadBalancerTraffic nlb(DenialSnapshot.LoadBalancerDenials nlb) {
        return new TrafficDocument.LoadBalancerTraffic(
                nlb.nlb(),
                nlb.packets(),
                nlb.bytes(),
                nlb.sources(),
                nlb.topSources().stream()
                        .map(source -> new TrafficDocument.SourceTraffic(
                                source.block().compact(), source.packets(), source.atMost()))
                        .toList(),
                nlb.topPorts().stream()
                        .map(port -> TrafficDocument.PortTraffic.of(
                                port.port(), port.transport().label(), port.packets()))
                        .sorted(TrafficDocument.PortTraffic.ORDER)
                        .toList());
    }

    private static Map<String, Long> occurred(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .filter(entry -> entry.getValue() > 0)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static @Nullable Instant instant(long unixMicros) {
        return unixMicros == DeniedPacket.NO_TIME ? null : PacketJson.time(unixMicros);
    }
}

package io.denywatch.agent;

import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.LogTrust;
import io.denywatch.config.Configuration;
import io.denywatch.config.Discovery;
import io.denywatch.config.SourceKind;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.DiscoveredLoadBalancers;
import io.denywatch.denial.StoppedPackets;
import io.denywatch.detection.DetectionListener;
import io.denywatch.detection.Detections;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.detection.NodeSummary;
import io.denywatch.detection.SourceWindows;
import io.denywatch.ingest.Checkpoint;
import io.denywatch.ingest.Ingest;
import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.ingest.IngestState;
import io.denywatch.ingest.LineCounter;
import io.denywatch.ingest.ZoneOffsetEstimator;
import io.denywatch.kmsg.KmsgTail;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import io.denywatch.process.ProcessContext;
import io.denywatch.tail.LogSource;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Reads the log, counts its packets and looks for sources that reach a threshold. Any thread may ask for what is
 * published.
 */
final class Counting implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Counting.class.getName());

    /** The most bytes that a tail saves: its open and remembered files, with what identifies them. */
    private static final long TAIL_STATE_BYTES_MAX = 128 * 1024;

    private final Configuration configuration;
    private final ProcessContext world;
    private final Cluster cluster; // not owned
    private final SourceWindows windows;
    private final Ingest ingest;

    /** Starts nothing yet. */
    Counting(Configuration configuration, ProcessContext world, Cluster cluster) {
        this.configuration = configuration;
        this.world = world;
        this.cluster = cluster;
        windows = windows(configuration);
        ingest = ingest();
    }

    /** Starts the ingest thread. */
    void start(Loops loops) {
        loops.start("ingest", ingest::poll);
    }

    /** What was counted. */
    IngestSnapshot snapshot() {
        return ingest.snapshot();
    }

    /** Sources that reached a threshold. */
    Detections detections() {
        return windows.detections();
    }

    /** Sources with an established connection. */
    EstablishedSources established() {
        return windows.detections().established();
    }

    /** What was counted for rules of the whole cluster. */
    NodeSummary summary() {
        return windows.summary();
    }

    /** Whether the lines of the log can be relied on. Until a log is opened, it may be one that cannot be trusted. */
    LogTrust trust() {
        return configuration.trust(ingest.snapshot().sourceKind());
    }

    /** Without a blocklist, no rules are checked. */
    private static SourceWindows windows(Configuration configuration) {
        Configuration.BlocklistSettings blocklist = configuration.blocklist();
        return new SourceWindows(
                blocklist.mode() == BlocklistMode.OFF ? List.of() : blocklist.rules(),
                configuration.sources().ipv6PrefixLength(),
                new SecureRandom().nextLong(),
                DetectionListener.NONE);
    }

    private Ingest ingest() {
        Configuration.LoadBalancerSettings loadBalancers = configuration.loadBalancers();
        long stateBytes = TAIL_STATE_BYTES_MAX
                + IngestState.stateBytesMax(
                        TableRoom.limits(configuration), loadBalancers.known(), loadBalancers.destinations());
        int slotBytes = Math.clamp(stateBytes, Checkpoint.SLOT_BYTES_MIN, Checkpoint.SLOT_BYTES_MAX);
        Checkpoint checkpoint = new Checkpoint(configuration.checkpointDirectory(), slotBytes);
        boolean discovers = loadBalancers.discovery() == Discovery.KUBERNETES;
        Supplier<Optional<DiscoveredLoadBalancers>> discovered =
                discovers ? cluster::loadBalancers : () -> Optional.of(DiscoveredLoadBalancers.NONE);
        return new Ingest(
                checkpoint, this::source, this::zero, discovered, world.clock().millis());
    }

    private LogSource source(Optional<String> savedKind) {
        Configuration.InputSettings source = configuration.source();
        SourceChoice choice =
                SourceChoice.of(source, savedKind.flatMap(SourceKind::of).orElse(null), KmsgTail::canBeOpened);
        LOG.log(
                Level.INFO,
                "following {0} {1} on node {2}: {3}",
                choice.path(),
                choice.startText(source.startAt(), savedKind),
                configuration.node(),
                choice.why());
        LogTrust trust = configuration.trust(choice.kind().label());
        windows.believeEstablished(trust.believesEstablished());
        if (trust != LogTrust.TRUSTED && configuration.blocklist().mode() != BlocklistMode.OFF) {
            LOG.log(
                    Level.WARNING,
                    "any local user can forge lines of the kernel in {0}, {1}",
                    choice.path(),
                    trust == LogTrust.REFUSED
                            ? "so no source is blocked, because blocklist.requireTrustedLog is true"
                            : "and so cause a block of any source: see blocklist.requireTrustedLog");
        }
        return choice.open(source.startAt(), world.clock());
    }

    private IngestState zero() {
        Configuration.InputSettings source = configuration.source();
        Configuration.LoadBalancerSettings loadBalancers = configuration.loadBalancers();
        ZoneId zone = source.zone();
        // Only a fixed offset can be learned, so the lines after a change to daylight saving time correct it.
        SyslogTime time = new SyslogTime(
                source.learnZone() ? zone.getRules().getOffset(world.clock().instant()) : zone);
        ZoneOffsetEstimator offset =
                source.learnZone() ? ZoneOffsetEstimator.learned(time) : ZoneOffsetEstimator.configured(time);
        DenialTable table = new DenialTable(
                TableRoom.limits(configuration),
                loadBalancers.known(),
                loadBalancers.destinations(),
                new SecureRandom().nextLong());
        LineCounter counter = new LineCounter(
                PacketLogParser.withPrefixes(configuration.prefixes(), time),
                table,
                offset,
                windows,
                stopped(),
                cluster::responseBase);
        return new IngestState(time, offset, counter, table, windows);
    }

    private StoppedPackets stopped() {
        return configuration.blocklist().countBlocked()
                ? StoppedPackets.of(
                        cluster::blocked, configuration.sources().ipv6PrefixLength(), new SecureRandom().nextLong())
                : StoppedPackets.off();
    }

    @Override
    public void close() {
        ingest.close();
    }
}

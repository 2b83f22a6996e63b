package io.denywatch.agent;

import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.BlocklistPolicy;
import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.Clearance;
import io.denywatch.blocklist.DecisionListener;
import io.denywatch.blocklist.DryRunStore;
import io.denywatch.blocklist.Enforcer;
import io.denywatch.blocklist.LogTrust;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.config.Configuration;
import io.denywatch.config.ConfigurationOptions;
import io.denywatch.config.Discovery;
import io.denywatch.config.Exemptions;
import io.denywatch.config.Setting;
import io.denywatch.config.SourceKind;
import io.denywatch.denial.CurrentLine;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.LoadBalancers;
import io.denywatch.detection.OffenceListener;
import io.denywatch.detection.SourceWindows;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.exposition.ExpositionSettings;
import io.denywatch.exposition.HostPort;
import io.denywatch.exposition.KubernetesRequests;
import io.denywatch.exposition.MetricsServer;
import io.denywatch.exposition.ProbeServer;
import io.denywatch.exposition.Published;
import io.denywatch.ingest.Checkpoint;
import io.denywatch.ingest.Counts;
import io.denywatch.ingest.Ingest;
import io.denywatch.ingest.LineTally;
import io.denywatch.ingest.YearlessOffset;
import io.denywatch.kmsg.KmsgTail;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.Version;
import io.denywatch.process.World;
import io.denywatch.tail.LogSource;
import io.denywatch.web.WebConfigException;
import io.denywatch.web.WebConfigFile;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The process of the DaemonSet: follows the log, counts, and serves metrics until it is told to stop. */
@Command(
        name = AgentCommand.NAME,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Follows a node's log, counts denied packets and serves metrics, until SIGTERM or Ctrl-C.",
        footerHeading = "%nSettings, for the file of --config and for --set:%n")
public final class AgentCommand implements Callable<Integer> {
    public static final String NAME = "agent";

    private static final System.Logger LOG = System.getLogger(AgentCommand.class.getName());
    private static final long WATCH_NANOS = 1_000_000_000;
    /** Files that a tail has open or remembers, with what it takes to know them again. */
    private static final long TAIL_STATE_BYTES_MAX = 128 * 1024;

    private final World world;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    public AgentCommand(World world) {
        this.world = world;
    }

    @Override
    public Integer call() {
        Configuration configuration = options.configuration(world);
        TableRoom.check(configuration, Runtime.getRuntime().maxMemory());
        CountDownLatch broken = new CountDownLatch(1);
        CurrentLine line = new CurrentLine();
        SourceWindows windows = windows(configuration, line);
        try (ClusterLink cluster = configuration.usesCluster() ? ClusterLink.open(configuration, world) : null;
                Ingest ingest = ingest(configuration, windows, line, cluster)) {
            Checkup checkup = cluster == null ? null : cluster.checkup();
            Enforcer enforcer = enforcer(configuration, windows, ingest, cluster, checkup);
            Published published = new Published(
                    ingest::snapshot,
                    () -> windows.offences().answers(),
                    enforcer == null ? () -> BlocklistStatus.OFF : enforcer::status,
                    checkup == null ? () -> Diagnosis.NONE : checkup::diagnosis,
                    cluster == null ? () -> KubernetesRequests.NONE : cluster::requests);
            Configuration.Http http = configuration.http();
            try (MetricsServer server = server(configuration, published);
                    ProbeServer probes = probes(http, published, server);
                    Loops loops = new Loops(world, broken::countDown)) {
                loops.start("ingest", nowMillis -> {
                    int bytes = ingest.poll(nowMillis);
                    windows.publish();
                    return bytes;
                });
                if (cluster != null) {
                    loops.startWaiting("cluster", cluster::poll);
                }
                if (checkup != null) {
                    loops.startWaiting("checkup", checkup::poll);
                }
                if (enforcer != null) {
                    loops.startWaiting("blocklist", enforcer::tick);
                }
                LOG.log(Level.INFO, "listening on {0}://{1}", server.scheme(), HostPort.text(server.address()));
                if (probes != null) {
                    LOG.log(Level.INFO, "answering probes on http://{0}", HostPort.text(probes.address()));
                }
                while (!world.stop().requested() && broken.getCount() > 0) {
                    world.stop().pause(WATCH_NANOS);
                }
            }
        }
        if (broken.getCount() == 0) {
            throw CommandFailure.failed("a thread ended by an error of its own; see above");
        }
        return 0;
    }

    /** Sees all denied packets and who was answered; without a blocklist it has no rules to look for. */
    private static SourceWindows windows(Configuration configuration, CurrentLine line) {
        Configuration.Blocklist blocklist = configuration.blocklist();
        return new SourceWindows(
                blocklist.mode() == BlocklistMode.OFF ? List.of() : blocklist.rules(),
                configuration.sources().ipv6PrefixLength(),
                new SecureRandom().nextLong(),
                line,
                OffenceListener.NONE);
    }

    private @Nullable Enforcer enforcer(
            Configuration configuration,
            SourceWindows windows,
            Ingest ingest,
            @Nullable ClusterLink cluster,
            @Nullable Checkup checkup) {
        Configuration.Blocklist blocklist = configuration.blocklist();
        if (blocklist.mode() == BlocklistMode.OFF) {
            return null;
        }
        DecisionLog log = new DecisionLog(world.out(), configuration.node());
        DecisionListener events = cluster == null ? (decision, mode, now) -> {} : cluster.events();
        Supplier<LogTrust> trust = () -> trust(configuration, ingest.snapshot().sourceKind());
        Exemptions exemptions = exemptions(configuration, ingest, cluster, checkup);
        boolean enforces = blocklist.mode() == BlocklistMode.ENFORCE;
        return new Enforcer(
                blocklist.mode(),
                new BlocklistPolicy(blocklist.rules(), blocklist.rails(), blocklist.rememberFor()),
                enforces && cluster != null
                        ? cluster.store(() -> exemptions.known().ranges())
                        : new DryRunStore(),
                windows::offences,
                exemptions::known,
                enforces && checkup != null ? checkup::clearance : () -> Clearance.GRANTED,
                trust,
                (decision, mode, now) -> {
                    log.decided(decision, mode, now);
                    events.decided(decision, mode, now);
                },
                new SecureRandom().nextLong());
    }

    private Exemptions exemptions(
            Configuration configuration, Ingest ingest, @Nullable ClusterLink cluster, @Nullable Checkup checkup) {
        List<Supplier<Optional<List<Range>>>> found = new ArrayList<>();
        if (cluster != null) {
            found.add(cluster::ranges);
        }
        if (checkup != null) {
            found.add(checkup::allowed);
        }
        if (configuration.loadBalancers().discovery() == Discovery.ANY) {
            found.add(() -> Optional.of(Exemptions.counted(ingest.snapshot().denials())));
        }
        return new Exemptions(configuration, found, Path.of("/"), world.clock());
    }

    private Ingest ingest(
            Configuration configuration, SourceWindows windows, CurrentLine line, @Nullable ClusterLink cluster) {
        Supplier<Counts> zero = () -> zero(configuration, windows, line, cluster);
        long stateBytes = zero.get().stateBytesMax() + TAIL_STATE_BYTES_MAX;
        int slotBytes = Math.clamp(stateBytes, Checkpoint.SLOT_BYTES_MIN, Checkpoint.SLOT_BYTES_MAX);
        Checkpoint checkpoint = new Checkpoint(configuration.checkpointDirectory(), slotBytes);
        Optional<LoadBalancers> none = Optional.of(LoadBalancers.NONE);
        boolean discovers = configuration.loadBalancers().discovery() == Discovery.KUBERNETES;
        return new Ingest(
                checkpoint,
                savedKind -> source(configuration, savedKind, windows),
                zero,
                discovers && cluster != null ? cluster::loadBalancers : () -> none,
                world.clock().millis());
    }

    /** Until a log is opened, it may be one that cannot be trusted. */
    public static LogTrust trust(Configuration configuration, String kind) {
        boolean trustedFile = configuration.source().trusted() && kind.equals(SourceKind.FILE.label());
        return trustedFile || kind.equals(SourceKind.KMSG.label())
                ? LogTrust.TRUSTED
                : configuration.blocklist().requireTrustedLog() ? LogTrust.REFUSED : LogTrust.FORGEABLE;
    }

    private LogSource source(Configuration configuration, Optional<String> savedKind, SourceWindows windows) {
        Configuration.Source source = configuration.source();
        SourceChoice choice =
                SourceChoice.of(source, savedKind.flatMap(SourceKind::of).orElse(null), KmsgTail::canBeOpened);
        LOG.log(
                Level.INFO,
                "following {0} {1} on node {2}: {3}",
                choice.path(),
                choice.whence(source.startAt(), savedKind),
                configuration.node(),
                choice.why());
        LogTrust trust = trust(configuration, choice.kind().label());
        windows.believeAnswers(trust.believesAnswers());
        if (trust != LogTrust.TRUSTED && configuration.blocklist().mode() != BlocklistMode.OFF) {
            LOG.log(
                    Level.WARNING,
                    "each local user can write lines of the kernel to {0}, {1}",
                    choice.path(),
                    trust == LogTrust.REFUSED
                            ? "so nobody is blocked, as blocklist.requireTrustedLog says"
                            : "and so have any source blocked: see blocklist.requireTrustedLog");
        }
        return choice.open(source.startAt(), world.clock());
    }

    private Counts zero(
            Configuration configuration, SourceWindows windows, CurrentLine line, @Nullable ClusterLink cluster) {
        Configuration.Source source = configuration.source();
        Configuration.LoadBalancers loadBalancers = configuration.loadBalancers();
        ZoneId zone = source.zone();
        // What is learned is an offset: daylight saving is then learned as well, not known beforehand.
        SyslogTime time = new SyslogTime(
                source.learnZone() ? zone.getRules().getOffset(world.clock().instant()) : zone);
        YearlessOffset offset = source.learnZone() ? YearlessOffset.learned(time) : YearlessOffset.configured(time);
        DenialTable table = new DenialTable(
                TableRoom.limits(configuration),
                loadBalancers.known(),
                loadBalancers.destinations(),
                new SecureRandom().nextLong(),
                windows);
        LineTally tally = new LineTally(
                PacketLogParser.withPrefixes(configuration.prefixes(), time),
                table,
                offset,
                line,
                cluster == null ? () -> "" : cluster::responseBase);
        return new Counts(time, offset, tally, table);
    }

    private MetricsServer server(Configuration configuration, Published published) {
        Configuration.Http http = configuration.http();
        ExpositionSettings settings = new ExpositionSettings(
                http.listen(),
                http.allowedHosts(),
                http.webConfig().map(AgentCommand::webConfig),
                configuration.node(),
                Version.number(),
                Version.revision());
        try {
            return MetricsServer.start(settings, published, world.clock());
        } catch (BindException e) {
            throw notBound(Setting.HTTP_LISTEN, e);
        }
    }

    private static WebConfigFile webConfig(Path file) {
        try {
            return WebConfigFile.open(file);
        } catch (WebConfigException e) {
            throw CommandFailure.usage(Setting.HTTP_WEB_CONFIG.key() + ": " + file + ": " + e.getMessage());
        }
    }

    private @Nullable ProbeServer probes(Configuration.Http http, Published published, MetricsServer server) {
        if (http.probes().isEmpty()) {
            return null;
        }
        InetSocketAddress listen = http.probes().get();
        try {
            return ProbeServer.start(listen, published.ingest(), server::problem, world.clock());
        } catch (BindException e) {
            throw notBound(Setting.HTTP_PROBES, e);
        }
    }

    private static CommandFailure notBound(Setting setting, BindException e) {
        return CommandFailure.failed(setting.key() + ": " + e.getMessage() + "; allowed: " + setting.allowed());
    }
}

package io.denywatch.exposition;

import io.denywatch.api.Enforcement;
import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.count.RequestCounts;
import io.denywatch.denial.BlockOrigin;
import io.denywatch.denial.DenialSnapshot;
import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.denial.DenialSnapshot.PortTotal;
import io.denywatch.denial.DenialSnapshot.SourceCount;
import io.denywatch.detection.EvictedWindows;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.ingest.Checkpoint;
import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.sums.ClusterRulesStatus;
import io.denywatch.tail.TailSnapshot;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Collects all {@code denywatch_} families for a scrape: a pure function of the published snapshots. The publishers
 * keep the counters, so a scrape does not affect the hot path.
 *
 * <p>With the blocklist off, its families are present at 0, so that dashboards and alerts work in all modes; only
 * families whose labels are then unknown have no series.
 */
final class SnapshotCollector implements MultiCollector {
    private static final String OTHER_PORTS = "other";
    private static final double MILLIS_PER_SECOND = 1000;

    private final Published published;
    private final LeftOut leftOut; // not owned
    private final MetricSnapshot build;

    SnapshotCollector(ExpositionSettings settings, String javaVersion, Published published, LeftOut leftOut) {
        this.published = published;
        this.leftOut = leftOut;
        this.build = info(MetricFamily.BUILD_INFO, settings.version(), settings.revision(), javaVersion);
    }

    @Override
    public MetricSnapshots collect() {
        Families families = new Families(leftOut);
        IngestSnapshot snapshot = published.ingest().get();
        families.add(MetricFamily.BUILD_INFO, family -> build);
        families.add(MetricFamily.SOURCE_INFO, family -> info(family, snapshot.sourceKind(), snapshot.sourcePath()));
        addDenials(snapshot.denials(), families);
        addStopped(snapshot, families);
        addLines(snapshot, families);
        addTail(snapshot.tail(), families);
        addCheckpoint(snapshot.checkpoint(), families);
        addBlocklist(published.blocklist().get(), published.diagnosis(), families);
        addClusterRules(published.clusterRules().get(), families);
        addFindings(published.diagnosis(), families);
        addSharedWork(published.sharedWork().get(), families);
        addKubernetes(published.kubernetes().get(), families);
        families.add(MetricFamily.EXPOSITION_ERRORS, leftOut.errors());
        return new MetricSnapshots(families.made);
    }

    /** The families produced so far, in order. */
    private record Families(LeftOut leftOut, List<MetricSnapshot> made) {
        Families(LeftOut leftOut) {
            this(leftOut, new ArrayList<>());
        }

        void add(MetricFamily family, double value) {
            add(family, of -> of.of(value));
        }

        void add(MetricFamily family, long value) {
            add(family, of -> of.of(value));
        }

        void add(MetricFamily family, Map<String, Long> values) {
            add(family, of -> byLabels(of, values, of::labels));
        }

        void add(MetricFamily family, Function<MetricFamily, MetricSnapshot> of) {
            made.addAll(leftOut.unless(family.metricName(), () -> List.of(of.apply(family))));
        }
    }

    /** The text of a {@link PortTotal}'s port: ports that are not exposed are counted together. */
    static String exposedPort(int port) {
        return port == 0 ? OTHER_PORTS : Integer.toString(port);
    }

    private static void addDenials(DenialSnapshot denials, Families families) {
        List<LoadBalancerDenials> all = new ArrayList<>(denials.loadBalancers());
        all.add(denials.other());
        families.add(MetricFamily.DENIED_PACKETS, family -> totals(family, all, PortTotal::packets));
        families.add(MetricFamily.DENIED_BYTES, family -> totals(family, all, PortTotal::bytes));
        families.add(MetricFamily.LATE_PACKETS, family -> byNlb(family, all, LoadBalancerDenials::latePackets));
        families.add(MetricFamily.DENIED_SOURCES, family -> byNlb(family, all, LoadBalancerDenials::sources));
        families.add(MetricFamily.TOP_SOURCE_PACKETS, family -> topSources(family, all));
        families.add(MetricFamily.TRACKED_SOURCES, denials.trackedSources());
        families.add(MetricFamily.TRACKED_SOURCES_LIMIT, denials.trackedSourcesLimit());
        families.add(
                MetricFamily.SOURCES_EVICTED,
                Map.of("capacity", denials.evictedForCapacity(), "idle", denials.evictedIdle()));
    }

    /** Absent if such packets are not recognized: a zero would read as "the blocklist stops nothing". */
    private static void addStopped(IngestSnapshot snapshot, Families families) {
        DenialSnapshot denials = snapshot.denials();
        List<LoadBalancerDenials> all = new ArrayList<>();
        if (snapshot.stopped().counting()) {
            all.addAll(denials.loadBalancers());
            all.add(denials.other());
        }
        families.add(
                MetricFamily.BLOCKED_PACKETS,
                family -> family.of(all.stream()
                        .flatMap(nlb -> Arrays.stream(BlockOrigin.values())
                                .map(origin ->
                                        new Sample(family.labels(nlb.nlb(), origin.label()), nlb.stopped(origin))))
                        .toList()));
        families.add(MetricFamily.BLOCKED_SOURCES_EVICTED, snapshot.stopped().evicted());
    }

    private static MetricSnapshot totals(
            MetricFamily family, List<LoadBalancerDenials> all, ToLongFunction<PortTotal> count) {
        List<Sample> samples = new ArrayList<>();
        for (LoadBalancerDenials nlb : all) {
            for (PortTotal total : nlb.totals()) {
                Labels labels = family.labels(
                        nlb.nlb(),
                        total.namespace(),
                        total.service(),
                        total.transport().label(),
                        exposedPort(total.port()));
                samples.add(new Sample(labels, count.applyAsLong(total)));
            }
        }
        return family.of(samples);
    }

    private static MetricSnapshot byNlb(
            MetricFamily family, List<LoadBalancerDenials> all, ToLongFunction<LoadBalancerDenials> count) {
        return family.of(all.stream()
                .map(nlb -> new Sample(family.labels(nlb.nlb()), count.applyAsLong(nlb)))
                .toList());
    }

    private static MetricSnapshot topSources(MetricFamily family, List<LoadBalancerDenials> all) {
        List<Sample> samples = new ArrayList<>();
        for (LoadBalancerDenials nlb : all) {
            for (SourceCount source : nlb.topSources()) {
                Labels labels = family.labels(nlb.nlb(), source.block().compact());
                samples.add(new Sample(labels, source.packets()));
            }
        }
        return family.of(samples);
    }

    private static void addLines(IngestSnapshot snapshot, Families families) {
        families.add(MetricFamily.LOG_LINES, snapshot.lines());
        families.add(MetricFamily.MALFORMED_LINES, snapshot.malformed());
        families.add(MetricFamily.LOG_SUPPRESSED_LINES, snapshot.suppressed());
        families.add(MetricFamily.LOG_CATCHING_UP, snapshot.catchingUp() ? 1 : 0);
        families.add(MetricFamily.LOG_TIMESTAMP_OFFSET, snapshot.timestampOffsetSeconds());
    }

    private static void addTail(TailSnapshot tail, Families families) {
        families.add(MetricFamily.LOG_READABLE, tail.readable() ? 1 : 0);
        families.add(MetricFamily.LOG_UNREAD_BYTES, tail.unreadBytes());
        families.add(MetricFamily.LOG_READ_BYTES, tail.readBytes());
        if (tail.lastLineMillis() > 0) {
            // Absent before the first line: a zero would read as "the last line came in 1970".
            families.add(MetricFamily.LOG_LAST_LINE_TIMESTAMP, tail.lastLineMillis() / MILLIS_PER_SECOND);
        }
        families.add(MetricFamily.LOG_ROTATIONS, Map.of("renamed", tail.renamed(), "truncated", tail.truncated()));
        families.add(MetricFamily.LOG_READ_ERRORS, tail.readErrors());
        families.add(MetricFamily.LOG_GAPS, tail.gaps());
        families.add(MetricFamily.LOG_NUL_BYTES, tail.nulBytes());
        families.add(MetricFamily.KMSG_LOST_RECORDS, tail.kmsgLostRecords());
    }

    private static void addCheckpoint(Checkpoint.Status checkpoint, Families families) {
        families.add(MetricFamily.CHECKPOINT_FAILURES, checkpoint.failures());
        if (checkpoint.durableAtMillis() > 0) {
            // Absent before the first checkpoint: a zero would read as 1970.
            families.add(MetricFamily.CHECKPOINT_TIMESTAMP, checkpoint.durableAtMillis() / MILLIS_PER_SECOND);
        }
        families.add(MetricFamily.STATE_LOST, checkpoint.stateLost() ? 1 : 0);
    }

    private static void addBlocklist(BlocklistStatus blocklist, Supplier<Diagnosis> diagnosis, Families families) {
        families.add(
                MetricFamily.BLOCKLIST_INFO,
                family -> info(family, blocklist.mode().label()));
        families.add(
                MetricFamily.BLOCKLIST_ENTRIES, blocklist.wanted().entries().size());
        families.add(MetricFamily.BLOCKLIST_STORED_ENTRIES, blocklist.storedEntries());
        families.add(
                MetricFamily.BLOCKLIST_ENFORCED_ENTRIES,
                family ->
                        family.of(diagnosis.get().enforcement() == Enforcement.ACTIVE ? blocklist.storedEntries() : 0));
        families.add(
                MetricFamily.BLOCKLIST_POLICY_ACTIVE,
                family -> switch (diagnosis.get().enforcement()) {
                    case UNKNOWN -> family.of(List.of());
                    case MISSING -> family.of(0);
                    case ACTIVE -> family.of(1);
                });
        families.add(MetricFamily.BLOCKLIST_ENTRIES_LIMIT, blocklist.entriesLimit());
        families.add(MetricFamily.BLOCKLIST_OVERDUE_ENTRIES, blocklist.overdueEntries());
        if (blocklist.lastSyncMillis() > 0) {
            // Absent before the first sync: a zero would read as 1970.
            families.add(MetricFamily.BLOCKLIST_LAST_SYNC_TIMESTAMP, blocklist.lastSyncMillis() / MILLIS_PER_SECOND);
        }
        families.add(MetricFamily.BLOCKLIST_BREAKER_OPEN, blocklist.breakerOpen() ? 1 : 0);
        families.add(
                MetricFamily.PROMOTIONS,
                family -> byLabels(
                        family,
                        blocklist.promotions(),
                        of -> family.labels(of.outcome().label(), of.rule())));
        families.add(MetricFamily.BLOCKLIST_EXPIRATIONS, blocklist.expirations());
        families.add(MetricFamily.DISPLACEMENTS, blocklist.displacements());
        EvictedWindows evicted = blocklist.evicted();
        families.add(MetricFamily.WINDOWS_EVICTED, Map.of("sources", evicted.sources(), "windows", evicted.windows()));
        families.add(MetricFamily.BLOCKLIST_REPAIRS, blocklist.repairs());
        families.add(MetricFamily.TIME_TO_BLOCK, family -> family.of(Map.of(Labels.EMPTY, blocklist.timeToBlock())));
    }

    private static void addClusterRules(ClusterRulesStatus status, Families families) {
        if (!status.configured()) {
            return;
        }
        families.add(MetricFamily.CLUSTER_RULE_LEADING, status.leads() ? 1 : 0);
        families.add(
                MetricFamily.CLUSTER_RULE_AGENTS,
                family -> family.of(status.agents().entrySet().stream()
                        .map(e -> new Sample(family.labels(e.getKey().label()), e.getValue()))
                        .toList()));
    }

    private static void addFindings(Supplier<Diagnosis> diagnosis, Families families) {
        families.add(MetricFamily.FINDINGS, family -> findings(family, diagnosis.get()));
        families.add(MetricFamily.FINDINGS_TIMESTAMP, family -> {
            Diagnosis last = diagnosis.get();
            // Absent before the first check: a zero would read as 1970.
            return last.checked() ? family.of(last.atMillis() / MILLIS_PER_SECOND) : family.of(List.of());
        });
    }

    private static MetricSnapshot findings(MetricFamily family, Diagnosis diagnosis) {
        Map<Labels, Long> counts = diagnosis.findings().stream()
                .collect(Collectors.groupingBy(
                        finding ->
                                family.labels(finding.id(), finding.severity().label()),
                        Collectors.counting()));
        return byLabels(family, counts, Function.identity());
    }

    private static void addSharedWork(SharedWork work, Families families) {
        families.add(
                MetricFamily.LEADER,
                family -> work.leads().isPresent() ? family.of(work.leads().get() ? 1 : 0) : family.of(List.of()));
        // Only one agent publishes: a zero of the others would read as "none".
        boolean publishes = work.syncMillis() > 0;
        families.add(
                MetricFamily.PUBLISHED_LOAD_BALANCERS,
                family -> publishes ? family.of(work.loadBalancers()) : family.of(List.of()));
        families.add(
                MetricFamily.PUBLISHED_LOAD_BALANCERS_TIMESTAMP,
                family -> publishes ? family.of(work.syncMillis() / MILLIS_PER_SECOND) : family.of(List.of()));
    }

    private static void addKubernetes(RequestCounts kubernetes, Families families) {
        families.add(
                MetricFamily.KUBERNETES_REQUESTS,
                family -> byLabels(family, kubernetes.answered(), of -> family.labels(of.verb(), of.code())));
        families.add(
                MetricFamily.KUBERNETES_REQUEST_DURATION,
                family -> family.of(kubernetes.seconds().entrySet().stream()
                        .collect(Collectors.toMap(e -> family.labels(e.getKey()), Map.Entry::getValue))));
    }

    private static MetricSnapshot info(MetricFamily family, String... values) {
        return family.of(List.of(new Sample(family.labels(values), 1)));
    }

    private static <K> MetricSnapshot byLabels(MetricFamily family, Map<K, Long> values, Function<K, Labels> labels) {
        return family.of(values.entrySet().stream()
                .map(e -> new Sample(labels.apply(e.getKey()), e.getValue()))
                .toList());
    }
}

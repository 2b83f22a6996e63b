package io.denywatch.exposition;

import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.Latencies;
import io.denywatch.denial.DenialSnapshot;
import io.denywatch.denial.DenialSnapshot.NlbDenials;
import io.denywatch.denial.DenialSnapshot.PortTotal;
import io.denywatch.denial.DenialSnapshot.SourceCount;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.ingest.CheckpointStatus;
import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.tail.TailSnapshot;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * All {@code denywatch_} families of one scrape: a pure function of what was published. Counters are kept by those who
 * publish, never here, so that a scrape costs the hot path nothing.
 *
 * <p>With the blocklist off its families are there all the same, at 0, so that dashboards and alerts need not tell the
 * modes apart; only those whose labels are not known then have no series.
 */
final class SnapshotCollector implements MultiCollector {
    private static final String OTHER_PORTS = "other";
    private static final double MILLIS_PER_SECOND = 1000;

    private final Published published;
    private final MetricSnapshot build;

    SnapshotCollector(ExpositionSettings settings, String javaVersion, Published published) {
        this.published = published;
        this.build = info(MetricFamily.BUILD_INFO, settings.version(), settings.revision(), javaVersion);
    }

    @Override
    public MetricSnapshots collect() {
        return new MetricSnapshots(families(
                published.ingest().get(),
                published.blocklist().get(),
                published.diagnosis().get(),
                published.kubernetes().get()));
    }

    private List<MetricSnapshot> families(
            IngestSnapshot snapshot, BlocklistStatus blocklist, Diagnosis diagnosis, KubernetesRequests kubernetes) {
        List<MetricSnapshot> families = new ArrayList<>();
        families.add(build);
        families.add(info(MetricFamily.SOURCE_INFO, snapshot.sourceKind(), snapshot.sourcePath()));
        addDenials(snapshot.denials(), families);
        addLines(snapshot, families);
        addTail(snapshot.tail(), families);
        addCheckpoint(snapshot.checkpoint(), families);
        addBlocklist(blocklist, families);
        addFindings(diagnosis, families);
        addKubernetes(kubernetes, families);
        return families;
    }

    /** The text of a {@link PortTotal}'s port: what is not exposed is counted together. */
    static String exposedPort(int port) {
        return port == 0 ? OTHER_PORTS : Integer.toString(port);
    }

    private static void addDenials(DenialSnapshot denials, List<MetricSnapshot> families) {
        List<Sample> packets = new ArrayList<>();
        List<Sample> bytes = new ArrayList<>();
        List<Sample> late = new ArrayList<>();
        List<Sample> sources = new ArrayList<>();
        List<Sample> top = new ArrayList<>();
        List<NlbDenials> all = new ArrayList<>(denials.loadBalancers());
        all.add(denials.other());
        for (NlbDenials nlb : all) {
            for (PortTotal total : nlb.totals()) {
                Labels labels = MetricFamily.DENIED_PACKETS.labels(
                        nlb.nlb(),
                        total.namespace(),
                        total.service(),
                        total.transport().label(),
                        exposedPort(total.port()));
                packets.add(new Sample(labels, total.packets()));
                bytes.add(new Sample(labels, total.bytes()));
            }
            Labels labels = MetricFamily.LATE_PACKETS.labels(nlb.nlb());
            late.add(new Sample(labels, nlb.latePackets()));
            sources.add(new Sample(labels, nlb.sources()));
            for (SourceCount source : nlb.topSources()) {
                Labels of = MetricFamily.TOP_SOURCE_PACKETS.labels(
                        nlb.nlb(), source.block().compact());
                top.add(new Sample(of, source.packets()));
            }
        }
        families.add(MetricFamily.DENIED_PACKETS.of(packets));
        families.add(MetricFamily.DENIED_BYTES.of(bytes));
        families.add(MetricFamily.LATE_PACKETS.of(late));
        families.add(MetricFamily.DENIED_SOURCES.of(sources));
        families.add(MetricFamily.TOP_SOURCE_PACKETS.of(top));
        families.add(MetricFamily.TRACKED_SOURCES.of(denials.trackedSources()));
        families.add(MetricFamily.TRACKED_SOURCES_LIMIT.of(denials.trackedSourcesLimit()));
        families.add(byLabel(
                MetricFamily.SOURCES_EVICTED,
                Map.of("capacity", denials.evictedForCapacity(), "idle", denials.evictedIdle())));
    }

    private static void addLines(IngestSnapshot snapshot, List<MetricSnapshot> families) {
        families.add(byLabel(MetricFamily.LOG_LINES, snapshot.lines()));
        families.add(byLabel(MetricFamily.MALFORMED_LINES, snapshot.malformed()));
        families.add(byLabel(MetricFamily.LOG_SUPPRESSED_LINES, snapshot.suppressed()));
        families.add(MetricFamily.LOG_CATCHING_UP.of(snapshot.catchingUp() ? 1 : 0));
        families.add(MetricFamily.LOG_TIMESTAMP_OFFSET.of(snapshot.timestampOffsetSeconds()));
    }

    private static void addTail(TailSnapshot tail, List<MetricSnapshot> families) {
        families.add(MetricFamily.LOG_READABLE.of(tail.readable() ? 1 : 0));
        families.add(MetricFamily.LOG_UNREAD_BYTES.of(tail.unreadBytes()));
        families.add(MetricFamily.LOG_READ_BYTES.of(tail.readBytes()));
        if (tail.lastLineMillis() > 0) {
            // Absent before the first line: a zero would read as "the last line came in 1970".
            families.add(MetricFamily.LOG_LAST_LINE_TIMESTAMP.of(tail.lastLineMillis() / MILLIS_PER_SECOND));
        }
        families.add(
                byLabel(MetricFamily.LOG_ROTATIONS, Map.of("renamed", tail.renamed(), "truncated", tail.truncated())));
        families.add(byLabel(MetricFamily.LOG_READ_ERRORS, tail.readErrors()));
        families.add(byLabel(MetricFamily.LOG_GAPS, tail.gaps()));
        families.add(MetricFamily.LOG_NUL_BYTES.of(tail.nulBytes()));
        families.add(MetricFamily.KMSG_LOST_RECORDS.of(tail.kmsgLostRecords()));
    }

    private static void addCheckpoint(CheckpointStatus checkpoint, List<MetricSnapshot> families) {
        families.add(MetricFamily.CHECKPOINT_FAILURES.of(checkpoint.failures()));
        if (checkpoint.durableAtMillis() > 0) {
            // Absent before the first, for the same reason.
            families.add(MetricFamily.CHECKPOINT_TIMESTAMP.of(checkpoint.durableAtMillis() / MILLIS_PER_SECOND));
        }
        families.add(MetricFamily.STATE_LOST.of(checkpoint.stateLost() ? 1 : 0));
    }

    private static void addBlocklist(BlocklistStatus blocklist, List<MetricSnapshot> families) {
        families.add(info(MetricFamily.BLOCKLIST_INFO, blocklist.mode().label()));
        families.add(
                MetricFamily.BLOCKLIST_ENTRIES.of(blocklist.wanted().entries().size()));
        families.add(MetricFamily.BLOCKLIST_ENFORCED_ENTRIES.of(blocklist.enforcedEntries()));
        families.add(MetricFamily.BLOCKLIST_ENTRIES_LIMIT.of(blocklist.entriesLimit()));
        families.add(MetricFamily.BLOCKLIST_OVERDUE_ENTRIES.of(blocklist.overdueEntries()));
        if (blocklist.lastSyncMillis() > 0) {
            // Absent before the first, for the same reason.
            families.add(MetricFamily.BLOCKLIST_LAST_SYNC_TIMESTAMP.of(blocklist.lastSyncMillis() / MILLIS_PER_SECOND));
        }
        families.add(MetricFamily.BLOCKLIST_BREAKER_OPEN.of(blocklist.breakerOpen() ? 1 : 0));
        families.add(byLabels(
                MetricFamily.PROMOTIONS,
                blocklist.promotions(),
                of -> MetricFamily.PROMOTIONS.labels(of.outcome().label(), of.rule())));
        families.add(MetricFamily.BLOCKLIST_EXPIRATIONS.of(blocklist.expirations()));
        families.add(MetricFamily.BLOCKLIST_REPAIRS.of(blocklist.repairs()));
        Latencies latencies = blocklist.timeToBlock();
        families.add(MetricFamily.TIME_TO_BLOCK.of(Map.of(
                Labels.EMPTY, new Histogram(Latencies.BOUNDS_SECONDS, latencies.counts(), latencies.sumSeconds()))));
    }

    private static void addFindings(Diagnosis diagnosis, List<MetricSnapshot> families) {
        Map<Labels, Long> counts = diagnosis.findings().stream()
                .collect(Collectors.groupingBy(
                        finding -> MetricFamily.FINDINGS.labels(
                                finding.id(), finding.severity().label()),
                        Collectors.counting()));
        families.add(byLabels(MetricFamily.FINDINGS, counts, Function.identity()));
    }

    private static void addKubernetes(KubernetesRequests kubernetes, List<MetricSnapshot> families) {
        families.add(byLabels(
                MetricFamily.KUBERNETES_REQUESTS,
                kubernetes.answered(),
                of -> MetricFamily.KUBERNETES_REQUESTS.labels(of.verb(), of.code())));
        families.add(MetricFamily.KUBERNETES_REQUEST_DURATION.of(kubernetes.seconds().entrySet().stream()
                .collect(Collectors.toMap(
                        e -> MetricFamily.KUBERNETES_REQUEST_DURATION.labels(e.getKey()), Map.Entry::getValue))));
    }

    private static MetricSnapshot info(MetricFamily family, String... values) {
        return family.of(List.of(new Sample(family.labels(values), 1)));
    }

    /** A family with one label, from its values. */
    private static MetricSnapshot byLabel(MetricFamily family, Map<String, Long> values) {
        return byLabels(family, values, family::labels);
    }

    private static <K> MetricSnapshot byLabels(MetricFamily family, Map<K, Long> values, Function<K, Labels> labels) {
        return family.of(values.entrySet().stream()
                .map(e -> new Sample(labels.apply(e.getKey()), e.getValue()))
                .toList());
    }
}

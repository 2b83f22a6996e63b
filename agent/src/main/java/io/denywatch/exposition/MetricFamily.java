package io.denywatch.exposition;

import static io.denywatch.exposition.MetricType.COUNTER;
import static io.denywatch.exposition.MetricType.GAUGE;
import static io.denywatch.exposition.MetricType.HISTOGRAM;
import static io.denywatch.exposition.MetricType.INFO;

import io.denywatch.count.Histogram;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Every {@code denywatch_} metric: the one place where its name, type, labels and help are written.
 *
 * <p>Labels have few and known values, so that no sender of packets can add series: an {@code nlb} is an IP or
 * {@code other}, a {@code port} one that the load balancer exposes or {@code other}. The one exception is
 * {@code source}, whose series are capped where sources are counted.
 */
public enum MetricFamily {
    /** What is running. */
    BUILD_INFO(
            "denywatch_build_info",
            INFO,
            "Constant 1, labelled with what is running.",
            "version",
            "revision",
            "java_version"),
    /** What is read. */
    SOURCE_INFO("denywatch_source_info", INFO, "Constant 1, labelled with the log that is read.", "kind", "path"),
    /** Whether sources are blocked. */
    BLOCKLIST_INFO("denywatch_blocklist_info", INFO, "Constant 1, labelled with the blocklist's mode.", "mode"),

    /** Packets. */
    DENIED_PACKETS(
            "denywatch_denied_packets_total",
            COUNTER,
            "Packets that Calico denied.",
            "nlb",
            "service_namespace",
            "service_name",
            "protocol",
            "port"),
    /** Bytes of the same packets. */
    DENIED_BYTES(
            "denywatch_denied_bytes_total",
            COUNTER,
            "Bytes of the IP packets that Calico denied.",
            "nlb",
            "service_namespace",
            "service_name",
            "protocol",
            "port"),
    /** Packets of a backlog. */
    LATE_PACKETS(
            "denywatch_late_packets_total",
            COUNTER,
            "Denied packets that were read long after their event time; part of the total.",
            "nlb"),
    /** Distinct sources. */
    DENIED_SOURCES(
            "denywatch_denied_sources", GAUGE, "Estimated distinct denied sources in the last ten minutes.", "nlb"),
    /** The noisiest sources. */
    TOP_SOURCE_PACKETS(
            "denywatch_top_source_packets",
            GAUGE,
            "Denied packets of the noisiest sources in the last ten minutes.",
            "nlb",
            "source"),
    /** Sources in memory. */
    TRACKED_SOURCES("denywatch_tracked_sources", GAUGE, "Sources held in memory."),
    /** Their bound. */
    TRACKED_SOURCES_LIMIT("denywatch_tracked_sources_limit", GAUGE, "The most sources that are held in memory."),
    /** Sources forgotten. */
    SOURCES_EVICTED("denywatch_sources_evicted_total", COUNTER, "Sources dropped from memory.", "reason"),

    /** Lines read. */
    LOG_LINES("denywatch_log_lines_total", COUNTER, "Log lines read, by what they turned out to be.", "result"),
    /** Lines that break the grammar. */
    MALFORMED_LINES(
            "denywatch_malformed_lines_total",
            COUNTER,
            "Lines that carry the log prefix but are no packet line, by what is wrong with them.",
            "reason"),
    /** Whether the log can be read. */
    LOG_READABLE("denywatch_log_readable", GAUGE, "Whether the log is open and its last read succeeded."),
    /** Backlog. */
    LOG_UNREAD_BYTES("denywatch_log_unread_bytes", GAUGE, "Bytes between the read position and the log's end."),
    /** Bytes read. */
    LOG_READ_BYTES("denywatch_log_read_bytes_total", COUNTER, "Bytes read from the log."),
    /** When the log last said anything. */
    LOG_LAST_LINE_TIMESTAMP(
            "denywatch_log_last_line_timestamp_seconds", GAUGE, "Unix time at which the last line was read."),
    /** Whether a backlog is being read. */
    LOG_CATCHING_UP(
            "denywatch_log_catching_up", GAUGE, "Whether the lines read now were written long before (1) or not."),
    /** Offset from UTC. */
    LOG_TIMESTAMP_OFFSET(
            "denywatch_log_timestamp_offset_seconds",
            GAUGE,
            "Offset from UTC of the node's year-less log time stamps."),
    /** Rotations. */
    LOG_ROTATIONS("denywatch_log_rotations_total", COUNTER, "Log rotations handled.", "kind"),
    /** Failures to read. */
    LOG_READ_ERRORS("denywatch_log_read_errors_total", COUNTER, "Failed attempts to open or read the log.", "reason"),
    /** Lines that never reached the log. */
    LOG_SUPPRESSED_LINES(
            "denywatch_log_suppressed_lines_total",
            COUNTER,
            "Lines that the node itself reported as dropped before they reached the log.",
            "reporter"),
    /** Lines that may have been lost. */
    LOG_GAPS("denywatch_log_gaps_total", COUNTER, "Places in the log where lines may have been lost.", "reason"),
    /** Holes in the log. */
    LOG_NUL_BYTES(
            "denywatch_log_nul_bytes_total",
            COUNTER,
            "NUL bytes skipped: holes that a power loss or a truncation left in the log."),
    /** Records that were overwritten before they were read. */
    KMSG_LOST_RECORDS(
            "denywatch_kmsg_lost_records_total",
            COUNTER,
            "Records of the kernel's log, of any kind, that were overwritten before they were read."),

    /** Checkpoints that failed. */
    CHECKPOINT_FAILURES(
            "denywatch_checkpoint_failures_total",
            COUNTER,
            "Checkpoints that could not be written, or not be read back, since the process began."),
    /** How old what is durable is. */
    CHECKPOINT_TIMESTAMP(
            "denywatch_checkpoint_timestamp_seconds",
            GAUGE,
            "Unix time at which everything counted was last known to be on the disk."),
    /** Whether counting began anew though it should not have. */
    STATE_LOST(
            "denywatch_state_lost", GAUGE, "Whether counts of an earlier process could not be read back (1) or not."),
    /** Families that could not be made. */
    EXPOSITION_ERRORS(
            "denywatch_exposition_errors_total",
            COUNTER,
            "Times that a family was left out of this page because it could not be made."),

    /** Sources that are to be blocked. */
    BLOCKLIST_ENTRIES("denywatch_blocklist_entries", GAUGE, "Sources that this agent wants blocked."),
    /** Those of them that are on the blocklist. */
    BLOCKLIST_STORED_ENTRIES(
            "denywatch_blocklist_stored_entries",
            GAUGE,
            "Sources that this agent wants blocked and that the cluster's blocklist holds."),
    /** Those of them that are blocked. */
    BLOCKLIST_ENFORCED_ENTRIES(
            "denywatch_blocklist_enforced_entries",
            GAUGE,
            "Stored sources that a policy is known to deny at this node's host endpoints; 0 where none does."),
    /** Whether anything denies them. */
    BLOCKLIST_POLICY_ACTIVE(
            "denywatch_blocklist_policy_active",
            GAUGE,
            "Whether a policy that denies the blocklist is active at this node's host endpoints (1) or not."),
    /** Their bound. */
    BLOCKLIST_ENTRIES_LIMIT(
            "denywatch_blocklist_entries_limit", GAUGE, "The most sources that this agent may want blocked."),
    /** Bans that should be over. */
    BLOCKLIST_OVERDUE_ENTRIES(
            "denywatch_blocklist_overdue_entries",
            GAUGE,
            "Entries of the cluster's blocklist that are past their deadline."),
    /** How old the blocklist is. */
    BLOCKLIST_LAST_SYNC_TIMESTAMP(
            "denywatch_blocklist_last_sync_timestamp_seconds",
            GAUGE,
            "Unix time at which the cluster's blocklist was last known to be as wanted."),
    /** Whether blocking has stopped. */
    BLOCKLIST_BREAKER_OPEN("denywatch_blocklist_breaker_open", GAUGE, "Whether sources are possibly forged (1 or 0)."),
    /** Decisions. */
    PROMOTIONS(
            "denywatch_promotions_total",
            COUNTER,
            "Sources that reached a rule's threshold, by what became of them.",
            "outcome",
            "rule"),
    /** Bans that ended. */
    BLOCKLIST_EXPIRATIONS("denywatch_blocklist_expirations_total", COUNTER, "Bans that ended by their deadline."),
    /** Blocks that a full list gave up. */
    DISPLACEMENTS("denywatch_blocklist_displacements_total", COUNTER, "Blocks given up for stronger evidence."),
    /** Evidence given up for want of memory. */
    WINDOWS_EVICTED("denywatch_blocklist_windows_evicted_total", COUNTER, "Windows dropped from memory.", "reason"),
    /** Changes by others. */
    BLOCKLIST_REPAIRS(
            "denywatch_blocklist_repairs_total",
            COUNTER,
            "Times that somebody else's change to the cluster's blocklist was undone."),
    /** How fast a source is blocked. */
    TIME_TO_BLOCK(
            "denywatch_time_to_block_seconds",
            HISTOGRAM,
            "Time from the packet that reached a threshold to its source being in the cluster's blocklist."),

    /** What is wrong. */
    FINDINGS(
            "denywatch_findings",
            GAUGE,
            "Findings about the cluster when it was last checked, as doctor shows them.",
            "id",
            "severity"),
    /** How old they are. */
    FINDINGS_TIMESTAMP(
            "denywatch_findings_timestamp_seconds", GAUGE, "Unix time at which the cluster was last checked."),

    /** Requests. */
    KUBERNETES_REQUESTS(
            "denywatch_kubernetes_requests_total",
            COUNTER,
            "Requests to the Kubernetes API, by what came back.",
            "verb",
            "code"),
    /** How long they took. */
    KUBERNETES_REQUEST_DURATION(
            "denywatch_kubernetes_request_duration_seconds",
            HISTOGRAM,
            "Time that requests to the Kubernetes API took.",
            "verb");

    private final String metricName;
    private final MetricType type;
    private final String help;

    @SuppressWarnings("ImmutableEnumChecker") // it is: made by List.of
    private final List<String> labelNames;

    @SuppressWarnings("ImmutableEnumChecker") // it is: a final class of final fields
    private final MetricMetadata metadata;

    MetricFamily(String metricName, MetricType type, String help, String... labelNames) {
        if (!metricName.endsWith(type.suffix())) {
            throw new IllegalArgumentException(metricName + " must end in " + type.suffix());
        }
        this.metricName = metricName;
        this.type = type;
        this.help = help;
        this.labelNames = List.of(labelNames);
        // The library wants names without the suffix that it appends again.
        String stem =
                metricName.substring(0, metricName.length() - type.suffix().length());
        this.metadata = new MetricMetadata(stem, help);
    }

    /** The name as Prometheus stores it. */
    public String metricName() {
        return metricName;
    }

    /** How its values behave. */
    public MetricType type() {
        return type;
    }

    /** What it means, in a sentence. */
    public String help() {
        return help;
    }

    /** The names of its labels; empty for a single series. */
    public List<String> labelNames() {
        return labelNames;
    }

    /** This family's labels with these values, in the order of the names. */
    Labels labels(String... values) {
        return Labels.of(labelNames.toArray(String[]::new), values);
    }

    /** The one value of a family without labels. */
    MetricSnapshot of(double value) {
        return of(List.of(new Sample(Labels.EMPTY, value)));
    }

    /** The one value of a family without labels; Prometheus keeps doubles, so it is exact up to 2^53. */
    MetricSnapshot of(long value) {
        return of((double) value);
    }

    /** The whole family; no two samples have the same labels. */
    MetricSnapshot of(List<Sample> samples) {
        return type.snapshot(metadata, samples);
    }

    /** The whole family of a {@link MetricType#HISTOGRAM}. */
    MetricSnapshot of(Map<Labels, Histogram> histograms) {
        return new HistogramSnapshot(
                metadata,
                histograms.entrySet().stream()
                        .map(e -> dataPoint(e.getKey(), e.getValue()))
                        .toList());
    }

    private static HistogramDataPointSnapshot dataPoint(Labels labels, Histogram histogram) {
        List<Double> bounds = new ArrayList<>(histogram.bounds());
        bounds.add(Double.POSITIVE_INFINITY);
        ClassicHistogramBuckets buckets = ClassicHistogramBuckets.of(bounds, histogram.counts());
        return new HistogramDataPointSnapshot(buckets, histogram.sum(), labels, Exemplars.EMPTY, 0);
    }
}

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
 * The {@code denywatch_} metrics: the only place that defines their names, types, labels and help.
 *
 * <p>Labels have few and known values, so that no source of packets can add series: {@code nlb} is an IP address or
 * {@code other}, {@code port} a port that the load balancer exposes or {@code other}. The one exception is
 * {@code source}, whose series are limited by the counting.
 */
public enum MetricFamily {
    BUILD_INFO(
            "denywatch_build_info",
            INFO,
            "Constant 1, labelled with version, source revision and Java version.",
            "version",
            "revision",
            "java_version"),
    SOURCE_INFO("denywatch_source_info", INFO, "Constant 1, labelled with the log that is read.", "kind", "path"),
    BLOCKLIST_INFO("denywatch_blocklist_info", INFO, "Constant 1, labelled with the blocklist's mode.", "mode"),

    DENIED_PACKETS(
            "denywatch_denied_packets_total",
            COUNTER,
            "Packets that Calico denied.",
            "nlb",
            "service_namespace",
            "service_name",
            "protocol",
            "port"),
    DENIED_BYTES(
            "denywatch_denied_bytes_total",
            COUNTER,
            "Bytes of the IP packets that Calico denied.",
            "nlb",
            "service_namespace",
            "service_name",
            "protocol",
            "port"),
    BLOCKED_PACKETS(
            "denywatch_blocked_packets_total",
            COUNTER,
            "Denied packets whose source was on the blocklist, by who put it there; part of the total.",
            "nlb",
            "origin"),
    LATE_PACKETS(
            "denywatch_late_packets_total",
            COUNTER,
            "Denied packets that were read long after their time stamp; part of the total.",
            "nlb"),
    DENIED_SOURCES(
            "denywatch_denied_sources", GAUGE, "Estimated distinct denied sources in the last ten minutes.", "nlb"),
    TOP_SOURCE_PACKETS(
            "denywatch_top_source_packets",
            GAUGE,
            "Denied packets of the noisiest sources in the last ten minutes.",
            "nlb",
            "source"),
    TRACKED_SOURCES("denywatch_tracked_sources", GAUGE, "Sources tracked in memory."),
    TRACKED_SOURCES_LIMIT("denywatch_tracked_sources_limit", GAUGE, "Limit of the sources tracked in memory."),
    SOURCES_EVICTED("denywatch_sources_evicted_total", COUNTER, "Sources dropped from memory.", "reason"),

    BLOCKED_SOURCES_EVICTED(
            "denywatch_blocked_sources_evicted_total",
            COUNTER,
            "Blocked sources whose packets are no longer counted by source because there were too many."),

    LOG_LINES("denywatch_log_lines_total", COUNTER, "Log lines read, by result.", "result"),
    MALFORMED_LINES(
            "denywatch_malformed_lines_total",
            COUNTER,
            "Lines that have the log prefix but cannot be parsed, by reason.",
            "reason"),
    LOG_READABLE("denywatch_log_readable", GAUGE, "Whether the log is open and its last read succeeded."),
    LOG_UNREAD_BYTES("denywatch_log_unread_bytes", GAUGE, "Bytes between the read position and the log's end."),
    LOG_READ_BYTES("denywatch_log_read_bytes_total", COUNTER, "Bytes read from the log."),
    LOG_LAST_LINE_TIMESTAMP(
            "denywatch_log_last_line_timestamp_seconds", GAUGE, "Unix time at which the last line was read."),
    LOG_CATCHING_UP(
            "denywatch_log_catching_up",
            GAUGE,
            "Whether the agent is reading lines that were written long ago (1) or not."),
    LOG_TIMESTAMP_OFFSET(
            "denywatch_log_timestamp_offset_seconds", GAUGE, "Offset from UTC of log time stamps without a zone."),
    LOG_ROTATIONS("denywatch_log_rotations_total", COUNTER, "Log rotations handled.", "kind"),
    LOG_READ_ERRORS("denywatch_log_read_errors_total", COUNTER, "Failed attempts to open or read the log.", "reason"),
    LOG_SUPPRESSED_LINES(
            "denywatch_log_suppressed_lines_total",
            COUNTER,
            "Lines dropped before they reached the log, as reported by the program that dropped them.",
            "reporter"),
    LOG_GAPS("denywatch_log_gaps_total", COUNTER, "Places in the log where lines may have been lost.", "reason"),
    LOG_NUL_BYTES(
            "denywatch_log_nul_bytes_total",
            COUNTER,
            "NUL bytes skipped: holes in the log after a power loss or a truncation."),
    KMSG_LOST_RECORDS(
            "denywatch_kmsg_lost_records_total",
            COUNTER,
            "Kernel log records of any kind that were overwritten before they were read."),

    CHECKPOINT_FAILURES(
            "denywatch_checkpoint_failures_total",
            COUNTER,
            "Checkpoints that could not be written or read since the process started."),
    CHECKPOINT_TIMESTAMP(
            "denywatch_checkpoint_timestamp_seconds",
            GAUGE,
            "Unix time at which all counts were last known to be on disk."),
    STATE_LOST(
            "denywatch_state_lost",
            GAUGE,
            "Whether the counts of an earlier process could not be restored (1) or not."),
    EXPOSITION_ERRORS(
            "denywatch_exposition_errors_total",
            COUNTER,
            "Metric families missing from this page because they could not be produced, counted once per page."),

    BLOCKLIST_ENTRIES("denywatch_blocklist_entries", GAUGE, "Sources that this agent wants blocked."),
    BLOCKLIST_STORED_ENTRIES(
            "denywatch_blocklist_stored_entries",
            GAUGE,
            "Sources that this agent wants blocked and that are in the cluster's blocklist."),
    BLOCKLIST_ENFORCED_ENTRIES(
            "denywatch_blocklist_enforced_entries",
            GAUGE,
            "Stored sources that an active policy is known to deny at this node's host endpoints; 0 if none does."),
    BLOCKLIST_POLICY_ACTIVE(
            "denywatch_blocklist_policy_active",
            GAUGE,
            "Whether a policy that denies the blocklist is active at this node's host endpoints (1) or not."),
    BLOCKLIST_ENTRIES_LIMIT(
            "denywatch_blocklist_entries_limit", GAUGE, "Limit of the sources that this agent may want blocked."),
    BLOCKLIST_OVERDUE_ENTRIES(
            "denywatch_blocklist_overdue_entries",
            GAUGE,
            "Entries of the cluster's blocklist that are past their deadline."),
    BLOCKLIST_LAST_SYNC_TIMESTAMP(
            "denywatch_blocklist_last_sync_timestamp_seconds",
            GAUGE,
            "Unix time at which the cluster's blocklist was last known to be in sync."),
    BLOCKLIST_BREAKER_OPEN(
            "denywatch_blocklist_breaker_open",
            GAUGE,
            "Whether sources may be forged (1) or not; if so, only overwhelming evidence blocks a new source."),
    PROMOTIONS(
            "denywatch_promotions_total",
            COUNTER,
            "Sources that reached a rule's threshold, by outcome.",
            "outcome",
            "rule"),
    BLOCKLIST_EXPIRATIONS("denywatch_blocklist_expirations_total", COUNTER, "Blocks that ended at their deadline."),
    DISPLACEMENTS(
            "denywatch_blocklist_displacements_total",
            COUNTER,
            "Blocks displaced by stronger evidence in a full blocklist."),
    WINDOWS_EVICTED(
            "denywatch_blocklist_windows_evicted_total",
            COUNTER,
            "Windows of the blocklist's rules dropped from memory.",
            "reason"),
    BLOCKLIST_REPAIRS(
            "denywatch_blocklist_repairs_total",
            COUNTER,
            "Changes by others to the cluster's blocklist that were undone."),
    TIME_TO_BLOCK(
            "denywatch_time_to_block_seconds",
            HISTOGRAM,
            "Time from the packet that reached a threshold until its source is in the cluster's blocklist."),

    CLUSTER_RULE_LEADING(
            "denywatch_cluster_rule_leading",
            GAUGE,
            "Whether this agent decides on rules with scope cluster (1) or another does (0); absent without such rules."),
    CLUSTER_RULE_AGENTS(
            "denywatch_cluster_rule_agents",
            GAUGE,
            "Agents in the last round of rules with scope cluster, by what became of their summaries; only from the"
                    + " agent that decides.",
            "state"),
    FINDINGS(
            "denywatch_findings",
            GAUGE,
            "Findings about the cluster at the last check, as doctor shows them.",
            "id",
            "severity"),
    FINDINGS_TIMESTAMP(
            "denywatch_findings_timestamp_seconds", GAUGE, "Unix time at which the cluster was last checked."),

    LEADER("denywatch_leader", GAUGE, "Whether this agent is the one that works for all (1) or not."),
    PUBLISHED_LOAD_BALANCERS(
            "denywatch_published_load_balancers",
            GAUGE,
            "Addresses of load balancers in the network sets that policies select; only at the leader."),
    PUBLISHED_LOAD_BALANCERS_TIMESTAMP(
            "denywatch_published_load_balancers_timestamp_seconds",
            GAUGE,
            "Unix time at which these network sets were last known to be as wanted; only at the leader."),

    KUBERNETES_REQUESTS(
            "denywatch_kubernetes_requests_total",
            COUNTER,
            "Requests to the Kubernetes API, by verb and response code.",
            "verb",
            "code"),
    KUBERNETES_REQUEST_DURATION(
            "denywatch_kubernetes_request_duration_seconds",
            HISTOGRAM,
            "Duration of requests to the Kubernetes API.",
            "verb");

    private final String metricName;
    private final MetricType type;
    private final String help;

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
    private final List<String> labelNames;

    @SuppressWarnings("ImmutableEnumChecker") // a final class with final fields only
    private final MetricMetadata metadata;

    MetricFamily(String metricName, MetricType type, String help, String... labelNames) {
        if (!metricName.endsWith(type.suffix())) {
            throw new IllegalArgumentException(metricName + " must end in " + type.suffix());
        }
        this.metricName = metricName;
        this.type = type;
        this.help = help;
        this.labelNames = List.of(labelNames);
        // The library appends the suffix itself.
        String stem =
                metricName.substring(0, metricName.length() - type.suffix().length());
        this.metadata = new MetricMetadata(stem, help);
    }

    /** The name as Prometheus stores it. */
    public String metricName() {
        return metricName;
    }

    /** Whether it is a counter, a gauge, an info or a histogram. */
    public MetricType type() {
        return type;
    }

    /** Its help text, one sentence. */
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

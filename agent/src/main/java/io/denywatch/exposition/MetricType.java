package io.denywatch.exposition;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;

/** How the values of a {@link MetricFamily} behave. */
public enum MetricType {
    /** Only goes up; its name ends in {@code _total}. */
    COUNTER("_total"),
    /** Goes up and down. */
    GAUGE(""),
    /** Constant 1; the information is in its labels; its name ends in {@code _info}. */
    INFO("_info"),
    /** Observations by size: Prometheus stores its name with {@code _bucket}, {@code _sum} and {@code _count}. */
    HISTOGRAM("");

    private final String suffix;

    MetricType(String suffix) {
        this.suffix = suffix;
    }

    /** The suffix of the names of such families. */
    String suffix() {
        return suffix;
    }

    /** A family of single values: of any type but {@link #HISTOGRAM}. */
    MetricSnapshot snapshot(MetricMetadata metadata, List<Sample> samples) {
        return switch (this) {
            case COUNTER ->
                new CounterSnapshot(
                        metadata, samples.stream().map(Sample::counter).toList());
            case GAUGE ->
                new GaugeSnapshot(metadata, samples.stream().map(Sample::gauge).toList());
            case INFO ->
                new InfoSnapshot(metadata, samples.stream().map(Sample::info).toList());
            case HISTOGRAM -> throw new IllegalArgumentException(metadata.getName() + " has no single values");
        };
    }
}

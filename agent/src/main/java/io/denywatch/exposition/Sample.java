package io.denywatch.exposition;

import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;

/** One value of a {@link MetricFamily}. */
record Sample(Labels labels, double value) {
    CounterDataPointSnapshot counter() {
        return new CounterDataPointSnapshot(value, labels, null, 0);
    }

    GaugeDataPointSnapshot gauge() {
        return new GaugeDataPointSnapshot(value, labels, null);
    }

    InfoDataPointSnapshot info() {
        return new InfoDataPointSnapshot(labels);
    }
}

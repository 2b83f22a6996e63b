package io.denywatch.exposition;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.List;

/**
 * How observations are spread over buckets. Immutable.
 *
 * @param bounds upper bounds of the buckets, inclusive, ascending and finite
 * @param counts of observations, one for each bound and a last one for what is beyond: not cumulative
 * @param sum of all observations, in the bounds' unit
 */
public record Histogram(List<Double> bounds, List<Long> counts, double sum) {
    /** Copies the lists, and checks that they fit each other. */
    public Histogram {
        bounds = List.copyOf(bounds);
        counts = List.copyOf(counts);
        if (counts.size() != bounds.size() + 1) {
            throw new IllegalArgumentException("counts must be " + (bounds.size() + 1) + ": " + counts.size());
        }
    }

    HistogramDataPointSnapshot dataPoint(Labels labels) {
        List<Double> withInfinity = new ArrayList<>(bounds);
        withInfinity.add(Double.POSITIVE_INFINITY);
        ClassicHistogramBuckets buckets = ClassicHistogramBuckets.of(withInfinity, counts);
        return new HistogramDataPointSnapshot(buckets, sum, labels, Exemplars.EMPTY, 0);
    }
}

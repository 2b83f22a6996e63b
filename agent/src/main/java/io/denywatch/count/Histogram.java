package io.denywatch.count;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A histogram of observations. Immutable.
 *
 * @param bounds upper bounds of the buckets, inclusive, ascending and finite
 * @param counts observations per bucket, with a last one for those above all bounds; not cumulative
 * @param sum of all observations, in the bounds' unit
 */
public record Histogram(List<Double> bounds, List<Long> counts, double sum) {
    /** An empty histogram for durations of requests and decisions, in seconds. */
    public static final Histogram SECONDS =
            empty(List.of(0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0));

    /** Copies the lists, and checks that they fit each other. */
    public Histogram {
        bounds = List.copyOf(bounds);
        counts = List.copyOf(counts);
        if (counts.size() != bounds.size() + 1) {
            throw new IllegalArgumentException("counts must be " + (bounds.size() + 1) + ": " + counts.size());
        }
    }

    private static Histogram empty(List<Double> bounds) {
        return new Histogram(bounds, Collections.nCopies(bounds.size() + 1, 0L), 0);
    }

    /** This histogram with one more observation. */
    public Histogram with(double observed) {
        int bucket = 0;
        while (bucket < bounds.size() && observed > bounds.get(bucket)) {
            bucket++;
        }
        List<Long> more = new ArrayList<>(counts);
        more.set(bucket, Count.sum(more.get(bucket), 1));
        return new Histogram(bounds, more, sum + observed);
    }
}

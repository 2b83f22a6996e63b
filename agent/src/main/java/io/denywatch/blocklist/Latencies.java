package io.denywatch.blocklist;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A histogram of durations. Immutable.
 *
 * @param counts of observations, one for each of {@link #BOUNDS_SECONDS} and a last one for what is beyond: not cumulative
 * @param sumSeconds of all observations
 */
public record Latencies(List<Long> counts, double sumSeconds) {
    /** Upper bounds, inclusive, in seconds. */
    public static final List<Double> BOUNDS_SECONDS =
            List.of(0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0);

    /** No observation. */
    public static final Latencies NONE = new Latencies(Collections.nCopies(BOUNDS_SECONDS.size() + 1, 0L), 0);

    /** Copies the list and checks its length. */
    public Latencies {
        counts = List.copyOf(counts);
        if (counts.size() != BOUNDS_SECONDS.size() + 1) {
            throw new IllegalArgumentException("counts must be " + (BOUNDS_SECONDS.size() + 1) + ": " + counts.size());
        }
    }

    /** These and one more observation. */
    public Latencies with(double seconds) {
        int bucket = 0;
        while (bucket < BOUNDS_SECONDS.size() && seconds > BOUNDS_SECONDS.get(bucket)) {
            bucket++;
        }
        List<Long> more = new ArrayList<>(counts);
        more.set(bucket, more.get(bucket) + 1);
        return new Latencies(more, sumSeconds + seconds);
    }
}

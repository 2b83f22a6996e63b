package io.denywatch.exposition;

import io.denywatch.count.Count;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Families that the page of metrics lacks because they could not be made: one that fails takes no other with it. Written
 * by the thread that renders; what the page rendered last lacks may be asked by any.
 */
final class LeftOut {
    private static final Logger LOG = System.getLogger(LeftOut.class.getName());
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int NAMED_MAX = 3;

    private final InstantSource clock;
    private final Map<String, String> page = new TreeMap<>(); // the one being rendered: reasons by family
    private long errors;
    private final OncePerMinute log = new OncePerMinute();

    private volatile String problem = "";

    LeftOut(InstantSource clock) {
        this.clock = clock;
    }

    /** What was made, or nothing if that failed. */
    List<MetricSnapshot> unless(String family, Supplier<List<MetricSnapshot>> made) {
        try {
            return made.get();
        } catch (RuntimeException e) {
            page.put(family, String.valueOf(e.getMessage()));
            errors = Count.sum(errors, 1);
            if (log.happened(clock.millis() * NANOS_PER_MILLI) > 0) {
                LOG.log(Level.ERROR, "metrics are served without " + family + ", which could not be made", e);
            }
            return List.of();
        }
    }

    /** A registry that leaves out what one of its collectors fails to make: libraries have one for each family. */
    PrometheusRegistry registry() {
        return new PrometheusRegistry() {
            @Override
            public void register(Collector collector) {
                super.register((MultiCollector) () ->
                        new MetricSnapshots(unless("one of jvm_ and process_", () -> List.of(collector.collect()))));
            }

            @Override
            public void register(MultiCollector collector) {
                super.register(() -> new MetricSnapshots(unless(
                        "one of jvm_ and process_",
                        () -> collector.collect().stream().toList())));
            }
        };
    }

    /** Ends the page: what it lacks is what {@link #problem} says from now on. */
    void pageEnds() {
        String named = page.entrySet().stream()
                .limit(NAMED_MAX)
                .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                .collect(Collectors.joining(", "));
        int more = page.size() - NAMED_MAX;
        problem = page.isEmpty()
                ? ""
                : "metrics are served without " + named + (more > 0 ? " and " + more + " more" : "");
        page.clear();
    }

    /** How often a family was left out. */
    long errors() {
        return errors;
    }

    /** What the page rendered last lacks, and why, in one line; empty if nothing. */
    String problem() {
        return problem;
    }
}

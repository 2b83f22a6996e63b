package io.denywatch.exposition;

import io.denywatch.count.Count;
import io.denywatch.process.TokenBucket;
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
 * Metric families that could not be produced and are missing from the page. A failing family does not affect others.
 * Written by the rendering thread; any thread may read the problem of the last page.
 */
final class LeftOut {
    private static final Logger LOG = System.getLogger(LeftOut.class.getName());
    private static final int NAMED_MAX = 3;

    private final InstantSource clock;
    private final Map<String, String> page = new TreeMap<>(); // the one being rendered: reasons by family
    private long errors;
    private final TokenBucket log = new TokenBucket(1, 60_000);

    private volatile String problem = "";

    LeftOut(InstantSource clock) {
        this.clock = clock;
    }

    /** The result of the supplier, or nothing if it failed. */
    List<MetricSnapshot> unless(String family, Supplier<List<MetricSnapshot>> made) {
        try {
            return made.get();
        } catch (RuntimeException e) {
            page.put(family, String.valueOf(e.getMessage()));
            errors = Count.sum(errors, 1);
            if (log.take(clock.millis())) {
                LOG.log(Level.ERROR, "metrics are served without " + family + ", which could not be produced", e);
            }
            return List.of();
        }
    }

    /** A registry that leaves out collectors that fail: libraries have one collector per family. */
    PrometheusRegistry registry() {
        return new PrometheusRegistry() {
            @Override
            public void register(Collector collector) {
                super.register((MultiCollector) () ->
                        new MetricSnapshots(unless("a jvm_ or process_ family", () -> List.of(collector.collect()))));
            }

            @Override
            public void register(MultiCollector collector) {
                super.register(() -> new MetricSnapshots(unless(
                        "a jvm_ or process_ family",
                        () -> collector.collect().stream().toList())));
            }
        };
    }

    /** Ends the page: {@link #problem} now reports its missing families. */
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

    /** Number of families left out so far. */
    long errors() {
        return errors;
    }

    /** Missing families of the last page and the reasons, in one line; empty if none. */
    String problem() {
        return problem;
    }
}

package io.denywatch.exposition;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.time.InstantSource;

/**
 * The page of all metrics: {@code denywatch_}, {@code process_} with the names that all Prometheus clients use, and
 * {@code jvm_} with those of Micrometer.
 */
final class MetricsPage implements AutoCloseable {
    private final PrometheusMeterRegistry registry;
    private final LeftOut leftOut;
    private final JvmGcMetrics gc = new JvmGcMetrics(); // owned: listens to garbage collectors until closed

    MetricsPage(ExpositionSettings settings, String javaVersion, Published published, InstantSource clock) {
        leftOut = new LeftOut(clock);
        PrometheusRegistry families = leftOut.registry();
        families.register(new SnapshotCollector(settings, javaVersion, published, leftOut));
        ProcessMetrics.builder().register(families);
        registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, families, Clock.SYSTEM);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        gc.bindTo(registry);
    }

    void write(ScrapeFormat format, OutputStream out) throws IOException {
        registry.scrape(out, format.contentType());
        leftOut.pageEnds();
    }

    /**
     * The metric families missing from the last page and the reasons, in one line; empty if none. Any thread may ask.
     */
    String problem() {
        return leftOut.problem();
    }

    @Override
    public void close() {
        gc.close();
        registry.close();
    }
}

package io.denywatch.exposition;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.time.InstantSource;

/** The page of all metrics: ours, and {@code jvm_} and {@code process_} as micrometer names them. */
final class MetricsPage implements AutoCloseable {
    private static final double NANOS_PER_SECOND = 1e9;

    private final PrometheusMeterRegistry registry;
    private final LeftOut leftOut;
    private final JvmGcMetrics gc = new JvmGcMetrics(); // owned: it listens to the collectors until closed

    MetricsPage(ExpositionSettings settings, String javaVersion, Published published, InstantSource clock) {
        leftOut = new LeftOut(clock);
        PrometheusRegistry families = leftOut.registry();
        families.register(new SnapshotCollector(settings, javaVersion, published, leftOut));
        registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, families, Clock.SYSTEM);
        // The node exporter's business.
        registry.config().meterFilter(MeterFilter.denyNameStartsWith("system."));
        // Micrometer counts nanoseconds here, which promtool rejects; seconds take the name of Prometheus's own
        // clients.
        registry.config().meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"));
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            FunctionCounter.builder("process.cpu", system, s -> s.getProcessCpuTime() / NANOS_PER_SECOND)
                    .baseUnit("seconds")
                    .description("CPU time that the process has used.")
                    .register(registry);
        }
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        gc.bindTo(registry);
    }

    void write(ScrapeFormat format, OutputStream out) throws IOException {
        registry.scrape(out, format.contentType());
        leftOut.pageEnds();
    }

    /** What the page written last lacks, and why, in one line; empty if nothing. Any thread may ask. */
    String problem() {
        return leftOut.problem();
    }

    @Override
    public void close() {
        gc.close();
        registry.close();
    }
}

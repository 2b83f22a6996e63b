package io.denywatch.exposition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.count.RequestCounts;
import io.denywatch.denial.DenialSnapshot;
import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.denial.DenialSnapshot.PortTotal;
import io.denywatch.denial.DenialSnapshot.SourceCount;
import io.denywatch.denial.Transport;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.ip.Ip;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.Ticker;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeftOutTest {
    private static final Logger LOG = Logger.getLogger(LeftOut.class.getName());
    private static final Pattern NAME = Pattern.compile("^# TYPE (denywatch_\\w+) ", Pattern.MULTILINE);

    private final List<LogRecord> logged = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            logged.add(entry);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private long nowMillis = Snapshots.TAKEN_AT_MILLIS;
    private IngestSnapshot snapshot = Snapshots.busy();
    private @Nullable RuntimeException diagnosisFails;
    private final Published published = new Published(
            () -> snapshot,
            () -> EstablishedSources.NONE,
            () -> BlocklistStatus.OFF,
            this::diagnosis,
            () -> RequestCounts.NONE);
    private final MetricsPage metrics =
            new MetricsPage(Snapshots.SETTINGS, "25", published, () -> Instant.ofEpochMilli(nowMillis));
    private final RenderedPages rendered = new RenderedPages(new Connections(), Ticker.newMockTicker());
    private final Pages pages =
            new Pages(Snapshots.SETTINGS, metrics, published, () -> Instant.ofEpochMilli(nowMillis), rendered);

    /** All that is made of the diagnosis. */
    private static final List<MetricFamily> OF_DIAGNOSIS = List.of(
            MetricFamily.BLOCKLIST_ENFORCED_ENTRIES,
            MetricFamily.BLOCKLIST_POLICY_ACTIVE,
            MetricFamily.FINDINGS,
            MetricFamily.FINDINGS_TIMESTAMP);

    private Diagnosis diagnosis() {
        if (diagnosisFails != null) {
            throw diagnosisFails;
        }
        return Diagnosis.NONE;
    }

    @BeforeEach
    void listen() {
        LOG.setUseParentHandlers(false);
        LOG.addHandler(handler);
    }

    @AfterEach
    void close() {
        LOG.removeHandler(handler);
        LOG.setUseParentHandlers(true);
        rendered.close();
        metrics.close();
    }

    private String get(String target, int status) throws IOException {
        rendered.show(new Object(), 0); // what the test has changed since
        Response answer = Objects.requireNonNull(pages.get(target, "", UnpooledByteBufAllocator.DEFAULT));
        String body = answer.body().toString(UTF_8);
        answer.body().release();
        assertEquals(status, answer.status().code(), body);
        return body;
    }

    private static Set<String> families(String page) {
        Set<String> names = new TreeSet<>();
        NAME.matcher(page).results().forEach(match -> names.add(match.group(1)));
        return names;
    }

    private static LoadBalancerDenials denials(long packets, long bytes, long late) {
        List<PortTotal> totals = List.of(new PortTotal("", "", Transport.TCP, 0, packets, bytes));
        List<SourceCount> sources = List.of(new SourceCount(Ip.parse("198.51.100.7"), 128, 1, 1, 0, 0));
        return new LoadBalancerDenials("203.0.113.10", "", "", 1, 1, late, totals, 1, sources, List.of());
    }

    private static IngestSnapshot with(LoadBalancerDenials nlb) {
        DenialSnapshot denials = new DenialSnapshot(List.of(nlb), Snapshots.quiet("other"), 600, 0, 1, 0, 0);
        return Snapshots.with(Snapshots.busy(), denials);
    }

    /** Whatever fails, only that is missing, it is counted and said, and when it is whole again nothing is. */
    @Test
    void leavesOutTheFamilyThatFailsAndNoOther() throws IOException {
        Set<String> whole = families(get("/metrics", 200));
        assertEquals("ok\n", get("/readyz", 200));
        long errors = 0;
        for (MetricFamily failing : List.of(
                MetricFamily.DENIED_PACKETS,
                MetricFamily.DENIED_BYTES,
                MetricFamily.LATE_PACKETS,
                MetricFamily.FINDINGS)) {
            snapshot = with(denials(
                    failing == MetricFamily.DENIED_PACKETS ? -1 : 1,
                    failing == MetricFamily.DENIED_BYTES ? Long.MIN_VALUE : 1,
                    failing == MetricFamily.LATE_PACKETS ? -1 : 1));
            diagnosisFails = failing == MetricFamily.FINDINGS ? new IllegalStateException("two\nlines") : null;
            List<MetricFamily> missing = diagnosisFails == null ? List.of(failing) : OF_DIAGNOSIS;
            for (int scrape = 0; scrape < 2; scrape++) {
                String page = get("/metrics", 200);
                errors += missing.size();
                Set<String> expected = new TreeSet<>(whole);
                missing.forEach(family -> expected.remove(family.metricName()));
                assertEquals(expected, families(page));
                assertTrue(page.contains("\ndenywatch_exposition_errors_total " + errors + ".0\n"), page);
                assertTrue(page.contains("\njvm_"), "the rest of the page");
            }
            String unready = get("/readyz", 503);
            assertTrue(unready.startsWith("metrics are served without "), unready);
            assertTrue(unready.contains(missing.getFirst().metricName() + " ("), unready);
            assertEquals(1, unready.lines().count());
            assertEquals("ok\n", get("/livez", 200));

            snapshot = Snapshots.busy();
            diagnosisFails = null;
            assertEquals(whole, families(get("/metrics", 200)));
            assertEquals("ok\n", get("/readyz", 200));
        }
    }

    @Test
    void logsOnceAMinute() throws IOException {
        snapshot = with(denials(-1, -1, -1));
        for (int second = 0; second < 180; second++) {
            get("/metrics", 200);
            nowMillis += 1_000;
        }
        assertEquals(3, logged.size());
        assertTrue(logged.getFirst().getMessage().contains("denywatch_denied_packets_total"));
        assertTrue(get("/readyz", 503).contains("denywatch_late_packets_total"));
    }

    @Test
    void leavesOutWhatAnotherCollectorFailsToMake() {
        LeftOut leftOut = new LeftOut(() -> Instant.ofEpochMilli(nowMillis));
        PrometheusRegistry registry = leftOut.registry();
        registry.register((MultiCollector) () -> {
            throw new ArithmeticException("no such bean");
        });
        registry.register((Collector) () -> {
            throw new IllegalStateException("no such file");
        });
        registry.register((MultiCollector) () -> MetricSnapshots.of(GaugeSnapshot.builder()
                .name("jvm_fine")
                .dataPoint(
                        GaugeSnapshot.GaugeDataPointSnapshot.builder().value(1).build())
                .build()));

        MetricSnapshots page = registry.scrape();
        assertEquals("", leftOut.problem(), "before the page ends");
        leftOut.pageEnds();

        assertEquals(1, page.size());
        assertEquals(2, leftOut.errors());
        assertTrue(leftOut.problem().contains("no such"), leftOut.problem());
    }
}

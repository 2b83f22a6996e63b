package io.denywatch.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.denial.DenialSnapshot;
import io.denywatch.denial.DenialSnapshot.NlbDenials;
import io.denywatch.ingest.IngestSnapshot;
import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page itself is golden; {@code -Ddenywatch.golden=write} writes it anew, for a human to read the difference. */
class SnapshotCollectorTest {
    private static final Path GOLDEN = Path.of("src/test/resources/exposition/metrics.prom");

    @Test
    void rendersTheGoldenPage() throws IOException {
        String page = page(Snapshots.busy(), ScrapeFormat.TEXT);

        if ("write".equals(System.getProperty("denywatch.golden"))) {
            Files.writeString(GOLDEN, page);
        }
        assertEquals(Files.readString(GOLDEN), page);
    }

    @Test
    void givesEveryFamilyAndNoOtherWithItsHelpAndType() {
        String page = page(Snapshots.busy(), ScrapeFormat.TEXT);

        TreeSet<String> expected = new TreeSet<>();
        for (MetricFamily family : MetricFamily.values()) {
            String type = family.type() == MetricFamily.Type.COUNTER ? "counter" : "gauge";
            expected.add("# HELP " + family.metricName() + " " + family.help());
            expected.add("# TYPE " + family.metricName() + " " + type);
            assertTrue(page.contains("\n" + family.metricName()), () -> "no sample of " + family.metricName());
        }
        assertEquals(
                expected,
                new TreeSet<>(page.lines().filter(line -> line.startsWith("#")).toList()));
    }

    @Test
    void labelsEverySampleAsItsFamilySays() {
        Pattern sample = Pattern.compile("^(\\w+)(?:\\{(.*)})? ", Pattern.MULTILINE);
        Pattern label = Pattern.compile("(\\w+)=\"[^\"]*\"");
        for (MatchResult match : sample.matcher(page(Snapshots.busy(), ScrapeFormat.TEXT))
                .results()
                .toList()) {
            MetricFamily family = Arrays.stream(MetricFamily.values())
                    .filter(f -> f.metricName().equals(match.group(1)))
                    .findFirst()
                    .orElseThrow();
            String labels = match.group(2) == null ? "" : match.group(2);
            List<String> names = label.matcher(labels)
                    .results()
                    .map(m -> m.group(1))
                    .sorted()
                    .toList();
            assertEquals(family.labelNames().stream().sorted().toList(), names, family.metricName());
        }
    }

    @Test
    void startsEveryLabelledCounterAtZero() {
        String page = page(Snapshots.fresh(), ScrapeFormat.TEXT);

        for (MetricFamily family : MetricFamily.values()) {
            if (family.type() == MetricFamily.Type.COUNTER) {
                Pattern zero = Pattern.compile("^" + family.metricName() + "(\\{.*})? 0\\.0$", Pattern.MULTILINE);
                assertTrue(zero.matcher(page).find(), () -> family.metricName() + " has no zero in\n" + page);
            }
        }
    }

    @Test
    void hasNoTimeOfTheLastLineBeforeTheFirst() {
        String page = page(Snapshots.fresh(), ScrapeFormat.TEXT);

        assertFalse(page.contains(MetricFamily.LOG_LAST_LINE_TIMESTAMP.metricName()));
    }

    @Test
    void escapesWhatWouldBreakOutOfALabel() {
        NlbDenials hostile = new NlbDenials(
                "a\"} 1\nb\\", "", "", 0, 0, 0, Snapshots.quiet("").totals(), 0, List.of(), List.of());
        DenialSnapshot denials = new DenialSnapshot(List.of(hostile), Snapshots.quiet("other"), 600, 0, 1, 0, 0);
        IngestSnapshot snapshot = Snapshots.with(Snapshots.fresh(), denials);

        for (ScrapeFormat format : ScrapeFormat.values()) {
            String page = page(snapshot, format);
            assertTrue(page.contains("denywatch_denied_sources{nlb=\"a\\\"} 1\\nb\\\\\"} 0.0\n"), page);
        }
    }

    @Test
    void endsOpenMetricsWithItsEndMark() {
        String page = page(Snapshots.busy(), ScrapeFormat.OPENMETRICS);

        assertTrue(page.endsWith("# EOF\n"));
        assertTrue(page.contains("# TYPE denywatch_denied_packets counter\n"));
        assertTrue(page.contains("# TYPE denywatch_build info\n"));
    }

    private static String page(IngestSnapshot snapshot, ScrapeFormat format) {
        PrometheusRegistry families = new PrometheusRegistry();
        families.register(new SnapshotCollector(Snapshots.SETTINGS, "25.0.3+9", () -> snapshot));
        return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, families, Clock.SYSTEM)
                .scrape(format.contentType());
    }
}

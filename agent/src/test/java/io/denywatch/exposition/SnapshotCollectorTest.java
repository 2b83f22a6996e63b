package io.denywatch.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.api.Enforcement;
import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.count.Histogram;
import io.denywatch.count.RequestCounts;
import io.denywatch.count.RequestCounts.VerbAndCode;
import io.denywatch.denial.DenialSnapshot;
import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.ingest.IngestSnapshot;
import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page itself is golden; {@code -Ddenywatch.golden=write} writes it anew, for a human to read the difference. */
class SnapshotCollectorTest {
    private static final Path GOLDEN = Path.of("src/test/resources/exposition/metrics.prom");

    private static final long SEED = 20_261_128;
    private static final Published BUSY = Snapshots.published(Snapshots.busy(), Blocklists.busy());
    private static final Published FRESH = new Published(
            Snapshots::fresh,
            () -> EstablishedSources.NONE,
            () -> Blocklists.fresh(BlocklistMode.DRY_RUN),
            () -> Diagnosis.NONE,
            () -> new RequestCounts(Map.of(new VerbAndCode("get", "200"), 0L), Map.of()));

    @Test
    void rendersTheGoldenPage() throws IOException {
        String page = page(BUSY, ScrapeFormat.TEXT);

        if ("write".equals(System.getProperty("denywatch.golden"))) {
            Files.writeString(GOLDEN, page);
        }
        assertEquals(Files.readString(GOLDEN), page);
    }

    @Test
    void givesEveryFamilyAndNoOtherWithItsHelpAndType() {
        String page = page(BUSY, ScrapeFormat.TEXT);

        TreeSet<String> expected = new TreeSet<>();
        for (MetricFamily family : MetricFamily.values()) {
            String type = switch (family.type()) {
                case COUNTER -> "counter";
                case GAUGE, INFO -> "gauge";
                case HISTOGRAM -> "histogram";
            };
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
        for (MatchResult match :
                sample.matcher(page(BUSY, ScrapeFormat.TEXT)).results().toList()) {
            String name = match.group(1);
            MetricFamily family = Arrays.stream(MetricFamily.values())
                    .filter(f -> f.type() == MetricType.HISTOGRAM
                            ? name.matches(f.metricName() + "_(bucket|sum|count)")
                            : name.equals(f.metricName()))
                    .findFirst()
                    .orElseThrow();
            Stream<String> bound = name.endsWith("_bucket") ? Stream.of("le") : Stream.empty();
            String labels = match.group(2) == null ? "" : match.group(2);
            List<String> names = label.matcher(labels)
                    .results()
                    .map(m -> m.group(1))
                    .sorted()
                    .toList();
            List<String> expected =
                    Stream.concat(family.labelNames().stream(), bound).sorted().toList();
            assertEquals(expected, names, name);
        }
    }

    @Test
    void startsEveryLabelledCounterAtZero() {
        String page = page(FRESH, ScrapeFormat.TEXT);

        for (MetricFamily family : MetricFamily.values()) {
            if (family.type() == MetricType.COUNTER) {
                Pattern zero = Pattern.compile("^" + family.metricName() + "(\\{.*})? 0\\.0$", Pattern.MULTILINE);
                assertTrue(zero.matcher(page).find(), () -> family.metricName() + " has no zero in\n" + page);
            }
        }
    }

    @Test
    void hasNoTimeOfTheLastLineBeforeTheFirst() {
        String page = page(FRESH, ScrapeFormat.TEXT);

        assertFalse(page.contains(MetricFamily.LOG_LAST_LINE_TIMESTAMP.metricName()));
    }

    @Test
    void countsEachRuleWithEachOutcomeFromZeroOn() {
        String page = page(FRESH, ScrapeFormat.TEXT);

        for (DetectionOutcome outcome : DetectionOutcome.values()) {
            for (String rule : List.of("scan", "flood")) {
                String series = "denywatch_promotions_total{outcome=\"" + outcome.label() + "\",rule=\"" + rule + "\"}";
                assertTrue(page.contains(series + " 0.0\n"), () -> series + " is not 0 in\n" + page);
            }
        }
    }

    @Test
    void hasNoTimeOfTheLastSyncBeforeTheFirst() {
        assertFalse(page(FRESH, ScrapeFormat.TEXT).contains(MetricFamily.BLOCKLIST_LAST_SYNC_TIMESTAMP.metricName()));
    }

    @ParameterizedTest
    @EnumSource(Enforcement.class)
    void callsStoredEntriesEnforcedOnlyWhereAPolicyIsKnownToDenyThem(Enforcement enforcement) {
        Published published = new Published(
                Snapshots::busy,
                () -> EstablishedSources.NONE,
                Blocklists::busy,
                () -> new Diagnosis(Snapshots.TAKEN_AT_MILLIS, List.of(), enforcement),
                () -> RequestCounts.NONE);

        String page = page(published, ScrapeFormat.TEXT);

        assertTrue(page.contains("\ndenywatch_blocklist_stored_entries 1.0\n"), page);
        assertTrue(
                page.contains("\ndenywatch_blocklist_enforced_entries "
                        + (enforcement == Enforcement.ACTIVE ? "1.0\n" : "0.0\n")),
                page);
        List<String> active = page.lines()
                .filter(line -> line.startsWith("denywatch_blocklist_policy_active"))
                .toList();
        assertEquals(
                switch (enforcement) {
                    case UNKNOWN -> List.of();
                    case MISSING -> List.of("denywatch_blocklist_policy_active 0.0");
                    case ACTIVE -> List.of("denywatch_blocklist_policy_active 1.0");
                },
                active);
    }

    @Test
    void hasNoTimeOfTheLastCheckOfTheClusterBeforeTheFirst() {
        assertFalse(page(FRESH, ScrapeFormat.TEXT).contains(MetricFamily.FINDINGS_TIMESTAMP.metricName()));
    }

    @ParameterizedTest
    @EnumSource(BlocklistMode.class)
    void tellsTheBlocklistsMode(BlocklistMode mode) {
        String page = page(Snapshots.published(Snapshots.busy(), Blocklists.fresh(mode)), ScrapeFormat.TEXT);

        List<String> infos = page.lines()
                .filter(line -> line.startsWith("denywatch_blocklist_info"))
                .toList();
        assertEquals(List.of("denywatch_blocklist_info{mode=\"" + mode.label() + "\"} 1"), infos);
    }

    @Test
    void keepsTheBlocklistsFamiliesAtZeroWhileItIsOff() {
        String page = page(Snapshots.published(Snapshots.busy()), ScrapeFormat.TEXT);

        for (MetricFamily family : List.of(
                MetricFamily.BLOCKLIST_ENTRIES,
                MetricFamily.BLOCKLIST_STORED_ENTRIES,
                MetricFamily.BLOCKLIST_ENFORCED_ENTRIES,
                MetricFamily.BLOCKLIST_ENTRIES_LIMIT,
                MetricFamily.BLOCKLIST_OVERDUE_ENTRIES,
                MetricFamily.BLOCKLIST_BREAKER_OPEN,
                MetricFamily.BLOCKLIST_EXPIRATIONS,
                MetricFamily.BLOCKLIST_REPAIRS)) {
            assertTrue(page.contains("\n" + family.metricName() + " 0.0\n"), family::metricName);
        }
        assertTrue(page.contains("\ndenywatch_time_to_block_seconds_count 0\n"), page);
        assertFalse(page.contains(MetricFamily.PROMOTIONS.metricName()), page);
        assertFalse(page.contains(MetricFamily.BLOCKLIST_LAST_SYNC_TIMESTAMP.metricName()), page);
    }

    @Test
    void hasNoSeriesOfTheKubernetesApiWithoutACluster() {
        assertFalse(
                page(Snapshots.published(Snapshots.busy()), ScrapeFormat.TEXT).contains("kubernetes"));
    }

    @Test
    void accumulatesBucketsUpToTheCountOfAll() {
        Random random = new Random(SEED);
        for (int round = 0; round < 50; round++) {
            List<Double> bounds = random.doubles(random.nextInt(1, 20), 0.001, 1000)
                    .sorted()
                    .distinct()
                    .boxed()
                    .toList();
            List<Long> counts =
                    random.longs(bounds.size() + 1, 0, 1_000_000).boxed().toList();
            Histogram histogram = new Histogram(bounds, counts, random.nextDouble());
            RequestCounts requests = new RequestCounts(Map.of(), Map.of("get", histogram));
            Published published = new Published(
                    Snapshots::fresh,
                    () -> EstablishedSources.NONE,
                    () -> BlocklistStatus.OFF,
                    () -> Diagnosis.NONE,
                    () -> requests);

            List<Long> expected = new ArrayList<>();
            counts.forEach(count -> expected.add(count + (expected.isEmpty() ? 0 : expected.getLast())));
            expected.add(expected.getLast()); // the series _count
            Pattern value =
                    Pattern.compile("(?m)^denywatch_kubernetes_request_duration_seconds_[bc]\\w+\\{.*} (\\d+)$");
            List<Long> shown = value.matcher(page(published, ScrapeFormat.TEXT))
                    .results()
                    .map(match -> Long.valueOf(match.group(1)))
                    .toList();
            assertEquals(expected, shown, () -> "seed " + SEED);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void refusesAHistogramWhoseCountsDoNotFitItsBounds(int counts) {
        List<Long> ones = Collections.nCopies(counts, 1L);
        IllegalArgumentException failure =
                assertThrows(IllegalArgumentException.class, () -> new Histogram(List.of(1.0), ones, 0));

        assertEquals("counts must be 2: " + counts, failure.getMessage());
    }

    @Test
    void escapesWhatWouldBreakOutOfALabel() {
        LoadBalancerDenials hostile = new LoadBalancerDenials(
                "a\"} 1\nb\\", "", "", 0, 0, 0, Snapshots.quiet("").totals(), 0, List.of(), List.of());
        DenialSnapshot denials = new DenialSnapshot(List.of(hostile), Snapshots.quiet("other"), 600, 0, 1, 0, 0);
        IngestSnapshot snapshot = Snapshots.with(Snapshots.fresh(), denials);

        for (ScrapeFormat format : ScrapeFormat.values()) {
            String page = page(Snapshots.published(snapshot), format);
            assertTrue(page.contains("denywatch_denied_sources{nlb=\"a\\\"} 1\\nb\\\\\"} 0.0\n"), page);
        }
    }

    @Test
    void endsOpenMetricsWithItsEndMark() {
        String page = page(BUSY, ScrapeFormat.OPENMETRICS);

        assertTrue(page.endsWith("# EOF\n"));
        assertTrue(page.contains("# TYPE denywatch_denied_packets counter\n"));
        assertTrue(page.contains("# TYPE denywatch_build info\n"));
    }

    private static String page(Published published, ScrapeFormat format) {
        PrometheusRegistry families = new PrometheusRegistry();
        LeftOut leftOut = new LeftOut(InstantSource.fixed(Instant.EPOCH));
        families.register(new SnapshotCollector(Snapshots.SETTINGS, "25.0.3+9", published, leftOut));
        return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, families, Clock.SYSTEM)
                .scrape(format.contentType());
    }
}

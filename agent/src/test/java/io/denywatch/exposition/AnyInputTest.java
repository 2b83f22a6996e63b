package io.denywatch.exposition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.count.Count;
import io.denywatch.denial.DenialLimits;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.Destinations;
import io.denywatch.denial.DiscoveredLoadBalancers;
import io.denywatch.ingest.Checkpoint;
import io.denywatch.ingest.Checkpoint.Opened;
import io.denywatch.ingest.Ingest;
import io.denywatch.ingest.IngestState;
import io.denywatch.ingest.LineCounter;
import io.denywatch.ingest.SavedNumbers;
import io.denywatch.ingest.ZoneOffsetEstimator;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import io.denywatch.tail.FileTail;
import io.denywatch.tail.LogSource;
import io.denywatch.testing.EdgeLines;
import io.denywatch.testing.LineMutations;
import io.denywatch.testing.LogFile;
import io.denywatch.testing.PacketLines;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is in the log: the page has every family, no number on it is negative, no counter goes back, and a restart goes
 * on with the same counts. From the file to the page, and over the checkpoint.
 */
class AnyInputTest {
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
    private static final int ROUNDS = 8;
    private static final int LINES = 250;
    private static final Pattern SAMPLE = Pattern.compile("^(denywatch_\\w+)(\\{.*})? (\\S+)$", Pattern.MULTILINE);
    private static final Pattern COUNTER = Pattern.compile("^# TYPE (denywatch_\\w+) counter$", Pattern.MULTILINE);
    private static final Pattern NEGATIVE = Pattern.compile("\"(\\w+)\":-\\d");
    private static final Pattern SEEN = Pattern.compile("\"(?:first|last)Seen\":\"([^\"]+)\"");

    @TempDir
    private Path directory = Path.of("");

    private Instant now = START;

    private static IngestState counts() {
        SyslogTime time = new SyslogTime(ZoneOffset.UTC);
        ZoneOffsetEstimator offset = ZoneOffsetEstimator.learned(time);
        DenialLimits limits = new DenialLimits(4, 16, 5, 64, 8);
        DenialTable table = new DenialTable(limits, List.of(), Destinations.ANY, 7);
        LineCounter tally =
                new LineCounter(PacketLogParser.withPrefixes(List.of("calico-packet"), time), table, offset);
        return new IngestState(time, offset, tally, table);
    }

    private Path log() {
        return directory.resolve("syslog");
    }

    private Checkpoint checkpoint() {
        return new Checkpoint(directory.resolve("state"), Checkpoint.SLOT_BYTES_MIN);
    }

    private LogSource tail() {
        return new FileTail(log(), FileTail.Start.BEGINNING);
    }

    private Ingest agent() {
        return new Ingest(
                checkpoint(),
                _ -> tail(),
                AnyInputTest::counts,
                () -> Optional.of(DiscoveredLoadBalancers.NONE),
                now.toEpochMilli());
    }

    private void settle(Ingest ingest) {
        while (ingest.poll(now.toEpochMilli()) > 0) {
            now = now.plusMillis(1);
        }
        now = now.plusSeconds(1);
        ingest.poll(now.toEpochMilli());
    }

    private String get(Ingest ingest, String target) throws IOException {
        Published published = Snapshots.published(ingest.snapshot());
        try (MetricsPage metrics = new MetricsPage(Snapshots.SETTINGS, "25", published, () -> now);
                RenderedPages rendered = new RenderedPages(new Connections(), Ticker.newMockTicker())) {
            Response answer =
                    Objects.requireNonNull(new Pages(Snapshots.SETTINGS, metrics, published, () -> now, rendered)
                            .get(target, "", UnpooledByteBufAllocator.DEFAULT));
            String body = answer.body().toString(UTF_8);
            answer.body().release();
            assertEquals(200, answer.status().code(), body);
            return body;
        }
    }

    /** Counters by series, after all that can be asked for was looked at. */
    private Map<String, Double> page(Ingest ingest, Set<String> families) throws IOException {
        String page = get(ingest, "/metrics");
        Set<String> counters =
                COUNTER.matcher(page).results().map(type -> type.group(1)).collect(Collectors.toSet());
        Map<String, Double> counts = new TreeMap<>();
        SAMPLE.matcher(page).results().forEach(sample -> {
            String name = sample.group(1);
            double value = Double.parseDouble(sample.group(3));
            boolean signed = name.equals(MetricFamily.LOG_TIMESTAMP_OFFSET.metricName());
            assertTrue(signed || (value >= 0 && value <= Count.MAX), sample.group());
            if (counters.contains(name)) {
                counts.put(sample.group(1) + sample.group(2), value);
            }
        });
        for (String family : families) {
            assertTrue(page.contains("# TYPE " + family + " "), family);
        }
        assertTrue(page.contains("\n" + MetricFamily.STATE_LOST.metricName() + " 0.0\n"), page);
        assertTrue(page.contains("\n" + MetricFamily.EXPOSITION_ERRORS.metricName() + " 0.0\n"), page);
        for (String target : List.of("/api/v1/nlbs", "/api/v1/sources?nlb=203.0.113.1", "/api/v1/sources?nlb=other")) {
            if (target.contains("203") && !page.contains("nlb=\"203.0.113.1\"")) {
                continue;
            }
            String document = get(ingest, target);
            NEGATIVE.matcher(document)
                    .results()
                    .forEach(number -> assertEquals("timestampOffsetSeconds", number.group(1), document));
            SEEN.matcher(document)
                    .results()
                    .map(seen -> Instant.parse(seen.group(1)))
                    .forEach(seen -> {
                        assertTrue(!seen.isBefore(Instant.EPOCH), document);
                        assertTrue(!seen.isAfter(now.plus(1, ChronoUnit.DAYS)), document);
                    });
        }
        return counts;
    }

    private static void assertNoneWentBack(Map<String, Double> before, Map<String, Double> after, String about) {
        before.forEach((series, value) -> {
            Double later = after.get(series);
            assertTrue(
                    later != null && later >= value, () -> about + ": " + series + " was " + value + ", is " + later);
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void neverStopsThePageNorTurnsACounterBack(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        EdgeLines edges = new EdgeLines(seed);
        PacketLines packets = new PacketLines(seed);
        LineMutations mutations = new LineMutations(seed);
        LogFile file = new LogFile(log());
        file.append("");
        Ingest ingest = agent();
        settle(ingest);
        Set<String> families = COUNTER.matcher(get(ingest, "/metrics"))
                .results()
                .map(type -> type.group(1))
                .collect(Collectors.toSet());
        Map<String, Double> before = page(ingest, families);
        for (int round = 0; round < ROUNDS; round++) {
            String about = "seed " + seed + ", round " + round;
            StringBuilder written = new StringBuilder();
            for (int i = 0; i < LINES; i++) {
                String line = random.nextInt(3) > 0
                        ? edges.line(now)
                        : mutations.mutate(packets.line(), packets.packetLine());
                written.append(line.replace('\n', ' ')).append('\n');
            }
            file.append(written.toString());
            settle(ingest);
            Map<String, Double> after = page(ingest, families);
            assertNoneWentBack(before, after, about);
            ingest.close();
            if (round == ROUNDS / 2) {
                raise(random);
            }
            now = now.plusSeconds(random.nextInt(200));
            ingest = agent();
            settle(ingest);
            before = page(ingest, families);
            assertNoneWentBack(after, before, about + ", after the restart");
            if (round != ROUNDS / 2) {
                assertEquals(after, before, about + ", after the restart");
            }
        }
        double packetsCounted = before.getOrDefault("denywatch_log_lines_total{result=\"packet\"}", 0.0);
        assertTrue(packetsCounted > LINES, "hardly a line was a packet: " + packetsCounted);
        assertTrue(before.containsValue((double) Count.MAX), "no counter got to its end: " + before);
        ingest.close();
    }

    /** Sets most counts of the checkpoint to where a few more lines bring them to their end. */
    private void raise(SplittableRandom random) throws IOException {
        try (Checkpoint checkpoint = checkpoint()) {
            byte[] payload =
                    assertInstanceOf(Opened.Intact.class, checkpoint.open()).payload();
            SavedNumbers numbers = new SavedNumbers(AnyInputTest::counts, this::tail);
            SavedNumbers.Restored whole = numbers.restore(payload);
            assertEquals("", whole.dropped());
            Map<Integer, Long> raised = new LinkedHashMap<>();
            for (int at : whole.longs()) {
                byte[] broken = payload.clone();
                ByteBuffer.wrap(broken).putLong(at, -2);
                String dropped;
                try {
                    dropped = numbers.restore(broken).dropped();
                } catch (IOException _) {
                    continue; // a position in a file
                }
                if (!dropped.isEmpty() && !dropped.contains("time")) {
                    raised.put(at, Count.MAX - (random.nextInt(4) == 0 ? 0 : random.nextInt(200)));
                }
            }
            assertTrue(raised.size() > 20, "few counts: " + raised.keySet());
            raised.forEach((at, value) -> ByteBuffer.wrap(payload).putLong(at, value));
            assertTrue(checkpoint.write(payload, payload.length, now.toEpochMilli()));
        }
    }
}

package io.denywatch.exposition;

import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.count.RequestCounts;
import io.denywatch.denial.DenialLimits;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.Destinations;
import io.denywatch.denial.ObservedPacket;
import io.denywatch.denial.ObservedPacket.EventTime;
import io.denywatch.denial.StoppedSources;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.ingest.Checkpoint;
import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.LineKind;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import io.denywatch.tail.TailSnapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One scrape at full cardinality, 256 load balancers of 1,024 sources each: {@code snapshot} is what the ingest thread
 * does for it where all load balancers have changed, {@code page} what the HTTP thread does. The page is checked: each
 * load balancer is on it, with all its packets and its noisiest sources.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ScrapeBenchmark {
    private static final int NLBS = 256;
    private static final int SOURCES = 1024;
    private static final long NOW_MILLIS = 1_772_359_200_000L;

    private final DenialTable table = new DenialTable(DenialLimits.DEFAULTS, List.of(), Destinations.ANY, 1);
    private final PacketLogParser parser = PacketLogParser.anyPrefix(new SyslogTime(ZoneOffset.UTC));
    private final DeniedPacket packet = new DeniedPacket();
    private final ObservedPacket observed = new ObservedPacket();
    private final ByteArrayOutputStream page = new ByteArrayOutputStream(1 << 20);
    private MetricsPage metrics = page(snapshotOf(table));
    private int packets;

    /** Fills the table, and renders it once. */
    @Setup
    public void fill() throws IOException {
        for (int source = 0; source < SOURCES; source++) {
            for (int nlb = 0; nlb < NLBS; nlb++) {
                record(nlb, source);
            }
        }
        metrics.close();
        metrics = page(snapshotOf(table));
        page();
        String text = page.toString(StandardCharsets.UTF_8);
        check("packets", sum(text, "denywatch_denied_packets_total"), packets);
        check("sources", sum(text, "denywatch_denied_sources"), (double) NLBS * SOURCES);
        check("load balancers", count(text, "denywatch_late_packets_total"), NLBS + 1);
        check("top sources", count(text, "denywatch_top_source_packets"), (double) NLBS * 20);
    }

    /** Ends what listens to the collectors. */
    @TearDown
    public void close() {
        metrics.close();
    }

    private void record(int nlb, int source) {
        byte[] line = ("2026-03-01T10:00:00.000000+00:00 worker-1 kernel: calico-packet: IN=eth1 OUT= "
                        + "MAC=06:b2:1e:5d:30:43:00:00:5e:00:01:0a:08:00 SRC=20.0." + (source >> 8) + "."
                        + (source & 255) + " DST=198.18.1." + nlb
                        + " LEN=52 TOS=0x00 PREC=0x00 TTL=117 ID=1 DF PROTO=TCP"
                        + " SPT=42962 DPT=443 WINDOW=64240 RES=0x00 SYN URGP=0 ")
                .getBytes(StandardCharsets.US_ASCII);
        if (parser.parse(line, 0, line.length, packet) != LineKind.PACKET) {
            throw new IllegalStateException("no packet: " + new String(line, StandardCharsets.US_ASCII));
        }
        table.record(observed.of(packet).at(NOW_MILLIS * 1000, EventTime.CURRENT));
        packets++;
    }

    private static MetricsPage page(IngestSnapshot snapshot) {
        ExpositionSettings settings = new ExpositionSettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                List.of(),
                Optional.empty(),
                "worker-1",
                "1.2.3",
                "0123abc");
        return new MetricsPage(
                settings,
                "25",
                new Published(
                        () -> snapshot,
                        () -> EstablishedSources.NONE,
                        () -> BlocklistStatus.OFF,
                        () -> Diagnosis.NONE,
                        () -> RequestCounts.NONE),
                InstantSource.fixed(Instant.ofEpochMilli(NOW_MILLIS)));
    }

    private static IngestSnapshot snapshotOf(DenialTable table) {
        return new IngestSnapshot(
                NOW_MILLIS,
                NOW_MILLIS,
                true,
                "file",
                "/var/log/syslog",
                TailSnapshot.unopened(""),
                Map.of("packet", (long) NLBS * SOURCES),
                Map.of(),
                Map.of(),
                false,
                0,
                table.snapshot(),
                StoppedSources.OFF,
                new Checkpoint.Status(0, NOW_MILLIS, false));
    }

    private static double sum(String text, String family) {
        return text.lines()
                .filter(line -> line.startsWith(family + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static double count(String text, String family) {
        return text.lines().filter(line -> line.startsWith(family + "{")).count();
    }

    private static void check(String what, double actual, double expected) {
        if (actual != expected) {
            throw new IllegalStateException(what + " on the page: " + actual + ", not " + expected);
        }
    }

    /** A snapshot of a table in which each load balancer has changed since the last one. */
    @Benchmark
    public IngestSnapshot snapshot() {
        for (int nlb = 0; nlb < NLBS; nlb++) {
            record(nlb, 0);
        }
        return snapshotOf(table);
    }

    /** The page of a snapshot. */
    @Benchmark
    public int page() throws IOException {
        page.reset();
        metrics.write(ScrapeFormat.TEXT, page);
        return page.size();
    }
}

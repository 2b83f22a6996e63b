package io.denywatch.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.denywatch.denial.BlockOrigin;
import io.denywatch.denial.BlockedPrefixes;
import io.denywatch.denial.BlockedPrefixes.BlockedPrefix;
import io.denywatch.denial.DenialLimits;
import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.Destinations;
import io.denywatch.denial.ObservedPacket;
import io.denywatch.denial.StoppedPackets;
import io.denywatch.detection.PacketObserver;
import io.denywatch.ip.IpPrefix;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import io.denywatch.tail.FileTail;
import io.denywatch.testing.LogFile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines of packets that the blocklist stopped. */
class StoppedLinesTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 20;
    private static final String BLOCKED = "192.0.2.1";
    private static final String OTHER = "192.0.2.2";

    @TempDir
    private Path directory = Path.of("");

    private LogFile log = new LogFile(Path.of("none"));
    private Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private BlockedPrefixes blocked = BlockedPrefixes.NONE;
    private int detected;
    private boolean counting = true;
    private Checkpoint checkpoint = new Checkpoint(Path.of("none"), Checkpoint.SLOT_BYTES_MIN);
    private Ingest ingest = agent();

    @BeforeEach
    void start() throws IOException {
        log = new LogFile(directory.resolve("syslog"));
        log.append("");
        ingest = agent();
    }

    @AfterEach
    void stop() {
        ingest.close();
    }

    private Ingest agent() {
        checkpoint = new Checkpoint(directory.resolve("state"), Checkpoint.SLOT_BYTES_MIN);
        return new Ingest(
                checkpoint,
                savedKind -> new FileTail(log.path(), FileTail.Start.BEGINNING),
                this::counts,
                Zero::discovered,
                now.toEpochMilli());
    }

    private IngestState counts() {
        SyslogTime time = new SyslogTime(ZoneOffset.UTC);
        ZoneOffsetEstimator offset = ZoneOffsetEstimator.learned(time);
        DenialTable table = new DenialTable(DenialLimits.DEFAULTS, List.of(), Destinations.ANY, 7);
        PacketObserver detection = this::detected;
        LineCounter counter = new LineCounter(
                PacketLogParser.withPrefixes(List.of("calico-packet"), time),
                table,
                offset,
                detection,
                counting ? StoppedPackets.of(() -> blocked, 64, 1) : StoppedPackets.off(),
                () -> "");
        return new IngestState(time, offset, counter, table, detection);
    }

    private void detected(ObservedPacket packet) {
        detected++;
    }

    private void block(String source) {
        blocked = BlockedPrefixes.of(List.of(new BlockedPrefix(IpPrefix.parse(source), BlockOrigin.PROMOTION)), 7);
    }

    private static String line(Instant at, String source, String destination) {
        return at + " n1 kernel: calico-packet: IN=eth1 OUT= MAC= SRC=" + source + " DST=" + destination
                + " LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=1 DF PROTO=TCP SPT=40000 DPT=443 WINDOW=64240 RES=0x00"
                + " SYN URGP=0 \n";
    }

    private void write(String source, String destination, int packets) throws IOException {
        log.append(line(now, source, destination).repeat(packets));
    }

    private IngestSnapshot poll() {
        now = now.plusSeconds(2);
        ingest.poll(now.toEpochMilli());
        return ingest.snapshot();
    }

    private static LoadBalancerDenials nlb(IngestSnapshot snapshot, String address) {
        return snapshot.denials().loadBalancers().stream()
                .filter(one -> one.nlb().equals(address))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void countAsDeniedAndAsStoppedAndLeadToNoDetection() throws IOException {
        write(BLOCKED, "203.0.113.7", 3); // in the moment before the set arrives
        poll();
        assertEquals(3, detected);
        block(BLOCKED);
        write(BLOCKED, "203.0.113.7", 5);
        write(BLOCKED, "203.0.113.8", 2);
        write(OTHER, "203.0.113.7", 4);
        IngestSnapshot snapshot = poll();

        assertEquals(7, detected);
        assertEquals(12, nlb(snapshot, "203.0.113.7").packets());
        assertEquals(5, nlb(snapshot, "203.0.113.7").stopped(BlockOrigin.PROMOTION));
        assertEquals(2, nlb(snapshot, "203.0.113.8").stopped(BlockOrigin.PROMOTION));
        assertEquals(0, nlb(snapshot, "203.0.113.8").stopped(BlockOrigin.FEED));
        assertEquals(7, snapshot.stopped().all().getFirst().packets());
        assertEquals(420, snapshot.stopped().all().getFirst().bytes());
    }

    @Test
    void staySavedThroughACrashAndARestart() throws IOException {
        block(BLOCKED);
        write(BLOCKED, "203.0.113.7", 5);
        poll();
        write(BLOCKED, "203.0.113.7", 2);
        checkpoint.close(); // killed: nothing more is written
        ingest = agent();
        IngestSnapshot crashed = poll();
        assertEquals(7, nlb(crashed, "203.0.113.7").stopped(BlockOrigin.PROMOTION));
        assertEquals(7, nlb(crashed, "203.0.113.7").packets());
        assertFalse(crashed.checkpoint().stateLost());

        ingest.close();
        counting = false;
        blocked = BlockedPrefixes.NONE;
        ingest = agent();
        IngestSnapshot restarted = poll();
        assertEquals(7, nlb(restarted, "203.0.113.7").stopped(BlockOrigin.PROMOTION));
        assertFalse(restarted.stopped().counting());
    }

    @Test
    void aRecordWithoutThemIsReadAsBefore() throws IOException {
        write(BLOCKED, "203.0.113.7", 5);
        poll();
        ingest.close();
        ingest = agent();
        IngestSnapshot restarted = poll();
        assertEquals(5, nlb(restarted, "203.0.113.7").packets());
        assertEquals(0, nlb(restarted, "203.0.113.7").stopped(BlockOrigin.PROMOTION));
        assertTrue(restarted.settled());
        assertFalse(restarted.checkpoint().stateLost());
    }

    @Test
    void allocateNothing() {
        for (boolean on : new boolean[] {false, true}) {
            counting = on;
            block("192.0.0.0/16");
            IngestState state = counts();
            byte[] bytes = line(now, BLOCKED, "203.0.113.7").strip().concat(" ").getBytes(ISO_8859_1);
            state.begin(now.toEpochMilli(), true);
            long least = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                count(state, bytes);
                least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
            }
            assertEquals(
                    0, least, "bytes for 2,000 lines"); // the compiler may allocate in one round, lines would in each
            assertEquals(on ? 1 : 0, state.counter().stopped().all().size());
        }
    }

    private static void count(IngestState state, byte[] line) {
        for (int i = 0; i < 2_000; i++) {
            state.counter().line(line, 0, line.length);
        }
    }
}

package io.denywatch.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.tail.FileTail;
import io.denywatch.tail.LineFramer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngestTest {
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    @TempDir
    private Path directory = Path.of("");

    private Path log = Path.of("");
    private Instant now = START;
    private Ingest ingest = agent(Path.of("none"), Path.of("none"), FileTail.Start.BEGINNING);

    @BeforeEach
    void startAgent() throws IOException {
        log = directory.resolve("syslog");
        Files.createFile(log);
        ingest.close();
        ingest = start(log);
    }

    @AfterEach
    void stopAgent() {
        ingest.close();
    }

    private Ingest start(Path path) {
        return agent(path, directory.resolve("state"), FileTail.Start.BEGINNING);
    }

    private Ingest agent(Path path, Path state, FileTail.Start start) {
        return new Ingest(
                new Checkpoint(state, Checkpoint.SLOT_BYTES_MIN),
                savedKind -> new FileTail(path, start),
                Zero::counts,
                Zero::discovered,
                now.toEpochMilli());
    }

    private static String packet(String stamp, String source) {
        return stamp + " n1 kernel: calico-packet: IN=eth1 OUT= MAC= SRC=" + source + " DST=203.0.113.7 LEN=60 TOS=0x00"
                + " PREC=0x00 TTL=63 ID=1 DF PROTO=TCP SPT=40000 DPT=443 WINDOW=64240 RES=0x00 SYN URGP=0 \n";
    }

    private void write(String lines) throws IOException {
        Files.writeString(log, lines, StandardOpenOption.APPEND);
    }

    /** Polls until idle, then once more when the next snapshot is due. */
    private IngestSnapshot settle() {
        while (ingest.poll(now.toEpochMilli()) > 0) {
            now = now.plusMillis(1);
        }
        now = now.plusMillis(Ingest.PUBLISH_INTERVAL_MILLIS);
        ingest.poll(now.toEpochMilli());
        return ingest.snapshot();
    }

    private LoadBalancerDenials only(IngestSnapshot snapshot) {
        assertEquals(1, snapshot.denials().loadBalancers().size());
        return snapshot.denials().loadBalancers().getFirst();
    }

    @Test
    void countsWhatIsWrittenByWhatItIs() throws IOException {
        write(packet("2026-03-01T09:59:59+00:00", "192.0.2.1")
                + packet("2026-03-01T10:00:00+00:00", "192.0.2.2")
                + "2026-03-01T10:00:00+00:00 n1 kernel: calico-packet: IN=eth1 OUT= MAC= SRC=192.0.2.1 DST=203.0\n"
                + "2026-03-01T10:00:00+00:00 n1 kernel: net_ratelimit: 12 callbacks suppressed\n"
                + "2026-03-01T10:00:00+00:00 n1 cron[1]: calico-packet: IN=eth1 OUT= SRC=192.0.2.1\n"
                + packet("2026-03-01T10:00:00+00:00", "203.0.113.7").replace("calico-packet:", "calico-response-est:")
                + "x".repeat(LineFramer.LINE_MAX_BYTES + 1)
                + "\n");
        IngestSnapshot snapshot = settle();
        assertEquals(2, snapshot.lines().get("packet"));
        assertEquals(1, snapshot.lines().get("malformed"));
        assertEquals(1, snapshot.lines().get("response"));
        assertEquals(1, snapshot.lines().get("other"));
        assertEquals(1, snapshot.lines().get("unrecognized"));
        assertEquals(1, snapshot.lines().get("oversized"));
        assertEquals(1, snapshot.malformed().get("cut"));
        assertEquals(12, snapshot.suppressed().get("kernel"));
        assertEquals(2, only(snapshot).packets());
        assertEquals(120, only(snapshot).bytes());
        assertEquals(2, only(snapshot).sources());
        assertTrue(snapshot.tail().readable());
    }

    @Test
    void publishesOnceAnInterval() throws IOException {
        IngestSnapshot before = settle();
        write(packet("2026-03-01T10:00:00+00:00", "192.0.2.1"));
        ingest.poll(now.toEpochMilli());
        assertSame(before, ingest.snapshot());
        ingest.poll(now.toEpochMilli() + Ingest.PUBLISH_INTERVAL_MILLIS - 1);
        assertSame(before, ingest.snapshot());
        ingest.poll(now.toEpochMilli() + Ingest.PUBLISH_INTERVAL_MILLIS);
        assertEquals(1, only(ingest.snapshot()).packets());
        assertEquals(0, before.lines().get("packet"));
    }

    @Test
    void publishesAtOnceWhenWhatIsThereAtStartIsRead() throws IOException {
        write(packet("2026-03-01T10:00:00+00:00", "192.0.2.1"));
        assertFalse(ingest.snapshot().settled());
        ingest.poll(now.toEpochMilli());
        assertTrue(ingest.snapshot().settled());
        assertEquals(1, only(ingest.snapshot()).packets());
    }

    @Test
    void takesNoZoneFromWhatWasWrittenWhileItWasStopped() throws IOException {
        settle();
        DateTimeFormatter yearless = DateTimeFormatter.ofPattern("MMM d HH:mm:ss", Locale.ROOT);
        for (int minute = 1; minute <= 180; minute++) {
            String stamp = yearless.format(START.plusSeconds(minute * 60L).atOffset(ZoneOffset.UTC));
            write(packet(stamp, "192.0.2.1"));
        }
        now = START.plusSeconds(183 * 60L);
        IngestSnapshot snapshot = settle();
        assertEquals(0, snapshot.timestampOffsetSeconds());
        assertEquals(180, only(snapshot).latePackets());
    }

    @Test
    void publishesAgainAfterTheClockWasSetBack() throws IOException {
        settle();
        now = START.minusSeconds(3600);
        write(packet("2026-03-01T09:00:00+00:00", "192.0.2.1"));
        assertEquals(1, only(settle()).packets());
    }

    @Test
    void aBacklogCountsInTotalsButNotInTheWindow() throws IOException {
        write(packet("2026-03-01T09:57:59+00:00", "192.0.2.1").repeat(3)
                + packet("2026-03-01T09:58:01+00:00", "192.0.2.2"));
        LoadBalancerDenials denials = only(settle());
        assertEquals(4, denials.packets());
        assertEquals(3, denials.latePackets());
        assertEquals(1, denials.sources());
    }

    @Test
    void yearlessLinesOfAnotherZoneAreNotLateOnceTheZoneIsLearned() throws IOException {
        settle(); // at the end: what comes now was just written
        write(packet("Mar  1 05:00:01", "192.0.2.1"));
        IngestSnapshot first = settle();
        assertEquals(-5 * 3600, first.timestampOffsetSeconds());
        write(packet("Mar  1 05:00:02", "192.0.2.2"));
        LoadBalancerDenials denials = only(settle());
        assertEquals(1, denials.latePackets()); // the one that taught it
        assertEquals(2, denials.packets());
    }

    @Test
    void aMissingLogIsAProblemInWordsAndReadFromItsFirstByteOnceItIsThere() throws IOException {
        Files.delete(log);
        ingest.close();
        ingest = start(log);
        IngestSnapshot without = settle();
        assertFalse(without.tail().readable());
        assertTrue(
                without.tail().problem().contains(log.toString()),
                without.tail().problem());
        Files.createFile(log);
        write(packet("2026-03-01T10:00:00+00:00", "192.0.2.1"));
        IngestSnapshot with = settle();
        assertTrue(with.tail().readable());
        assertEquals(1, only(with).packets());
    }
}

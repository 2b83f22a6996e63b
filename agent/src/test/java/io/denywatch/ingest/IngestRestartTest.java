package io.denywatch.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.tail.FileTail;
import io.denywatch.testing.LogFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is counted over crashes, and what of it anybody sees. A crash is an agent that is not closed. */
class IngestRestartTest {
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    @TempDir
    private Path directory = Path.of("");

    private LogFile log = new LogFile(Path.of("none"));
    private Path state = Path.of("");
    private Instant now = START;
    private int number;
    private Ingest ingest = agent();
    private Checkpoint checkpoint = new Checkpoint(state, Checkpoint.SLOT_BYTES_MIN);

    @BeforeEach
    void start() throws IOException {
        log = new LogFile(directory.resolve("syslog"));
        state = directory.resolve("state");
        log.append("");
        ingest = agent();
    }

    @AfterEach
    void stop() {
        ingest.close();
    }

    private Ingest agent() {
        checkpoint = new Checkpoint(state, Checkpoint.SLOT_BYTES_MIN);
        return new Ingest(
                checkpoint,
                savedKind -> new FileTail(log.path(), FileTail.Start.BEGINNING),
                Zero::counts,
                Zero::discovered,
                now.toEpochMilli());
    }

    /** The process dies: its lock goes with it, nothing is written. */
    private void crash() {
        checkpoint.close();
        ingest = agent();
    }

    /** Packets of one kind each, whose lengths are their numbers. */
    private void write(int packets) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < packets; i++) {
            number++;
            lines.append(now)
                    .append(" n1 kernel: calico-packet: IN=eth1 OUT= MAC= SRC=192.0.2.1 DST=203.0.113.7 LEN=")
                    .append(number)
                    .append(" TOS=0x00 PREC=0x00 TTL=63 ID=1 DF PROTO=TCP SPT=40000 DPT=443 WINDOW=64240 RES=0x00")
                    .append(" SYN URGP=0 \n");
            now = now.plusMillis(1);
        }
        log.append(lines.toString());
    }

    /** Nothing can be written in the place of the checkpoint from here on. */
    private void obstructCheckpoint() throws IOException {
        Files.delete(state.resolve("checkpoint"));
        Files.createDirectories(state.resolve("checkpoint").resolve("in the way"));
    }

    private IngestSnapshot poll() {
        ingest.poll(now.toEpochMilli());
        return ingest.snapshot();
    }

    private IngestSnapshot pollAfter(long millis) {
        now = now.plusMillis(millis);
        return poll();
    }

    private void assertCountedOnce(IngestSnapshot snapshot) {
        assertTrue(snapshot.settled());
        assertEquals(number, snapshot.lines().get("packet"));
        LoadBalancerDenials all = snapshot.denials().loadBalancers().getFirst();
        assertEquals(number, all.packets());
        assertEquals((long) number * (number + 1) / 2, all.bytes());
        snapshot.tail().gaps().forEach((reason, count) -> assertEquals(0, count, reason));
    }

    @Test
    void aCrashLosesAndRepeatsNothing() throws IOException {
        write(3);
        assertCountedOnce(poll());
        write(4);
        pollAfter(100); // read, but not durable
        crash();
        write(5);
        assertCountedOnce(poll());
        assertEquals(START.toEpochMilli(), ingest.snapshot().sinceMillis());
        assertFalse(ingest.snapshot().checkpoint().stateLost());
    }

    @Test
    void whatIsPublishedNeverGoesBackWhateverCrashes() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            long seen = 0;
            for (int step = 0; step < 60; step++) {
                switch (random.nextInt(5)) {
                    case 0 -> write(1 + random.nextInt(20));
                    case 1 -> crash();
                    case 2 -> log.rotate();
                    default -> {
                        IngestSnapshot snapshot = pollAfter(random.nextInt(1_500));
                        if (snapshot.settled()) {
                            long packets = snapshot.lines().getOrDefault("packet", 0L);
                            assertTrue(packets >= seen, packets + " after " + seen + ", seed " + seed);
                            seen = packets;
                        }
                    }
                }
            }
        }
        poll();
        assertCountedOnce(pollAfter(Ingest.PUBLISH_INTERVAL_MILLIS));
    }

    @Test
    void nothingIsWrittenWhileNothingIsLogged() throws IOException {
        write(2);
        poll();
        byte[] before = Files.readAllBytes(state.resolve("checkpoint"));
        for (int i = 0; i < 10; i++) {
            IngestSnapshot snapshot = pollAfter(Ingest.PUBLISH_INTERVAL_MILLIS);
            assertEquals(now.toEpochMilli(), snapshot.checkpoint().durableAtMillis());
        }
        assertTrue(Arrays.equals(before, Files.readAllBytes(state.resolve("checkpoint"))));
    }

    @Test
    void saysWhatIsWrongWhereItCannotGoOn() throws IOException {
        write(2);
        poll();
        crash();
        Files.delete(log.path());
        Files.createSymbolicLink(log.path(), log.path());
        poll();
        IngestSnapshot waiting = pollAfter(Ingest.PUBLISH_INTERVAL_MILLIS);
        assertFalse(waiting.settled());
        assertTrue(
                waiting.tail().problem().contains("symbolic links"),
                waiting.tail().problem());
    }

    @Test
    void aCheckpointThatSomebodyDeletedIsWrittenAgainAlsoWhileNothingIsLogged() throws IOException {
        write(2);
        poll();
        Files.delete(state.resolve("checkpoint"));
        pollAfter(Ingest.PUBLISH_INTERVAL_MILLIS);
        pollAfter(Ingest.PUBLISH_INTERVAL_MILLIS);
        crash();
        assertCountedOnce(poll());
        assertEquals(START.toEpochMilli(), ingest.snapshot().sinceMillis());
    }

    @Test
    void closingMakesAllOfItDurable() throws IOException {
        write(2);
        poll();
        write(3);
        pollAfter(10);
        ingest.close();
        ingest = agent();
        assertCountedOnce(poll());
        assertEquals(0, ingest.snapshot().tail().unreadBytes());
    }

    @Test
    void aRotationIsMadeDurableAtOnce() throws IOException {
        write(2);
        poll();
        log.rotate();
        write(3);
        assertCountedOnce(pollAfter(10));
    }

    @Test
    void waitsWhileAnotherProcessHasTheCheckpoint() throws IOException {
        Checkpoint other = new Checkpoint(state, Checkpoint.SLOT_BYTES_MIN);
        other.open();
        write(2);
        IngestSnapshot waiting = poll();
        assertFalse(waiting.settled());
        assertTrue(
                waiting.tail().problem().contains(state.toString()),
                waiting.tail().problem());
        other.close();
        assertCountedOnce(pollAfter(Ingest.PUBLISH_INTERVAL_MILLIS));
    }

    @Test
    void countsFromNothingAndSaysSoWhereBothSlotsAreDamaged() throws IOException {
        write(2);
        poll();
        crash();
        Path file = state.resolve("checkpoint");
        byte[] bytes = new byte[(int) Files.size(file)];
        new Random(3).nextBytes(bytes);
        Files.write(file, bytes);
        IngestSnapshot snapshot = poll();
        assertTrue(snapshot.checkpoint().stateLost());
        assertTrue(snapshot.checkpoint().failures() > 0);
        assertCountedOnce(snapshot); // from the beginning of the file, as it is configured here
    }

    @Test
    void countsOnWithoutADiskAndShowsItOnceItIsClearThatThereIsNone() throws IOException {
        write(2);
        poll();
        obstructCheckpoint();
        write(3);
        IngestSnapshot failing = pollAfter(Ingest.PUBLISH_INTERVAL_MILLIS);
        assertEquals(2, failing.lines().get("packet"), "not durable, so not shown");
        assertEquals(1, failing.checkpoint().failures());
        assertEquals(now.toEpochMilli(), failing.takenAtMillis());
        IngestSnapshot stale = pollAfter(Ingest.STALE_MILLIS);
        assertEquals(5, stale.lines().get("packet"));
        Files.delete(state.resolve("checkpoint").resolve("in the way"));
        Files.delete(state.resolve("checkpoint"));
        pollAfter(1_000); // finds out that it is gone
        IngestSnapshot durable = pollAfter(1_000);
        assertEquals(now.toEpochMilli(), durable.checkpoint().durableAtMillis());
        crash();
        assertCountedOnce(poll());
    }

    @Test
    void aRotationThatCannotBeMadeDurableIsTriedAgainWhenItIsDue() throws IOException {
        write(2);
        poll();
        obstructCheckpoint();
        log.rotate();
        for (int i = 0; i < 9; i++) {
            pollAfter(100);
        }
        assertEquals(1, ingest.snapshot().checkpoint().failures());
    }

    @Test
    void afterAPowerLossCountsOnlyWhatIsNew() throws IOException {
        write(3);
        poll();
        write(3);
        pollAfter(1_000);
        long whole = Files.size(log.path());
        write(3);
        pollAfter(1_000);
        crash();
        int counted = number;
        try (RandomAccessFile file = new RandomAccessFile(log.path().toFile(), "rw")) {
            file.setLength(whole + 100);
        }
        now = now.plusSeconds(30);
        log.append("\0".repeat(64 * 1024));
        write(4);
        IngestSnapshot snapshot = poll();
        assertEquals(counted + 4, snapshot.lines().get("packet"));
        assertEquals(1L, snapshot.tail().gaps().get("resync"));
        assertEquals(64 * 1024, snapshot.tail().nulBytes());
    }

    @Test
    void countsExactlyThroughStepsOfTheClock() throws IOException {
        long[] stepsMillis = {3_600_000, -7_200_000, 86_400_000, -172_800_000, 90_000_000};
        for (long step : stepsMillis) {
            write(3);
            poll();
            now = now.plusMillis(step);
            write(2);
            assertCountedOnce(poll());
            crash();
            assertCountedOnce(pollAfter(1_000));
        }
    }
}

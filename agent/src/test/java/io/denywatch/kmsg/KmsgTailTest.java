package io.denywatch.kmsg;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.tail.FakeKernel;
import io.denywatch.tail.FileTail.Start;
import io.denywatch.tail.LineHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600) // a reader that never comes back would hang the build
class KmsgTailTest {
    private static final int KERNEL_RECORDS = 8;
    private static final int RING_BYTES = 1 << 16;
    private static final long MICROS = 1_000;

    private final FakeKernel kernel = new FakeKernel(KERNEL_RECORDS);
    private final List<String> lines = new ArrayList<>();
    private final List<Long> times = new ArrayList<>();
    private final List<String> users = new ArrayList<>();
    private long now = 1_800_000_000_000L; // changed while the reader waits only
    private KmsgTail tail = tail(Start.BEGINNING);

    private final LineHandler handler = new LineHandler() {
        @Override
        public void line(byte[] buffer, int offset, int length) {
            throw new AssertionError("a line without a time: " + new String(buffer, offset, length, ISO_8859_1));
        }

        @Override
        public void kernelMessage(byte[] buffer, int offset, int length, long unixMicros) {
            lines.add(new String(buffer, offset, length, ISO_8859_1));
            times.add(unixMicros);
        }

        @Override
        public void userMessage(byte[] buffer, int offset, int length) {
            users.add(new String(buffer, offset, length, ISO_8859_1));
        }
    };

    private KmsgTail tail(Start start) {
        return new KmsgTail(kernel, start, () -> Instant.ofEpochMilli(now), RING_BYTES);
    }

    @AfterEach
    void close() {
        tail.close();
        assertEquals(0, kernel.readers());
    }

    private void poll() {
        tail.poll(handler, now);
    }

    /** Opens, and polls until the backlog is over. */
    private void open() {
        poll();
        kernel.awaitReader();
        poll();
        now += KmsgTail.WAITS_MILLIS;
        poll();
        assertTrue(tail.snapshot().readable(), tail.snapshot()::toString);
    }

    /** Polls what the kernel has. */
    private void settle() {
        kernel.awaitReader();
        poll();
        assertTrue(tail.atEnd());
    }

    private void assertLines(String... expected) {
        assertEquals(List.of(expected), lines);
        lines.clear();
    }

    private void assertLost(long records) {
        assertEquals(records, tail.snapshot().kmsgLostRecords());
    }

    private void logAll(String... texts) {
        for (String text : texts) {
            kernel.log(text);
        }
    }

    private byte[] save() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        tail.save(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private void restart(byte[] state) throws IOException {
        tail.close();
        tail = tail(Start.END);
        tail.restore(new DataInputStream(new ByteArrayInputStream(state)));
    }

    @Test
    void handsOverTheKernelsMessagesAndTellsThoseOfProgramsApart() {
        open();
        kernel.log(6, 0, "calico-packet: \\xc3\\xa9");
        kernel.log(12, 0, "calico-packet: forged");
        settle();

        assertLines("calico-packet: \u00c3\u00a9");
        assertEquals(List.of("calico-packet: forged"), users);
        assertLost(0);
        assertEquals(now, tail.snapshot().lastLineMillis());
    }

    @Test
    void skipsWhatWasThereBeforeWhereItBeginsAtTheEnd() {
        tail = tail(Start.END);
        logAll("a", "b");
        open();
        assertLines();
        assertEquals(0, tail.snapshot().readBytes());
        logAll("c");
        settle();

        assertLines("c");
        assertLost(0);
    }

    @Test
    void countsWhatWasThereBeforeWhereItBeginsAtTheBeginning() {
        logAll("a", "b");
        open();

        assertLines("a", "b");
        assertLost(0);
    }

    @Test
    void isNotReadableBeforeTheReaderHasCaughtUp() {
        logAll("a");
        poll();
        assertFalse(tail.snapshot().readable());
        kernel.awaitReader();
        poll();
        assertTrue(tail.snapshot().problem().contains("/dev/kmsg"), tail.snapshot()::toString);
        now += KmsgTail.WAITS_MILLIS - 1;
        poll();
        assertFalse(tail.snapshot().readable());
        now += 1;
        poll();
        assertTrue(tail.snapshot().readable());
        assertEquals("", tail.snapshot().problem());
    }

    @Test
    void backlogOfAStormEndsAfterAWhile() {
        tail = tail(Start.END);
        poll();
        long opened = now;
        for (int i = 0; now - opened < KmsgTail.BACKLOG_MILLIS_MAX; i++) {
            assertFalse(tail.snapshot().readable(), "after " + (now - opened) + " ms");
            kernel.log("storm " + i);
            kernel.awaitReader();
            now += 50;
            poll();
        }
        assertTrue(tail.snapshot().readable());
        assertLines();
        logAll("counted");
        settle();
        assertLines("counted");
    }

    @Test
    void countsExactlyWhatWasOverwritten() {
        open();
        logAll("a");
        settle();
        kernel.hold();
        for (int i = 0; i < 100; i++) {
            kernel.log("n" + i);
        }
        kernel.release();
        settle();

        assertLines("a", "n92", "n93", "n94", "n95", "n96", "n97", "n98", "n99");
        assertLost(92);
        assertTrue(tail.snapshot().readable());
        assertEquals(0L, tail.snapshot().readErrors().get("io"));
    }

    @Test
    void countsARecordThatTheKernelSkippedAsLost() {
        logAll("before");
        open();
        lines.clear();
        kernel.record("5,1,0,-;" + "x".repeat(KmsgReader.RECORD_BYTES_MAX));
        logAll("next");
        settle();

        assertLines("next");
        assertLost(1);
    }

    @Test
    void countsARecordThatIsNoneAndGoesOn() {
        logAll("before");
        open();
        lines.clear();
        kernel.record("no record");
        logAll("next");
        settle();

        assertLines("next");
        assertLost(1);
        assertEquals(1L, tail.snapshot().readErrors().get("io"));
    }

    @Test
    void ringThatIsFullKeepsTheReaderWaitingAndLosesNothing() {
        FakeKernel large = new FakeKernel(100_000);
        try (KmsgTail small = new KmsgTail(large, Start.BEGINNING, () -> Instant.ofEpochMilli(now), 1 << 15)) {
            for (int i = 0; i < 20_000; i++) {
                large.log("n" + i);
            }
            while (lines.size() < 20_000) {
                small.poll(handler, now);
            }
            assertEquals("n0", lines.getFirst());
            assertEquals("n19999", lines.getLast());
            assertEquals(0, small.snapshot().kmsgLostRecords());
        }
        assertEquals(0, large.readers());
    }

    @Test
    void goesOnWhereItStoppedInTheSameBoot() throws IOException {
        open();
        logAll("a", "b");
        settle();
        byte[] state = save();
        logAll("c"); // read and counted, but not saved
        settle();
        restart(state);
        logAll("d");
        open();
        settle();

        assertLines("a", "b", "c", "c", "d");
        assertLost(0);
        assertEquals(0L, tail.snapshot().gaps().get("reboot"));
    }

    @Test
    void countsWhatWasOverwrittenWhileItWasDown() throws IOException {
        open();
        logAll("a");
        settle();
        byte[] state = save();
        tail.close();
        for (int i = 0; i < 20; i++) {
            kernel.log("n" + i);
        }
        long oldest = kernel.oldest();
        restart(state);
        lines.clear();
        open();

        assertLost(oldest - 1);
        assertLines("n12", "n13", "n14", "n15", "n16", "n17", "n18", "n19");
    }

    @Test
    void beginsAtTheOldestRecordOfAnotherBoot() throws IOException {
        open();
        for (int i = 0; i < 50; i++) {
            kernel.log("before " + i);
            settle();
        }
        byte[] state = save();
        long read = tail.snapshot().readBytes();
        tail.close();
        kernel.reboot();
        for (int i = 0; i < 10; i++) {
            kernel.log("n" + i);
        }
        lines.clear();
        restart(state);
        open();

        assertLines("n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9");
        assertLost(2);
        assertEquals(1L, tail.snapshot().gaps().get("reboot"));
        assertTrue(tail.snapshot().readBytes() > read);
    }

    @Test
    void savesWhatIsCountedBeforeItCouldBeOpened() throws IOException {
        open();
        logAll("a");
        settle();
        byte[] state = save();
        kernel.failOpen(new NoSuchFileException("/dev/kmsg"));
        restart(state);
        poll();
        restart(save());
        kernel.failOpen(null);
        logAll("b");
        open();

        assertLines("a", "b");
        assertEquals(1L, tail.snapshot().readErrors().get("not_found"));
    }

    @Test
    void refusesStateThatIsNone() throws IOException {
        byte[] state = save();
        state[0]++;
        assertThrows(IOException.class, () -> restart(state));
        assertThrows(IOException.class, () -> restart(new byte[] {1, 0}));
    }

    @Test
    void saysWhatIsMissingAndTriesAgain() {
        long problems = 0;
        for (IOException refusal : List.of(
                new FileSystemException("/dev/kmsg", null, "Die Operation ist nicht erlaubt"),
                new AccessDeniedException("/dev/kmsg"))) {
            kernel.failOpen(refusal);
            for (long end = now + 4 * KmsgTail.RETRY_MILLIS; now < end; now += 500) {
                poll();
            }
            assertFalse(tail.snapshot().readable());
            String problem = tail.snapshot().problem();
            assertTrue(problem.startsWith("/dev/kmsg: ") && problem.contains("CAP_SYSLOG"), problem);
            problems++;
            assertEquals(problems, tail.snapshot().readErrors().get("permission"));
        }
        kernel.failOpen(null);
        now += KmsgTail.RETRY_MILLIS;
        open();
    }

    @Test
    void logThatCannotBeReadAnyMoreIsOpenedAgainAndNothingIsCountedTwice() {
        open();
        logAll("a");
        settle();
        kernel.failRead(new IOException("Input/output error"));
        while (tail.snapshot().readable()) {
            poll();
        }
        assertEquals("/dev/kmsg: Input/output error", tail.snapshot().problem());
        assertEquals(0, kernel.readers());
        kernel.failRead(null);
        logAll("b");
        poll();
        assertFalse(tail.snapshot().readable());
        now += KmsgTail.RETRY_MILLIS;
        open();

        assertLines("a", "b");
        assertLost(0);
        assertEquals(1L, tail.snapshot().readErrors().get("io"));
    }

    @Test
    void clockSetBackDoesNotDelayTheNextAttempt() {
        kernel.failOpen(new NoSuchFileException("/dev/kmsg"));
        poll();
        kernel.failOpen(null);
        now -= 3_600_000;
        open();
    }

    @Test
    void backlogHasTheEstimatedTimeAndLiveRecordsThatOfTheirReading() {
        // Up for 1,000 s by the clock that counts suspension; the kernel's own clock is 40 s behind.
        kernel.uptime(1_000_000 * MICROS);
        long opened = now;
        kernel.log(5, 900_000 * MICROS, "backlog");
        open();
        kernel.log(5, 960_100 * MICROS, "live");
        settle();
        now += 10_000;
        kernel.hold();
        kernel.log(5, 965_100 * MICROS, "read late");
        kernel.release();
        settle();

        assertEquals(List.of((opened - 100_000) * MICROS, (opened + 100) * MICROS, (opened + 5_100) * MICROS), times);
    }

    @Test
    void takingThePlaceOfAnotherKindOfSourceIsAGap() {
        tail.replacesAnotherKind();
        open();
        assertEquals(1L, tail.snapshot().gaps().get("source_changed"));
    }
}

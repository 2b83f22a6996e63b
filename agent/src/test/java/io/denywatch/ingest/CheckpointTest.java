package io.denywatch.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.denywatch.ingest.Checkpoint.Opened;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
    private static final int SLOT_BYTES = 512;

    @TempDir
    private Path directory = Path.of("unset");

    private final FailingDisk disk = new FailingDisk(1);

    private Path file() {
        return directory.resolve("checkpoint");
    }

    private Checkpoint checkpoint() {
        return new Checkpoint(directory, SLOT_BYTES, disk);
    }

    private static boolean write(Checkpoint checkpoint, String text) {
        byte[] payload = (text + " and what is in the array behind it").getBytes(US_ASCII);
        return checkpoint.write(payload, text.length(), text.length());
    }

    private static void assertFound(String text, Opened opened) {
        Opened.Intact found = assertInstanceOf(Opened.Intact.class, opened);
        assertEquals(text, new String(found.payload(), US_ASCII));
        assertEquals(text.length(), found.takenAtMillis());
    }

    @Test
    void findsTheLastRecord() {
        for (List<String> texts : List.of(List.of("one"), List.of("two", ""), List.of("three", "four", "five"))) {
            try (Checkpoint checkpoint = checkpoint()) {
                checkpoint.open();
                for (String text : texts) {
                    assertTrue(write(checkpoint, text));
                }
            }
            try (Checkpoint checkpoint = checkpoint()) {
                assertFound(texts.getLast(), checkpoint.open());
                assertEquals(0, checkpoint.failures());
                assertEquals("", checkpoint.lastFailure());
            }
        }
    }

    @Test
    void aDirectoryWithoutRecordIsNewAndIsMadeIfItIsMissing() {
        directory = directory.resolve("some/where");
        try (Checkpoint checkpoint = checkpoint()) {
            assertInstanceOf(Opened.New.class, checkpoint.open());
            assertTrue(write(checkpoint, "one"));
        }
        try (Checkpoint checkpoint = checkpoint()) {
            assertFound("one", checkpoint.open());
        }
    }

    @Test
    void takesAllItsRoomAtOnceAndNeverMore() throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        try (Checkpoint checkpoint = checkpoint()) {
            checkpoint.open();
            for (int i = 0; i < 100; i++) {
                int length = random.nextInt(SLOT_BYTES - CheckpointFile.HEADER_BYTES + 1);
                assertTrue(checkpoint.write(new byte[length], length, i));
                assertEquals(2 * SLOT_BYTES, Files.size(file()));
                assertTrue(disk.bytesWritten > 2 * SLOT_BYTES, "a hole takes no room, until it is too late");
            }
        }
    }

    @Test
    void theSecondOfTwoIsToldAndCanTryAgain() {
        Checkpoint first = checkpoint();
        first.open();
        write(first, "one");
        try (Checkpoint second = checkpoint()) {
            Opened.Held held = assertInstanceOf(Opened.Held.class, second.open());
            assertTrue(held.problem().startsWith(directory + "/checkpoint.lock: held by another process"));
            assertThrows(IllegalStateException.class, () -> write(second, "two"));
            write(first, "three");
            first.close();
            assertFound("three", second.open());
            assertTrue(write(second, "four"));
        }
    }

    @Test
    void readsWhereItMayNotWriteAndWritesOnceItMay() {
        try (Checkpoint before = checkpoint()) {
            before.open();
            write(before, "one");
        }
        disk.readOnly = true;
        try (Checkpoint checkpoint = checkpoint()) {
            assertFound("one", checkpoint.open());
            assertFalse(write(checkpoint, "two"));
            assertFalse(write(checkpoint, "two"));
            assertEquals(2, checkpoint.failures());
            assertEquals(
                    "cannot write " + file() + ": permission denied: " + directory + "/checkpoint.lock",
                    checkpoint.lastFailure());
            disk.readOnly = false;
            assertTrue(write(checkpoint, "three"));
            assertEquals(2, checkpoint.failures());
        }
        try (Checkpoint after = checkpoint()) {
            assertFound("three", after.open());
        }
    }

    @Test
    void aLateLockDoesNotWriteOverWhatAnotherProcessWroteMeanwhile() {
        disk.readOnly = true;
        Checkpoint other = new Checkpoint(directory, SLOT_BYTES, new FailingDisk(2));
        other.open();
        write(other, "zero");
        try (Checkpoint late = checkpoint()) {
            assertFound("zero", late.open());
            for (String text : List.of("one", "two", "three")) {
                write(other, text);
            }
            disk.readOnly = false;
            assertFalse(write(late, "four"));
            assertTrue(late.lastFailure().contains("held by another process"), late.lastFailure());
            other.close();
            assertTrue(write(late, "five"));
        }
        try (Checkpoint after = checkpoint()) {
            assertFound("five", after.open());
        }
    }

    @Test
    void aRecordThatDoesNotFitMovesToALargerFile() throws IOException {
        String tooLong = "x".repeat(2 * SLOT_BYTES);
        try (Checkpoint checkpoint = checkpoint()) {
            checkpoint.open();
            write(checkpoint, "one");
            assertTrue(write(checkpoint, tooLong));
            assertTrue(Files.size(file()) > 4L * SLOT_BYTES);
        }
        try (Checkpoint checkpoint = checkpoint()) {
            assertFound(tooLong, checkpoint.open());
            assertTrue(write(checkpoint, "two"));
        }
        try (Checkpoint checkpoint = checkpoint()) {
            assertFound("two", checkpoint.open());
        }
    }

    @Test
    void aLargerLimitMovesTheRecordWithTheNextWrite() throws IOException {
        try (Checkpoint checkpoint = checkpoint()) {
            checkpoint.open();
            write(checkpoint, "one");
            write(checkpoint, "two");
        }
        try (Checkpoint checkpoint = new Checkpoint(directory, 8 * SLOT_BYTES, disk)) {
            assertFound("two", checkpoint.open());
            assertTrue(write(checkpoint, "three"));
            assertEquals(16 * SLOT_BYTES, Files.size(file()));
        }
        try (Checkpoint checkpoint = checkpoint()) {
            assertFound("three", checkpoint.open());
            write(checkpoint, "four");
            assertEquals(16 * SLOT_BYTES, Files.size(file()), "what is large stays so");
        }
    }

    @Test
    void withoutRoomForALargerFileItGoesOnInTheOldOne() throws IOException {
        try (Checkpoint checkpoint = checkpoint()) {
            checkpoint.open();
            write(checkpoint, "one");
        }
        Files.createDirectory(directory.resolve("checkpoint.new")); // nothing can be created under this name
        try (Checkpoint checkpoint = new Checkpoint(directory, 8 * SLOT_BYTES, disk)) {
            checkpoint.open();
            assertTrue(write(checkpoint, "two"));
            assertEquals(1, checkpoint.failures());
            assertTrue(checkpoint.lastFailure().startsWith("cannot enlarge " + file()), checkpoint.lastFailure());
            assertTrue(write(checkpoint, "three"));
            assertEquals(1, checkpoint.failures());
        }
        try (Checkpoint checkpoint = checkpoint()) {
            assertFound("three", checkpoint.open());
        }
    }

    @Test
    void makesAnotherFileWhereItsOwnIsGone() throws IOException {
        try (Checkpoint checkpoint = checkpoint()) {
            checkpoint.open();
            write(checkpoint, "one");
        }
        try (Checkpoint checkpoint = checkpoint()) {
            checkpoint.open();
            Files.delete(file());
            assertFalse(write(checkpoint, "two"));
            assertTrue(write(checkpoint, "three"));
        }
        try (Checkpoint checkpoint = checkpoint()) {
            assertFound("three", checkpoint.open());
        }
    }

    @Test
    void opensItsFileAnewAfterAfailure() throws IOException {
        try (Checkpoint checkpoint = checkpoint()) {
            checkpoint.open();
            write(checkpoint, "one");
            disk.releaseAll();
            assertFalse(write(checkpoint, "two"));
            assertTrue(write(checkpoint, "three"));
        }
        try (Checkpoint checkpoint = checkpoint()) {
            assertFound("three", checkpoint.open());
        }
    }

    @Test
    void aFirstRecordThatFailsLeavesNothingBehind() throws IOException {
        try (Checkpoint checkpoint = checkpoint()) {
            assertInstanceOf(Opened.New.class, checkpoint.open());
            disk.readOnly = true;
            assertFalse(write(checkpoint, "one"));
            disk.readOnly = false;
            disk.failOnceIn(1);
            disk.opens = true;
            assertFalse(write(checkpoint, "two"));
            assertEquals("cannot write " + file() + ": No space left on device", checkpoint.lastFailure());
            try (Stream<Path> files = Files.list(directory)) {
                assertEquals(List.of(directory.resolve("checkpoint.lock")), files.toList());
            }
            disk.failOnceIn(0);
            assertTrue(write(checkpoint, "three"));
        }
    }

    private void assertLostAndRecovers(String problem) {
        try (Checkpoint checkpoint = checkpoint()) {
            Opened.Lost lost = assertInstanceOf(Opened.Lost.class, checkpoint.open(), problem);
            assertTrue(lost.problem().startsWith(file() + ": no record can be read: "), lost.problem());
            assertTrue(lost.problem().contains(problem), lost.problem());
            assertTrue(checkpoint.failures() > 0);
            assertTrue(write(checkpoint, "after " + problem));
        }
        try (Checkpoint checkpoint = checkpoint()) {
            assertFound("after " + problem, checkpoint.open());
        }
    }

    @Test
    void aFileWithoutRecordIsLostStateWhateverIsInIt() throws IOException {
        Files.write(file(), new byte[0]);
        assertLostAndRecovers("first slot is cut off, second slot is cut off");
        Files.write(file(), new byte[2 * SLOT_BYTES]);
        assertLostAndRecovers("both slots are blank");
        byte[] noise = new byte[2 * SLOT_BYTES + 1];
        new SplittableRandom(1).nextBytes(noise);
        Files.write(file(), noise);
        assertLostAndRecovers("first slot is damaged, second slot is damaged");
        Files.delete(file());
        try (RandomAccessFile sparse = new RandomAccessFile(file().toFile(), "rw")) {
            sparse.setLength(1L << 40);
        }
        assertLostAndRecovers("first slot is damaged, second slot is damaged");
    }

    @Test
    void aFileThatCannotBeReadIsLostState() throws IOException {
        Files.createDirectory(file());
        try (Checkpoint checkpoint = checkpoint()) {
            Opened.Lost lost = assertInstanceOf(Opened.Lost.class, checkpoint.open());
            assertTrue(lost.problem().startsWith("cannot read " + file() + ": "), lost.problem());
            assertFalse(write(checkpoint, "one"));
            Files.delete(file());
            assertTrue(write(checkpoint, "two"));
        }
    }

    /** Whoever opens a pipe waits for its other end: the time limit is for that alone. */
    @ParameterizedTest
    @ValueSource(strings = {"checkpoint", "checkpoint.new", "checkpoint.lock"})
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aPipeInThePlaceOfAFileIsNotWaitedFor(String name) throws Exception {
        Path pipe = directory.resolve(name);
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        boolean replaced = !name.endsWith(".lock");
        try (Checkpoint checkpoint = checkpoint()) {
            Opened opened = checkpoint.open();
            if (name.equals("checkpoint")) {
                assertEquals(new Opened.Lost("cannot read " + pipe + ": not a regular file: " + pipe), opened);
            }
            assertEquals(replaced, write(checkpoint, "one"));
            assertEquals(
                    replaced
                            ? name.equals("checkpoint") ? "cannot read " + pipe + ": not a regular file: " + pipe : ""
                            : "cannot write " + file() + ": not a regular file: " + pipe,
                    checkpoint.lastFailure());
        }
        if (replaced) {
            try (Checkpoint checkpoint = checkpoint()) {
                assertFound("one", checkpoint.open());
            }
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aPipeThatTakesThePlaceOfTheFileIsReplaced() throws Exception {
        try (Checkpoint checkpoint = checkpoint()) {
            checkpoint.open();
            write(checkpoint, "one");
            Files.delete(file());
            assertEquals(
                    0, new ProcessBuilder("mkfifo", file().toString()).start().waitFor());
            assertFalse(checkpoint.exists());
            assertFalse(write(checkpoint, "two"));
            assertTrue(write(checkpoint, "three"));
        }
        try (Checkpoint checkpoint = checkpoint()) {
            assertFound("three", checkpoint.open());
        }
    }

    @Test
    void aLinkInThePlaceOfTheFileIsNotFollowed() throws IOException {
        Path target = Files.writeString(directory.resolve("target"), "of somebody else");
        Files.createSymbolicLink(file(), target);
        try (Checkpoint checkpoint = checkpoint()) {
            assertInstanceOf(Opened.Lost.class, checkpoint.open());
            assertTrue(write(checkpoint, "one"));
        }
        assertEquals("of somebody else", Files.readString(target));
        assertFalse(Files.isSymbolicLink(file()));
    }

    @Test
    void aRecordOfAnotherFormatIsLostStateAndIsNamed() throws IOException {
        try (Checkpoint checkpoint = checkpoint()) {
            checkpoint.open();
            write(checkpoint, "one");
        }
        byte[] bytes = Files.readAllBytes(file());
        bytes[11] = 7;
        Files.write(file(), bytes);
        assertLostAndRecovers("first slot has format version 7, this release reads 2");
    }

    @Test
    void theFormatStaysWhatReleasesBeforeWrote() throws IOException {
        try (Checkpoint checkpoint = new Checkpoint(directory, 64, disk)) {
            checkpoint.open();
            write(checkpoint, "state");
        }
        byte[] written = {
            'd', 'e', 'n', 'y', 'w', 'a', 't', 'c', 0, 0, 0, 2, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
            0, 5, 0, 0, 0, 5
        };
        byte[] file = Files.readAllBytes(file());
        assertArrayEquals(written, Arrays.copyOf(file, written.length));
        assertEquals("state", new String(file, 40, 5, US_ASCII));
        assertArrayEquals(new byte[128 - 45], Arrays.copyOfRange(file, 45, 128));
    }

    @Test
    void refusesSlotsThatAreTooSmall() {
        assertThrows(IllegalArgumentException.class, () -> new Checkpoint(directory, Checkpoint.SLOT_BYTES_MIN - 1));
    }

    @Test
    void writingAllocatesNothingThatGrowsWithTheRecord() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        byte[] payload = new byte[500_000];
        try (Checkpoint checkpoint = new Checkpoint(directory, Checkpoint.SLOT_BYTES_MIN)) {
            checkpoint.open();
            for (int i = 0; i < 3; i++) {
                checkpoint.write(payload, payload.length, i);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10; i++) {
                checkpoint.write(payload, payload.length, i);
            }
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(allocated <= 10_240, allocated + " bytes for ten records");
        }
    }
}

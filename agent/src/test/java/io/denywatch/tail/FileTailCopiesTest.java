package io.denywatch.tail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.testing.LogFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Copies of a log, names of rotated files, and what compression makes of them, with lines that say when they were
 * written. Lines that may have been handed over before are taken as the agent takes them: by their times.
 */
class FileTailCopiesTest {
    private static final Instant BEGIN = Instant.parse("2026-11-30T14:00:00Z");
    private static final byte[] XZ = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0, 0, 4};
    private static final byte[] ZSTD = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 4, 0x58};
    private static final byte[] BZIP2 = {'B', 'Z', 'h', '9', '1', 'A', 'Y', '&'};

    @TempDir
    Path directory;

    private final List<Integer> read = new ArrayList<>();
    private boolean repeating;
    private boolean running;
    private long now;
    private int next = 1;
    private Path log;
    private FileTail tail;

    @BeforeEach
    void follow() throws IOException {
        now = System.currentTimeMillis()
                - 3_600_000; // files have the system's times, which are later in all that follows
        log = directory.resolve("messages");
        Files.createFile(log);
        tail = open(FileTail.Start.END);
        running = true;
        poll();
    }

    @AfterEach
    void close() {
        tail.close();
    }

    private FileTail open(FileTail.Start start) {
        return new FileTail(log, start, FileTailCopiesTest::micros);
    }

    private static long micros(byte[] buffer, int offset, int length) {
        String line = new String(buffer, offset, length, ISO_8859_1);
        try {
            return Duration.between(Instant.EPOCH, Instant.parse(line.split(" ", 2)[0]))
                            .toNanos()
                    / 1000;
        } catch (DateTimeParseException _) {
            return LineClock.NO_TIME;
        }
    }

    private static String line(int number) {
        return BEGIN.plusSeconds(60L * number) + " node kernel: packet " + number + " " + "x".repeat(140) + "\n";
    }

    private void write(Path file, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            LogFile.appendTo(file, line(next++));
        }
    }

    private void write(int count) throws IOException {
        write(log, count);
    }

    private Path sibling(String name) {
        return log.resolveSibling(name);
    }

    private void poll() {
        LineHandler handler = new LineHandler() {
            @Override
            public void line(byte[] buffer, int offset, int length) {
                String[] words = new String(buffer, offset, length, ISO_8859_1).split(" ", -1);
                int number = Integer.parseInt(words[4]);
                int latest = read.stream().mapToInt(Integer::intValue).max().orElse(0);
                repeating = repeating && number <= latest;
                if (!repeating) {
                    read.add(number);
                }
            }

            @Override
            public void linesMayRepeat() {
                repeating = true;
            }
        };
        for (int i = 0; running && i < 3; i++) {
            do {
                tail.poll(handler, now);
            } while (!tail.atEnd());
            now += 100;
        }
    }

    private byte[] save() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        tail.save(new DataOutputStream(bytes));
        tail.saved();
        return bytes.toByteArray();
    }

    private void resume(byte[] saved) throws IOException {
        tail.close();
        tail = open(FileTail.Start.END);
        running = true;
        tail.restore(new DataInputStream(new ByteArrayInputStream(saved)));
        poll();
    }

    private byte[] stop() throws IOException {
        poll();
        byte[] saved = save();
        tail.close();
        running = false;
        return saved;
    }

    private void assertAllReadOnce() {
        List<Integer> all = new ArrayList<>();
        for (int number = 1; number < next; number++) {
            all.add(number);
        }
        assertEquals(all, read.stream().sorted().toList());
    }

    private void assertExact() {
        assertAllReadOnce();
        assertGaps();
    }

    /** Exactly these gaps, once each. */
    private void assertGaps(String... reasons) {
        List<String> expected = List.of(reasons);
        tail.snapshot()
                .gaps()
                .forEach((reason, count) -> assertEquals(expected.contains(reason) ? 1 : 0, count, reason));
    }

    private void compress(Path file, Path into) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(into))) {
            Files.copy(file, out);
        }
        Files.delete(file);
    }

    private void compressUnreadably(Path file, String extension, byte[] magic) throws IOException {
        Path into = sibling(file.getFileName() + extension);
        Files.write(into, magic);
        Files.setLastModifiedTime(into, Files.getLastModifiedTime(file));
        Files.delete(file);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"messages.1", "messages.2", "messages-20261201", "messages.bak", "messages~", "messages.1.bak"})
    void aCopyBesideTheLogIsNotReadAgain(String name) throws IOException {
        write(10);
        poll();
        Files.copy(log, sibling(name));
        write(2);
        poll();
        Files.move(log, sibling("messages-20261130"));
        write(3);
        poll();
        assertExact();
        Files.move(log, sibling("messages-20261202"));
        write(3);
        poll();
        assertExact();
    }

    @Test
    void aCopyBesideTheLogIsNotReadAgainWhereRotationIsSeenAfterARestart() throws IOException {
        write(10);
        poll();
        Files.copy(log, sibling("messages.1"));
        write(2);
        byte[] saved = stop();
        write(2);
        Files.move(log, sibling("messages-20261130"));
        write(3);
        resume(saved);
        assertExact();
    }

    @Test
    void whatACopyHasMoreThanTheFileIsRead() throws IOException {
        write(10);
        poll();
        Files.move(log, sibling("old"));
        Files.copy(sibling("old"), sibling("messages.1"));
        Files.delete(sibling("old"));
        write(sibling("messages.1"), 4);
        write(3);
        poll();
        assertExact();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anOlderCopyInPlaceOfTheLogContinues(boolean stopped) throws IOException {
        write(15);
        poll();
        Path copy = Files.copy(log, sibling("disk"));
        save();
        write(15);
        byte[] saved = stopped ? stop() : new byte[0];
        poll();
        Files.move(copy, log, StandardCopyOption.REPLACE_EXISTING);
        write(5);
        if (stopped) {
            resume(saved);
        } else {
            poll();
        }
        assertAllReadOnce();
        assertGaps(stopped ? new String[] {"resync"} : new String[0]);
        write(5);
        poll();
        assertAllReadOnce();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anOlderCopyOfFewLinesContinues(boolean stopped) throws IOException {
        write(2);
        poll();
        Path copy = Files.copy(log, sibling("disk"));
        save();
        write(3);
        byte[] saved = stopped ? stop() : new byte[0];
        poll();
        Files.move(copy, log, StandardCopyOption.REPLACE_EXISTING);
        write(1);
        if (stopped) {
            resume(saved);
        } else {
            poll();
        }
        assertAllReadOnce();
        assertGaps(stopped ? new String[] {"resync"} : new String[0]);
    }

    @Test
    void aDamagedFileAmongSeveralKeepsNoneOfTheOthersBack() throws IOException {
        write(5);
        byte[] saved = stop();
        Files.move(log, sibling("messages.3"));
        Files.writeString(sibling("messages.2.gz"), "not compressed");
        write(sibling("messages.1"), 3);
        write(2);
        resume(saved);
        assertAllReadOnce();
        assertGaps("rotated_unreadable");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void namesThatBeginWithTheDayDoNotHideAFileAfterAnEmptyOne(boolean stopped) throws IOException {
        write(5);
        poll();
        Files.move(log, sibling("messages-30.05.2026"));
        Files.createFile(log);
        poll();
        byte[] saved = stopped ? stop() : new byte[0];
        Files.move(log, sibling("messages-31.05.2026"));
        write(sibling("messages-01.06.2026"), 2);
        write(3);
        if (stopped) {
            resume(saved);
        } else {
            poll();
        }
        assertExact();
    }

    @Test
    void aCopyMadeBeforeTheLogWasEmptiedIsNotReadOnceItsNameIsLearned() throws IOException {
        write(5);
        poll();
        Files.copy(log, sibling("messages-2026-W21"));
        Files.write(log, new byte[0]);
        poll();
        Files.move(log, sibling("messages-2026-W22"));
        write(3);
        poll();
        assertExact();
        Files.move(log, sibling("messages-2026-W23"));
        write(3);
        poll();
        assertExact();
    }

    @Test
    void anotherLinkToTheLogDoesNotHideItsNewName() throws IOException {
        write(5);
        poll();
        Files.createLink(sibling("messages-20261130"), log);
        Files.move(log, sibling("messages-week1"));
        write(sibling("messages-week2"), 2);
        write(3);
        poll();
        assertExact();
    }

    @Test
    void anOlderCopyThatIsWrittenSlowlyContinues() throws IOException {
        write(15);
        poll();
        byte[] copy = Files.readAllBytes(log);
        write(15);
        poll();
        Files.delete(log);
        for (int at = 0; at < copy.length; at += 700) {
            LogFile.appendTo(log, new String(copy, at, Math.min(700, copy.length - at), ISO_8859_1));
            poll();
        }
        write(5);
        poll();
        assertExact();
    }

    @Test
    void anOlderCopyThatIsRotatedBeforeItIsSeenContinues() throws IOException {
        write(15);
        poll();
        Path copy = Files.copy(log, sibling("disk"));
        write(15);
        poll();
        Files.move(copy, log, StandardCopyOption.REPLACE_EXISTING);
        write(5);
        Files.move(log, sibling("messages.1"));
        write(3);
        poll();
        assertExact();
    }

    @Test
    void anOlderCopyUnderTheSameInodeContinues() throws IOException {
        write(15);
        poll();
        save();
        byte[] copy = Files.readAllBytes(log);
        write(15);
        poll();
        save();
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            file.setLength(0);
            file.write(copy);
        }
        write(5);
        poll();
        assertAllReadOnce();
        assertGaps("resync");
    }

    @Test
    void theCopyOfARotatedFileInPlaceOfTheLogContinues() throws IOException {
        write(15);
        poll();
        Files.move(log, sibling("messages.1"));
        poll();
        Files.copy(sibling("messages.1"), log);
        write(5);
        poll();
        assertExact();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "messages-20261130",
                "messages-20261130_04",
                "messages_20261130",
                "messages.2026-11-30",
                "messages-2026-11-30T14:00",
                "messages-30.11.2026",
                "messages@1795000000",
                "messages20261130",
                "messages-week48",
                "messages.1.log",
                "messages.old-7",
                "messages-20261130-1795000000.log",
                "archive/messages.1",
                "archive/messages-20261130"
            })
    void aRotationWhileStoppedIsFoundUnderAnyName(String name) throws IOException {
        Files.createDirectories(sibling("archive"));
        write(20);
        byte[] saved = stop();
        write(20);
        Files.move(log, sibling(name));
        write(10);
        resume(saved);
        assertExact();
    }

    @ParameterizedTest
    @CsvSource({
        "messages.2,messages.1",
        "messages-20261130_04,messages-20261130_05",
        "messages_20261130,messages_20261201",
        "messages-30.11.2026,messages-01.12.2026",
        "messages-week48,messages-week49",
        "messages-week48.gz,messages-week49",
        "messages-20261130.z,messages-20261201.z",
        "messages.2.log.gz,messages.1.log",
        "archive/messages.2,archive/messages.1",
        "archive/messages.2.gz,archive/messages.1"
    })
    void twoRotationsAreFoundUnderAnyNames(String first, String second) throws IOException {
        for (boolean stopped : new boolean[] {false, true}) {
            tail.close();
            directory = Files.createDirectories(directory.resolve("stopped-" + stopped));
            Files.createDirectories(directory.resolve("archive"));
            read.clear();
            next = 1;
            log = directory.resolve("messages");
            tail = open(FileTail.Start.END);
            running = true;
            poll();
            write(20);
            byte[] saved = stopped ? stop() : new byte[0];
            poll();
            write(20);
            rotate(first);
            write(7);
            rotate(second);
            write(10);
            if (stopped) {
                resume(saved);
            } else {
                poll();
            }
            assertExact();
        }
    }

    /** Compression gives the file the present time. */
    private void rotate(String name) throws IOException {
        Path file = sibling(name);
        if (name.endsWith(".gz") || name.endsWith(".z")) {
            Path plain = Files.move(log, sibling("being-compressed"));
            compress(plain, file);
            Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() + 60_000));
        } else {
            Files.move(log, file);
        }
    }

    @Test
    void datesBeforeTheExtensionAreFound() throws IOException {
        tail.close();
        log = directory.resolve("kern.log");
        tail = open(FileTail.Start.END);
        running = true;
        poll();
        write(20);
        poll();
        Files.move(log, sibling("kern-20261130.log"));
        write(5);
        Files.move(log, sibling("kern-20261201.log"));
        write(4);
        compress(sibling("kern-20261130.log"), sibling("kern-20261130.log.gz"));
        poll();
        assertExact();
        write(1);
        byte[] saved = stop();
        write(2);
        Files.move(log, sibling("kern-20261202.log"));
        compress(sibling("kern-20261202.log"), sibling("kern-20261202.log.gz"));
        write(3);
        resume(saved);
        assertExact();
    }

    @Test
    void severalRotationsWithACompressionThatChangesTimesAreRead() throws IOException {
        write(5);
        poll();
        for (int rotation = 0; rotation < 4; rotation++) {
            for (int number = 6; number >= 1; number--) {
                for (String extension : List.of("", ".gz")) {
                    Path file = sibling("messages." + number + extension);
                    if (Files.exists(file)) {
                        Files.move(file, sibling("messages." + (number + 1) + extension));
                    }
                }
            }
            Files.move(log, sibling("messages.1"));
            if (Files.exists(sibling("messages.2"))) {
                compress(sibling("messages.2"), sibling("messages.2.gz"));
                Files.setLastModifiedTime(
                        sibling("messages.2.gz"),
                        FileTime.fromMillis(rotation % 2 == 0 ? 0 : System.currentTimeMillis() + 60_000));
            }
            write(5);
            if (rotation > 0) {
                poll();
            }
        }
        assertExact();
    }

    @Test
    void aLinkIsResolved() throws IOException {
        tail.close();
        Path target = Files.createDirectories(directory.resolve("data")).resolve("kernel");
        Files.createFile(target);
        log = directory.resolve("link");
        Files.createSymbolicLink(log, target);
        tail = open(FileTail.Start.END);
        running = true;
        poll();
        write(10);
        byte[] saved = stop();
        write(5);
        Files.move(target, target.resolveSibling("kernel.2"));
        write(5);
        Files.move(target, target.resolveSibling("kernel.1"));
        write(5);
        compress(target.resolveSibling("kernel.2"), target.resolveSibling("kernel.2.gz"));
        resume(saved);
        assertExact();
        Files.move(target, target.resolveSibling("kernel-20261201"));
        write(5);
        Files.move(target, target.resolveSibling("kernel-20261202"));
        write(5);
        poll();
        assertExact();
    }

    @ParameterizedTest
    @ValueSource(strings = {".xz", ".zst", ".bz2"})
    void whatIsCompressedOtherwiseIsNoGapWhereItHasBeenRead(String extension) throws IOException {
        byte[] magic = extension.equals(".xz") ? XZ : extension.equals(".zst") ? ZSTD : BZIP2;
        for (int rotation = 1; rotation <= 3; rotation++) {
            write(3);
            poll();
            Files.move(log, sibling("messages-2026113" + rotation));
            write(2);
            poll();
            if (rotation > 1) {
                compressUnreadably(sibling("messages-2026113" + (rotation - 1)), extension, magic);
                for (int i = 0; i < 25; i++) {
                    now += 500;
                    poll();
                }
            }
        }
        poll();
        assertExact();
        resume(stop());
        assertExact();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsCompressedOtherwiseBeforeItIsReadIsAGap(boolean stopped) throws IOException {
        write(3);
        byte[] saved = stopped ? stop() : new byte[0];
        poll();
        Files.move(log, sibling("messages-20261130"));
        write(2);
        int lost = next;
        Files.move(log, sibling("messages-20261201"));
        compressUnreadably(sibling("messages-20261201"), ".xz", XZ);
        write(2);
        if (stopped) {
            resume(saved);
        } else {
            poll();
        }
        assertTrue(!read.contains(lost - 1) && read.contains(lost), read.toString());
        assertGaps("compressed_unreadable");
        resume(stop());
        assertGaps("compressed_unreadable");
    }

    @Test
    void whatWasBeingReadAndIsCompressedOtherwiseIsAGap() throws IOException {
        write(3);
        byte[] saved = stop();
        write(3);
        Files.move(log, sibling("messages.1"));
        compressUnreadably(sibling("messages.1"), ".zst", ZSTD);
        write(2);
        resume(saved);
        assertGaps("compressed_unreadable");
        assertEquals(List.of(1, 2, 3, 7, 8), read);
    }

    @Test
    void anOldFileThatIsPutBackIsNotRead() throws IOException {
        next = 11;
        write(10);
        poll();
        int rest = next;
        next = 1;
        write(sibling("messages-20261001"), 5);
        next = rest;
        Files.move(log, sibling("messages-20261130"));
        write(3);
        poll();
        next = 24;
        assertEquals(13, read.size());
        assertEquals(11, read.getFirst());
    }

    @Test
    void aFileOfWhichNothingTellsWhereItBelongsIsAGap() throws IOException {
        write(10);
        poll();
        LogFile.appendTo(sibling("messages-20261001"), line(5) + "of some other origin\n");
        Files.move(log, sibling("messages-20261130"));
        write(3);
        poll();
        assertAllReadOnce();
        assertGaps("unplaced");
    }

    @Test
    void whatIsWrittenToTheRotatedFileByALoggerThatWasNotToldIsRead() throws IOException {
        tail.close();
        next = 1;
        write(sibling("messages.1"), 10);
        Files.delete(log);
        Files.createFile(log);
        read.clear();
        tail = open(FileTail.Start.END);
        running = true;
        poll();
        write(sibling("messages.1"), 5);
        poll();
        resume(stop());
        write(sibling("messages.1"), 5);
        poll();
        assertEquals(List.of(11, 12, 13, 14, 15, 16, 17, 18, 19, 20), read);
        assertGaps();
    }
}

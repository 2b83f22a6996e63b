package io.denywatch.tail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.testing.LogFile;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What another tail makes of what one has saved, and of what has happened to the files in between. */
class FileTailRestartTest extends FileTailCase {
    private static final String LINE = "of a length as lines of the kernel have it, so that it is evidence of a file";

    private static String line(int number) {
        return "line " + number + ", " + LINE;
    }

    private static String text(int... numbers) {
        StringBuilder text = new StringBuilder();
        for (int number : numbers) {
            text.append(line(number)).append('\n');
        }
        return text.toString();
    }

    private void assertLines(int... numbers) {
        assertRead(Arrays.stream(numbers).mapToObj(FileTailRestartTest::line).toArray(String[]::new));
    }

    /** Files have the system's times, and what was saved is compared with them. */
    @BeforeEach
    void useTheTimeOfFiles() {
        now = System.currentTimeMillis();
    }

    @Test
    void goesOnWhereItWasSavedAndNotWhereItWasRead() throws IOException {
        log.append(text(1));
        assertLines(1);
        byte[] saved = save();
        log.append(text(2));
        assertLines(2);
        restart(saved);
        log.append(text(3));
        assertLines(2, 3);
        assertNothingLost();
    }

    @Test
    void countsWhatWasReadOnceOverARestartInTheMiddleOfALine() throws IOException {
        log.append(text(1) + "hal");
        assertLines(1);
        restart(save());
        assertRead();
        log.append("f\n");
        assertRead("half");
        assertEquals(Files.size(log.path()), tail.snapshot().readBytes());
        restart(save());
        assertRead();
        assertEquals(Files.size(log.path()), tail.snapshot().readBytes());
    }

    @Test
    void countsNulsOnceOverARestartInTheMiddleOfThem() throws IOException {
        log.append(text(1) + "torn\0\0\0");
        assertLines(1);
        restart(save());
        log.append("\0\0" + text(2));
        assertLines(2);
        assertEquals(5, tail.snapshot().nulBytes());
        assertEquals(1, tail.snapshot().partialLinesDiscarded());
    }

    @Test
    void goesOnInsideACompressedFile() throws IOException {
        log.append(text(1));
        assertLines(1);
        byte[] saved = save();
        log.append(text(2));
        for (int number = 3; number <= 5; number++) {
            log.rotate();
            log.append(text(number));
        }
        log.compress(3);
        log.compress(2);
        restart(saved);
        assertLines(2, 3, 4, 5);
        assertNothingLost();
        log.rotate();
        log.append(text(6));
        assertLines(6);
    }

    @Test
    void doesNotReadAFileAgainThatWasReadToItsEndBeforeItWasCompressed() throws IOException {
        log.append(text(1));
        assertLines(1);
        byte[] saved = save();
        log.rotate();
        log.rotate();
        log.append(text(2));
        log.compress(2);
        restart(saved);
        assertLines(2);
        restart(save());
        log.rotate();
        log.append(text(3));
        log.compress(2);
        assertLines(3);
        assertNothingLost();
    }

    @Test
    void recognizesFilesThatAreCompressedWhileTheyAreHeldOpen() throws IOException {
        for (int number = 1; number <= 12; number++) {
            log.append(text(number));
            assertLines(number);
            log.rotate();
            if (number > 1) {
                log.compress(2);
            }
        }
        restart(save());
        assertRead();
        assertNothingLost();
    }

    @Test
    void readsRotationsThatWereCompressedBeforeTheyWereSeen() throws IOException {
        log.append(text(1));
        assertLines(1);
        for (int number = 2; number <= 6; number++) {
            log.rotate();
            log.append(text(number));
            if (number > 2) {
                log.compress(2);
            }
        }
        assertLines(2, 3, 4, 5, 6);
    }

    @Test
    void usesTheFileWhileItsCompressedCopyIsNotFinished() throws IOException {
        log.append(text(1));
        assertLines(1);
        byte[] saved = save();
        log.append(text(2));
        log.rotate();
        Files.write(log.compressed(1), new byte[] {0x1f, (byte) 0x8b, 8, 0, 0});
        restart(saved);
        assertLines(2);
        assertNothingLost();
    }

    @Test
    void givesUpOnADamagedCompressedFileAndCountsAGap() throws IOException {
        log.append(text(1));
        assertLines(1);
        byte[] saved = save();
        log.rotate();
        Random random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            log.append(random.nextLong() + " is a line that does not compress well\n");
        }
        log.rotate();
        log.append(text(3));
        log.compress(1);
        byte[] compressed = Files.readAllBytes(log.compressed(1));
        FileTime modified = Files.getLastModifiedTime(log.compressed(1));
        Files.write(log.compressed(1), Arrays.copyOf(compressed, compressed.length / 2));
        Files.setLastModifiedTime(log.compressed(1), modified);
        restart(saved);
        tail.poll(handler, now);
        tail.poll(handler, now);
        assertEquals(line(3), lines.getLast());
        assertEquals(1L, tail.snapshot().gaps().get("rotated_unreadable"));
        lines.clear();
        restart(save());
        assertRead();
    }

    @Test
    void readsTheRestFromACopyThatWasMadeBeforeTheFileWasEmptied() throws IOException {
        log.append(text(1));
        assertLines(1);
        byte[] saved = save();
        log.append(text(2));
        log.copyTruncate();
        log.append(text(3));
        log.copyTruncate();
        log.append(text(4));
        log.compress(2);
        restart(saved);
        assertLines(2, 3, 4);
        assertNothingLost();
    }

    @Test
    void countsAGapWhereTheFileWasEmptiedAndNoCopyIsThere() throws IOException {
        log.append(text(1));
        assertLines(1);
        byte[] saved = save();
        log.append(text(2));
        log.truncate();
        log.append(text(3, 4, 5));
        restart(saved);
        assertLines(3, 4, 5);
        assertGaps("vanished", 1);
    }

    @Test
    void countsAGapWhereTheFileWasDeletedAndReadsOnlyWhatIsNewer() throws IOException {
        log.append("old\n");
        log.rotate();
        Files.setLastModifiedTime(log.rotated(1), FileTime.fromMillis(now - 60_000));
        log.append(text(1));
        assertLines(1);
        byte[] saved = save();
        Files.delete(log.path());
        log.append(text(2));
        log.rotate();
        log.append(text(3));
        restart(saved);
        assertLines(2, 3);
        assertGaps("vanished", 1);
    }

    @Test
    void takesAReusedInodeForAnotherFile() throws IOException {
        log.append(text(1));
        assertLines(1);
        byte[] saved = save();
        // In place, so the inode is certainly the same, and longer than what was read.
        try (RandomAccessFile file = new RandomAccessFile(log.path().toFile(), "rw")) {
            file.setLength(0);
            file.write(text(7, 8, 9).getBytes(ISO_8859_1));
        }
        restart(saved);
        assertLines(7, 8, 9);
    }

    @Test
    void goesOnInAFileThatWasReplacedByItsLikeness() throws IOException {
        log.append(text(1, 2));
        assertLines(1, 2);
        byte[] saved = save();
        Path replacement = log.path().resolveSibling("sedAbCdE");
        Files.copy(log.path(), replacement);
        Files.move(replacement, log.path(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        log.append(text(3));
        restart(saved);
        assertLines(3);
        assertNothingLost();
    }

    @Test
    void readsAgainFromTheLastCommonPlaceWhereTheLogHasLostItsEnd() throws IOException {
        log.append(text(1));
        assertLines(1);
        save();
        log.append(text(2));
        assertLines(2);
        save();
        log.append(text(3, 4));
        assertLines(3, 4);
        byte[] saved = save();
        try (RandomAccessFile file = new RandomAccessFile(log.path().toFile(), "rw")) {
            file.setLength(text(1, 2, 3).length());
        }
        log.append("\0".repeat(100) + text(5));
        restart(saved);
        lines.clear();
        List<String> repeats = new ArrayList<>();
        tail.poll(
                new LineHandler() {
                    @Override
                    public void line(byte[] buffer, int offset, int length) {
                        handler.line(buffer, offset, length);
                    }

                    @Override
                    public void linesMayRepeat() {
                        repeats.add("after " + lines);
                    }
                },
                now);
        assertEquals(List.of("after []"), repeats);
        assertEquals(List.of(line(3), line(5)), lines);
        assertGaps("resync", 1);
    }

    @Test
    void readsARotatedFileOnThatIsStillWrittenTo() throws IOException {
        log.append(text(1));
        assertLines(1);
        log.rotate();
        log.append(text(2));
        assertLines(2);
        byte[] saved = save();
        LogFile.appendTo(log.rotated(1), text(3));
        log.append(text(4));
        restart(saved);
        assertLines(3, 4);
        LogFile.appendTo(log.rotated(1), text(5));
        assertLines(5);
        assertNothingLost();
    }

    @Test
    void waitsForAFileThatIsNotThereYetAndReadsTheRotatedOneMeanwhile() throws IOException {
        log.append(text(1));
        assertLines(1);
        byte[] saved = save();
        log.append(text(2));
        log.rename();
        restart(saved);
        assertLines(2);
        assertFalse(tail.snapshot().readable());
        log.append(text(3));
        assertLines(3);
        assertTrue(tail.snapshot().readable());
        assertNothingLost();
    }

    @Test
    void aFileThatWasMissingAtTheSaveIsReadFromItsFirstByte() throws IOException {
        assertRead();
        byte[] saved = save();
        log.append(text(1));
        restart(saved);
        assertLines(1);
    }

    @Test
    void savesWhatItHasNotResumedYetAsItWas() throws IOException {
        log.append(text(1));
        assertLines(1);
        restart(save());
        log.append(text(2));
        restart(save());
        assertLines(2);
    }

    @Test
    void goesOnWithCountsButNotWithPlacesWhereThePathIsAnother() throws IOException {
        log.append(text(1));
        assertLines(1);
        byte[] saved = save();
        long read = tail.snapshot().readBytes();
        Path other = log.path().resolveSibling("messages");
        LogFile.appendTo(other, text(2));
        tail.close();
        tail = new FileTail(other, FileTail.Start.END);
        tail.restore(new DataInputStream(new ByteArrayInputStream(saved)));
        assertRead();
        LogFile.appendTo(other, text(3));
        assertLines(3);
        assertEquals(read + text(3).length(), tail.snapshot().readBytes());
        assertGaps("source_changed", 1);
    }

    @Test
    void refusesAnythingElseThanWhatIsSaved() throws IOException {
        log.append(text(1));
        assertLines(1);
        byte[] saved = save();
        Random random = new Random(5);
        for (int length = 0; length < saved.length; length += 1 + random.nextInt(7)) {
            byte[] cut = Arrays.copyOf(saved, length);
            FileTail other = new FileTail(log.path(), FileTail.Start.END);
            assertThrows(
                    IOException.class,
                    () -> other.restore(new DataInputStream(new ByteArrayInputStream(cut))),
                    "cut to " + length);
        }
    }
}

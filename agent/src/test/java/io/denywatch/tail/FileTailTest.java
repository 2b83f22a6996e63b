package io.denywatch.tail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.denywatch.tail.FileTail.Start;
import io.denywatch.testing.LogFile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTailTest {
    private static final String LONG =
            "a line that is longer than what is taken for evidence of a copy, by far ".repeat(2);

    private final List<String> lines = new ArrayList<>();
    private final LineHandler handler =
            (buffer, offset, length) -> lines.add(new String(buffer, offset, length, ISO_8859_1));
    private long now = 1_800_000_000_000L;
    private LogFile log;
    private FileTail tail;

    @BeforeEach
    void followLog(@TempDir Path directory) {
        log = new LogFile(directory.resolve("syslog"));
        tail = new FileTail(log.path(), Start.BEGINNING);
    }

    @AfterEach
    void close() {
        tail.close();
    }

    @Test
    void readsWhatIsAppended() throws IOException {
        log.append("one\n");
        assertRead("one");
        log.append("two\nthree\n");
        assertRead("two", "three");
        assertRead();
        assertEquals(14, tail.snapshot().readBytes());
        assertEquals(now, tail.snapshot().lastLineMillis() + 400);
    }

    @Test
    void waitsForTheRestOfATornLine() throws IOException {
        log.append("one\ntw");
        assertRead("one");
        log.append("o");
        assertRead();
        log.append("\n");
        assertRead("two");
    }

    @Test
    void startsAfterTheLastNewlineAndReadsTheTornLineWhole() throws IOException {
        log.append("old\n".repeat(100_000) + "be");
        tail = new FileTail(log.path(), Start.END);
        assertRead();
        log.append("gun\nnext\n");
        assertRead("begun", "next");
    }

    @Test
    void readsAFileThatAppearsLaterFromItsFirstByte() throws IOException {
        tail = new FileTail(log.path(), Start.END);
        assertRead();
        assertFalse(tail.snapshot().readable());
        assertEquals(log.path() + ": no such file", tail.snapshot().problem());
        log.append("first\n");
        assertRead("first");
        assertTrue(tail.snapshot().readable());
        assertEquals("", tail.snapshot().problem());
    }

    @Test
    void countsAnErrorWhenItBeginsAndNotAtEachPoll() throws IOException {
        for (int i = 0; i < 10; i++) {
            assertRead();
        }
        assertErrors(1, 0);
        Files.createDirectory(log.path());
        for (int i = 0; i < 10; i++) {
            assertRead();
        }
        assertErrors(1, 1);
        assertEquals(
                log.path() + ": is a directory; it must be a regular file",
                tail.snapshot().problem());
        Files.delete(log.path());
        assertRead();
        assertErrors(2, 1);
    }

    @Test
    void doesNotOpenADevice(@TempDir Path directory) throws IOException {
        Path device = Files.createSymbolicLink(directory.resolve("log"), Path.of("/dev/zero"));
        tail = new FileTail(device, Start.BEGINNING);
        assertRead();
        assertEquals(
                device + ": is a device, pipe or socket; it must be a regular file",
                tail.snapshot().problem());
    }

    @Test
    void followsRenameAndCreate() throws IOException {
        log.append("one\n");
        assertRead("one");
        log.append("two\n");
        log.rotate();
        log.append("three\n");
        assertRead("two", "three");
        assertEquals(1, tail.snapshot().renamed());
        assertEquals(1, tail.snapshot().drainingFiles());
        assertNothingLost();
    }

    @Test
    void readsTheRenamedFileOnBeforeTheNewOne() throws IOException {
        log.append("one\nhal");
        assertRead("one");
        log.rotate();
        log.append("new\n");
        assertRead("new");
        LogFile.appendTo(log.rotated(1), "f\nlate\n");
        log.append("newer\n");
        assertRead("half", "late", "newer");
    }

    @Test
    void readsTheRenamedFileWhileThereIsNoNewOne() throws IOException {
        log.append("one\n");
        assertRead("one");
        log.rename();
        LogFile.appendTo(log.rotated(1), "two\n");
        assertRead("two");
        assertFalse(tail.snapshot().readable());
        assertErrors(1, 0);
        log.append("three\n");
        assertRead("three");
        assertTrue(tail.snapshot().readable());
    }

    @Test
    void readsTheFilesOfRotationsThatItDidNotSee() throws IOException {
        log.append("one\n");
        assertRead("one");
        for (String line : List.of("two\n", "three\n", "four\n")) {
            log.rotate();
            log.append(line);
        }
        assertRead("two", "three", "four");
        assertEquals(3, tail.snapshot().renamed());
    }

    @Test
    void readsTheFilesOfDatedRotationsThatItDidNotSee() throws IOException {
        log.append("one\n");
        assertRead("one");
        Files.move(log.path(), log.path().resolveSibling("syslog-20261123"));
        log.append("two\n");
        Files.move(log.path(), log.path().resolveSibling("syslog-20261124"));
        log.append("three\n");
        assertRead("two", "three");
    }

    @Test
    void readsAnUnseenFileWhenTheOldOneWasDeleted() throws IOException {
        log.append("one\n");
        assertRead("one");
        log.rotate();
        log.append("two\n");
        Files.delete(log.rotated(1));
        log.rotate();
        log.append("three\n");
        assertRead("two", "three");
    }

    @Test
    void leavesFilesAloneThatWereRotatedBefore() throws IOException {
        log.append("ancient\n");
        log.rotate();
        log.append("old\n");
        log.rotate();
        log.append("one\n");
        assertRead("one");
        log.rotate();
        log.append("two\n");
        Files.delete(log.rotated(1));
        assertRead("two");
    }

    @Test
    void leavesCompressedAndForeignFilesAlone() throws IOException {
        log.append("one\n");
        assertRead("one");
        log.rename();
        for (String name : List.of("syslog.1.gz", "syslog.bak", "syslog.", "syslog-", "syslog2", "syslog.1x")) {
            LogFile.appendTo(log.path().resolveSibling(name), "foreign\n");
        }
        Files.createDirectory(log.rotated(2));
        log.append("two\n");
        assertRead("two");
    }

    @Test
    void keepsReadingADeletedFile() throws IOException {
        log.append("one\n");
        assertRead("one");
        Path link = Files.createLink(log.path().resolveSibling("writer"), log.path());
        Files.delete(log.path());
        LogFile.appendTo(link, "two\n");
        assertRead("two");
        log.append("four\n");
        LogFile.appendTo(link, "three\n");
        assertRead("three", "four");
        assertNothingLost();
    }

    @Test
    void followsASymbolicLinkToAnotherFile() throws IOException {
        Path first = log.path().resolveSibling("a");
        Path second = log.path().resolveSibling("b");
        LogFile.appendTo(first, "one\n");
        Files.createSymbolicLink(log.path(), first);
        assertRead("one");
        LogFile.appendTo(first, "two\n");
        LogFile.appendTo(second, "three\n");
        Files.delete(log.path());
        Files.createSymbolicLink(log.path(), second);
        assertRead("two", "three");
    }

    @Test
    void goesOnInAReplacementWithTheSameContent() throws IOException {
        log.append(LONG + "\n");
        assertRead(LONG);
        Path replacement = log.path().resolveSibling("sedAbCdE");
        Files.copy(log.path(), replacement);
        Files.delete(log.path());
        Files.move(replacement, log.path());
        log.append("next\n");
        assertRead("next");
    }

    @Test
    void readsTheSameLinesAgainInANewFileWhenTheOldOneWasRotated() throws IOException {
        log.append(LONG + "\n");
        assertRead(LONG);
        log.rotate();
        log.append(LONG + "\n");
        assertRead(LONG);
    }

    @Test
    void startsOverAfterATruncation() throws IOException {
        log.append("one\ntwo\n");
        assertRead("one", "two");
        log.truncate();
        assertRead();
        log.append("three\n");
        assertRead("three");
        assertEquals(1, tail.snapshot().truncated());
        assertNothingLost();
    }

    @Test
    void noticesATruncationWhenTheFileHasGrownPastWhatWasRead() throws IOException {
        log.append("one\n");
        assertRead("one");
        log.truncate();
        log.append("two\nthree\nfour\n");
        assertRead("two", "three", "four");
    }

    @Test
    void noticesATruncationWhenTheFileIsAsLongAsBefore() throws IOException {
        log.append("one\n");
        assertRead("one");
        log.truncate();
        log.append("two\n");
        Files.setLastModifiedTime(log.path(), FileTime.fromMillis(now));
        assertRead("two");
    }

    @Test
    void readsTheRestOfATruncatedFileFromItsCopy() throws IOException {
        log.append("one\ntw");
        assertRead("one");
        log.append("o\nthree\n");
        log.copyTruncate();
        log.append("four\n");
        assertRead("two", "three", "four");
        assertEquals(1, tail.snapshot().truncated());
        assertNothingLost();
    }

    @Test
    void readsEachCopyWhenTheFileWasTruncatedTwice() throws IOException {
        log.append("one\n");
        assertRead("one");
        log.append("two\n");
        log.copyTruncate();
        log.append("three\n");
        log.copyTruncate();
        log.append("four and more\n");
        assertRead("two", "three", "four and more");
    }

    @Test
    void doesNotReadACopyAgainAfterTheRotationsThatFollow() throws IOException {
        log.append("one\n");
        assertRead("one");
        log.copyTruncate();
        assertRead();
        log.append("two\n");
        assertRead("two");
        waitFor(DrainingFiles.LISTED_QUIET_MILLIS);
        log.rotate();
        assertRead();
        waitFor(DrainingFiles.LISTED_QUIET_MILLIS + DrainingFiles.LOOK_INTERVAL_MILLIS);
        assertEquals(1, tail.snapshot().drainingFiles(), "the copy is closed");
        Files.delete(log.path());
        Files.delete(log.rotated(1));
        log.append("three\n");
        assertRead("three");
    }

    @Test
    void skipsTheNulsOfAWriterThatDoesNotAppend() throws IOException {
        log.append("one\n");
        assertRead("one");
        log.truncate();
        log.append("\0\0\0\0two\n");
        assertRead("two");
        assertEquals(4, tail.snapshot().nulBytes());
    }

    @Test
    void countsATornLineThatATruncationDestroyed() throws IOException {
        log.append("one\nhalf");
        assertRead("one");
        log.truncate();
        assertRead();
        assertEquals(1, tail.snapshot().partialLinesDiscarded());
    }

    @Test
    void countsATornLineWhenItsFileIsClosed() throws IOException {
        log.append("one\nhalf");
        assertRead("one");
        log.rotate();
        Files.delete(log.rotated(1));
        waitFor(DrainingFiles.GONE_QUIET_MILLIS + DrainingFiles.LOOK_INTERVAL_MILLIS);
        assertEquals(0, tail.snapshot().drainingFiles());
        assertEquals(1, tail.snapshot().partialLinesDiscarded());
    }

    @Test
    void keepsARenamedFileOpenUntilItHasBeenQuiet() throws IOException {
        log.append("one\n");
        assertRead("one");
        Path link = Files.createLink(log.path().resolveSibling("writer"), log.path());
        log.rotate();
        Files.delete(log.rotated(1));
        waitFor(DrainingFiles.GONE_QUIET_MILLIS - 2_000);
        LogFile.appendTo(link, "two\n");
        assertRead("two");
        waitFor(DrainingFiles.GONE_QUIET_MILLIS - 2_000);
        assertEquals(1, tail.snapshot().drainingFiles());
        LogFile.appendTo(link, "three\n");
        assertRead("three");
        waitFor(DrainingFiles.GONE_QUIET_MILLIS + DrainingFiles.LOOK_INTERVAL_MILLIS);
        assertEquals(0, tail.snapshot().drainingFiles());
    }

    @Test
    void keepsTheLastRotatedFileOpenAsLongAsItIsThere() throws IOException {
        log.append("one\n");
        assertRead("one");
        log.rotate();
        waitFor(2 * DrainingFiles.LISTED_QUIET_MILLIS);
        assertEquals(1, tail.snapshot().drainingFiles());
    }

    @Test
    void aJumpOfTheClockIsNoSilence() throws IOException {
        log.append("one\n");
        assertRead("one");
        Path link = Files.createLink(log.path().resolveSibling("writer"), log.path());
        log.rotate();
        Files.delete(log.rotated(1));
        assertRead();
        now += 86_400_000;
        assertRead();
        now -= 2 * 86_400_000L;
        assertRead();
        LogFile.appendTo(link, "two\n");
        assertRead("two");
    }

    @Test
    void closesTheOldestOfTooManyFilesWithoutAGapWhenTheWriterHasLeftThem() throws IOException {
        log.append("0\n");
        assertRead("0");
        for (int i = 1; i <= 50; i++) {
            log.rotate();
            log.append(i + "\n");
            assertRead(String.valueOf(i));
        }
        assertEquals(DrainingFiles.FILES_MAX, tail.snapshot().drainingFiles());
        assertNothingLost();
    }

    @Test
    void reportsAGapWhenTheOldestOfTooManyFilesIsStillWrittenTo() throws IOException {
        log.append("0\n");
        assertRead("0");
        Path link = Files.createLink(log.path().resolveSibling("writer"), log.path());
        for (int i = 1; i <= DrainingFiles.FILES_MAX + 1; i++) {
            log.rotate();
            LogFile.appendTo(link, i + "\n");
            assertRead(String.valueOf(i));
        }
        assertEquals(1L, tail.snapshot().gaps().get("too_many_files"));
    }

    @Test
    void readsABoundedAmountAtOnceAndSaysWhatIsLeft() throws IOException {
        log.append((LONG + "\n").repeat(100_000));
        int read = tail.poll(handler, now) + tail.poll(handler, now);
        assertTrue(read >= FileTail.ROUND_BYTES_MAX, "read " + read);
        assertTrue(read <= 2 * (FileTail.ROUND_BYTES_MAX + LineFramer.BUFFER_BYTES), "read " + read);
        assertFalse(tail.atEnd());
        assertEquals(Files.size(log.path()) - read, tail.snapshot().unreadBytes());
        while (!tail.atEnd()) {
            tail.poll(handler, now);
        }
        assertEquals(100_000, lines.size());
        assertEquals(0, tail.snapshot().unreadBytes());
    }

    @Test
    void allocatesNothingPerLine() throws IOException {
        log.append("short\n");
        long[] count = new long[1];
        LineHandler counting = (buffer, offset, length) -> count[0]++;
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        log.append((LONG + "\n").repeat(400_000));
        long allocated = Long.MAX_VALUE;
        tail.poll(counting, now);
        for (int round = 0; round < 10; round++) {
            long linesBefore = count[0];
            long before = threads.getCurrentThreadAllocatedBytes();
            tail.poll(counting, now);
            allocated = Math.min(allocated, threads.getCurrentThreadAllocatedBytes() - before);
            assertTrue(count[0] - linesBefore > 20_000);
            assertFalse(tail.atEnd());
        }
        assertTrue(allocated <= 1_024, allocated + " bytes allocated by a poll of more than 20,000 lines");
    }

    private void assertRead(String... expected) {
        lines.clear();
        tail.poll(handler, now);
        now += 100;
        tail.poll(handler, now);
        now += 100;
        assertEquals(List.of(expected), lines);
        assertTrue(tail.atEnd());
    }

    /** Lets time pass with a poll each half second. */
    private void waitFor(long millis) {
        for (long end = now + millis; now < end; now += 500) {
            tail.poll(handler, now);
        }
    }

    private void assertErrors(long notFound, long io) {
        assertEquals(notFound, tail.snapshot().readErrors().get("not_found"));
        assertEquals(io, tail.snapshot().readErrors().get("io"));
        assertEquals(0L, tail.snapshot().readErrors().get("permission"));
    }

    private void assertNothingLost() {
        tail.snapshot().gaps().forEach((reason, count) -> assertEquals(0, count, reason));
        assertEquals(0, tail.snapshot().partialLinesDiscarded());
        assertEquals(0, tail.snapshot().oversizedLines());
    }
}

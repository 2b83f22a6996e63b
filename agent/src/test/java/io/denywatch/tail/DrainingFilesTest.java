package io.denywatch.tail;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.testing.LogFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DrainingFilesTest extends FileTailCase {
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
    void reportsAGapWhenAnOldFileIsEmptiedBeforeItWasRead() throws IOException {
        log.append(LONG + "\n");
        assertRead(LONG);
        log.rotate();
        assertRead();
        LogFile.appendTo(log.rotated(1), (LONG + "\n").repeat(2 * FileTail.ROUND_BYTES_MAX / LONG.length()));
        tail.poll(handler, now);
        Files.writeString(log.rotated(1), "");
        assertRead();
        assertEquals(1L, tail.snapshot().gaps().get("truncated"));
    }
}

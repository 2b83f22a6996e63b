package io.denywatch.tail;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;

class FileTailTruncationTest extends FileTailCase {
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
}

package io.denywatch.tail;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.IntStream;
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

    /** The copy of the next truncation grows after the log, whose beginning was read in it, has overtaken it. */
    @Test
    void readsEachLineOnceWhenTheNextCopyIsUnfinishedWhileATruncationIsNoticed() throws IOException {
        List<String> all =
                IntStream.rangeClosed(1, 21).mapToObj(i -> i + " " + LONG).toList();
        String text = String.join("\n", all) + "\n";
        int size = text.length() - all.getLast().length() - 1; // without the last line
        log.append("old\n");
        assertRead("old");
        log.truncate();
        log.append(text.substring(0, size));
        Files.writeString(log.rotated(1), text.substring(0, size / 2));
        assertRead(all.subList(0, 20).toArray(String[]::new));
        Files.writeString(log.rotated(1), text.substring(size / 2, size), StandardOpenOption.APPEND);
        assertRead();
        log.append(all.getLast() + "\n");
        Files.writeString(log.rotated(1), text.substring(size), StandardOpenOption.APPEND);
        log.truncate();
        log.append("new\n");
        assertRead(all.getLast(), "new");
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

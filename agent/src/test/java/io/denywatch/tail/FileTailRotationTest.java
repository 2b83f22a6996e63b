package io.denywatch.tail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.testing.LogFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileTailRotationTest extends FileTailCase {
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
}

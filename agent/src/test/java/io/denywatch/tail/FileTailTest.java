package io.denywatch.tail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.denywatch.tail.FileTail.Start;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTailTest extends FileTailCase {
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
}

package io.denywatch.tail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.tail.FileTail.Start;
import io.denywatch.testing.LogFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A log in an empty directory, a tail that reads it from its beginning, and a clock. */
abstract class FileTailCase {
    static final String LONG = "a line that is longer than what is taken for evidence of a copy, by far ".repeat(2);

    final List<String> lines = new ArrayList<>();
    final LineHandler handler = (buffer, offset, length) -> lines.add(new String(buffer, offset, length, ISO_8859_1));
    long now = 1_800_000_000_000L;
    LogFile log;
    FileTail tail;

    @BeforeEach
    final void followLog(@TempDir Path directory) {
        log = new LogFile(directory.resolve("syslog"));
        tail = new FileTail(log.path(), Start.BEGINNING);
    }

    @AfterEach
    final void close() {
        tail.close();
    }

    final void assertRead(String... expected) {
        lines.clear();
        tail.poll(handler, now);
        now += 100;
        tail.poll(handler, now);
        now += 100;
        assertEquals(List.of(expected), lines);
        assertTrue(tail.atEnd());
    }

    /** Lets time pass with a poll each half second. */
    final void waitFor(long millis) {
        for (long end = now + millis; now < end; now += 500) {
            tail.poll(handler, now);
        }
    }

    final void assertErrors(long notFound, long io) {
        assertEquals(notFound, tail.snapshot().readErrors().get("not_found"));
        assertEquals(io, tail.snapshot().readErrors().get("io"));
        assertEquals(0L, tail.snapshot().readErrors().get("permission"));
    }

    /** What the tail would save now. */
    final byte[] save() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        tail.save(new DataOutputStream(bytes));
        tail.saved();
        return bytes.toByteArray();
    }

    /** Throws the tail away; another goes on from what was saved. */
    final void restart(byte[] saved) throws IOException {
        tail.close();
        tail = new FileTail(log.path(), Start.END);
        tail.restore(new DataInputStream(new ByteArrayInputStream(saved)));
    }

    final void assertGaps(String reason, long count) {
        tail.snapshot().gaps().forEach((each, gaps) -> assertEquals(each.equals(reason) ? count : 0, gaps, each));
    }

    final void assertNothingLost() {
        tail.snapshot().gaps().forEach((reason, count) -> assertEquals(0, count, reason));
        assertEquals(0, tail.snapshot().partialLinesDiscarded());
        assertEquals(0, tail.snapshot().oversizedLines());
    }
}

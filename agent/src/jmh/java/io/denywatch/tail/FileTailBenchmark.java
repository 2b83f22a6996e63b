package io.denywatch.tail;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a line of a log that is there costs to read, from opening the file to handing over its last line. The baseline
 * makes a string of each line. Each run checks that it met every line and every byte.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FileTailBenchmark {
    private static final int LINES = 100_000;
    private static final int LINE_BYTES_MIN = 200;
    private static final int LINE_BYTES_MAX = 320;
    private static final long NOW_MILLIS = 1_772_359_200_000L;

    private Path log = Path.of("");
    private long logBytes;
    private long lines;
    private long bytes;

    /** Writes the log. */
    @Setup
    public void write() throws IOException {
        log = Files.createTempFile("denywatch-tail", ".log");
        SplittableRandom random = new SplittableRandom(7);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < LINES; i++) {
            text.repeat('a' + i % 26, random.nextInt(LINE_BYTES_MIN, LINE_BYTES_MAX))
                    .append('\n');
        }
        Files.writeString(log, text, StandardCharsets.US_ASCII);
        logBytes = text.length();
    }

    /** Deletes it. */
    @TearDown
    public void delete() throws IOException {
        Files.delete(log);
    }

    /** The tail. */
    @Benchmark
    @OperationsPerInvocation(LINES)
    public long tail() {
        lines = 0;
        bytes = 0;
        try (FileTail tail = new FileTail(log, FileTail.Start.BEGINNING)) {
            while (tail.poll(this::count, NOW_MILLIS) > 0) {}
        }
        return checked();
    }

    /** The JDK's reader. */
    @Benchmark
    @OperationsPerInvocation(LINES)
    public long baselineBufferedReader() throws IOException {
        lines = 0;
        bytes = 0;
        try (BufferedReader reader = Files.newBufferedReader(log, StandardCharsets.US_ASCII)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines++;
                bytes += line.length() + 1;
            }
        }
        return checked();
    }

    private void count(byte[] buffer, int offset, int length) {
        lines++;
        bytes += length + 1;
    }

    private long checked() {
        if (lines != LINES || bytes != logBytes) {
            throw new IllegalStateException(
                    "read " + lines + " lines of " + bytes + " bytes, not " + LINES + " of " + logBytes);
        }
        return bytes;
    }
}

package io.denywatch.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.api.TrafficDocument;
import io.denywatch.command.TestWorld;
import io.denywatch.config.ConfigurationReader;
import io.denywatch.config.Settings;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.LogInput;
import io.denywatch.testing.PacketLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {
    private static final int LINE_MAX_BYTES = 64 * 1024;

    @TempDir
    private Path directory = Path.of("");

    /** What is counted, and what would have been done. */
    private record Outcome(TrafficDocument report, Backtest.Result backtest) {}

    private static Outcome replay(List<Path> files, String zone, int processors, int pieceBytes) {
        TestWorld world = new TestWorld();
        Settings settings = Settings.read(
                null,
                List.of(
                        "source.timezone=" + zone,
                        "blocklist.rules=[{name: noisy, packets: 2 within 1h}]",
                        "sources.trackedPerLoadBalancer=16",
                        "sources.exportedPerLoadBalancer=16"));
        Replay replay = new Replay(ConfigurationReader.read(settings, world.world()), 7, processors, pieceBytes);
        replay.read(files, new ProgressBar(world.world(), 1));
        return new Outcome(replay.report(0), replay.backtest());
    }

    /** Lines of all kinds, and what else a file may hold between newlines. */
    private static byte[] log(SplittableRandom random, PacketLines lines) {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        for (int i = random.nextInt(60); i > 0; i--) {
            byte[] line = lines.line().getBytes(StandardCharsets.ISO_8859_1);
            switch (random.nextInt(12)) {
                case 0 -> log.writeBytes(new byte[random.nextInt(2_000)]);
                case 1 -> log.writeBytes("\n\n\n".getBytes(StandardCharsets.US_ASCII));
                case 2 ->
                    log.writeBytes(
                            "x".repeat(random.nextInt(3 * LINE_MAX_BYTES)).getBytes(StandardCharsets.US_ASCII));
                case 3 -> log.write(line, 0, random.nextInt(line.length + 1));
                default -> {}
            }
            log.writeBytes(line);
            if (i > 1 || random.nextBoolean()) {
                log.write('\n');
            }
        }
        return log.toByteArray();
    }

    private Path file(String name, byte[] content, boolean compressed) throws IOException {
        Path file = directory.resolve(name);
        try (OutputStream out = Files.newOutputStream(file);
                OutputStream packed = compressed ? new GZIPOutputStream(out) : out) {
            packed.write(content);
        }
        return file;
    }

    @RepeatedTest(60)
    void countsTheSameWhateverTheThreadsAndThePieces(RepetitionInfo repetition) throws IOException {
        long seed = repetition.getCurrentRepetition();
        SplittableRandom random = new SplittableRandom(seed);
        PacketLines lines = new PacketLines(seed);
        List<Path> files = new ArrayList<>();
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            files.add(file("log." + i, log(random, lines), random.nextInt(4) == 0));
        }
        String zone = random.nextInt(4) == 0 ? "Europe/Berlin" : "UTC";

        Outcome whole = replay(files, zone, 1, Integer.MAX_VALUE);
        int processors = random.nextInt(1, 6);
        int pieceBytes = 1 << random.nextInt(3, 18);

        assertEquals(
                whole,
                replay(files, zone, processors, pieceBytes),
                () -> "seed " + seed + ", " + processors + " processors, pieces of " + pieceBytes + " bytes");
        assertEquals(
                files.stream().mapToLong(ReplayTest::lines).sum(),
                whole.report.lines(),
                () -> "seed " + seed + ": a line is lost, or counted twice");
    }

    /** Newlines, and a last line without one. What is empty but for NULs is a line only if it has a newline. */
    private static long lines(Path file) {
        try (LogInput input = LogInput.open(file)) {
            long lines = 0;
            boolean text = false;
            for (byte value : input.lines().readAllBytes()) {
                lines += value == '\n' ? 1 : 0;
                text = value != '\n' && (text || value != 0);
            }
            return lines + (text ? 1 : 0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void tellsOfTheFileThatCannotBeReadWhoeverMeetsIt() throws IOException {
        byte[] content = log(new SplittableRandom(1), new PacketLines(1));
        Path good = file("good", content, false);
        Path torn = Files.write(
                directory.resolve("torn.gz"), Arrays.copyOf(Files.readAllBytes(file("good.gz", content, true)), 40));
        for (int processors = 1; processors <= 3; processors++) {
            int threads = processors;
            CommandFailure failure =
                    assertThrows(CommandFailure.class, () -> replay(List.of(good, torn, good), "UTC", threads, 1_024));
            assertTrue(
                    failure.line().contains("torn.gz: ends in the middle of its gzip data"),
                    () -> threads + " threads: " + failure.line());
        }
    }

    @Test
    void leavesNoThreadBehind() throws IOException {
        Path file = file("log", log(new SplittableRandom(2), new PacketLines(2)), false);
        replay(List.of(file, file), "UTC", 4, 64);
        assertTrue(Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("parse-")));
    }
}

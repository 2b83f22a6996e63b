package io.denywatch.ingest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.ingest.Checkpoint.Opened;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Laws of the checkpoint under damage, failures and kills at any byte. */
class CheckpointFaultsTest {
    private static final int SLOT_BYTES = 512;
    private static final int SMALL_SLOT_BYTES = 64;

    @TempDir
    private Path directory = Path.of("unset");

    private Path file() {
        return directory.resolve("checkpoint");
    }

    private static byte[] randomPayload(SplittableRandom random, int lengthMax) {
        byte[] payload = new byte[random.nextInt(lengthMax + 1)];
        random.nextBytes(payload);
        return payload;
    }

    private static void clear(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    /** Bytes are altered, lost at the end, or zeroed; the oracle knows which bytes are a record's. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void findsTheNewestRecordThatIsStillWhole(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        int[] outcomes = new int[3];
        for (int round = 0; round < 400; round++) {
            String when = "seed " + seed + ", round " + round;
            clear(directory);
            List<byte[]> payloads = new ArrayList<>();
            try (Checkpoint checkpoint = new Checkpoint(directory, SLOT_BYTES, new FailingDisk(seed))) {
                checkpoint.open();
                for (int i = random.nextInt(4); i >= 0; i--) {
                    byte[] payload = randomPayload(random, SLOT_BYTES - CheckpointFile.HEADER_BYTES);
                    assertTrue(checkpoint.write(payload, payload.length, payloads.size()), when);
                    payloads.add(payload);
                }
            }
            byte[] before = Files.readAllBytes(file());
            byte[] after = damaged(before, random);
            Files.write(file(), after);
            int expected = newestWhole(payloads, before, after);
            try (Checkpoint checkpoint = new Checkpoint(directory, SLOT_BYTES, new FailingDisk(seed))) {
                Opened opened = checkpoint.open();
                if (expected < 0) {
                    assertInstanceOf(Opened.Lost.class, opened, when);
                } else {
                    assertArrayEquals(
                            payloads.get(expected),
                            assertInstanceOf(Opened.Intact.class, opened, when).payload(),
                            when);
                    int last = payloads.size() - 1;
                    assertTrue(expected == last || isBlank(after, last % 2) || checkpoint.failures() > 0, when);
                }
                outcomes[expected < 0 ? 0 : expected == payloads.size() - 1 ? 1 : 2]++;
                assertTrue(checkpoint.write(new byte[] {7}, 1, 99), when);
            }
            try (Checkpoint checkpoint = new Checkpoint(directory, SLOT_BYTES, new FailingDisk(seed))) {
                assertEquals(
                        99,
                        assertInstanceOf(Opened.Intact.class, checkpoint.open(), when)
                                .takenAtMillis(),
                        when);
            }
        }
        for (int outcome : outcomes) {
            assertTrue(outcome > 40, "seed " + seed + ": lost, newest, older: " + Arrays.toString(outcomes));
        }
    }

    private static byte[] damaged(byte[] file, SplittableRandom random) {
        byte[] bytes = file.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            int from = random.nextInt(bytes.length);
            int to = Math.min(bytes.length, from + 1 + random.nextInt(random.nextBoolean() ? 4 : 600));
            switch (random.nextInt(4)) {
                case 0 -> bytes[from] ^= (byte) (1 << random.nextInt(8));
                case 1 -> Arrays.fill(bytes, from, to, (byte) 0);
                case 2 -> {
                    byte[] noise = new byte[to - from];
                    random.nextBytes(noise);
                    System.arraycopy(noise, 0, bytes, from, noise.length);
                }
                default -> {
                    if (i == 0) {
                        return Arrays.copyOf(bytes, from);
                    }
                }
            }
        }
        return bytes;
    }

    /** The newest payload of which no byte has changed, or -1. In a cut file the second slot is found by the first. */
    private static boolean isBlank(byte[] file, int slot) {
        return IntStream.range(slot * SLOT_BYTES, Math.min(file.length, (slot + 1) * SLOT_BYTES))
                .allMatch(at -> file[at] == 0);
    }

    private static int newestWhole(List<byte[]> payloads, byte[] before, byte[] after) {
        int last = payloads.size() - 1;
        boolean[] whole = new boolean[2];
        for (int i = Math.max(0, last - 1); i <= last; i++) {
            int from = i % 2 * SLOT_BYTES;
            int to = from + CheckpointFile.HEADER_BYTES + payloads.get(i).length;
            whole[i % 2] = to <= after.length && Arrays.equals(before, from, to, after, from, to);
        }
        whole[1] &= whole[0] || after.length == before.length;
        return whole[last % 2] ? last : last > 0 && whole[1 - last % 2] ? last - 1 : -1;
    }

    /** Each byte of a first record and of one that follows is once the last that is written. */
    @Test
    void aKillAtAnyByteLosesNothingThatWasWritten() throws IOException {
        byte[] payload = {1, 2, 3};
        for (boolean first : new boolean[] {true, false}) {
            long bytes = Long.MAX_VALUE;
            for (long killAt = 1; killAt <= bytes; killAt++) {
                String when = (first ? "first" : "next") + " record, byte " + killAt;
                clear(directory);
                FailingDisk disk = new FailingDisk(killAt);
                Checkpoint killed = new Checkpoint(directory, SMALL_SLOT_BYTES, disk);
                killed.open();
                if (!first) {
                    killed.write(payload, payload.length, 1);
                }
                long start = disk.bytesWritten;
                disk.bytesUntilKill = killAt;
                boolean written = false;
                try {
                    written = killed.write(payload, payload.length, 2);
                } catch (FailingDisk.Killed e) {
                    assertEquals(start + killAt, disk.bytesWritten, when);
                }
                disk.releaseAll();
                bytes = written ? 0 : bytes;
                try (Checkpoint checkpoint = new Checkpoint(directory, SMALL_SLOT_BYTES, new FailingDisk(1))) {
                    switch (checkpoint.open()) {
                        case Opened.Intact found -> {
                            assertArrayEquals(payload, found.payload(), when);
                            assertTrue(!first || written, when);
                            assertTrue(found.takenAtMillis() == 2 || !written, when);
                        }
                        case Opened.New _ -> assertTrue(first, when);
                        case Opened.Lost lost -> throw new AssertionError(when + ": " + lost.problem());
                        case Opened.Held held -> throw new AssertionError(when + ": " + held.problem());
                    }
                    assertTrue(checkpoint.write(payload, payload.length, 3), when);
                }
                clear(directory);
            }
        }
    }

    /**
     * Random failures of any step, kills, restarts, records that outgrow their slots: what was said to be written is
     * there, unless a later one is that had been begun.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void whateverFailsWhatWasSaidToBeWrittenIsThere(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        List<byte[]> possible = new ArrayList<>(); // the last that is sure, then those begun since
        boolean sure = false;
        int written = 0;
        int failed = 0;
        int kills = 0;
        for (int life = 0; life < 150; life++) {
            String when = "seed " + seed + ", life " + life;
            FailingDisk disk = new FailingDisk(random.nextLong());
            Checkpoint checkpoint = new Checkpoint(directory, SLOT_BYTES << random.nextInt(3), disk);
            switch (checkpoint.open()) {
                case Opened.Intact found -> {
                    assertTrue(
                            possible.stream().anyMatch(payload -> Arrays.equals(payload, found.payload())),
                            when + ": found another record than the last");
                    possible = new ArrayList<>(List.of(found.payload()));
                    sure = true;
                }
                case Opened.New _ -> assertTrue(!sure, when + ": lost");
                case Opened.Lost lost -> throw new AssertionError(when + ": " + lost.problem());
                case Opened.Held held -> throw new AssertionError(when + ": " + held.problem());
            }
            assertEquals("", checkpoint.failures() == 0 ? "" : healed(checkpoint), when);
            disk.failOnceIn(random.nextInt(3) * 8);
            disk.bytesUntilKill = random.nextBoolean() ? random.nextInt(4_000) + 1 : Long.MAX_VALUE;
            try {
                for (int i = random.nextInt(20); i > 0; i--) {
                    byte[] payload = randomPayload(random, random.nextInt(200) == 0 ? 5_000 : 450);
                    possible.add(payload);
                    if (checkpoint.write(payload, payload.length, i)) {
                        possible = new ArrayList<>(List.of(payload));
                        sure = true;
                        written++;
                    } else {
                        failed++;
                    }
                }
            } catch (FailingDisk.Killed e) {
                kills++;
            }
            disk.releaseAll();
            if (Files.exists(file()) && Files.size(file()) > 8 * SLOT_BYTES) { // too large for a kill to be likely
                clear(directory);
                possible = new ArrayList<>();
                sure = false;
            }
        }
        String how = "seed " + seed + ": written " + written + ", failed " + failed + ", kills " + kills;
        assertTrue(written > 200 && failed > 50 && kills > 20, how);
    }

    /** A slot that a kill has torn is found damaged, and that is all that may be found. */
    private static String healed(Checkpoint checkpoint) {
        return checkpoint.lastFailure().endsWith("slot is damaged") ? "" : checkpoint.lastFailure();
    }

    @Test
    void nothingIsWrittenOverBeforeWhatWasReadIsOnTheDisk() throws IOException {
        FailingDisk disk = new FailingDisk(1);
        try (Checkpoint checkpoint = new Checkpoint(directory, SLOT_BYTES, disk)) {
            checkpoint.open();
            checkpoint.write(new byte[] {1}, 1, 1);
        }
        try (Checkpoint checkpoint = new Checkpoint(directory, SLOT_BYTES, disk)) {
            checkpoint.open();
            int forces = disk.forces;
            disk.bytesUntilKill = 1; // the first byte that is written
            boolean killed = false;
            try {
                checkpoint.write(new byte[] {2}, 1, 2);
            } catch (FailingDisk.Killed e) {
                killed = true;
            }
            assertTrue(killed);
            assertEquals(forces + 1, disk.forces);
        }
    }
}

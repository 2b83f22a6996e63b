package io.denywatch.kmsg;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.tail.FakeKernel;
import io.denywatch.tail.FileTail.Start;
import io.denywatch.tail.LineHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random misfortunes against a list of all that the kernel ever logged: what was handed over and what was lost are all
 * of it, and nothing is both, or twice.
 */
@Timeout(600) // a reader that never comes back would hang the build
class KmsgTailModelTest {
    private static final int ROUNDS = 300;
    private static final int STEPS = 60;

    /** What a crash leaves: the state, and what had been counted when it was saved. */
    private record Checkpoint(String state, List<String> counted) {}

    private static final class World {
        private final SplittableRandom random;
        private final FakeKernel kernel;
        private final List<String> history = new ArrayList<>(); // of this boot
        private List<String> counted = new ArrayList<>();
        private Checkpoint checkpoint;
        private long neverSeen; // logged in earlier boots behind the last record that was counted there
        private long loggedBefore;
        private int boot = 1;
        private int reboots;
        private long now = 1_800_000_000_000L;
        private KmsgTail tail;

        World(long seed) throws IOException {
            random = new SplittableRandom(seed);
            kernel = new FakeKernel(2 + random.nextInt(12));
            tail = tail();
            checkpoint = save();
        }

        private KmsgTail tail() {
            return new KmsgTail(kernel, Start.BEGINNING, () -> Instant.EPOCH, 1 << 15);
        }

        private void log() {
            String text = boot + "-" + kernel.next();
            boolean kernels = random.nextInt(4) > 0;
            kernel.record((kernels ? 5 : 13) + "," + kernel.next() + "," + random.nextInt(1_000) + ",-;" + text
                    + (random.nextInt(5) == 0 ? "\n DEVICE=+pci:1\n" : "\n"));
            history.add(text);
        }

        private final LineHandler handler = new LineHandler() {
            @Override
            public void line(byte[] buffer, int offset, int length) {
                counted.add(new String(buffer, offset, length, ISO_8859_1));
            }

            @Override
            public void userMessage(byte[] buffer, int offset, int length) {
                line(buffer, offset, length);
            }
        };

        private void poll() {
            now += random.nextInt(200);
            tail.poll(handler, now);
        }

        private Checkpoint save() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            tail.save(new DataOutputStream(bytes));
            return new Checkpoint(bytes.toString(ISO_8859_1), List.copyOf(counted));
        }

        /** Goes back to what was saved last, as a process does that was killed. */
        private void crash() throws IOException {
            tail.close();
            counted = new ArrayList<>(checkpoint.counted);
            tail = tail();
            tail.restore(new DataInputStream(new ByteArrayInputStream(checkpoint.state.getBytes(ISO_8859_1))));
        }

        private void reboot() throws IOException {
            settle();
            checkpoint = save();
            int more = random.nextInt(4); // never seen by anybody
            for (int i = 0; i < more; i++) {
                kernel.hold();
                log();
            }
            crash();
            loggedBefore += history.size();
            neverSeen += more;
            kernel.reboot();
            kernel.release();
            history.clear();
            boot++;
            reboots++;
            log();
            settle();
        }

        /** Until all that the kernel has is counted. */
        private void settle() {
            kernel.release();
            kernel.failRead(null);
            log(); // what comes after a loss shows it
            boolean settled = false;
            while (!settled) {
                boolean idle = kernel.isReaderWaiting(); // asked before the poll that takes what it read
                now += KmsgTail.RETRY_MILLIS;
                poll();
                settled = idle && tail.snapshot().readable() && tail.atEnd();
                Thread.onSpinWait();
            }
        }

        void step() throws IOException {
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> log();
                case 4, 5 -> poll();
                case 6 -> checkpoint = save();
                case 7 -> crash();
                case 8 -> kernel.hold();
                case 9 -> kernel.release();
                case 10 -> kernel.failRead(random.nextBoolean() ? new IOException("Input/output error") : null);
                default -> {
                    if (random.nextInt(4) == 0) {
                        reboot();
                    }
                }
            }
        }

        void check(String why) {
            settle();
            Set<String> distinct = new HashSet<>(counted);
            assertEquals(distinct.size(), counted.size(), () -> "counted twice, " + why + ": " + counted);
            long logged = loggedBefore + history.size();
            assertEquals(
                    logged - neverSeen,
                    counted.size() + tail.snapshot().kmsgLostRecords(),
                    () -> "counted and lost are not all, " + why + ": " + counted);
            assertEquals((long) reboots, tail.snapshot().gaps().get("reboot"), why);
        }
    }

    @Test
    void countsOrMissesEachRecordOnce() throws IOException {
        for (int seed = 0; seed < ROUNDS; seed++) {
            World world = new World(seed);
            world.log();
            world.settle();
            world.checkpoint = world.save();
            try {
                for (int step = 0; step < STEPS; step++) {
                    world.step();
                }
                world.check("seed " + seed);
            } finally {
                world.tail.close();
            }
        }
    }
}

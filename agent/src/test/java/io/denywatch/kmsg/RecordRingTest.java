package io.denywatch.kmsg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RecordRingTest {
    private static final int CAPACITY = 256;
    private static final int LENGTH_MAX = 100;

    @Test
    void givesBackWhatWasPutInItsOrder() {
        byte[] buffer = new byte[LENGTH_MAX];
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RecordRing ring = new RecordRing(CAPACITY);
            Deque<ByteBuffer> model = new ArrayDeque<>();
            Deque<Long> times = new ArrayDeque<>();
            for (int step = 0; step < 500; step++) {
                byte[] record = new byte[1 + random.nextInt(LENGTH_MAX)];
                random.nextBytes(record);
                if (random.nextInt(5) < 3 && ring.hasRoom(record.length)) {
                    ring.put(ByteBuffer.wrap(record), record.length, step);
                    model.add(ByteBuffer.wrap(record));
                    times.add((long) step);
                } else if (!model.isEmpty()) {
                    int length = ring.take(buffer);
                    assertEquals(model.remove(), ByteBuffer.wrap(buffer, 0, length), "seed " + seed);
                    assertEquals(times.remove(), ring.takenAtMillis(), "seed " + seed);
                }
                assertEquals(model.isEmpty(), ring.position() == ring.end(), "seed " + seed);
            }
        }
    }

    @Test
    void hasRoomForAsMuchAsItSays() {
        RecordRing ring = new RecordRing(CAPACITY);
        int put = 0;
        while (ring.hasRoom(16)) {
            ring.put(ByteBuffer.allocate(16), 16, 0);
            put++;
        }
        assertEquals(CAPACITY / 32, put);
        assertFalse(ring.hasRoom(1));
        ring.take(new byte[16]);
        assertTrue(ring.hasRoom(16));
        assertFalse(ring.hasRoom(17));
    }

    @Test
    void handsOverBetweenThreadsWithoutLossOrDamage() throws InterruptedException {
        int records = 200_000;
        RecordRing ring = new RecordRing(1 << 12);
        Thread producer = new Thread(() -> {
            ByteBuffer record = ByteBuffer.allocateDirect(LENGTH_MAX);
            for (int i = 0; i < records; ) {
                int length = Integer.BYTES + i % 64;
                if (ring.hasRoom(length)) {
                    record.putInt(0, i).put(length - 1, (byte) i);
                    ring.put(record, length, i);
                    i++;
                } else {
                    Thread.onSpinWait();
                }
            }
        });
        producer.start();
        byte[] buffer = new byte[LENGTH_MAX];
        for (int i = 0; i < records; ) {
            if (ring.position() == ring.end()) {
                Thread.onSpinWait();
                continue;
            }
            int length = ring.take(buffer);
            assertEquals(Integer.BYTES + i % 64, length);
            assertEquals(i, ring.takenAtMillis());
            assertEquals((byte) i, buffer[length - 1]);
            i++;
        }
        producer.join();
    }

    @Test
    void refusesASizeThatIsNoPowerOfTwo() {
        assertThrows(IllegalArgumentException.class, () -> new RecordRing(1_000));
        assertThrows(IllegalArgumentException.class, () -> new RecordRing(16));
    }
}

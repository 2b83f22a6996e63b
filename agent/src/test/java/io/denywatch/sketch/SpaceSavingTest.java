package io.denywatch.sketch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.denial.WindowModel;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpaceSavingTest {
    private static final int[] CAPACITIES = {1, 2, 3, 15, 16, 17, 40, 64, 1000};

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 150", "3, 100", "5, 40", "5, 200", "5, 600"})
    void boundsHoldForEachKeyAfterEachStep(int slices, int turnEvery) {
        for (int capacity : CAPACITIES) {
            long seed = 31L * capacity + turnEvery;
            SplittableRandom random = new SplittableRandom(seed);
            WindowModel model = new WindowModel(slices, capacity, seed);
            for (int step = 0; step < 2000; step++) {
                if (turnEvery > 0 && random.nextInt(turnEvery) == 0) {
                    model.turn();
                } else {
                    model.count(WindowModel.randomKey(random, step), 1 + random.nextInt(3) * random.nextInt(5));
                }
                model.check();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void findsEachHeavySourceUnderAFlood(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        WindowModel model = new WindowModel(5, 64, seed);
        long spoofed = 1_000;
        for (int slice = 0; slice < 12; slice++) {
            for (int i = 0; i < 4_000; i++) {
                boolean heavy = random.nextInt(4) != 0;
                model.count(heavy ? random.nextInt(20) : spoofed++, 1);
            }
            long share = model.packetsInWindow() / 64;
            int bound = model.table.untrackedAtMost();
            assertTrue(bound <= share, "seed " + seed + ": bound " + bound + " is above N / capacity, " + share);
            for (int key = 0; key < 20; key++) {
                int truth = model.packets(key);
                String what = "seed " + seed + ", slice " + slice + ", source " + key + " with " + truth + " packets";
                assertTrue(truth > bound, what + " is not above the stated bound");
                assertTrue(model.find(key) >= 0, what + " is not tracked");
            }
            assertEquals(
                    IntStream.range(0, 20).boxed().toList(),
                    Arrays.stream(model.table.heap.top(20))
                            .map(entry -> (int) (model.table.keys.low(entry) * 3 + model.table.keys.high(entry)))
                            .sorted()
                            .boxed()
                            .toList(),
                    "seed " + seed + ", slice " + slice);
            model.turn();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 100, 1024})
    void errorsDoNotPileUpWhileAFloodGoesOn(int capacity) {
        WindowModel model = new WindowModel(5, capacity, capacity);
        long spoofed = 0;
        for (int slice = 0; slice < 60; slice++) {
            for (int i = 0; i < 20 * capacity; i++) {
                model.count(spoofed++, 1);
            }
            long share = model.packetsInWindow() / capacity;
            int bound = model.table.untrackedAtMost();
            assertTrue(bound <= share + 5, "slice " + slice + ": " + bound + " where N / capacity is " + share);
            model.turn();
        }
    }

    @Test
    void isExactAgainOnceWhatItForgotHasLeftTheWindow() {
        WindowModel model = new WindowModel(5, 16, 7);
        for (int key = 0; key < 1000; key++) {
            model.count(key, 1);
        }
        assertTrue(model.table.untrackedAtMost() > 0);
        for (int slice = 0; slice < 4; slice++) {
            model.turn();
            assertTrue(model.table.untrackedAtMost() > 0, "slice " + slice);
        }
        model.turn();
        assertEquals(0, model.table.untrackedAtMost());
        assertEquals(0, model.table.size());
        model.count(1, 3);
        assertEquals(3, model.table.atMost(model.find(1)));
    }

    @Test
    void dropsWhatIdlesForAWholeWindowAndNotSooner() {
        WindowModel model = new WindowModel(5, 16, 8);
        model.count(1, 1);
        model.turn();
        model.count(2, 1);
        for (int slice = 1; slice < 4; slice++) {
            model.turn();
        }
        assertEquals(2, model.table.size());
        model.turn();
        assertEquals(1, model.table.size());
        assertTrue(model.find(2) >= 0);
        assertEquals(1, model.table.evictedIdle());
        assertEquals(0, model.table.evictedForCapacity());
    }

    @Test
    void stopsCountingAtTheGreatestInt() {
        WindowModel model = new WindowModel(5, 2, 9);
        model.count(1, Integer.MAX_VALUE);
        model.table.count(model.find(1), Integer.MAX_VALUE, 2);
        model.count(2, 1);
        model.count(3, 1);
        assertEquals(Integer.MAX_VALUE, model.table.packets(model.find(1)));
        assertEquals(Integer.MAX_VALUE, model.table.atMost(model.find(1)));
        assertEquals(2, model.table.atMost(model.find(3)));
    }

    @Test
    void ranksByUpperBoundThenByLower() {
        WindowModel model = new WindowModel(1, 3, 10);
        model.count(1, 2);
        model.count(2, 5);
        model.count(3, 4);
        model.count(4, 2); // takes the place of 1, at most 2 + 2
        int[] expected = {model.find(2), model.find(3), model.find(4)};
        assertEquals(4, model.table.atMost(expected[1]));
        assertEquals(4, model.table.atMost(expected[2]));
        assertEquals(Arrays.toString(expected), Arrays.toString(model.table.heap.top(10)));
        assertEquals(Arrays.toString(Arrays.copyOf(expected, 2)), Arrays.toString(model.table.heap.top(2)));
        assertEquals(0, model.table.heap.top(0).length);
    }

    @Test
    void takesTheBytesThatTheFormulaSays() {
        for (int slices : new int[] {1, 5}) {
            WindowModel model = new WindowModel(slices, 1024, 11);
            assertTrue(model.table.bytes() <= 16L * SpaceSaving.bytesPerEntry(slices));
            for (int key = 0; key < 5000; key++) {
                model.count(key, 1);
            }
            assertEquals(1024L * SpaceSaving.bytesPerEntry(slices), model.table.bytes());
        }
    }
}

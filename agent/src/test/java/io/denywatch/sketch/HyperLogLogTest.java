package io.denywatch.sketch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HyperLogLogTest {
    private static final double STANDARD_ERROR = 1.04 / Math.sqrt(4096);

    private static final long IPV4 = 0x0000_ffff_0000_0000L;

    @ParameterizedTest
    @ValueSource(ints = {100, 1_000, 5_000, 10_000, 20_000, 100_000, 1_000_000})
    void staysWithinThreeStandardErrors(int distinct) {
        double squares = 0;
        for (long seed = 1; seed <= 8; seed++) {
            SeededHash hash = new SeededHash(seed);
            HyperLogLog sketch = new HyperLogLog();
            for (int i = 0; i < distinct; i++) {
                sketch.add(hash.of(0, IPV4 | i)); // neighbouring addresses: the hash must spread them
            }
            double error = (double) sketch.estimate() / distinct - 1;
            assertTrue(Math.abs(error) <= 3 * STANDARD_ERROR, "seed " + seed + ": off by " + error);
            squares += error * error;
        }
        assertTrue(Math.sqrt(squares / 8) <= 2 * STANDARD_ERROR, "root mean square " + Math.sqrt(squares / 8));
    }

    @Test
    void isNothingWhenEmptyOrCleared() {
        HyperLogLog sketch = new HyperLogLog();
        assertEquals(0, sketch.estimate());
        sketch.add(42);
        assertEquals(1, sketch.estimate());
        sketch.clear();
        assertEquals(0, sketch.estimate());
    }

    @Test
    void isFiniteAtTheHashesFarthestOut() {
        HyperLogLog sketch = new HyperLogLog();
        for (long index = 0; index < 4096; index++) {
            sketch.add(index << 52);
        }
        assertTrue(sketch.estimate() > 1L << 60, "every register is at its most");
    }

    @Test
    void countsAHashOnceHoweverOftenItComes() {
        SeededHash hash = new SeededHash(3);
        HyperLogLog once = new HyperLogLog();
        HyperLogLog often = new HyperLogLog();
        for (int i = 0; i < 50_000; i++) {
            often.add(hash.of(1, i % 500));
            if (i < 500) {
                once.add(hash.of(1, i));
            }
        }
        assertEquals(once.estimate(), often.estimate());
    }

    @Test
    void unionIsWhatOneSketchOfAllWouldSay() {
        SeededHash hash = new SeededHash(4);
        HyperLogLog union = new HyperLogLog();
        HyperLogLog direct = new HyperLogLog();
        for (int part = 0; part < 5; part++) {
            HyperLogLog sketch = new HyperLogLog();
            for (int i = 0; i < 3000; i++) {
                long key = hash.of(part / 2, i * (part + 1L)); // parts overlap
                sketch.add(key);
                direct.add(key);
            }
            union.addAll(sketch);
        }
        assertEquals(direct.estimate(), union.estimate());
    }
}

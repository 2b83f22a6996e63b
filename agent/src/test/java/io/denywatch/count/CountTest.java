package io.denywatch.count;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class CountTest {
    private static final long SEED = 20_261_130;
    private static final int SUMS = 100_000;

    private final SplittableRandom random = new SplittableRandom(SEED);

    /** From 0 to {@code max}, often near a power of two. */
    private long draw(long max) {
        long near = (1L << random.nextInt(63)) + random.nextInt(-2, 3);
        return Math.clamp(random.nextBoolean() ? near : random.nextLong(Long.MAX_VALUE), 0, max);
    }

    @Test
    void addsLikeNumbersWithoutEndUpToTheBound() {
        for (int i = 0; i < SUMS; i++) {
            long counter = draw(Count.MAX);
            long more = draw(Long.MAX_VALUE);
            BigInteger sum = BigInteger.valueOf(counter).add(BigInteger.valueOf(more));
            assertEquals(
                    sum.min(BigInteger.valueOf(Count.MAX)).longValueExact(),
                    Count.sum(counter, more),
                    () -> counter + " + " + more + ", seed " + SEED);
        }
    }

    @Test
    void everyCountIsExactAsADoubleAndTheBoundIsTheLastSuch() {
        for (int i = 0; i < SUMS; i++) {
            long counter = draw(Count.MAX);
            assertEquals(counter, (long) (double) counter);
        }
        assertTrue((double) (Count.MAX - 1) < (double) Count.MAX);
        assertEquals((double) Count.MAX, (double) (Count.MAX + 1));
    }

    @Test
    void aThousandCountersAddUpToALong() {
        assertEquals(
                1023 * Count.MAX,
                LongStream.generate(() -> Count.MAX).limit(1023).reduce(0, Math::addExact));
    }

    @Test
    void takesTheNearestForWhatNoCounterCanHave() {
        assertEquals(0, Count.nearest(-1));
        assertEquals(0, Count.nearest(Long.MIN_VALUE));
        assertEquals(7, Count.nearest(7));
        assertEquals(Count.MAX, Count.nearest(Count.MAX));
        assertEquals(Count.MAX, Count.nearest(Long.MAX_VALUE));
    }
}

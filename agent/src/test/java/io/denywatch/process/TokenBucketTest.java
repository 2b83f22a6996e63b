package io.denywatch.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final int BURST = 10;
    private static final int INTERVAL = 30_000;

    @Test
    void inNoSpanDoMorePassThanTheBurstAndOneEachInterval() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            TokenBucket bucket = new TokenBucket(BURST, INTERVAL);
            List<Long> passed = new ArrayList<>();
            long now = 1_000_000;
            for (int i = 0; i < 500; i++) {
                now += random.nextInt(random.nextBoolean() ? 100 : 100_000);
                if (bucket.take(now)) {
                    passed.add(now);
                }
            }
            for (int from = 0; from < passed.size(); from++) {
                for (int to = from; to < passed.size(); to++) {
                    long span = passed.get(to) - passed.get(from);
                    assertTrue(to - from + 1 <= BURST + 1 + span / INTERVAL, "seed " + seed + ", span " + span);
                }
            }
        }
    }

    @Test
    void afterABurstExactlyOnePassesEachInterval() {
        TokenBucket bucket = new TokenBucket(BURST, INTERVAL);
        int passed = 0;
        for (long now = 0; now < 20L * INTERVAL; now += 1_000) {
            passed += bucket.take(now) ? 1 : 0;
        }
        assertEquals(BURST + 19, passed);
    }

    @Test
    void aClockThatIsSetBackLetsNothingMorePass() {
        TokenBucket bucket = new TokenBucket(1, INTERVAL);
        assertTrue(bucket.take(INTERVAL * 100L));
        assertEquals(false, bucket.take(0));
        assertEquals(false, bucket.take(INTERVAL * 100L + INTERVAL - 1));
        assertTrue(bucket.take(INTERVAL * 101L));
    }

    @Test
    void tellsHowManyAskedSinceTheLastThatPassed() {
        TokenBucket failures = new TokenBucket(1, TimeUnit.MINUTES.toNanos(1));
        long start = -TimeUnit.SECONDS.toNanos(90); // a clock of no meaning
        assertEquals(1, failures.takeAll(start));
        for (int second = 1; second < 60; second++) {
            assertEquals(0, failures.takeAll(start + TimeUnit.SECONDS.toNanos(second)));
        }
        assertEquals(60, failures.takeAll(start + TimeUnit.SECONDS.toNanos(60)));
        assertEquals(1, failures.takeAll(start + TimeUnit.SECONDS.toNanos(300)));
    }
}

package io.denywatch.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OncePerMinuteTest {
    @Test
    void tellsTheFirstAndThenHowManyThereWereInAMinute() {
        OncePerMinute failures = new OncePerMinute();
        long start = -TimeUnit.SECONDS.toNanos(90); // a clock of no meaning
        assertEquals(1, failures.happened(start));
        for (int second = 1; second < 60; second++) {
            assertEquals(0, failures.happened(start + TimeUnit.SECONDS.toNanos(second)));
        }
        assertEquals(60, failures.happened(start + TimeUnit.SECONDS.toNanos(60)));
        assertEquals(1, failures.happened(start + TimeUnit.SECONDS.toNanos(300)));
    }
}

package io.denywatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.command.TestWorld;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LoopTest {
    private final AtomicInteger broken = new AtomicInteger();

    private Loops loops() {
        return new Loops(new TestWorld().world(), broken::incrementAndGet);
    }

    @Test
    @Timeout(600)
    void aRoundThatWaitsForAnAnswerIsGivenUpAtTheEnd() throws InterruptedException {
        CountDownLatch waiting = new CountDownLatch(1);
        try (Loops loops = loops()) {
            loops.startWaiting("cluster", nowMillis -> {
                waiting.countDown();
                try {
                    new CountDownLatch(1).await(); // an answer that never comes
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return 1;
            });
            waiting.await();
        }
        assertEquals(0, broken.get());
    }

    @Test
    @Timeout(600)
    void aRoundThatReadsAFileIsNotInterrupted() throws InterruptedException {
        CountDownLatch waiting = new CountDownLatch(2);
        CountDownLatch ended = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        try (Loops loops = loops()) {
            loops.start("ingest", nowMillis -> {
                waiting.countDown();
                try {
                    ended.await();
                } catch (InterruptedException e) {
                    interrupted.set(true);
                }
                return 0;
            });
            loops.startWaiting("cluster", nowMillis -> {
                waiting.countDown();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    ended.countDown(); // both are asked to end before either is waited for
                }
                return 0;
            });
            waiting.await();
        }
        assertEquals(0, broken.get());
        assertTrue(!interrupted.get(), "the ingest loop was interrupted");
    }

    @Test
    @Timeout(600)
    void aLoopThatEndsByItselfIsReported() throws InterruptedException {
        CountDownLatch reported = new CountDownLatch(1);
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        try (Loops loops = new Loops(new TestWorld().world(), reported::countDown)) {
            loops.startWaiting("cluster", nowMillis -> {
                Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> thrown.set(e));
                Thread.currentThread().interrupt(); // by nobody who may
                return 0;
            });
            reported.await();
        }
        assertEquals(
                "nobody interrupts cluster",
                Objects.requireNonNull(thrown.get()).getMessage());
    }
}

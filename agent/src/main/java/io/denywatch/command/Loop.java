package io.denywatch.command;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongToIntFunction;

/** Runs one piece of work over and over on a thread of its own, and rests while there is none. */
final class Loop implements AutoCloseable {
    private static final long IDLE_MILLIS = 100;

    private final LongToIntFunction work;
    private final World world;
    private final Runnable broken;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /**
     * A loop that {@link #start} starts.
     *
     * @param work takes the time in Unix milliseconds and returns 0 when it found nothing to do
     * @param broken called when the work threw what it should not have: the thread ends, and the process should
     */
    Loop(String name, LongToIntFunction work, World world, Runnable broken) {
        this.work = work;
        this.world = world;
        this.broken = broken;
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    /** Begins. */
    void start() {
        thread.start();
    }

    private void run() {
        try {
            boolean idle = false;
            while (!closed.await(idle ? IDLE_MILLIS : 0, TimeUnit.MILLISECONDS)) {
                idle = work.applyAsInt(world.clock().millis()) == 0;
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts " + thread.getName(), e);
        } finally {
            if (closed.getCount() > 0) {
                broken.run();
            }
        }
    }

    /** Ends after the round that is running. */
    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

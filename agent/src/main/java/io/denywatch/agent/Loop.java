package io.denywatch.agent;

import io.denywatch.process.ProcessContext;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongToIntFunction;

/**
 * Repeats one piece of work on a thread of its own and sleeps while there is nothing to do. Confined to the main
 * thread.
 */
final class Loop implements AutoCloseable {
    private static final long IDLE_MILLIS = 100;

    private final LongToIntFunction work;
    private final ProcessContext world;
    private final boolean waitsForOthers;
    private final Runnable broken;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /**
     * A loop that {@link #start} starts.
     *
     * @param work takes the time in Unix milliseconds and returns 0 when it found nothing to do
     * @param waitsForOthers whether a round may wait long for an answer, and gives up when interrupted
     * @param broken called when the work threw an unexpected exception; the thread ends, and the process should end too
     */
    Loop(String name, LongToIntFunction work, boolean waitsForOthers, ProcessContext world, Runnable broken) {
        this.work = work;
        this.waitsForOthers = waitsForOthers;
        this.world = world;
        this.broken = broken;
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    /** Starts the thread. */
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
            if (closed.getCount() > 0) {
                throw new IllegalStateException("nobody interrupts " + thread.getName(), e);
            }
        } finally {
            if (closed.getCount() > 0) {
                broken.run();
            }
        }
    }

    /** Asks it to end after the round that is running; returns at once. */
    void end() {
        closed.countDown();
        if (waitsForOthers) {
            thread.interrupt(); // other loops are not interrupted: that would close the file being read
        }
    }

    /** Ends the loop and waits until it has ended. */
    @Override
    public void close() {
        end();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.denywatch.process;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGINT and SIGTERM as a {@link Stop}. The JVM answers both by running shutdown hooks: ours asks the command to end,
 * waits for it, and then ends the process with the command's own exit code instead of 130 or 143.
 */
public final class StopSignal implements Stop {
    /** How long a command that has noticed the signal may take to end before the process ends anyway. */
    private static final long GRACE_SECONDS = 10;

    /**
     * Time for a command to notice the signal. A command that does not, or that waits in a read that does not return (a
     * FIFO, a terminal), has nothing to save.
     */
    private static final long NOTICE_MILLIS = 500;

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch noticed = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile int exitCode;

    /** A signal that the process's shutdown will raise. */
    public static StopSignal onShutdown() {
        StopSignal signal = new StopSignal();
        Runtime.getRuntime().addShutdownHook(new Thread(signal::stopAndHalt, "stop"));
        return signal;
    }

    private void stopAndHalt() {
        if (finished.getCount() == 0) {
            return; // an ordinary exit: the code is set already
        }
        requested.countDown();
        try {
            if (noticed.await(NOTICE_MILLIS, TimeUnit.MILLISECONDS)
                    && finished.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
                Runtime.getRuntime().halt(exitCode);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Says that the command has ended with this code and written all that it had to write. */
    public void finished(int code) {
        exitCode = code;
        finished.countDown();
        noticed.countDown();
    }

    @Override
    public boolean requested() {
        return notice(requested.getCount() == 0);
    }

    private boolean notice(boolean isRequested) {
        if (isRequested) {
            noticed.countDown();
        }
        return isRequested;
    }

    @Override
    public void pause(long nanos) {
        try {
            boolean ignored = notice(requested.await(nanos, TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a command", e);
        }
    }

    @Override
    public void await() {
        try {
            requested.await();
            noticed.countDown();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a command", e);
        }
    }
}

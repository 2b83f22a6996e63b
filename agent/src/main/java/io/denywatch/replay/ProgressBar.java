package io.denywatch.replay;

import io.denywatch.process.ProcessContext;
import java.util.Locale;

/** Shows the progress over files of known size in one line of the terminal, and erases it at the end. */
final class ProgressBar implements AutoCloseable {
    private static final long INTERVAL_MICROS = 100_000;
    private static final int WIDTH = 30;
    private static final double MICROS = 1e6;
    private static final String ERASE = "\r\u001b[K";

    private final ProcessContext world;
    private final long totalBytes;
    private final long startMicros;
    private long shownMicros;

    /** A bar for this many bytes; invisible if standard error is not a terminal. */
    ProgressBar(ProcessContext world, long totalBytes) {
        this.world = world;
        this.totalBytes = totalBytes;
        startMicros = world.nowMicros();
        shownMicros = startMicros;
    }

    /** Updates the bar, but not more often than a person can read. */
    void show(long bytes, long lines) {
        if (!world.terminal()) {
            return;
        }
        long now = world.nowMicros();
        if (now - shownMicros < INTERVAL_MICROS) {
            return;
        }
        shownMicros = now;
        world.err().print(ERASE + text(bytes, lines, (now - startMicros) / MICROS));
        world.err().flush();
    }

    private String text(long bytes, long lines, double seconds) {
        double done = totalBytes == 0 ? 1 : Math.min(1, (double) bytes / totalBytes);
        int filled = (int) (done * WIDTH);
        long secondsLeft = done == 0 ? 0 : Math.round(seconds / done - seconds);
        return String.format(
                Locale.ROOT,
                "[%s%s] %3.0f %%  %.0f MB/s  %.2f M lines/s  %d:%02d left",
                "#".repeat(filled),
                " ".repeat(WIDTH - filled),
                100 * done,
                bytes / seconds / 1e6,
                lines / seconds / 1e6,
                secondsLeft / 60,
                secondsLeft % 60);
    }

    @Override
    public void close() {
        if (world.terminal()) {
            world.err().print(ERASE);
            world.err().flush();
        }
    }
}

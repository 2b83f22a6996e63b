package io.denywatch.command;

import io.denywatch.process.ProcessContext;
import io.denywatch.process.StandardOutput;
import io.denywatch.process.Stop;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** A process for one command: its streams are memory, its clock moves only while the command waits. */
public final class TestWorld {
    private final StringWriter err = new StringWriter();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private volatile Instant now = Instant.parse("2026-03-01T10:00:00.000001Z");
    private Instant latest = Instant.MAX;
    private Predicate<String> done = _ -> false;
    private int pausesLeft = Integer.MAX_VALUE;
    private byte[] in = {};
    private Map<String, String> environment = Map.of();
    private Duration patience = Duration.ofMinutes(2);

    /** Asks the command to stop when it has waited so many times. */
    public TestWorld stoppingAfter(int pauses) {
        pausesLeft = pauses;
        return this;
    }

    public TestWorld withInput(byte[] bytes) {
        in = bytes.clone();
        return this;
    }

    public TestWorld withEnvironment(Map<String, String> variables) {
        environment = variables;
        return this;
    }

    /** Gives up so soon on what does not answer; for tests in which nothing that is asked answers. */
    public TestWorld withPatience(Duration time) {
        patience = time;
        return this;
    }

    /**
     * Lets a command with threads of its own live until it has said something, or for a minute: its clock, which goes up
     * to 50 seconds on from a time, is faster than the real one.
     */
    TestWorld living(Instant from, Predicate<String> enough) {
        now = from;
        latest = from.plusSeconds(50);
        pausesLeft = 60_000;
        done = enough;
        return this;
    }

    public ProcessContext world() {
        Stop stop = new Stop() {
            @Override
            public boolean requested() {
                return pausesLeft <= 0 || done.test(out());
            }

            @Override
            public void pause(long nanos) {
                pausesLeft--;
                if (latest.equals(Instant.MAX)) {
                    now = now.plus(Duration.ofNanos(nanos));
                } else {
                    now = now.isBefore(latest) ? now.plusMillis(10) : now;
                    LockSupport.parkNanos(1_000_000);
                }
            }

            @Override
            public void await() {
                throw new AssertionError("would wait for ever");
            }
        };
        return new ProcessContext(
                new ByteArrayInputStream(in),
                new StandardOutput(out, false),
                new PrintWriter(err, true),
                false,
                () -> now,
                environment,
                "test-host",
                stop,
                patience);
    }

    public int run(Object... arguments) {
        String[] texts = new String[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            texts[i] = arguments[i].toString();
        }
        return Program.run(world(), texts);
    }

    public String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    public String err() {
        return err.toString();
    }
}

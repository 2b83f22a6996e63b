package io.denywatch.agent;

import io.denywatch.process.ProcessContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongToIntFunction;

/** The threads of one process, started in order and closed in reverse order. Confined to the main thread. */
final class Loops implements AutoCloseable {
    private final ProcessContext world;
    private final Runnable broken;
    private final Deque<Loop> loops = new ArrayDeque<>();

    /**
     * No threads yet.
     *
     * @param broken called when any of them ends because of an unexpected error
     */
    Loops(ProcessContext world, Runnable broken) {
        this.world = world;
        this.broken = broken;
    }

    /** Starts a thread that does this work over and over, as {@link Loop} says. */
    void start(String name, LongToIntFunction work) {
        start(new Loop(name, work, false, world, broken));
    }

    /** The same for work that may wait long for an answer: it is interrupted at the end. */
    void startWaiting(String name, LongToIntFunction work) {
        start(new Loop(name, work, true, world, broken));
    }

    private void start(Loop loop) {
        loops.push(loop);
        loop.start();
    }

    @Override
    public void close() {
        loops.forEach(Loop::end); // all at once, so that none waits for another
        loops.forEach(Loop::close);
        loops.clear();
    }
}

package io.denywatch.command;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongToIntFunction;

/** The threads of one process: made in order, closed in the opposite one. Confined to the main thread. */
final class Loops implements AutoCloseable {
    private final World world;
    private final Runnable broken;
    private final Deque<Loop> loops = new ArrayDeque<>();

    /**
     * None yet.
     *
     * @param broken called when any of them ends by an error of its own
     */
    Loops(World world, Runnable broken) {
        this.world = world;
        this.broken = broken;
    }

    /** Starts a thread that does this work over and over, as {@link Loop} says. */
    void start(String name, LongToIntFunction work) {
        Loop loop = new Loop(name, work, world, broken);
        loops.push(loop);
        loop.start();
    }

    @Override
    public void close() {
        loops.forEach(Loop::close);
        loops.clear();
    }
}

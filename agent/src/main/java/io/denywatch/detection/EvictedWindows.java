package io.denywatch.detection;

/**
 * What was dropped from bounded memory before it could reach a threshold, since start. Immutable.
 *
 * @param sources forgotten, windows and all, because the table of sources was full
 * @param windows of one source emptied, all its windows at a time, because the pool that windows are made of was full
 */
public record EvictedWindows(long sources, long windows) {
    /** Nothing. */
    public static final EvictedWindows NONE = new EvictedWindows(0, 0);
}

package io.denywatch.detection;

/**
 * What was dropped from bounded memory before it could reach a threshold, since start. Immutable.
 *
 * @param sources sources dropped with their windows because the table of sources was full
 * @param windows how often all windows of one source were emptied because the pool of window nodes was full
 */
public record EvictedWindows(long sources, long windows) {
    /** Nothing was dropped. */
    public static final EvictedWindows NONE = new EvictedWindows(0, 0);
}

package io.denywatch.ingest;

/**
 * How durable the counts are.
 *
 * @param failures checkpoints that could not be written or not be read back, since the process began
 * @param durableAtMillis Unix time in milliseconds at which everything counted was last known to be on the disk; 0 for
 *     never
 * @param stateLost whether counts of an earlier process were there and could not be read
 */
public record CheckpointStatus(long failures, long durableAtMillis, boolean stateLost) {}

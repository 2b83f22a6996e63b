package io.denywatch.blocklist;

/**
 * Bounds on what a blocklist can do when its rules are wrong, or its evidence forged.
 *
 * @param entriesMax sources blocked by this agent at a time, 1 to {@link #ENTRIES_MAX}
 * @param newEntriesPerMinuteMax sources newly blocked in any minute, 1 to 1,000
 * @param onePacketSourcesMax sources first seen in the last minute that sent a single packet; with more, the breaker opens
 */
public record Rails(int entriesMax, int newEntriesPerMinuteMax, int onePacketSourcesMax) {
    /** The most entries that an agent may have: all nodes together stay far below what the data plane can take. */
    public static final int ENTRIES_MAX = 5_000;

    /** The most new entries a minute. */
    public static final int NEW_ENTRIES_PER_MINUTE_MAX = 1_000;

    /** The most sources of one packet that the breaker may be told to bear. */
    public static final int ONE_PACKET_SOURCES_MAX = 100_000;

    /** Checks the ranges. */
    public Rails {
        check("entriesMax", entriesMax, ENTRIES_MAX);
        check("newEntriesPerMinuteMax", newEntriesPerMinuteMax, NEW_ENTRIES_PER_MINUTE_MAX);
        check("onePacketSourcesMax", onePacketSourcesMax, ONE_PACKET_SOURCES_MAX);
    }

    private static void check(String name, int value, int max) {
        if (value < 1 || value > max) {
            throw new IllegalArgumentException(name + " must be 1 to " + max + ": " + value);
        }
    }
}

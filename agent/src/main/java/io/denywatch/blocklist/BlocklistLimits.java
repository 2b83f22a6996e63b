package io.denywatch.blocklist;

import io.denywatch.detection.SpoofingSigns;

/**
 * Bounds on what a blocklist can do when its rules are wrong or its evidence is forged. Immutable. Within these bounds
 * the strength of evidence decides ({@link Claim}), not the order of arrival.
 *
 * @param entriesMax sources blocked by this agent at a time, 1 to {@link #ENTRIES_MAX}
 * @param newEntriesPerMinuteMax sources newly blocked in any minute, 1 to 1,000
 * @param fewPacketSourcesMax the most sources of up to {@link SpoofingSigns#FEW_PACKETS} packets in a minute; beyond
 *     that, the breaker opens
 * @param subnetsMax subnets blocked by this agent at a time, in addition, 1 to {@link #SUBNETS_MAX}
 * @param newSubnetsPerMinuteMax subnets newly blocked in any minute, 1 to {@link #NEW_SUBNETS_PER_MINUTE_MAX}
 */
public record BlocklistLimits(
        int entriesMax,
        int newEntriesPerMinuteMax,
        int fewPacketSourcesMax,
        int subnetsMax,
        int newSubnetsPerMinuteMax) {
    /** The most entries that an agent may have: all nodes together stay far below what the data plane can take. */
    public static final int ENTRIES_MAX = 5_000;

    /** The most new entries a minute. */
    public static final int NEW_ENTRIES_PER_MINUTE_MAX = 1_000;

    /** The highest limit on sources of few packets that can be configured. */
    public static final int FEW_PACKET_SOURCES_MAX = 100_000;

    /** The most subnets that an agent may block. */
    public static final int SUBNETS_MAX = 100;

    /** The most new subnets a minute. */
    public static final int NEW_SUBNETS_PER_MINUTE_MAX = 10;

    /** The default of {@link #subnetsMax}. */
    public static final int SUBNETS = 10;

    /** The default of {@link #newSubnetsPerMinuteMax}. */
    public static final int NEW_SUBNETS_PER_MINUTE = 1;

    /** One in this many of the new entries per minute is reserved for each claim above ordinary. */
    static final int RESERVED_PART = 6;

    /** The ratio of the limit on sources of few packets to the limit on detected sources. */
    static final int DETECTED_PART = 4;

    /** Checks the ranges. */
    public BlocklistLimits {
        check("entriesMax", entriesMax, ENTRIES_MAX);
        check("newEntriesPerMinuteMax", newEntriesPerMinuteMax, NEW_ENTRIES_PER_MINUTE_MAX);
        check("fewPacketSourcesMax", fewPacketSourcesMax, FEW_PACKET_SOURCES_MAX);
        check("subnetsMax", subnetsMax, SUBNETS_MAX);
        check("newSubnetsPerMinuteMax", newSubnetsPerMinuteMax, NEW_SUBNETS_PER_MINUTE_MAX);
    }

    /** Limits with the default limits of subnets. */
    public BlocklistLimits(int entriesMax, int newEntriesPerMinuteMax, int fewPacketSourcesMax) {
        this(entriesMax, newEntriesPerMinuteMax, fewPacketSourcesMax, SUBNETS, NEW_SUBNETS_PER_MINUTE);
    }

    /** The most detected sources per minute before the breaker opens; never less than the most new entries. */
    int detectedSourcesMax() {
        return Math.max(newEntriesPerMinuteMax, fewPacketSourcesMax / DETECTED_PART);
    }

    /** The most new entries per minute that are available to this claim. */
    int newEntriesPerMinuteMax(Claim claim) {
        int reserved = newEntriesPerMinuteMax / RESERVED_PART;
        return newEntriesPerMinuteMax - reserved * (Claim.OVERWHELMING.ordinal() - claim.ordinal());
    }

    private static void check(String name, int value, int max) {
        if (value < 1 || value > max) {
            throw new IllegalArgumentException(name + " must be 1 to " + max + ": " + value);
        }
    }
}

package io.denywatch.detection;

import io.denywatch.denial.ObservedPacket;

/**
 * Receives each denied packet that may lead to a block, right after it was counted, and each established response. Called
 * on the ingest thread, so it must neither block nor allocate per packet.
 */
@FunctionalInterface
public interface PacketObserver {
    /** Ignores everything. */
    PacketObserver NONE = _ -> {};

    /**
     * Receives one packet. A line that stands for several packets is passed on once, because the log does not say when
     * the others came.
     *
     * @param packet valid until this returns
     */
    void packet(ObservedPacket packet);

    /**
     * Receives an established response: the log says that the first reply of a logged connection went to this address.
     * Late lines are included, because what they prove about the past stays true.
     *
     * @param clientHigh first half of the client's address, not shortened for IPv6
     * @param clientLow second half
     * @param micros Unix time of the response in microseconds
     */
    default void established(long clientHigh, long clientLow, long micros) {}

    /** Makes what was found so far visible to other threads; called once after each round of reading. */
    default void publish() {}

    /** Makes a summary for the rules of the whole cluster if it is time to; called after {@link #publish}. */
    default void summarize(long nowMillis) {}
}

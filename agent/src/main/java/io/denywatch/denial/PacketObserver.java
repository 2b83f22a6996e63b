package io.denywatch.denial;

/**
 * Is told of each denied packet that may be acted upon, right after it was counted: those that are not late, and whose
 * source is what it looks like. Also of those who were answered. Called on the ingest thread, so it must neither block nor
 * allocate.
 */
@FunctionalInterface
public interface PacketObserver {
    /** Takes no interest. */
    PacketObserver NONE = packet -> {};

    /**
     * One line was counted. A line that stands for several packets is told once: the log does not say when the others
     * came.
     *
     * @param packet valid until this returns
     */
    void packet(ObservedPacket packet);

    /**
     * Somebody was answered: the log says that the first reply of a logged connection went to this address. Also told of
     * late lines, for what they prove of the past stays true.
     *
     * @param clientHigh first half of the address that was answered, whole also in IPv6
     * @param clientLow second half
     * @param micros Unix time of the answer in microseconds
     */
    default void established(long clientHigh, long clientLow, long micros) {}
}

package io.denywatch.denial;

/**
 * Is told of each denied packet that may be acted upon, right after it was counted: those that are not late, and whose
 * source is what it looks like. Also of those who were answered. Called on the ingest thread, so it must neither block nor
 * allocate.
 */
@FunctionalInterface
public interface PacketObserver {
    /** Takes no interest. */
    PacketObserver NONE = (sourceHigh, sourceLow, transport, port, nlbHigh, nlbLow, atLoadBalancer, micros) -> {};

    /**
     * One line was counted. A line that stands for several packets is told once: the log does not say when the others
     * came.
     *
     * @param sourceHigh first half of the source's address, whole also in IPv6
     * @param sourceLow second half
     * @param transport protocol
     * @param port destination port as the packet had it, or -1
     * @param nlbHigh first half of the load balancer's address; of the destination where it went to none
     * @param nlbLow second half
     * @param atLoadBalancer whether it went to a load balancer that is told apart
     * @param micros Unix time of the packet in microseconds
     */
    void packet(
            long sourceHigh,
            long sourceLow,
            Transport transport,
            int port,
            long nlbHigh,
            long nlbLow,
            boolean atLoadBalancer,
            long micros);

    /**
     * Somebody was answered: the log says that the first reply of a logged connection went to this address. Also told of
     * late lines, for what they prove of the past stays true.
     *
     * @param clientHigh first half of the address that was answered, whole also in IPv6
     * @param clientLow second half
     * @param micros Unix time of the answer in microseconds
     */
    default void answered(long clientHigh, long clientLow, long micros) {}
}

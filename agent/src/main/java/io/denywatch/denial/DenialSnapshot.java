package io.denywatch.denial;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.List;

/**
 * What was denied so far, and what in the window now. Immutable.
 *
 * @param loadBalancers one entry each, in the order in which they were met
 * @param other what went to no known load balancer, or to one beyond the limit
 * @param windowSeconds the longest span that windowed counts cover
 * @param trackedSources held in memory now
 * @param trackedSourcesLimit the most that can be
 * @param evictedForCapacity sources forgotten because a table was full
 * @param evictedIdle sources forgotten because they left the window
 */
public record DenialSnapshot(
        List<LoadBalancerDenials> loadBalancers,
        LoadBalancerDenials other,
        int windowSeconds,
        long trackedSources,
        long trackedSourcesLimit,
        long evictedForCapacity,
        long evictedIdle) {

    /**
     * Denials at one load balancer.
     *
     * @param nlb its address as text, or {@code other}
     * @param namespace of its only Service, of the last it had if it has none now, or empty
     * @param service name, likewise
     * @param packets since start
     * @param bytes since start
     * @param latePackets of them, read long after their event time
     * @param totals of packets and bytes by Service, protocol and port, no two of the same; they sum up to {@code packets} and {@code bytes}
     * @param sources distinct in the window: exact while every source fits the table, else estimated
     * @param topSources by descending upper bound, at most the number configured
     * @param topPorts by descending packets since start
     */
    public record LoadBalancerDenials(
            String nlb,
            String namespace,
            String service,
            long packets,
            long bytes,
            long latePackets,
            List<PortTotal> totals,
            long sources,
            List<SourceCount> topSources,
            List<PortCount> topPorts) {}

    /**
     * A total since start.
     *
     * @param namespace of the Service that the packets were for, or empty
     * @param service name, or empty
     * @param transport protocol
     * @param port one that the Service exposes or its node port, or 0 for all others
     * @param packets since start
     * @param bytes since start
     */
    public record PortTotal(
            String namespace, String service, Transport transport, int port, long packets, long bytes) {}

    /**
     * A source in the window.
     *
     * @param source its address, or the first of its IPv6 block
     * @param prefixLength of the block in bits of the 128-bit form; 128 for a single address
     * @param packets the exact lower bound
     * @param atMost the upper bound
     * @param firstSeenSeconds Unix time of the first packet since the source is tracked
     * @param lastSeenSeconds Unix time of the last packet
     */
    public record SourceCount(
            Ip source, int prefixLength, long packets, long atMost, long firstSeenSeconds, long lastSeenSeconds) {
        /** The addresses that count as this source. */
        public IpPrefix block() {
            return new IpPrefix(source, prefixLength);
        }
    }

    /**
     * A destination port as the packets had it.
     *
     * @param transport protocol
     * @param port 0 to 65535; -1 where packets have none
     * @param packets since start; the exact lower bound where more ports were hit than are tracked
     */
    public record PortCount(Transport transport, int port, long packets) {}
}

package io.denywatch.denial;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.Map;

/**
 * Denied packets since start, and in the window. Immutable.
 *
 * @param loadBalancers one entry each, in the order in which they were first counted
 * @param other packets to no known load balancer, or to one beyond the limit
 * @param windowSeconds the length of the window; its counts cover at most that long
 * @param trackedSources sources tracked now
 * @param trackedSourcesLimit the most sources that can be tracked
 * @param evictedForCapacity sources evicted because a table was full
 * @param evictedIdle sources evicted because they left the window
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
     * @param namespace of its only Service, or of the last if it has none now; otherwise empty
     * @param service name, likewise
     * @param packets since start
     * @param bytes since start
     * @param latePackets how many of the packets were read long after their event time
     * @param totals by Service, protocol and port, each combination once; they add up to {@code packets} and
     *     {@code bytes}
     * @param sources distinct sources in the window: exact while every source fits into the table, otherwise estimated
     * @param topSources sources by descending upper bound, at most the configured number
     * @param topPorts ports by descending packets since start
     * @param stopped packets since start that the blocklist stopped, by the label of their {@link BlockOrigin}; empty if
     *     there were none
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
            List<PortCount> topPorts,
            Map<String, Long> stopped) {
        /** Denials of which the blocklist stopped none. */
        public LoadBalancerDenials(
                String nlb,
                String namespace,
                String service,
                long packets,
                long bytes,
                long latePackets,
                List<PortTotal> totals,
                long sources,
                List<SourceCount> topSources,
                List<PortCount> topPorts) {
            this(nlb, namespace, service, packets, bytes, latePackets, totals, sources, topSources, topPorts, Map.of());
        }

        /** Packets since start that the blocklist stopped because of such a block. */
        public long stopped(BlockOrigin origin) {
            return stopped.getOrDefault(origin.label(), 0L);
        }
    }

    /**
     * A total since start.
     *
     * @param namespace of the Service to which the packets were sent, or empty
     * @param service name, or empty
     * @param transport protocol
     * @param port a port or node port of the Service, or 0 for all other ports
     * @param packets since start
     * @param bytes since start
     */
    public record PortTotal(
            String namespace, String service, Transport transport, int port, long packets, long bytes) {}

    /**
     * A source in the window.
     *
     * @param source its address, or the first address of its IPv6 block
     * @param prefixLength length of the block's prefix in the 128-bit form; 128 for a single address
     * @param packets the lower bound: packets since tracking of the source began
     * @param atMost the upper bound
     * @param firstSeenSeconds Unix time of the first packet since tracking of the source began
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
     * A destination port, as in the packets.
     *
     * @param transport protocol
     * @param port 0 to 65535, or -1 for packets without a port
     * @param packets since start; a lower bound if there are more ports than are tracked
     */
    public record PortCount(Transport transport, int port, long packets) {}
}

package io.denywatch.denial;

import io.denywatch.count.Count;
import io.denywatch.ip.IpPrefix;
import java.util.List;

/**
 * Packets that the blocklist stopped, by source, since each source has been counted. Immutable.
 *
 * @param counting whether such packets are recognized at all
 * @param all sources that are blocked, in no order
 * @param evicted sources dropped because the table was full, since the process started
 */
public record StoppedSources(boolean counting, List<StoppedSource> all, long evicted) {
    /** Nothing is counted. */
    public static final StoppedSources OFF = new StoppedSources(false, List.of(), 0);

    /** Copies the list. */
    public StoppedSources {
        all = List.copyOf(all);
    }

    /** Packets of the sources within these addresses. */
    public long packets(IpPrefix addresses) {
        return all.stream()
                .filter(one -> addresses.overlaps(one.source()))
                .mapToLong(StoppedSource::packets)
                .reduce(0, Count::sum);
    }

    /**
     * A blocked source.
     *
     * @param source an IPv4 address, or an IPv6 prefix of /64 or longer
     * @param origin who blocked it
     * @param packets stopped since {@code firstSeconds}
     * @param bytes of these packets
     * @param firstSeconds Unix time of the first of them
     * @param lastSeconds Unix time of the last
     */
    public record StoppedSource(
            IpPrefix source, BlockOrigin origin, long packets, long bytes, long firstSeconds, long lastSeconds) {}
}

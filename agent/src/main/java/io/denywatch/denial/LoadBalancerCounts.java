package io.denywatch.denial;

import io.denywatch.count.CheckedInput;
import io.denywatch.count.Count;
import io.denywatch.count.EnumCounts;
import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.ip.Ip;
import io.denywatch.sketch.HyperLogLog;
import io.denywatch.sketch.SeededHash;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The counts of one load balancer: totals and ports since start, and sources in the window. Confined to the ingest
 * thread.
 */
final class LoadBalancerCounts {
    private static final String OTHER = "other";
    private static final Ip NOWHERE = new Ip(0, 0);

    final SourceTable sources;
    final PortCounter ports;
    final SeriesTable totals;

    final Ip address; // meaningless for packets to no load balancer
    int retiredAt; // the number of the assignment since which nothing is counted here; 0 while it is in use

    private final String nlb;
    private long latePackets;
    private final EnumCounts<BlockOrigin> stopped =
            new EnumCounts<>("stopped packets of origin", BlockOrigin.values(), BlockOrigin::label);

    private @Nullable LoadBalancerDenials published; // null if something has changed since

    private LoadBalancerCounts(String nlb, Ip address, int rowsMax, DenialLimits limits, SeededHash hash) {
        this.nlb = nlb;
        this.address = address;
        totals = new SeriesTable(rowsMax);
        sources = new SourceTable(hash, limits.sourcesPerLoadBalancerMax());
        ports = PortCounter.of(hash, limits);
    }

    /** Empty counts of a load balancer, without rows. */
    LoadBalancerCounts(Ip address, DenialLimits limits, SeededHash hash) {
        this(address.toString(), address, SeriesTable.PORTS_MAX, limits, hash);
    }

    /** Empty counts of packets to no load balancer, without rows. */
    static LoadBalancerCounts ofOthers(DenialLimits limits, SeededHash hash) {
        return new LoadBalancerCounts(OTHER, NOWHERE, SeriesTable.PORTS_OF_OTHER_MAX, limits, hash);
    }

    /** Sets which rows are in use, as {@link SeriesTable#assign} does. */
    void assign(Map<Series.SeriesKey, Integer> wanted, int number) {
        totals.assign(wanted, number);
        published = null;
    }

    /** Counts packets in one of the rows and by port, but not in the window. */
    void count(Series total, ObservedPacket packet) {
        int packets = packet.packets();
        total.packets = Count.sum(total.packets, packets);
        total.bytes = Count.sum(total.bytes, packet.bytes());
        latePackets = Count.sum(latePackets, packet.isLate() ? packets : 0);
        BlockOrigin origin = packet.stoppedBy();
        if (origin != null) {
            stopped.add(origin, packets);
        }
        ports.record(packet.transport(), packet.port(), packets);
        published = null;
    }

    void turn() {
        if (sources.turn()) {
            published = null;
        }
    }

    /** The current counts; the same object as before if nothing changed. */
    LoadBalancerDenials snapshot(DenialLimits limits, HyperLogLog scratch) {
        if (published == null) {
            published = new LoadBalancerDenials(
                    nlb,
                    totals.owner().namespace(),
                    totals.owner().service(),
                    totals.sum(total -> total.packets),
                    totals.sum(total -> total.bytes),
                    latePackets,
                    totals.snapshot(),
                    sources.distinct(scratch),
                    sources.top(limits.exportedPerLoadBalancer(), limits.ipv6PrefixLength()),
                    ports.top(limits.exportedPerLoadBalancer()),
                    stopped.sum() == 0 ? Map.of() : stopped.byLabel());
        }
        return published;
    }

    /** Whether nothing was ever counted. */
    boolean isEmpty() {
        return latePackets == 0 && ports.isEmpty();
    }

    /** Writes what was counted since start, but not the window. */
    void save(DataOutput out) throws IOException {
        out.writeLong(latePackets);
        totals.save(out);
        ports.save(out);
    }

    /**
     * Restores what was saved; nothing may have been counted yet.
     *
     * @return the highest assignment number that was saved; 0 if there is none
     */
    int restore(CheckedInput in, boolean keepRows) throws IOException {
        latePackets = in.count("late packets");
        int number = totals.restore(in, keepRows);
        ports.restore(in);
        published = null;
        return number;
    }

    /** Packets that the blocklist stopped, by origin; saved apart, see {@link DenialTable#saveStopped}. */
    EnumCounts<BlockOrigin> stopped() {
        return stopped;
    }

    /** Restores packets that the blocklist stopped, with this many origins. */
    void restoreStopped(CheckedInput in, int origins) throws IOException {
        stopped.restore(in, origins);
        published = null;
    }

    /** The most bytes that {@link #save} can write if the rows take at most {@code totalsBytesMax}. */
    static long stateBytesMax(long totalsBytesMax, DenialLimits limits) {
        return Long.BYTES + totalsBytesMax + TopPorts.stateBytesMax(limits.portsPerLoadBalancerMax());
    }

    /** Bytes of the arrays' elements. */
    long bytes() {
        return sources.bytes() + ports.bytes() + totals.bytes();
    }
}

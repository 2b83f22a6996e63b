package io.denywatch.denial;

import io.denywatch.count.CheckedInput;
import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.sketch.HyperLogLog;
import io.denywatch.sketch.SeededHash;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts denied packets: for each load balancer, totals and ports since start, and sources in a window of the last ten
 * minutes, which advances in slices of two minutes. Confined to the ingest thread, except the {@link #snapshot}s it
 * returns.
 *
 * <p>Memory is limited by {@link DenialLimits}, whatever is sent:
 * {@code (loadBalancersMax + 1) × (69 B × sourcesPerLoadBalancerMax + 61 B × portsPerLoadBalancerMax + 192 B
 * + 52 B × ports with a row of their own)},
 * and 20 KiB more for each load balancer with more sources in the window than it can track. With the defaults that is
 * 19.2 MB, and 5.3 MB more if all are flooded. Tables start small and double as they fill, so an idle load balancer
 * takes 2 KB. Nothing is allocated per packet.
 *
 * <p>Load balancers may come and go, see {@link #assign}. Counts stay; a total is dropped only if its place is needed
 * for another.
 *
 * <p>Counts since start can be saved and restored into the table of another process, which continues as if there had
 * been no restart. The window is not saved: its numbers are gauges, which start empty and are complete again after ten
 * minutes.
 */
public final class DenialTable {
    /** The length of a slice of the window. */
    static final int SLICE_SECONDS = 120;

    private static final int WINDOW_SECONDS = SourceTable.SLICES * SLICE_SECONDS;
    private static final long MICROS = 1_000_000;
    private static final long NOT_STARTED = Long.MAX_VALUE;

    private final DenialLimits limits;
    private final long sourceHighMask;
    private final long sourceLowMask;

    private final LoadBalancerTable loadBalancers;

    // The last destination and its counts: packets come in bursts.
    private long lastHigh;
    private long lastLow;
    private @Nullable LoadBalancerCounts last;
    private boolean lastIsNode;

    private long sliceStart = NOT_STARTED; // Unix seconds
    private final HyperLogLog scratch = new HyperLogLog();

    /**
     * Creates an empty table.
     *
     * @param configured load balancers without node ports. A single address is shown from the start, an address in a
     *     wider block from its first packet on. If they overlap, the first in the list wins
     * @param seed of the hash, random for each process, because attackers choose their source addresses
     */
    public DenialTable(DenialLimits limits, List<LoadBalancer> configured, Destinations destinations, long seed) {
        this.limits = limits;
        sourceHighMask = IpPrefix.highMask(limits.ipv6PrefixLength());
        sourceLowMask = IpPrefix.lowMask(limits.ipv6PrefixLength());
        loadBalancers = new LoadBalancerTable(limits, configured, destinations, new SeededHash(seed));
    }

    /**
     * Sets the load balancers that exist in addition to the configured ones; only for {@link Destinations#DISCOVERED}.
     * Counts of a load balancer or port that no longer exists stay in snapshots and saved records, and continue if it
     * comes back. They are dropped only to make room for one that exists; those out of use for longest are dropped
     * first.
     *
     * <p>A packet to a load balancer's address is counted at that address. A packet to a node port at an address of
     * this node is counted at the first address of the same family that the port's load balancer has, or else at the
     * first address of that load balancer. If only the load balancer's host name is known, the packet is counted with
     * the packets to no load balancer, but under the name of the Service.
     */
    public void assign(DiscoveredLoadBalancers discovered) {
        loadBalancers.assign(discovered);
        last = null;
    }

    /**
     * Whether load balancers are to be discovered and none are known yet, so that packets would be counted without a
     * name.
     */
    public boolean isAwaitingLoadBalancers() {
        return loadBalancers.isAwaiting();
    }

    /**
     * Counts the packets that a line stands for, and sets where the packet was counted. Late packets count in the
     * totals but not in the window, so that a backlog does not look like a sudden flood.
     */
    public void record(ObservedPacket packet) {
        long destinationHigh = packet.destinationHigh();
        long destinationLow = packet.destinationLow();
        Transport transport = packet.transport();
        LoadBalancerCounts at = find(destinationHigh, destinationLow);
        Series total = at.totals.of(transport, packet.port());
        if (lastIsNode && total.isOther()) {
            NodePortTable.Target target =
                    loadBalancers.nodePorts.find(Ip.isIpv4(destinationHigh, destinationLow), transport, packet.port());
            if (target != null) {
                at = target.at();
                total = target.total();
            }
        }
        at.count(total, packet);
        if (!packet.isLate()) {
            long high = packet.sourceHigh();
            long low = packet.sourceLow();
            boolean whole = Ip.isIpv4(high, low);
            int second = (int) Math.floorDiv(packet.micros(), MICROS);
            at.sources.record(
                    whole ? high : high & sourceHighMask, whole ? low : low & sourceLowMask, packet.packets(), second);
        }
        boolean none = at == loadBalancers.other;
        packet.countedAt(
                none ? destinationHigh : at.address.high(),
                none ? destinationLow : at.address.low(),
                !none,
                !total.isOther());
    }

    private LoadBalancerCounts find(long destinationHigh, long destinationLow) {
        LoadBalancerCounts at = last;
        if (at == null || destinationLow != lastLow || destinationHigh != lastHigh) {
            at = loadBalancers.find(destinationHigh, destinationLow);
            last = at;
            lastHigh = destinationHigh;
            lastLow = destinationLow;
            lastIsNode = loadBalancers.nodePorts.isNode(destinationHigh, destinationLow);
        }
        return at;
    }

    /** The addresses that are counted as load balancers. */
    public List<Ip> addresses() {
        return loadBalancers.all().stream().map(each -> each.address).toList();
    }

    /**
     * Advances the window to the current slice. The first call begins the first slice. So does a call with an earlier
     * time than the last, because then the clock was set back. Without any call, the window contains everything
     * recorded.
     *
     * @param epochSeconds Unix time now
     */
    public void advance(long epochSeconds) {
        if (epochSeconds < sliceStart) {
            sliceStart = epochSeconds;
            return;
        }
        long over = (epochSeconds - sliceStart) / SLICE_SECONDS;
        sliceStart += over * SLICE_SECONDS;
        for (long i = Math.min(over, SourceTable.SLICES); i > 0; i--) {
            loadBalancers.all().forEach(LoadBalancerCounts::turn);
            loadBalancers.other.turn();
        }
    }

    /**
     * The current counts. A load balancer at which nothing changed is represented by the same object as in the previous
     * snapshot.
     */
    public DenialSnapshot snapshot() {
        List<LoadBalancerDenials> denials = new ArrayList<>(loadBalancers.all().size());
        long tracked = loadBalancers.other.sources.counts.size();
        for (LoadBalancerCounts loadBalancer : loadBalancers.all()) {
            denials.add(loadBalancer.snapshot(limits, scratch));
            tracked += loadBalancer.sources.counts.size();
        }
        return new DenialSnapshot(
                List.copyOf(denials),
                loadBalancers.other.snapshot(limits, scratch),
                WINDOW_SECONDS,
                tracked,
                (limits.loadBalancersMax() + 1L) * limits.sourcesPerLoadBalancerMax(),
                loadBalancers.evictedForCapacity(),
                loadBalancers.evictedIdle());
    }

    /**
     * Writes the counts since start and, if load balancers are discovered, the known ones: at most
     * {@link #stateBytesMax} bytes. What it allocates does not grow with them, unless each port has its own counter.
     */
    public void save(DataOutput out) throws IOException {
        loadBalancers.save(out);
    }

    /**
     * Restores what another table saved; nothing may have been recorded or assigned here yet. If load balancers are
     * discovered, the saved ones are used until the next are assigned. Otherwise this table's own are used: a load
     * balancer that it does not know or has no room for is dropped, and so is the total of a port that is no longer
     * exposed. Added to other counts, they would look like traffic there.
     *
     * @throws IOException if the input is not what {@link #save} writes; then this table is half restored and must be
     *     discarded
     */
    public void restore(DataInput in) throws IOException {
        loadBalancers.restore(in);
        last = null;
    }

    /**
     * Writes the packets that the blocklist stopped; nothing if there were none. They are not part of {@link #save},
     * because records of earlier releases do not have them.
     */
    public void saveStopped(DataOutput out) throws IOException {
        loadBalancers.saveStopped(out);
    }

    /** Restores what {@link #saveStopped} wrote, after {@link #restore}. */
    public void restoreStopped(DataInput in) throws IOException {
        loadBalancers.restoreStopped(CheckedInput.of(in));
    }

    /** The most bytes that {@link #saveStopped} can write. */
    public static long stoppedBytesMax(DenialLimits limits) {
        return LoadBalancerTable.stoppedBytesMax(limits);
    }

    /** The most bytes that {@link #save} of such a table can write, whatever is assigned. */
    public static long stateBytesMax(DenialLimits limits, List<LoadBalancer> configured, Destinations destinations) {
        return LoadBalancerTable.stateBytesMax(limits, configured, destinations);
    }

    /** Bytes of the arrays' elements, which grow with what is sent. */
    long bytes() {
        return loadBalancers.bytes();
    }
}

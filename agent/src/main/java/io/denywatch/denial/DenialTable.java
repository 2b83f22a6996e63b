package io.denywatch.denial;

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
 * Who was denied where: for each load balancer totals and ports since start, and sources in a window of the last ten
 * minutes, which moves on in slices of two. Confined to the ingest thread; what others may see is {@link #snapshot}.
 *
 * <p>Memory is fixed by {@link DenialLimits}, whatever is sent: {@code (loadBalancersMax + 1) × (69 B ×
 * sourcesPerLoadBalancerMax + 61 B × portsPerLoadBalancerMax + 192 B + 52 B × ports with a row of their own)}, and 20 KiB
 * more for each load balancer with more sources in the window than it can track; with the defaults 19.2 MB, and 5.3 MB
 * more when all are flooded. Tables start small and double as they fill, so an idle load balancer takes 2 KB. Nothing is
 * allocated per packet.
 *
 * <p>Which load balancers there are may change while it runs: see {@link #assign}. What was counted stays; a total is
 * dropped only where its place is needed for another.
 *
 * <p>What counts since start can be saved and restored into a table of another process, and goes on from there as if
 * there had been no restart. The window is not: its numbers are gauges, which say after ten minutes what they would have
 * said, and they begin anew.
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
     * A table with nothing counted yet.
     *
     * @param configured load balancers: single addresses are counted, and shown, from the start, of wider blocks each
     *     address from its first packet on; where they overlap, the first in the list wins. They have no node ports
     * @param seed of the hash: to be drawn anew for each process, for sources are chosen by those who send
     */
    public DenialTable(DenialLimits limits, List<LoadBalancer> configured, Destinations destinations, long seed) {
        this.limits = limits;
        sourceHighMask = IpPrefix.highMask(limits.ipv6PrefixLength());
        sourceLowMask = IpPrefix.lowMask(limits.ipv6PrefixLength());
        loadBalancers = new LoadBalancerTable(limits, configured, destinations, new SeededHash(seed));
    }

    /**
     * Sets which load balancers there are beside the configured ones; only for {@link Destinations#DISCOVERED}. What was
     * counted for one that is not among them, or for a port that it no longer has, stays in snapshots and saved states,
     * and goes on if it comes back. It is dropped where there is no other room for what is among them: first what has
     * been out of use longest.
     *
     * <p>A packet to a load balancer's address is counted there. One to an address of this node and a node port is
     * counted at the first address of its own family that the port's load balancer has, else at the first of all, and
     * where only a host name is known, among those to no load balancer, but under its name.
     */
    public void assign(DiscoveredLoadBalancers discovered) {
        loadBalancers.assign(discovered);
        last = null;
    }

    /** Whether nothing is known yet of the load balancers that are to be discovered: what is counted now has no name. */
    public boolean isAwaitingLoadBalancers() {
        return loadBalancers.isAwaiting();
    }

    /**
     * Counts the packets that a line stands for, and notes in the packet where. Late ones count in the totals but not in
     * the window, so that a backlog does not look like a storm.
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

    /** Packets to these addresses are counted as those to load balancers. */
    public List<Ip> addresses() {
        return loadBalancers.all().stream().map(each -> each.address).toList();
    }

    /**
     * Moves the window on by the slices that are over. The first call begins the first slice; so does one with an
     * earlier time than the last, for then the clock was set back. Without any call the window is all that was recorded.
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

    /** What is counted now; load balancers at which nothing changed share their part with the snapshot before. */
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
     * Writes what was counted since start and, where load balancers are discovered, which are known: at most
     * {@link #stateBytesMax} bytes. Allocates nothing that grows with them.
     */
    public void save(DataOutput out) throws IOException {
        loadBalancers.save(out);
    }

    /**
     * Takes on what another table saved; nothing may have been recorded or assigned here yet. Where load balancers are
     * discovered, those saved are taken for known until the next are assigned. Else this table's are in force: what it
     * would not set apart itself, a load balancer that it doesn't know or has no room for, or the total of a port no
     * longer exposed, is dropped. Counted together with something else, it would look like traffic there.
     *
     * @throws IOException if that is not what a table saves. Then this one is half restored: throw it away
     */
    public void restore(DataInput in) throws IOException {
        loadBalancers.restore(in);
        last = null;
    }

    /** The most bytes that {@link #save} of such a table can ever write, whatever is assigned. */
    public static long stateBytesMax(DenialLimits limits, List<LoadBalancer> configured, Destinations destinations) {
        return LoadBalancerTable.stateBytesMax(limits, configured, destinations);
    }

    /** Bytes of the arrays' elements: what grows with what is sent. */
    long bytes() {
        return loadBalancers.bytes();
    }
}

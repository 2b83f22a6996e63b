package io.denywatch.denial;

import io.denywatch.denial.DenialSnapshot.NlbDenials;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.PacketHeader;
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

    private final PacketObserver observer; // not owned
    private final LoadBalancerTable nlbs;

    // The last destination and its counts: packets come in bursts.
    private long lastHigh;
    private long lastLow;
    private @Nullable LoadBalancerCounts last;
    private boolean lastIsNode;
    private boolean lastIsExposed; // the port of the last packet: of a load balancer, or its node port
    private final ObservedPacket observed = new ObservedPacket();

    private long sliceStart = NOT_STARTED; // Unix seconds
    private final HyperLogLog scratch = new HyperLogLog();

    /**
     * A table with nothing counted yet.
     *
     * @param configured load balancers: single addresses are counted, and shown, from the start, of wider blocks each
     *     address from its first packet on; where they overlap, the first in the list wins. They have no node ports
     * @param seed of the hash: to be drawn anew for each process, for sources are chosen by those who send
     * @param observer is told of each packet that may be acted upon
     */
    public DenialTable(
            DenialLimits limits,
            List<LoadBalancer> configured,
            Destinations destinations,
            long seed,
            PacketObserver observer) {
        this.limits = limits;
        this.observer = observer;
        sourceHighMask = IpPrefix.highMask(limits.ipv6PrefixLength());
        sourceLowMask = IpPrefix.lowMask(limits.ipv6PrefixLength());
        nlbs = new LoadBalancerTable(limits, configured, destinations, new SeededHash(seed));
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
    public void assign(LoadBalancers discovered) {
        nlbs.assign(discovered);
        last = null;
    }

    /** Whether nothing is known yet of the load balancers that are to be discovered: what is counted now has no name. */
    public boolean isAwaitingLoadBalancers() {
        return nlbs.isAwaiting();
    }

    /**
     * Counts the packets that a line stands for.
     *
     * @param late whether the line was read long after it was written: its packets count in the totals, but not in the
     *     window, so that a backlog does not look like a storm, and nobody acts upon them
     * @param timely whether its time is to be believed: else nobody acts upon them, too
     * @param micros Unix time of the packet in microseconds, from 0 to 2^32-1 seconds
     */
    public void record(DeniedPacket packet, boolean late, boolean timely, long micros) {
        PacketHeader header = packet.outer();
        int packets = packet.repeat();
        LoadBalancerCounts at = record(
                header.destinationHigh(),
                header.destinationLow(),
                header.sourceHigh(),
                header.sourceLow(),
                header.protocol(),
                header.destinationPort(),
                packets,
                (long) Math.max(0, header.length()) * packets,
                late,
                Math.floorDiv(micros, MICROS));
        // An IPv6 packet may claim to come from ::ffff:a.b.c.d. Who has that IPv4 address has not sent it.
        boolean genuine = !header.isIpv6() || !Ip.isIpv4(header.sourceHigh(), header.sourceLow());
        if (timely && !late && genuine) {
            observer.packet(observed.from(header.sourceHigh(), header.sourceLow())
                    .with(
                            Transport.of(header.protocol()),
                            header.sourcePort(),
                            header.destinationPort(),
                            header.tcpFlags())
                    .to(
                            at == nlbs.other ? header.destinationHigh() : at.address.high(),
                            at == nlbs.other ? header.destinationLow() : at.address.low(),
                            at != nlbs.other,
                            lastIsExposed)
                    .at(micros));
        }
    }

    /**
     * Counts nothing: tells the observer whom a reply went to.
     *
     * @param reply the first of a logged connection: its destination is who had asked
     * @param micros Unix time of the reply in microseconds
     */
    public void established(DeniedPacket reply, long micros) {
        PacketHeader header = reply.outer();
        // As above: the IPv4 address inside may be somebody else's.
        if (!header.isIpv6() || !Ip.isIpv4(header.destinationHigh(), header.destinationLow())) {
            observer.established(header.destinationHigh(), header.destinationLow(), micros);
        }
    }

    /** Counts packets; where they were counted. */
    LoadBalancerCounts record(
            long destinationHigh,
            long destinationLow,
            long sourceHigh,
            long sourceLow,
            int protocol,
            int destinationPort,
            int packets,
            long bytes,
            boolean late,
            long epochSeconds) {
        LoadBalancerCounts at = last;
        if (at == null || destinationLow != lastLow || destinationHigh != lastHigh) {
            at = nlbs.find(destinationHigh, destinationLow);
            last = at;
            lastHigh = destinationHigh;
            lastLow = destinationLow;
            lastIsNode = nlbs.nodePorts.isNode(destinationHigh, destinationLow);
        }
        Transport transport = Transport.of(protocol);
        Series total = at.totals.of(transport, destinationPort);
        if (lastIsNode && total.isOther()) {
            NodePorts.Target target =
                    nlbs.nodePorts.find(Ip.isIpv4(destinationHigh, destinationLow), transport, destinationPort);
            if (target != null) {
                at = target.at();
                total = target.total();
            }
        }
        lastIsExposed = !total.isOther();
        at.count(total, transport, destinationPort, packets, bytes, late);
        if (late) {
            return at;
        }
        if (Ip.isIpv4(sourceHigh, sourceLow)) {
            at.sources.record(sourceHigh, sourceLow, packets, (int) epochSeconds);
        } else {
            at.sources.record(sourceHigh & sourceHighMask, sourceLow & sourceLowMask, packets, (int) epochSeconds);
        }
        return at;
    }

    /** Packets to these addresses are counted as those to load balancers. */
    public List<Ip> addresses() {
        return nlbs.all().stream().map(nlb -> nlb.address).toList();
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
            nlbs.all().forEach(LoadBalancerCounts::turn);
            nlbs.other.turn();
        }
    }

    /** What is counted now; load balancers at which nothing changed share their part with the snapshot before. */
    public DenialSnapshot snapshot() {
        List<NlbDenials> denials = new ArrayList<>(nlbs.all().size());
        long tracked = nlbs.other.sources.counts.size();
        for (LoadBalancerCounts loadBalancer : nlbs.all()) {
            denials.add(loadBalancer.snapshot(limits, scratch));
            tracked += loadBalancer.sources.counts.size();
        }
        return new DenialSnapshot(
                List.copyOf(denials),
                nlbs.other.snapshot(limits, scratch),
                WINDOW_SECONDS,
                tracked,
                (limits.loadBalancersMax() + 1L) * limits.sourcesPerLoadBalancerMax(),
                nlbs.evictedForCapacity(),
                nlbs.evictedIdle());
    }

    /**
     * Writes what was counted since start and, where load balancers are discovered, which are known: at most
     * {@link #stateBytesMax} bytes. Allocates nothing that grows with them.
     */
    public void save(DataOutput out) throws IOException {
        nlbs.save(out);
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
        nlbs.restore(in);
        last = null;
    }

    /** The most bytes that {@link #save} of such a table can ever write, whatever is assigned. */
    public static long stateBytesMax(DenialLimits limits, List<LoadBalancer> configured, Destinations destinations) {
        return LoadBalancerTable.stateBytesMax(limits, configured, destinations);
    }

    /** Bytes of the arrays' elements: what grows with what is sent. */
    long bytes() {
        return nlbs.bytes();
    }
}

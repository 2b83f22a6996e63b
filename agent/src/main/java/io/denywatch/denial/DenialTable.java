package io.denywatch.denial;

import io.denywatch.denial.DenialSnapshot.NlbDenials;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.PacketHeader;
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
 * sourcesPerLoadBalancerMax + 61 B × portsPerLoadBalancerMax + 16 B × (4 + exposed ports))}, and 20 KiB more for each
 * load balancer with more sources in the window than it can track; with the defaults 19.2 MB, and 5.3 MB more when all
 * are flooded. Tables start small and double as they fill, so an idle load balancer takes 2 KB. Nothing is allocated
 * per packet.
 *
 * <p>What counts since start can be saved and restored into a table of another process, and goes on from there as if
 * there had been no restart. The window is not: its numbers are gauges, which say after ten minutes what they would have
 * said, and they begin anew.
 */
public final class DenialTable {
    /** The length of a slice of the window. */
    static final int SLICE_SECONDS = 120;

    private static final int WINDOW_SECONDS = SourceTable.SLICES * SLICE_SECONDS;
    private static final String OTHER = "other";
    private static final IpPrefix EVERYWHERE = new IpPrefix(new Ip(0, 0), 0);
    private static final long NOT_STARTED = Long.MAX_VALUE;
    private static final int ADDRESS_BYTES = 2 * Long.BYTES;
    private static final int STATE_HEAD_BYTES = 2 * Long.BYTES + Integer.BYTES;

    private final DenialLimits limits;
    private final SeededHash hash;
    private final long sourceHighMask;
    private final long sourceLowMask;

    private final List<LoadBalancer> blocks = new ArrayList<>(); // load balancers to come
    private final KeyIndex addresses;
    private final List<NlbCounts> loadBalancers = new ArrayList<>(); // by number in addresses
    private final NlbCounts other;

    // The last destination and its counts: packets come in bursts.
    private long lastHigh;
    private long lastLow;
    private @Nullable NlbCounts last;

    // By tables before this one; not by load balancer, for one that is dropped would take its part out of the sum.
    private long restoredEvictedForCapacity;
    private long restoredEvictedIdle;

    private long sliceStart = NOT_STARTED; // Unix seconds
    private final HyperLogLog scratch = new HyperLogLog();

    /**
     * A table with nothing counted yet.
     *
     * @param known load balancers: single addresses are counted, and shown, from the start, of wider blocks each
     *     address from its first packet on; where they overlap, the first in the list wins
     * @param anyDestination whether each destination is taken for a load balancer
     * @param seed of the hash: to be drawn anew for each process, for sources are chosen by those who send
     */
    public DenialTable(DenialLimits limits, List<LoadBalancer> known, boolean anyDestination, long seed) {
        this.limits = limits;
        hash = new SeededHash(seed);
        sourceHighMask = IpPrefix.highMask(limits.ipv6PrefixLength());
        sourceLowMask = IpPrefix.lowMask(limits.ipv6PrefixLength());
        addresses = new KeyIndex(hash, limits.loadBalancersMax());
        other = new NlbCounts(OTHER, LoadBalancer.at(EVERYWHERE), limits, hash);
        for (LoadBalancer loadBalancer : known) {
            if (loadBalancer.addresses().isSingle()) {
                Ip address = loadBalancer.addresses().network();
                find(address.high(), address.low(), List.of(loadBalancer));
            } else {
                blocks.add(loadBalancer);
            }
        }
        if (anyDestination) {
            blocks.add(LoadBalancer.at(EVERYWHERE));
        }
    }

    /**
     * Counts the packets that a line stands for.
     *
     * @param late whether the line was read long after it was written: its packets count in the totals, but not in the
     *     window, so that a backlog does not look like a storm
     * @param epochSeconds Unix time of the packet, 0 to 2^32-1
     */
    public void record(DeniedPacket packet, boolean late, long epochSeconds) {
        PacketHeader header = packet.outer();
        int packets = packet.repeat();
        record(
                header.destinationHigh(),
                header.destinationLow(),
                header.sourceHigh(),
                header.sourceLow(),
                header.protocol(),
                header.destinationPort(),
                packets,
                (long) Math.max(0, header.length()) * packets,
                late,
                epochSeconds);
    }

    void record(
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
        NlbCounts at = last;
        if (at == null || destinationLow != lastLow || destinationHigh != lastHigh) {
            at = find(destinationHigh, destinationLow, blocks);
            last = at;
            lastHigh = destinationHigh;
            lastLow = destinationLow;
        }
        at.count(Transport.of(protocol), destinationPort, packets, bytes, late);
        if (late) {
            return;
        }
        if (Ip.isIpv4(sourceHigh, sourceLow)) {
            at.sources.record(sourceHigh, sourceLow, packets, (int) epochSeconds);
        } else {
            at.sources.record(sourceHigh & sourceHighMask, sourceLow & sourceLowMask, packets, (int) epochSeconds);
        }
    }

    /** The counts of a destination; they are set up if one of the candidates holds it and there is room. */
    private NlbCounts find(long high, long low, List<LoadBalancer> candidates) {
        long key = hash.of(high, low);
        int number = addresses.find(high, low, key);
        if (number >= 0) {
            return loadBalancers.get(number);
        }
        if (addresses.size() == limits.loadBalancersMax()) {
            return other;
        }
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.get(i).addresses().contains(high, low)) {
                NlbCounts added = new NlbCounts(new Ip(high, low).toString(), candidates.get(i), limits, hash);
                addresses.append(high, low, key);
                loadBalancers.add(added);
                return added;
            }
        }
        return other;
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
            loadBalancers.forEach(NlbCounts::turn);
            other.turn();
        }
    }

    /** What is counted now; load balancers at which nothing changed share their part with the snapshot before. */
    public DenialSnapshot snapshot() {
        List<NlbDenials> denials = new ArrayList<>(loadBalancers.size());
        long tracked = other.sources.counts.size();
        for (NlbCounts loadBalancer : loadBalancers) {
            denials.add(loadBalancer.snapshot(limits, scratch));
            tracked += loadBalancer.sources.counts.size();
        }
        return new DenialSnapshot(
                List.copyOf(denials),
                other.snapshot(limits, scratch),
                WINDOW_SECONDS,
                tracked,
                (limits.loadBalancersMax() + 1L) * limits.sourcesPerLoadBalancerMax(),
                evictedForCapacity(),
                evictedIdle());
    }

    private long evictedForCapacity() {
        long sum = restoredEvictedForCapacity + other.sources.counts.evictedForCapacity();
        for (NlbCounts loadBalancer : loadBalancers) {
            sum += loadBalancer.sources.counts.evictedForCapacity();
        }
        return sum;
    }

    private long evictedIdle() {
        long sum = restoredEvictedIdle + other.sources.counts.evictedIdle();
        for (NlbCounts loadBalancer : loadBalancers) {
            sum += loadBalancer.sources.counts.evictedIdle();
        }
        return sum;
    }

    /** Writes what was counted since start: at most {@link #stateBytesMax} bytes. Allocates nothing that grows with them. */
    public void save(DataOutput out) throws IOException {
        out.writeLong(evictedForCapacity());
        out.writeLong(evictedIdle());
        other.save(out);
        int counted = 0;
        for (int number = 0; number < loadBalancers.size(); number++) {
            counted += loadBalancers.get(number).isEmpty() ? 0 : 1;
        }
        out.writeInt(counted);
        for (int number = 0; number < loadBalancers.size(); number++) {
            if (!loadBalancers.get(number).isEmpty()) {
                out.writeLong(addresses.high(number));
                out.writeLong(addresses.low(number));
                loadBalancers.get(number).save(out);
            }
        }
    }

    /**
     * Takes on what another table saved; nothing may have been recorded here yet. This table's load balancers, ports
     * and limits are in force: what it would not set apart itself, a load balancer that it doesn't know or has no room
     * for, or the total of a port no longer exposed, is dropped. Counted together with something else, it would look
     * like traffic there.
     *
     * @throws IOException if that is not what a table saves. Then this one is half restored: throw it away
     */
    public void restore(DataInput in) throws IOException {
        CheckedInput state = new CheckedInput(in);
        restoredEvictedForCapacity = state.count("number of sources evicted for capacity");
        restoredEvictedIdle = state.count("number of idle sources evicted");
        other.restore(state);
        int count = state.number("number of load balancers", 0, DenialLimits.LOAD_BALANCERS_MAX);
        for (int i = 0; i < count; i++) {
            Ip address = new Ip(state.bits(), state.bits());
            NlbCounts at = find(address.high(), address.low(), blocks);
            if (at == other) {
                at = new NlbCounts(OTHER, LoadBalancer.at(EVERYWHERE), limits, hash); // read, and dropped
            }
            CheckedInput.check(at.isEmpty(), "second load balancer", address);
            at.restore(state);
        }
    }

    /** The most bytes that {@link #save} can ever write, as long as limits and load balancers are what they are. */
    public long stateBytesMax() {
        long bytes = STATE_HEAD_BYTES + other.stateBytesMax(limits);
        for (NlbCounts loadBalancer : loadBalancers) {
            bytes += ADDRESS_BYTES + loadBalancer.stateBytesMax(limits);
        }
        int exposedMax =
                blocks.stream().mapToInt(block -> block.ports().size()).max().orElse(0);
        long toCome = blocks.isEmpty() ? 0 : limits.loadBalancersMax() - loadBalancers.size();
        return bytes + toCome * (ADDRESS_BYTES + NlbCounts.stateBytesMax(exposedMax, limits));
    }

    /** Bytes of the arrays' elements: what grows with what is sent. */
    long bytes() {
        long bytes = addresses.bytes() + other.bytes();
        for (NlbCounts loadBalancer : loadBalancers) {
            bytes += loadBalancer.bytes();
        }
        return bytes;
    }
}

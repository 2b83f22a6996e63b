package io.denywatch.denial;

import io.denywatch.count.CheckedInput;
import io.denywatch.count.Count;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.sketch.SeededHash;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The counts of each load balancer that is told apart, and how a destination leads to them. Confined to the ingest
 * thread.
 */
final class LoadBalancerTable {
    private static final IpPrefix EVERYWHERE = new IpPrefix(new Ip(0, 0), 0);
    private static final int STATE_HEAD_BYTES = 2 * Long.BYTES + Integer.BYTES;
    private static final int SLOT_HEAD_BYTES = 2 * Long.BYTES + Integer.BYTES;

    final LoadBalancerIndex slots;
    final LoadBalancerCounts other; // what goes to no load balancer, or to one beyond the limit
    final NodePorts nodePorts = new NodePorts();

    private final DenialLimits limits;
    private final SeededHash hash;
    private final Destinations destinations;
    private final List<LoadBalancer> configured;
    private int assignments; // so far, earlier processes' included
    private boolean awaiting;

    /** With nothing but what is configured; in the order in which it wins where it overlaps. */
    LoadBalancerTable(DenialLimits limits, List<LoadBalancer> configured, Destinations destinations, SeededHash hash) {
        this.limits = limits;
        this.hash = hash;
        this.destinations = destinations;
        slots = new LoadBalancerIndex(limits, hash);
        other = LoadBalancerCounts.ofOthers(limits, hash);
        List<LoadBalancer> known = new ArrayList<>(configured);
        if (destinations == Destinations.ANY) {
            known.add(LoadBalancer.at(EVERYWHERE));
        }
        this.configured = List.copyOf(known);
        assign(LoadBalancers.NONE);
        awaiting = destinations == Destinations.DISCOVERED;
    }

    /** Sets which there are beside the configured ones. */
    void assign(LoadBalancers discovered) {
        awaiting = false;
        assignments = Math.min(assignments + 1, SeriesTable.ASSIGNMENTS_MAX);
        List<LoadBalancer> all = new ArrayList<>(configured);
        all.addAll(discovered.all());
        Attribution attribution = new Attribution(all);
        Map<LoadBalancerCounts, Map<Series.Key, Integer>> wanted = allot(attribution.byAddress());
        wanted.put(other, Attribution.rows(List.of()));
        for (Attribution.NodePort port : attribution.nodePorts()) {
            want(port, true, wanted);
            want(port, false, wanted);
        }
        slots.all().forEach(nlb -> nlb.assign(wanted.getOrDefault(nlb, Map.of()), assignments));
        other.assign(wanted.getOrDefault(other, Map.of()), assignments);
        nodePorts.nodes(discovered.nodeAddresses());
        index();
    }

    /** Gives places to addresses, those that have one first, and takes others out of use; the rows of each. */
    private Map<LoadBalancerCounts, Map<Series.Key, Integer>> allot(Map<Ip, List<LoadBalancer>> byAddress) {
        Map<LoadBalancerCounts, Map<Series.Key, Integer>> wanted = new LinkedHashMap<>();
        for (LoadBalancerCounts nlb : slots.all()) {
            List<LoadBalancer> sharing = byAddress.getOrDefault(nlb.address, List.of());
            LoadBalancer block = blockWith(nlb.address.high(), nlb.address.low());
            if (!sharing.isEmpty()) {
                slots.use(nlb.address.high(), nlb.address.low());
                wanted.put(nlb, Attribution.rows(sharing));
            } else if (nlb.retiredAt == 0 && block != null) {
                wanted.put(nlb, Attribution.rows(List.of(block)));
            } else if (nlb.retiredAt == 0) {
                slots.retire(nlb, assignments);
            }
        }
        byAddress.forEach((address, sharing) -> {
            LoadBalancerCounts nlb = slots.use(address.high(), address.low());
            if (nlb != null) {
                wanted.put(nlb, Attribution.rows(sharing));
            }
        });
        return wanted;
    }

    private void want(
            Attribution.NodePort port, boolean ipv4, Map<LoadBalancerCounts, Map<Series.Key, Integer>> wanted) {
        Ip address = port.addresses().isEmpty() ? null : port.address(ipv4);
        LoadBalancerCounts told = address == null ? null : slots.inUse(address.high(), address.low());
        wanted.computeIfAbsent(told == null ? other : told, none -> new LinkedHashMap<>())
                .merge(port.key(), ipv4 ? Series.NODE_PORT_IPV4 : Series.NODE_PORT_IPV6, Integer::sum);
    }

    private void index() {
        List<LoadBalancerCounts> all = new ArrayList<>(slots.all());
        all.add(other);
        nodePorts.index(all);
    }

    boolean isAwaiting() {
        return awaiting;
    }

    /** The counts of a destination; they are set up if a block holds it and there is room. */
    LoadBalancerCounts find(long high, long low) {
        LoadBalancerCounts found = slots.inUse(high, low);
        if (found != null) {
            return found;
        }
        LoadBalancer block = slots.hasRoom() ? blockWith(high, low) : null;
        LoadBalancerCounts added = block == null ? null : slots.use(high, low);
        if (block == null || added == null) {
            return other;
        }
        added.assign(Attribution.rows(List.of(block)), assignments);
        return added;
    }

    private @Nullable LoadBalancer blockWith(long high, long low) {
        for (int i = 0; i < configured.size(); i++) {
            if (configured.get(i).hasBlockWith(high, low)) {
                return configured.get(i);
            }
        }
        return null;
    }

    long evictedForCapacity() {
        return Count.sum(slots.evictedForCapacity(), other.sources.counts.evictedForCapacity());
    }

    long evictedIdle() {
        return Count.sum(slots.evictedIdle(), other.sources.counts.evictedIdle());
    }

    /** Writes all that is to outlive the process. */
    void save(DataOutput out) throws IOException {
        out.writeLong(evictedForCapacity());
        out.writeLong(evictedIdle());
        other.save(out);
        List<LoadBalancerCounts> all = slots.all();
        int saved = 0;
        for (int i = 0; i < all.size(); i++) {
            saved += isSaved(all.get(i)) ? 1 : 0;
        }
        out.writeInt(saved);
        for (int i = 0; i < all.size(); i++) {
            LoadBalancerCounts nlb = all.get(i);
            if (isSaved(nlb)) {
                out.writeLong(nlb.address.high());
                out.writeLong(nlb.address.low());
                out.writeInt(nlb.retiredAt);
                nlb.save(out);
            }
        }
        nodePorts.save(out);
    }

    /** What is configured need not be remembered. */
    private boolean isSaved(LoadBalancerCounts nlb) {
        return destinations == Destinations.DISCOVERED || !nlb.isEmpty();
    }

    /** Takes it on. */
    void restore(DataInput in) throws IOException {
        boolean keep = destinations == Destinations.DISCOVERED;
        CheckedInput state = CheckedInput.of(in);
        slots.restoreEvicted(
                state.count("number of sources evicted for capacity"), state.count("number of idle sources evicted"));
        int number = other.restore(state, keep);
        int count = state.size("number of load balancers", DenialLimits.LOAD_BALANCERS_MAX);
        for (int i = 0; i < count; i++) {
            number = Math.max(number, restoreNext(state, keep));
        }
        List<Ip> nodeAddresses = NodePorts.restore(state);
        if (keep) {
            nodePorts.nodes(nodeAddresses);
            assignments = Math.max(assignments, number);
            awaiting = false;
        }
        index();
    }

    private int restoreNext(CheckedInput state, boolean keep) throws IOException {
        Ip address = new Ip(state.bits(), state.bits());
        int retiredAt = state.value("retirement of a load balancer", 0, SeriesTable.ASSIGNMENTS_MAX, 0);
        LoadBalancerCounts at = find(address.high(), address.low());
        LoadBalancerCounts added = at == other && keep ? slots.use(address.high(), address.low()) : null;
        if (added != null) {
            at = added;
        } else if (at == other) {
            at = new LoadBalancerCounts(address, limits, hash); // read, and dropped
        }
        if (!at.isEmpty()) {
            state.drop("second load balancer", address);
            at = new LoadBalancerCounts(address, limits, hash); // read, and dropped
        }
        int number = at.restore(state, keep);
        if (added != null && retiredAt > 0) {
            slots.retire(added, retiredAt);
        }
        return Math.max(number, retiredAt);
    }

    /** The most bytes that {@link #save} can ever write. */
    long stateBytesMax() {
        long bytes = STATE_HEAD_BYTES;
        if (destinations == Destinations.DISCOVERED) {
            long each = SLOT_HEAD_BYTES
                    + LoadBalancerCounts.stateBytesMax(SeriesTable.stateBytesMax(SeriesTable.PORTS_MAX), limits);
            return bytes
                    + NodePorts.STATE_BYTES_MAX
                    + LoadBalancerCounts.stateBytesMax(
                            SeriesTable.stateBytesMax(SeriesTable.PORTS_OF_OTHER_MAX), limits)
                    + limits.loadBalancersMax() * each;
        }
        bytes += NodePorts.STATE_BYTES_MIN + other.stateBytesMax(limits);
        for (LoadBalancerCounts nlb : slots.all()) {
            bytes += SLOT_HEAD_BYTES + nlb.stateBytesMax(limits);
        }
        long toCome = (long) limits.loadBalancersMax() - slots.all().size();
        return bytes
                + configured.stream()
                        .filter(LoadBalancer::hasBlocks)
                        .mapToLong(block -> SeriesTable.stateBytes(
                                Attribution.rows(List.of(block)).keySet()))
                        .map(totals -> toCome * (SLOT_HEAD_BYTES + LoadBalancerCounts.stateBytesMax(totals, limits)))
                        .max()
                        .orElse(0);
    }
}

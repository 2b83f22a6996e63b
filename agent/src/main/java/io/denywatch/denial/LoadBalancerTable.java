package io.denywatch.denial;

import io.denywatch.count.CheckedInput;
import io.denywatch.count.Count;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.sketch.KeyIndex;
import io.denywatch.sketch.SeededHash;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Maps destinations to the counts of their load balancers. Confined to the ingest thread. A retired load balancer keeps
 * its counts until another needs its place; the one retired for longest goes first.
 */
final class LoadBalancerTable {
    private static final IpPrefix EVERYWHERE = new IpPrefix(new Ip(0, 0), 0);
    private static final int STATE_HEAD_BYTES = 2 * Long.BYTES + Integer.BYTES;
    private static final int ORIGINS_MAX = 16; // in a saved record
    private static final int SLOT_HEAD_BYTES = 2 * Long.BYTES + Integer.BYTES;

    final LoadBalancerCounts other; // packets to no load balancer, or to one beyond the limit
    final NodePortTable nodePorts = new NodePortTable();

    private final DenialLimits limits;
    private final SeededHash hash;
    private final Destinations destinations;
    private final List<LoadBalancer> configured;
    private final KeyIndex addresses;
    private final List<LoadBalancerCounts> all = new ArrayList<>(); // by number in addresses
    private int retired; // how many of them are retired
    private int assignments; // so far, including earlier processes
    private boolean awaiting;

    // Evictions in earlier processes and at load balancers that are gone; without them, the sums would decrease.
    private long goneEvictedForCapacity;
    private long goneEvictedIdle;

    /** A table of the configured load balancers; if they overlap, the first wins. */
    LoadBalancerTable(DenialLimits limits, List<LoadBalancer> configured, Destinations destinations, SeededHash hash) {
        this.limits = limits;
        this.hash = hash;
        this.destinations = destinations;
        addresses = new KeyIndex(hash, limits.loadBalancersMax());
        other = LoadBalancerCounts.ofOthers(limits, hash);
        this.configured = withBlocks(configured, destinations);
        assign(DiscoveredLoadBalancers.NONE);
        awaiting = destinations == Destinations.DISCOVERED;
    }

    private static List<LoadBalancer> withBlocks(List<LoadBalancer> configured, Destinations destinations) {
        List<LoadBalancer> known = new ArrayList<>(configured);
        if (destinations == Destinations.ANY) {
            known.add(LoadBalancer.at(EVERYWHERE));
        }
        return List.copyOf(known);
    }

    /** All load balancers, including retired ones, in the order in which they were first counted. */
    List<LoadBalancerCounts> all() {
        return all;
    }

    /** Sets the load balancers that exist in addition to the configured ones. */
    void assign(DiscoveredLoadBalancers discovered) {
        awaiting = false;
        assignments = Math.min(assignments + 1, SeriesTable.ASSIGNMENTS_MAX);
        List<LoadBalancer> known = new ArrayList<>(configured);
        known.addAll(discovered.all());
        Attribution attribution = new Attribution(known);
        Map<LoadBalancerCounts, Map<Series.SeriesKey, Integer>> wanted = allot(attribution.byAddress());
        wanted.put(other, Attribution.rows(List.of()));
        for (Attribution.NodePortSeries port : attribution.nodePorts()) {
            want(port, true, wanted);
            want(port, false, wanted);
        }
        all.forEach(nlb -> nlb.assign(wanted.getOrDefault(nlb, Map.of()), assignments));
        other.assign(wanted.getOrDefault(other, Map.of()), assignments);
        nodePorts.nodes(discovered.nodeAddresses());
        index();
    }

    /**
     * Gives addresses places while there is room, first to those that already have one, and retires places that are no
     * longer wanted. Returns the rows of each place.
     */
    private Map<LoadBalancerCounts, Map<Series.SeriesKey, Integer>> allot(Map<Ip, List<LoadBalancer>> byAddress) {
        Map<LoadBalancerCounts, Map<Series.SeriesKey, Integer>> wanted = new LinkedHashMap<>();
        for (LoadBalancerCounts nlb : all) {
            List<LoadBalancer> sharing = byAddress.getOrDefault(nlb.address, List.of());
            LoadBalancer block = blockWith(nlb.address.high(), nlb.address.low());
            if (!sharing.isEmpty()) {
                use(nlb.address.high(), nlb.address.low());
                wanted.put(nlb, Attribution.rows(sharing));
            } else if (nlb.retiredAt == 0 && block != null) {
                wanted.put(nlb, Attribution.rows(List.of(block)));
            } else if (nlb.retiredAt == 0) {
                retire(nlb, assignments);
            }
        }
        byAddress.forEach((address, sharing) -> {
            LoadBalancerCounts nlb = use(address.high(), address.low());
            if (nlb != null) {
                wanted.put(nlb, Attribution.rows(sharing));
            }
        });
        return wanted;
    }

    private void want(
            Attribution.NodePortSeries port,
            boolean ipv4,
            Map<LoadBalancerCounts, Map<Series.SeriesKey, Integer>> wanted) {
        Ip address = port.addresses().isEmpty() ? null : port.address(ipv4);
        LoadBalancerCounts told = address == null ? null : inUse(address.high(), address.low());
        wanted.computeIfAbsent(told == null ? other : told, none -> new LinkedHashMap<>())
                .merge(port.key(), ipv4 ? Series.NODE_PORT_IPV4 : Series.NODE_PORT_IPV6, Integer::sum);
    }

    private void index() {
        List<LoadBalancerCounts> counts = new ArrayList<>(all);
        counts.add(other);
        nodePorts.index(counts);
    }

    boolean isAwaiting() {
        return awaiting;
    }

    /** The counts of a destination; created if a configured block contains it and there is room. */
    LoadBalancerCounts find(long high, long low) {
        LoadBalancerCounts found = inUse(high, low);
        if (found != null) {
            return found;
        }
        LoadBalancer block = hasRoom() ? blockWith(high, low) : null;
        LoadBalancerCounts added = block == null ? null : use(high, low);
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

    /** The counts of an address, or null if it has none or is retired. */
    private @Nullable LoadBalancerCounts inUse(long high, long low) {
        int number = addresses.find(high, low, hash.of(high, low));
        if (number < 0) {
            return null;
        }
        LoadBalancerCounts found = all.get(number);
        return found.retiredAt == 0 ? found : null;
    }

    /** Whether {@link #use} has room for another address. */
    private boolean hasRoom() {
        return addresses.size() < limits.loadBalancersMax() || retired > 0;
    }

    /** Puts an address into use, with its earlier counts if it has any; null if there is no room. */
    private @Nullable LoadBalancerCounts use(long high, long low) {
        long key = hash.of(high, low);
        int number = addresses.find(high, low, key);
        if (number >= 0) {
            LoadBalancerCounts found = all.get(number);
            retired -= found.retiredAt == 0 ? 0 : 1;
            found.retiredAt = 0;
            return found;
        }
        if (!hasRoom()) {
            return null;
        }
        LoadBalancerCounts added = new LoadBalancerCounts(new Ip(high, low), limits, hash);
        if (addresses.size() < limits.loadBalancersMax()) {
            addresses.append(high, low, key);
            all.add(added);
        } else {
            int longest = longestRetired();
            goneEvictedForCapacity = Count.sum(
                    goneEvictedForCapacity, all.get(longest).sources.counts.evictedForCapacity());
            goneEvictedIdle =
                    Count.sum(goneEvictedIdle, all.get(longest).sources.counts.evictedIdle());
            addresses.replace(longest, high, low, key);
            all.set(longest, added);
            retired--;
        }
        return added;
    }

    private int longestRetired() {
        LoadBalancerCounts longest = all.stream()
                .filter(nlb -> nlb.retiredAt > 0)
                .min(Comparator.comparingInt(nlb -> nlb.retiredAt))
                .orElseThrow();
        return all.indexOf(longest);
    }

    /** Retires a load balancer that is in use. */
    private void retire(LoadBalancerCounts nlb, int number) {
        nlb.retiredAt = number;
        retired++;
    }

    long evictedForCapacity() {
        long sum = Count.sum(goneEvictedForCapacity, other.sources.counts.evictedForCapacity());
        for (int i = 0; i < all.size(); i++) {
            sum = Count.sum(sum, all.get(i).sources.counts.evictedForCapacity());
        }
        return sum;
    }

    long evictedIdle() {
        long sum = Count.sum(goneEvictedIdle, other.sources.counts.evictedIdle());
        for (int i = 0; i < all.size(); i++) {
            sum = Count.sum(sum, all.get(i).sources.counts.evictedIdle());
        }
        return sum;
    }

    /** Writes everything that outlives the process. */
    void save(DataOutput out) throws IOException {
        out.writeLong(evictedForCapacity());
        out.writeLong(evictedIdle());
        other.save(out);
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

    /** A configured load balancer without counts need not be saved. */
    private boolean isSaved(LoadBalancerCounts nlb) {
        return destinations == Destinations.DISCOVERED || !nlb.isEmpty();
    }

    /** Restores what was saved. */
    void restore(DataInput in) throws IOException {
        boolean keep = destinations == Destinations.DISCOVERED;
        CheckedInput state = CheckedInput.of(in);
        goneEvictedForCapacity =
                Count.sum(goneEvictedForCapacity, state.count("number of sources evicted for capacity"));
        goneEvictedIdle = Count.sum(goneEvictedIdle, state.count("number of idle sources evicted"));
        int number = other.restore(state, keep);
        int count = state.size("number of load balancers", DenialLimits.LOAD_BALANCERS_MAX);
        for (int i = 0; i < count; i++) {
            number = Math.max(number, restoreNext(state, keep));
        }
        List<Ip> nodeAddresses = NodePortTable.restore(state);
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
        LoadBalancerCounts added = at == other && keep ? use(address.high(), address.low()) : null;
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
            retire(added, retiredAt);
        }
        return Math.max(number, retiredAt);
    }

    /** Writes the packets that the blocklist stopped; nothing if there were none. */
    void saveStopped(DataOutput out) throws IOException {
        int saved = 0;
        for (int i = 0; i < all.size(); i++) {
            saved += all.get(i).stopped().sum() > 0 ? 1 : 0;
        }
        if (saved == 0 && other.stopped().sum() == 0) {
            return;
        }
        out.writeInt(BlockOrigin.COUNT);
        other.stopped().save(out);
        out.writeInt(saved);
        for (int i = 0; i < all.size(); i++) {
            LoadBalancerCounts nlb = all.get(i);
            if (nlb.stopped().sum() > 0) {
                out.writeLong(nlb.address.high());
                out.writeLong(nlb.address.low());
                nlb.stopped().save(out);
            }
        }
    }

    /** Restores these packets; those of load balancers that are not in the table are dropped. */
    void restoreStopped(CheckedInput in) throws IOException {
        int origins = in.size("number of origins", ORIGINS_MAX);
        other.restoreStopped(in, origins);
        int count = in.size("number of load balancers with stopped packets", DenialLimits.LOAD_BALANCERS_MAX);
        for (int i = 0; i < count; i++) {
            Ip address = new Ip(in.bits(), in.bits());
            int number = addresses.find(address.high(), address.low(), hash.of(address.high(), address.low()));
            LoadBalancerCounts at = number < 0 ? new LoadBalancerCounts(address, limits, hash) : all.get(number);
            at.restoreStopped(in, origins);
        }
    }

    /** The most bytes that {@link #saveStopped} can write. */
    static long stoppedBytesMax(DenialLimits limits) {
        long counts = BlockOrigin.COUNT * (Short.BYTES + (long) BlockOrigin.LABEL_BYTES_MAX + Long.BYTES);
        return 2 * Integer.BYTES + counts + limits.loadBalancersMax() * (2 * Long.BYTES + counts);
    }

    /** The most bytes that {@link #save} can write. */
    static long stateBytesMax(DenialLimits limits, List<LoadBalancer> configured, Destinations destinations) {
        if (destinations == Destinations.DISCOVERED) {
            return STATE_HEAD_BYTES
                    + NodePortTable.STATE_BYTES_MAX
                    + LoadBalancerCounts.stateBytesMax(
                            SeriesTable.stateBytesMax(SeriesTable.PORTS_OF_OTHER_MAX), limits)
                    + limits.loadBalancersMax()
                            * slotBytesMax(SeriesTable.stateBytesMax(SeriesTable.PORTS_MAX), limits);
        }
        List<LoadBalancer> known = withBlocks(configured, destinations);
        Collection<List<LoadBalancer>> byAddress =
                new Attribution(known).byAddress().values();
        long toCome = Math.max(0, (long) limits.loadBalancersMax() - byAddress.size());
        return STATE_HEAD_BYTES
                + NodePortTable.STATE_BYTES_MIN
                + LoadBalancerCounts.stateBytesMax(rowBytes(List.of()), limits)
                + byAddress.stream()
                        .limit(limits.loadBalancersMax())
                        .mapToLong(sharing -> slotBytesMax(rowBytes(sharing), limits))
                        .reduce(0, Count::sum)
                + toCome
                        * known.stream()
                                .filter(LoadBalancer::hasBlocks)
                                .mapToLong(block -> slotBytesMax(rowBytes(List.of(block)), limits))
                                .max()
                                .orElse(0);
    }

    private static long rowBytes(List<LoadBalancer> sharing) {
        return SeriesTable.stateBytes(Attribution.rows(sharing).keySet());
    }

    private static long slotBytesMax(long rowBytes, DenialLimits limits) {
        return SLOT_HEAD_BYTES + LoadBalancerCounts.stateBytesMax(rowBytes, limits);
    }

    /** Bytes of the arrays' elements. */
    long bytes() {
        return addresses.bytes()
                + other.bytes()
                + all.stream().mapToLong(LoadBalancerCounts::bytes).sum();
    }
}

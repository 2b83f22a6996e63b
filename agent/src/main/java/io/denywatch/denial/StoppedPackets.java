package io.denywatch.denial;

import io.denywatch.count.Count;
import io.denywatch.denial.StoppedSources.StoppedSource;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.sketch.SeededHash;
import io.denywatch.sketch.SpaceSaving;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes packets that the blocklist stopped, and counts them by source. Confined to the ingest thread, except the
 * snapshots that it returns. Nothing is allocated per packet.
 *
 * <p>A packet counts as stopped if its source is on the cluster's blocklist when its line is read. Late packets do not:
 * it is not known what the blocklist contained when they were sent.
 *
 * <p>Sources are held for as long as they are blocked, at most {@link #SOURCES_MAX}; in a full table, a further source
 * takes the place of the one with the fewest packets, as {@link SpaceSaving} determines it.
 */
public final class StoppedPackets {
    /** The most sources with counts of their own; each takes 78 bytes. */
    public static final int SOURCES_MAX = 4_096;

    /** The widest IPv6 prefix that counts as one source. */
    private static final int IPV6_LENGTH_MIN = 64;

    private static final long MICROS = 1_000_000;
    private static final int CAPACITY_INITIAL = 16;
    private static final BlockOrigin[] ORIGINS = BlockOrigin.values();

    private final boolean counting;
    private final Supplier<BlockedPrefixes> published;
    private final int ipv6PrefixLength;
    private final long sourceLowMask;
    private final SeededHash hash;

    private BlockedPrefixes blocked = BlockedPrefixes.NONE;
    private SpaceSaving sources;
    private long[] packets = new long[CAPACITY_INITIAL]; // by entry of the sources
    private long[] bytes = new long[CAPACITY_INITIAL];
    private byte[] origins = new byte[CAPACITY_INITIAL];
    private long[] latestLow = new long[CAPACITY_INITIAL]; // the second half of the latest address of the source
    private long evicted; // from earlier tables
    private @Nullable StoppedSources snapshot; // null if something has changed since

    private StoppedPackets(boolean counting, Supplier<BlockedPrefixes> published, int ipv6PrefixLength, long seed) {
        this.counting = counting;
        this.published = published;
        this.ipv6PrefixLength = Math.max(IPV6_LENGTH_MIN, ipv6PrefixLength);
        sourceLowMask = IpPrefix.lowMask(this.ipv6PrefixLength);
        hash = new SeededHash(seed);
        sources = new SpaceSaving(hash, 1, SOURCES_MAX);
    }

    /** Recognizes no packet. */
    public static StoppedPackets off() {
        return new StoppedPackets(false, () -> BlockedPrefixes.NONE, IPV6_LENGTH_MIN, 0);
    }

    /**
     * Recognizes packets of these sources.
     *
     * @param published asked at the start of each round of reading
     * @param ipv6PrefixLength bits that identify an IPv6 source; lengths below 64 are raised to it
     * @param seed of the hash, random for each process, because attackers choose their source addresses
     */
    public static StoppedPackets of(Supplier<BlockedPrefixes> published, int ipv6PrefixLength, long seed) {
        return new StoppedPackets(true, published, ipv6PrefixLength, seed);
    }

    /** Begins a round of reading: takes the blocklist as it is now, and drops sources that are no longer on it. */
    public void begin() {
        BlockedPrefixes now = published.get();
        if (now != blocked) {
            blocked = now;
            dropUnblocked();
        }
    }

    /** Recognizes whether the packet was stopped, tells it, and counts it. */
    public void packet(ObservedPacket packet) {
        if (blocked.size() == 0 || !packet.mayBeAttributed()) {
            return;
        }
        long high = packet.sourceHigh();
        long low = packet.sourceLow();
        BlockOrigin origin = blocked.find(high, low);
        if (origin != null) {
            packet.stoppedBy(origin);
            count(high, Ip.isIpv4(high, low) ? low : low & sourceLowMask, origin, packet);
        }
    }

    private void count(long high, long low, BlockOrigin origin, ObservedPacket packet) {
        long key = hash.of(high, low);
        int second = (int) Math.floorDiv(packet.micros(), MICROS);
        int entry = sources.find(high, low, key);
        if (entry < 0) {
            entry = admit(high, low, key, second);
        }
        sources.count(entry, packet.packets(), second);
        packets[entry] = Count.sum(packets[entry], packet.packets());
        bytes[entry] = Count.sum(bytes[entry], packet.bytes());
        origins[entry] = (byte) origin.ordinal();
        latestLow[entry] = packet.sourceLow();
        snapshot = null;
    }

    private int admit(long high, long low, long key, int second) {
        int entry = sources.admit(high, low, key, second);
        if (entry == packets.length) {
            int capacity = sources.capacity();
            packets = Arrays.copyOf(packets, capacity);
            bytes = Arrays.copyOf(bytes, capacity);
            origins = Arrays.copyOf(origins, capacity);
            latestLow = Arrays.copyOf(latestLow, capacity);
        }
        packets[entry] = 0;
        bytes[entry] = 0;
        return entry;
    }

    /** A source that is blocked again later begins at 0. */
    private void dropUnblocked() {
        int kept = 0;
        for (int entry = 0; entry < sources.size(); entry++) {
            kept += isBlocked(entry) ? 1 : 0;
        }
        if (kept == sources.size()) {
            return;
        }
        SpaceSaving before = sources;
        long[] packetsBefore = packets;
        long[] bytesBefore = bytes;
        byte[] originsBefore = origins;
        long[] latestLowBefore = latestLow;
        List<Integer> entries = new ArrayList<>();
        for (int entry = 0; entry < before.size(); entry++) {
            if (isBlocked(entry)) {
                entries.add(entry);
            }
        }
        evicted = evicted();
        sources = new SpaceSaving(hash, 1, SOURCES_MAX);
        packets = new long[CAPACITY_INITIAL];
        bytes = new long[CAPACITY_INITIAL];
        origins = new byte[CAPACITY_INITIAL];
        latestLow = new long[CAPACITY_INITIAL];
        for (int from : entries) {
            long high = before.keys.high(from);
            long low = before.keys.low(from);
            int to = admit(high, low, hash.of(high, low), before.firstSeen(from));
            sources.count(to, before.packets(from), before.lastSeen(from));
            packets[to] = packetsBefore[from];
            bytes[to] = bytesBefore[from];
            origins[to] = originsBefore[from];
            latestLow[to] = latestLowBefore[from];
        }
        snapshot = null;
    }

    private boolean isBlocked(int entry) {
        return blocked.find(sources.keys.high(entry), latestLow[entry]) != null;
    }

    private long evicted() {
        return Count.sum(evicted, sources.evictedForCapacity());
    }

    /** What was counted; the same object as before if nothing changed. */
    public StoppedSources snapshot() {
        if (snapshot == null) {
            List<StoppedSource> all = new ArrayList<>(sources.size());
            for (int entry = 0; entry < sources.size(); entry++) {
                Ip network = new Ip(sources.keys.high(entry), sources.keys.low(entry));
                all.add(new StoppedSource(
                        new IpPrefix(network, network.isIpv4() ? 128 : ipv6PrefixLength),
                        ORIGINS[origins[entry]],
                        packets[entry],
                        bytes[entry],
                        Integer.toUnsignedLong(sources.firstSeen(entry)),
                        Integer.toUnsignedLong(sources.lastSeen(entry))));
            }
            snapshot = new StoppedSources(counting, all, evicted());
        }
        return snapshot;
    }
}

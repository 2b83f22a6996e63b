package io.denywatch.denial;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.sketch.SeededHash;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The addresses on the cluster's blocklist and who put them there. Immutable; published through one volatile field, and
 * asked once for each packet, without an allocation. Single IPv4 addresses and IPv6 prefixes of /64 are found by a
 * hash, all other prefixes by a binary search.
 *
 * <p>An address that is in several sets has the first of their origins in the order of {@link BlockOrigin}.
 */
public final class BlockedPrefixes {
    /** The most prefixes that are held: 300 nodes that block 10,000 sources each. Others are left out. */
    public static final int PREFIXES_MAX = 3_000_000;

    /** No address is blocked. */
    public static final BlockedPrefixes NONE = of(List.of(), 0);

    private static final BlockOrigin[] ORIGINS = BlockOrigin.values();
    private static final int IPV6_SOURCE_LENGTH = 64;
    private static final int NOT_FOUND = BlockOrigin.COUNT;

    private final int size;
    private final int leftOut;
    private final AddressTable singles; // IPv4, by the low half
    private final AddressTable blocks; // IPv6 /64, by the high half
    private final AddressRanges ipv4Ranges;
    private final AddressRanges ipv6Ranges; // apart: to Calico, ::/0 contains no IPv4 address

    private BlockedPrefixes(
            int size,
            int leftOut,
            AddressTable singles,
            AddressTable blocks,
            AddressRanges ipv4Ranges,
            AddressRanges ipv6Ranges) {
        this.size = size;
        this.leftOut = leftOut;
        this.singles = singles;
        this.blocks = blocks;
        this.ipv4Ranges = ipv4Ranges;
        this.ipv6Ranges = ipv6Ranges;
    }

    /** A prefix on the blocklist. */
    public record BlockedPrefix(IpPrefix addresses, BlockOrigin origin) {}

    /**
     * A look-up of these prefixes, which may overlap.
     *
     * @param seed of the hash, random, because attackers choose their source addresses
     */
    public static BlockedPrefixes of(List<BlockedPrefix> prefixes, long seed) {
        List<BlockedPrefix> held = prefixes.subList(0, Math.min(PREFIXES_MAX, prefixes.size()));
        int singles = 0;
        int blocks = 0;
        List<BlockedPrefix> ipv4Others = new ArrayList<>();
        List<BlockedPrefix> ipv6Others = new ArrayList<>();
        for (BlockedPrefix prefix : held) {
            if (isSingleIpv4(prefix.addresses)) {
                singles++;
            } else if (isIpv6Source(prefix.addresses)) {
                blocks++;
            } else {
                (prefix.addresses.isIpv4() ? ipv4Others : ipv6Others).add(prefix);
            }
        }
        SeededHash hash = new SeededHash(seed);
        AddressTable byLow = new AddressTable(hash, singles);
        AddressTable byHigh = new AddressTable(hash, blocks);
        for (BlockedPrefix prefix : held) {
            Ip network = prefix.addresses.network();
            if (isSingleIpv4(prefix.addresses)) {
                byLow.put(network.low(), prefix.origin);
            } else if (isIpv6Source(prefix.addresses)) {
                byHigh.put(network.high(), prefix.origin);
            }
        }
        return new BlockedPrefixes(
                held.size(),
                prefixes.size() - held.size(),
                byLow,
                byHigh,
                AddressRanges.of(ipv4Others),
                AddressRanges.of(ipv6Others));
    }

    private static boolean isSingleIpv4(IpPrefix prefix) {
        return prefix.isSingle() && prefix.isIpv4();
    }

    private static boolean isIpv6Source(IpPrefix prefix) {
        return prefix.length() == IPV6_SOURCE_LENGTH;
    }

    /** The number of prefixes. */
    public int size() {
        return size;
    }

    /** The number of prefixes for which there was no room. */
    public int leftOut() {
        return leftOut;
    }

    /** The origin of an address on the blocklist; null if it is not on it. */
    public @Nullable BlockOrigin find(long high, long low) {
        if (size == 0) {
            return null;
        }
        boolean ipv4 = Ip.isIpv4(high, low);
        int found = ipv4 ? singles.find(low) : blocks.find(high);
        if (found > 0) { // not the first origin
            found = Math.min(found, (ipv4 ? ipv4Ranges : ipv6Ranges).find(high, low));
        }
        return found == NOT_FOUND ? null : ORIGINS[found];
    }

    /** A hash table with open addressing; at most half of it is used. Written only while it is made. */
    private static final class AddressTable {
        private final SeededHash hash;
        private final long[] keys;
        private final byte[] origins; // NOT_FOUND where there is no key

        AddressTable(SeededHash hash, int keysMax) {
            this.hash = hash;
            int places = keysMax == 0 ? 1 : Integer.highestOneBit(keysMax) << 2;
            keys = new long[places];
            origins = new byte[places];
            Arrays.fill(origins, (byte) NOT_FOUND);
        }

        void put(long key, BlockOrigin origin) {
            int at = place(key);
            keys[at] = key;
            origins[at] = (byte) Math.min(origins[at], origin.ordinal());
        }

        int find(long key) {
            return origins[place(key)];
        }

        /** The place of the key, or the free one where it would be. */
        private int place(long key) {
            int at = (int) hash.of(key, key) & (keys.length - 1);
            while (origins[at] != NOT_FOUND && keys[at] != key) {
                at = (at + 1) & (keys.length - 1);
            }
            return at;
        }
    }

    /**
     * Ranges that do not overlap: each begins where the one before it ends. Prefixes overlap only by one containing the
     * other, so the ranges follow from the prefixes that are open at each place.
     */
    private static final class AddressRanges {
        private static final Comparator<BlockedPrefix> OUTER_FIRST = Comparator.comparing(
                        (BlockedPrefix prefix) -> prefix.addresses.network())
                .thenComparingInt(prefix -> prefix.addresses.length());

        private long[] high = new long[8]; // the first address of each range
        private long[] low = new long[8];
        private byte[] origins = new byte[8]; // NOT_FOUND for a range without any
        private int count;

        static AddressRanges of(List<BlockedPrefix> prefixes) {
            AddressRanges ranges = new AddressRanges();
            ranges.begin(0, 0, NOT_FOUND);
            Deque<Nested> open = new ArrayDeque<>();
            for (BlockedPrefix prefix : prefixes.stream().sorted(OUTER_FIRST).toList()) {
                Ip network = prefix.addresses.network();
                while (!open.isEmpty() && !open.peek().addresses.contains(network.high(), network.low())) {
                    ranges.end(open);
                }
                int outer = open.isEmpty() ? NOT_FOUND : open.peek().origin;
                int origin = Math.min(outer, prefix.origin.ordinal());
                open.push(new Nested(prefix.addresses, origin));
                ranges.begin(network.high(), network.low(), origin);
            }
            while (!open.isEmpty()) {
                ranges.end(open);
            }
            return ranges;
        }

        /** A prefix that contains the place which was reached. */
        private record Nested(IpPrefix addresses, int origin) {}

        private void end(Deque<Nested> open) {
            IpPrefix ended = open.pop().addresses;
            long lastHigh = ended.network().high() | ~IpPrefix.highMask(ended.length());
            long lastLow = ended.network().low() | ~IpPrefix.lowMask(ended.length());
            boolean carries = lastLow == -1;
            if (carries && lastHigh == -1) {
                return; // nothing comes after it
            }
            begin(lastHigh + (carries ? 1 : 0), lastLow + 1, open.isEmpty() ? NOT_FOUND : open.peek().origin);
        }

        private void begin(long fromHigh, long fromLow, int origin) {
            boolean same = count > 0 && high[count - 1] == fromHigh && low[count - 1] == fromLow;
            int at = same ? count - 1 : count++;
            if (at == high.length) {
                high = Arrays.copyOf(high, 2 * at);
                low = Arrays.copyOf(low, 2 * at);
                origins = Arrays.copyOf(origins, 2 * at);
            }
            high[at] = fromHigh;
            low[at] = fromLow;
            origins[at] = (byte) origin;
        }

        int find(long ofHigh, long ofLow) {
            int from = 0;
            for (int to = count; to - from > 1; ) {
                int middle = (from + to) >>> 1;
                int order = Long.compareUnsigned(high[middle], ofHigh);
                if (order == 0 ? Long.compareUnsigned(low[middle], ofLow) <= 0 : order < 0) {
                    from = middle;
                } else {
                    to = middle;
                }
            }
            return origins[from];
        }
    }
}

package io.denywatch.denial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.denywatch.denial.BlockedPrefixes.BlockedPrefix;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BlockedPrefixesTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ALL_IPV4 = 96;

    private static BlockedPrefix blocked(String addresses, BlockOrigin origin) {
        return new BlockedPrefix(IpPrefix.parse(addresses), origin);
    }

    private static @Nullable BlockOrigin find(BlockedPrefixes sources, String address) {
        Ip ip = Ip.parse(address);
        return sources.find(ip.high(), ip.low());
    }

    @Test
    void findsAddressesAndRangesOfBothVersions() {
        BlockedPrefixes sources = BlockedPrefixes.of(
                List.of(
                        blocked("192.0.2.1", BlockOrigin.PROMOTION),
                        blocked("198.51.100.0/24", BlockOrigin.FEED),
                        blocked("2001:db8::/64", BlockOrigin.MANUAL),
                        blocked("2001:db8:1::7", BlockOrigin.MANUAL),
                        blocked("2001:db8:2::/48", BlockOrigin.FEED)),
                7);
        assertEquals(BlockOrigin.PROMOTION, find(sources, "192.0.2.1"));
        assertNull(find(sources, "192.0.2.2"));
        assertEquals(BlockOrigin.FEED, find(sources, "198.51.100.0"));
        assertEquals(BlockOrigin.FEED, find(sources, "198.51.100.255"));
        assertNull(find(sources, "198.51.101.0"));
        assertEquals(BlockOrigin.MANUAL, find(sources, "2001:db8::ffff"));
        assertEquals(BlockOrigin.MANUAL, find(sources, "2001:db8:1::7"));
        assertNull(find(sources, "2001:db8:1::8"));
        assertEquals(BlockOrigin.FEED, find(sources, "2001:db8:2:ffff::"));
        assertNull(find(BlockedPrefixes.NONE, "192.0.2.1"));
    }

    /** As with Calico, ::/0 contains no IPv4 address. */
    @Test
    void everyIpv6AddressIsNoIpv4Address() {
        BlockedPrefixes sources = BlockedPrefixes.of(List.of(blocked("::/0", BlockOrigin.FEED)), 7);
        assertNull(find(sources, "192.0.2.1"));
        assertEquals(BlockOrigin.FEED, find(sources, "::"));
        assertEquals(BlockOrigin.FEED, find(sources, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
    }

    @Test
    void anAddressInSeveralSetsHasTheFirstOfTheirOrigins() {
        BlockedPrefixes sources = BlockedPrefixes.of(
                List.of(
                        blocked("192.0.2.0/24", BlockOrigin.MANUAL),
                        blocked("192.0.2.1", BlockOrigin.FEED),
                        blocked("192.0.2.2", BlockOrigin.PROMOTION),
                        blocked("192.0.2.2", BlockOrigin.FEED)),
                7);
        assertEquals(BlockOrigin.MANUAL, find(sources, "192.0.2.1"));
        assertEquals(BlockOrigin.PROMOTION, find(sources, "192.0.2.2"));
    }

    @Test
    void findsWhatASearchThroughAllPrefixesFinds() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<BlockedPrefix> prefixes = IntStream.range(0, random.nextInt(60))
                    .mapToObj(_ ->
                            new BlockedPrefix(prefix(random), BlockOrigin.values()[random.nextInt(BlockOrigin.COUNT)]))
                    .toList();
            BlockedPrefixes sources = BlockedPrefixes.of(prefixes, seed);
            for (int i = 0; i < 300; i++) {
                Ip address = address(random);
                assertEquals(
                        slowly(prefixes, address),
                        sources.find(address.high(), address.low()),
                        "seed " + seed + ": " + address + " in " + prefixes);
            }
        }
    }

    private static @Nullable BlockOrigin slowly(List<BlockedPrefix> prefixes, Ip address) {
        return prefixes.stream()
                .filter(prefix -> prefix.addresses().network().isIpv4() == address.isIpv4()
                        && prefix.addresses().contains(address.high(), address.low()))
                .map(BlockedPrefix::origin)
                .min(BlockOrigin::compareTo)
                .orElse(null);
    }

    /** Addresses with few bits that differ, so that prefixes overlap and end next to each other. */
    private static Ip address(Random random) {
        long few = random.nextInt(16);
        long edge = List.of(0L, 0xffff_ffffL, 0xffff_0000L, 0xff00L).get(random.nextInt(4));
        return random.nextBoolean()
                ? Ip.ofIpv4((int) (few << random.nextInt(29) ^ edge))
                : new Ip(
                        random.nextInt(8) == 0 ? -1 : few << random.nextInt(61),
                        random.nextInt(8) == 0 ? -1 : few << random.nextInt(61));
    }

    private static IpPrefix prefix(Random random) {
        Ip address = address(random);
        int least = address.isIpv4() ? ALL_IPV4 : 0;
        int length = random.nextInt(3) == 0 ? 128 : least + random.nextInt(129 - least);
        length = !address.isIpv4() && random.nextInt(3) == 0 ? 64 : length;
        return new IpPrefix(
                new Ip(address.high() & IpPrefix.highMask(length), address.low() & IpPrefix.lowMask(length)), length);
    }

    @Test
    void allocatesNothingToFindAnAddress() {
        List<BlockedPrefix> prefixes = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            prefixes.add(new BlockedPrefix(IpPrefix.of(Ip.ofIpv4(i * 7)), BlockOrigin.PROMOTION));
            prefixes.add(new BlockedPrefix(new IpPrefix(Ip.ofIpv4(i << 12), 120), BlockOrigin.FEED));
        }
        for (BlockedPrefixes sources : Arrays.asList(BlockedPrefixes.NONE, BlockedPrefixes.of(prefixes, 7))) {
            search(sources);
            long before = THREADS.getCurrentThreadAllocatedBytes();
            int found = search(sources);
            assertEquals(0, THREADS.getCurrentThreadAllocatedBytes() - before, "bytes for 50,000 look-ups");
            assertEquals(sources.size() > 0, found > 0);
        }
    }

    private static int search(BlockedPrefixes sources) {
        int found = 0;
        for (int i = 0; i < 50_000; i++) {
            found += sources.find(0, Ip.IPV4_MAPPED_LOW | i) == null ? 0 : 1;
            found += sources.find(i, i) == null ? 0 : 1;
        }
        return found;
    }

    @Test
    void holdsAMillionAddresses() {
        List<BlockedPrefix> prefixes = IntStream.range(0, 1_000_000)
                .mapToObj(i -> new BlockedPrefix(IpPrefix.of(Ip.ofIpv4(i * 3)), BlockOrigin.FEED))
                .toList();
        BlockedPrefixes sources = BlockedPrefixes.of(prefixes, 7);
        assertEquals(1_000_000, sources.size());
        assertEquals(0, sources.leftOut());
        assertTrue(IntStream.range(0, 3_000_000)
                .allMatch(i -> (sources.find(0, Ip.IPV4_MAPPED_LOW | i) != null) == (i % 3 == 0)));
    }
}

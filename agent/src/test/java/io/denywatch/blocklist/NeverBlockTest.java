package io.denywatch.blocklist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NeverBlockTest {
    private static final NeverBlock SPECIAL = NeverBlock.of(List.of(), List.of(), List.of());

    private static List<IpPrefix> blocks(String... texts) {
        return Stream.of(texts).map(IpPrefix::parse).toList();
    }

    private static Optional<String> reason(NeverBlock never, String source) {
        return never.touching(IpPrefix.parse(source)).map(Range::reason);
    }

    /** Any length, few different bits: so that prefixes hold each other, are equal, and stand side by side. */
    private static IpPrefix prefix(SplittableRandom random) {
        int length = random.nextInt(129);
        long high = random.nextInt(4) == 0 ? 0 : random.nextLong() & 0xc000_0000_0000_0003L;
        long low = random.nextLong() & 0xc000_0000_0000_0003L;
        return new IpPrefix(new Ip(high & IpPrefix.highMask(length), low & IpPrefix.lowMask(length)), length);
    }

    @Test
    void namesTheSameRangeAsAskingOneAfterTheOther() {
        for (int seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Range> ranges = new ArrayList<>();
            for (int i = random.nextInt(40); i > 0; i--) {
                ranges.add(new Range(prefix(random), "range " + i));
            }
            NeverBlock never = new NeverBlock(ranges);
            for (int i = 0; i < 200; i++) {
                IpPrefix source = prefix(random);
                Optional<Range> expected = ranges.stream()
                        .filter(range -> range.addresses().overlaps(source))
                        .findFirst();
                assertEquals(expected, never.touching(source), "seed " + seed + ", source " + source);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.1.2.3",
                "172.31.255.255",
                "192.168.0.1",
                "100.127.0.1",
                "127.0.0.1",
                "169.254.169.254",
                "0.1.2.3",
                "224.0.0.1",
                "255.255.255.255",
                "::/64",
                "::1",
                "fd12:3456::/64",
                "fe80::/64",
                "fe80::1",
                "ff02::1",
                "64:ff9b::/64",
                "64:ff9b::cb00:7101",
                "64:ff9b:1:2::/64",
                "2001:0:4136:e378::/64"
            })
    void specialAddressesAreNeverBlocked(String source) {
        assertTrue(reason(SPECIAL, source).isPresent());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9.255.255.255",
                "11.0.0.0",
                "172.32.0.0",
                "100.128.0.0",
                "8.8.8.8",
                "223.255.255.255",
                "192.0.2.1",
                "198.51.100.7",
                "203.0.113.9",
                "2001:db8::/64",
                "2001:1::/64",
                "2002:cb00:7101::/64",
                "2a00:1450::/64",
                "64:ff9a::/64"
            })
    void otherAddressesMayBeBlocked(String source) {
        assertEquals(Optional.empty(), reason(SPECIAL, source));
    }

    @ParameterizedTest
    @CsvSource({"10.1.2.3, true", "10.1.3.0, false", "10.1.1.255, false", "192.168.1.1, false", "127.0.0.1, false"})
    void mayBlockOpensExactlyItsPartOfASpecialRange(String source, boolean may) {
        NeverBlock never = NeverBlock.of(List.of(), blocks("10.1.2.0/24"), List.of());
        assertEquals(may, reason(never, source).isEmpty());
    }

    @Test
    void mayBlockOpensNeitherConfiguredNorClusterRanges() {
        List<Range> cluster = List.of(new Range(IpPrefix.parse("10.0.0.7"), "address of node n1"));
        NeverBlock never = NeverBlock.of(blocks("10.0.1.0/24"), blocks("0.0.0.0/0", "::/0"), cluster);
        assertEquals(Optional.of("blocklist.neverBlock"), reason(never, "10.0.1.9"));
        assertEquals(Optional.of("address of node n1"), reason(never, "10.0.0.7"));
        assertEquals(Optional.empty(), reason(never, "10.0.0.8"));
        assertEquals(Optional.empty(), reason(never, "fd00::/64"));
    }

    @Test
    void openedAddressesAreThoseInMayBlockAndNoOthers() {
        for (int seed = 0; seed < 100; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<IpPrefix> mayBlock = new ArrayList<>();
            for (int i = random.nextInt(5); i >= 0; i--) {
                mayBlock.add(new IpPrefix(ipv4(random, 16), 112));
                mayBlock.add(prefix(random));
            }
            NeverBlock never = NeverBlock.of(List.of(), mayBlock, List.of());
            for (int i = 0; i < 200; i++) {
                IpPrefix source = new IpPrefix(ipv4(random, 32), 128);
                boolean open = mayBlock.stream().anyMatch(block -> block.overlaps(source));
                boolean special = SPECIAL.touching(source).isPresent();
                assertEquals(
                        special && !open,
                        never.touching(source).isPresent(),
                        "seed " + seed + ", source " + source + ", mayBlock " + mayBlock);
            }
        }
    }

    /** An address of 10.0.0.0/14, so that blocks of 16 bits are often met. */
    private static Ip ipv4(SplittableRandom random, int bits) {
        return Ip.ofIpv4((0x0a00_0000 | random.nextInt(1 << 18)) & (-1 << (32 - bits)));
    }
}

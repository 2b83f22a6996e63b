package io.denywatch.blocklist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NeverBlockTest {
    private static final NeverBlock SPECIAL = NeverBlock.of(List.of(), List.of(), List.of(), List.of());

    private static List<IpPrefix> blocks(String... texts) {
        return Stream.of(texts).map(IpPrefix::parse).toList();
    }

    private static Optional<String> reason(NeverBlock never, String source) {
        return never.touching(IpPrefix.parse(source)).map(Range::reason);
    }

    /** Any length, few different bits, so that prefixes contain each other, are equal or adjacent; also IPv4. */
    private static IpPrefix prefix(SplittableRandom random) {
        if (random.nextInt(3) == 0) {
            int length = 96 + random.nextInt(33);
            long bits = Ip.IPV4_MAPPED_LOW | (random.nextLong() & 0xc000_0003L);
            return new IpPrefix(new Ip(0, bits & IpPrefix.lowMask(length)), length);
        }
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
                "2001:0:4136:e378::/64",
                "2001:1::/64",
                "2001:1ff:ffff:ffff::/64",
                "192.0.0.170",
                "192.31.196.1",
                "192.52.193.1",
                "192.88.99.1",
                "192.175.48.1",
                "198.18.0.1",
                "198.19.255.255",
                "100::/64",
                "100:0:0:1::/64",
                "2620:4f:8000::/64",
                "5f00::/64",
                "5f00:ffff:ffff:ffff::/64",
                "fec0::/64",
                "feff:ffff::/64"
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
                "2001:200::/64",
                "2002:cb00:7101::/64",
                "192.0.1.0",
                "192.0.2.1",
                "192.88.98.255",
                "198.17.255.255",
                "198.20.0.0",
                "100:0:0:2::/64",
                "5eff:ffff::/64",
                "5f01::/64",
                "2a00:1450::/64",
                "64:ff9a::/64"
            })
    void otherAddressesMayBeBlocked(String source) {
        assertEquals(Optional.empty(), reason(SPECIAL, source));
    }

    @ParameterizedTest
    @CsvSource({"10.1.2.3, true", "10.1.3.0, false", "10.1.1.255, false", "192.168.1.1, false", "127.0.0.1, false"})
    void mayBlockOpensExactlyItsPartOfASpecialRange(String source, boolean may) {
        NeverBlock never = NeverBlock.of(List.of(), List.of(), blocks("10.1.2.0/24"), List.of());
        assertEquals(may, reason(never, source).isEmpty());
    }

    @Test
    void mayBlockOpensNeitherConfiguredNorClusterRanges() {
        List<Range> cluster = List.of(new Range(IpPrefix.parse("10.0.0.7"), "address of node n1"));
        NeverBlock never = NeverBlock.of(blocks("10.0.1.0/24"), List.of(), blocks("0.0.0.0/0", "::/0"), cluster);
        assertEquals(Optional.of("blocklist.neverBlock"), reason(never, "10.0.1.9"));
        assertEquals(Optional.of("address of node n1"), reason(never, "10.0.0.7"));
        assertEquals(Optional.empty(), reason(never, "10.0.0.8"));
        assertEquals(Optional.empty(), reason(never, "fd00::/64"));
    }

    @ParameterizedTest
    @CsvSource({
        "AZURE, 168.63.129.16",
        "AWS, 169.254.169.253",
        "AWS, fd00:ec2::253",
        "CLOUDFLARE, 172.71.255.255",
        "CLOUDFLARE, 2a06:98c7:ffff:ffff::/64",
        "GCP, 35.191.7.9",
        "GCP, 2600:2d00:1:b029::/64",
        "IBM_CLOUD, 161.26.0.10",
        "IBM_CLOUD, 166.11.255.255"
    })
    void aPresetIsNeverBlockedButForWhatMayBe(Preset preset, String source) {
        List<Preset> given = List.of(preset);
        Optional<String> named = Optional.of("blocklist.neverBlock " + preset.label());
        List<IpPrefix> special = blocks("169.254.0.0/16", "fc00::/7");
        NeverBlock without = NeverBlock.of(List.of(), List.of(), special, List.of());
        NeverBlock with = NeverBlock.of(List.of(), given, List.of(), List.of());
        NeverBlock opened = NeverBlock.of(List.of(), given, blocks(source, "169.254.0.0/16", "fc00::/7"), List.of());
        assertEquals(Optional.empty(), reason(without, source));
        assertEquals(named, reason(with, source));
        assertEquals(Optional.empty(), reason(opened, source));
    }

    @ParameterizedTest
    @EnumSource(Preset.class)
    void aPresetNamesItsSourceAndNeitherAllNorTheSameTwice(Preset preset) {
        assertEquals(Optional.of(preset), Preset.of(preset.label()));
        assertTrue(preset.source().startsWith("https://"), preset.source());
        LocalDate.parse(preset.compared());
        List<IpPrefix> blocks = preset.ranges().stream().map(Range::addresses).toList();
        for (IpPrefix block : blocks) {
            int bits = block.network().isIpv4() ? block.length() - 96 : block.length();
            assertTrue(bits >= (block.network().isIpv4() ? 12 : 29), block + " holds more than a provider's proxies");
            assertEquals(List.of(block), blocks.stream().filter(block::overlaps).toList());
        }
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
            NeverBlock never = NeverBlock.of(List.of(), List.of(), mayBlock, List.of());
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

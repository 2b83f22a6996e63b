package io.denywatch.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpPrefixTest {
    private static final long SEED = 20_260_302;

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.0.0.0/8, 10.255.255.255, 11.0.0.0",
        "192.0.2.1, 192.0.2.1/32, 192.0.2.1, 192.0.2.2",
        "0.0.0.0/0, 0.0.0.0/0, 255.1.2.3, ::1",
        "2001:db8::/32, 2001:db8::/32, 2001:db8:ffff::1, 2001:db9::",
        "2001:db8::1, 2001:db8::1/128, 2001:db8::1, 2001:db8::2",
        "2001:db8:0:1::/64, 2001:db8:0:1::/64, 2001:db8:0:1:ffff::, 2001:db8:0:2::"
    })
    void readsHoldsAndPrints(String text, String printed, String inside, String outside) {
        IpPrefix prefix = IpPrefix.parse(text);
        assertEquals(printed, prefix.toString());
        assertTrue(contains(prefix, Ip.parse(inside)));
        assertFalse(contains(prefix, Ip.parse(outside)));
    }

    @Test
    void blocksOfDifferentIpVersionsHaveNoAddressInCommon() {
        for (String ipv6 : new String[] {"::/0", "::/16", "::/64", "::/95"}) {
            IpPrefix block = IpPrefix.parse(ipv6);
            IpPrefix ipv4 = IpPrefix.parse("0.0.0.0/0");

            assertFalse(block.overlaps(ipv4), ipv6);
            assertFalse(ipv4.overlaps(block), ipv6);
            assertEquals(List.of(block), block.minus(List.of(ipv4)).toList());
            assertTrue(block.minus(List.of(IpPrefix.parse("::1/128"))).noneMatch(IpPrefix::isIpv4), ipv6);
        }
    }

    @Test
    void containsExactlyTheAddressesThatShareTheBits() {
        Random random = new Random(SEED);
        for (int round = 0; round < 20_000; round++) {
            int length = random.nextInt(129);
            Ip address = new Ip(random.nextLong(), random.nextLong());
            IpPrefix prefix = new IpPrefix(
                    new Ip(address.high() & IpPrefix.highMask(length), address.low() & IpPrefix.lowMask(length)),
                    length);
            int flipped = random.nextInt(128);
            Ip other = flipped < 64
                    ? new Ip(address.high() ^ 1L << (63 - flipped), address.low())
                    : new Ip(address.high(), address.low() ^ 1L << (127 - flipped));
            assertTrue(contains(prefix, address), () -> "seed " + SEED + " length " + length);
            assertEquals(flipped >= length, contains(prefix, other), () -> "seed " + SEED + " length " + length);
            assertEquals(
                    bits(address).shiftRight(128 - length),
                    bits(prefix.network()).shiftRight(128 - length));
        }
    }

    private static boolean contains(IpPrefix prefix, Ip address) {
        return prefix.contains(address.high(), address.low());
    }

    private static BigInteger bits(Ip address) {
        return new BigInteger(Long.toUnsignedString(address.high()))
                .shiftLeft(64)
                .or(new BigInteger(Long.toUnsignedString(address.low())));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/33, no prefix length from 0 to 32",
        "10.0.0.0/, no prefix length from 0 to 32",
        "10.0.0.0/-1, no prefix length from 0 to 32",
        "10.0.0.0/08, no prefix length from 0 to 32",
        "10.0.0.0/8/8, no prefix length from 0 to 32",
        "2001:db8::/129, no prefix length from 0 to 128",
        "10.0.0.1/8, the block is 10.0.0.0/8",
        "2001:db8::1/64, the block is 2001:db8::/64",
        "banana/8, not an IP address",
        "/8, not an IP address"
    })
    void refusesWhatIsNoPrefixAndSaysWhy(String text, String why) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> IpPrefix.parse(text));
        assertTrue(refusal.toString().contains(why), refusal.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.0.0.0/8",
        "10.1.2.3/8, 10.0.0.0/8",
        "10.1.2.3/08, 10.0.0.0/8",
        "10.1.2.3, 10.1.2.3/32",
        "10.1.2.3/32, 10.1.2.3/32",
        "0.0.0.0/0, 0.0.0.0/0",
        "0.0.0.0/00, 0.0.0.0/0",
        "fd00::1/64, fd00::/64",
        "fd00::1, fd00::1/128",
        "fd00::1/128, fd00::1/128",
        "10.0.0.0/33, none",
        "10.0.0.0/-1, none",
        "10.0.0.0/+8, none",
        "10.0.0.0/, none",
        "10.0.0.0/x, none",
        "fd00::/129, none",
        "10.0.0/8, none",
        "node-1, none",
        "'', none",
    })
    void coversWhatCalicoReadsInTheText(String text, String block) {
        assertEquals(block, IpPrefix.covering(text).map(Object::toString).orElse("none"));
    }

    @Test
    void coversTheSameThatTheStrictReaderAccepts() {
        Random random = new Random(SEED);
        for (int round = 0; round < 20_000; round++) {
            Ip address = random.nextBoolean()
                    ? new Ip(random.nextLong(), random.nextLong())
                    : Ip.parse(random.nextInt(256) + ".2." + random.nextInt(256) + ".0");
            String text = address + "/" + random.nextInt(address.isIpv4() ? 33 : 129);
            IpPrefix block = IpPrefix.covering(text).orElseThrow();
            assertTrue(contains(block, address), text);
            assertEquals(block, IpPrefix.parse(block.toString()), text);
            assertEquals(block, IpPrefix.covering(block.toString()).orElseThrow(), text);
        }
    }
}

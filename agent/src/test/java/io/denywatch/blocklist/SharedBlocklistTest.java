package io.denywatch.blocklist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SharedBlocklistTest {
    private static SharedBlocklist.Listed known(List<IpPrefix> nets, String... exempt) {
        NeverBlock never = new NeverBlock(Stream.of(exempt)
                .map(range -> new Range(IpPrefix.parse(range), "test"))
                .toList());
        return assertInstanceOf(SharedBlocklist.Listed.class, SharedBlocklist.of(nets, never));
    }

    private static List<IpPrefix> nets(String... texts) {
        return Stream.of(texts).map(IpPrefix::parse).toList();
    }

    @Test
    void eachNetIsOneLineSortedAndNoneContainsAnother() {
        assertEquals(
                "192.0.2.0/24\n203.0.113.9/32\n2001:db8:0:1::/64\n",
                known(nets("2001:db8:0:1::/64", "203.0.113.9", "192.0.2.0/24", "192.0.2.7", "2001:db8:0:1::5"))
                        .text());
        assertEquals("", known(List.of()).text());
    }

    @Test
    void netsOfOneIpVersionSayNothingOfTheOther() {
        assertEquals(
                "203.0.113.9/32\n::/0\n",
                known(nets("::/0", "203.0.113.9", "2001:db8::/32", "10.0.0.7"), "10.0.0.0/8")
                        .text());
        assertEquals(
                "203.0.113.9/32\n",
                known(nets("203.0.113.9", "2001:db8::1"), "::/16", "2001::/16").text());
    }

    @Test
    void exemptAddressesAreLeftOutAndTheRestOfAWideNetIsNot() {
        assertEquals(
                "192.0.2.128/25\n203.0.113.9/32\n",
                known(nets("192.0.2.0/24", "203.0.113.9", "198.51.100.7"), "192.0.2.0/25", "198.51.100.0/24")
                        .text());
    }

    @Test
    void moreLinesThanAFirewallTakesAreRefusedAsAWhole() {
        List<IpPrefix> many = IntStream.rangeClosed(0, SharedBlocklist.LINES_MAX)
                .mapToObj(i -> IpPrefix.of(new Ip(0, 0xffff_2d00_0000L + i)))
                .toList();
        assertEquals(
                new SharedBlocklist.NotYetKnown("the blocklist has 131073 lines; allowed: at most 131072"),
                SharedBlocklist.of(many, new NeverBlock(List.of())));
    }

    /** Whatever is blocked and exempt, each address is covered exactly if it is blocked and not exempt. */
    @Test
    void exactlyWhatIsBlockedAndNotExemptIsListed() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            List<IpPrefix> blocked = drawn(random);
            List<IpPrefix> exempt = drawn(random);
            String message = "seed " + seed + ", round " + round + ": " + blocked + " without " + exempt;
            String[] ranges = exempt.stream().map(IpPrefix::toString).toArray(String[]::new);
            SharedBlocklist.Listed list = known(blocked, ranges);
            List<IpPrefix> lines = list.text().lines().map(IpPrefix::parse).toList();
            for (long address = 0xffff_2d00_0000L; address < 0xffff_2d00_0040L; address++) {
                long low = address;
                assertEquals(
                        holds(blocked, low) && !holds(exempt, low) ? 1 : 0,
                        lines.stream().filter(net -> net.contains(0, low)).count(),
                        message);
            }
            List<IpPrefix> shuffled = new ArrayList<>(blocked);
            Collections.shuffle(shuffled, random);
            assertEquals(list, known(shuffled, ranges), message);
        }
        assertNotEquals(
                known(nets("192.0.2.1")).etag(), known(nets("192.0.2.2")).etag());
    }

    private static boolean holds(List<IpPrefix> nets, long low) {
        return nets.stream().anyMatch(net -> net.contains(0, low));
    }

    /** Nets of the first 64 addresses of 45.0.0.0. */
    private static List<IpPrefix> drawn(Random random) {
        return Stream.generate(() -> {
                    int length = 26 + random.nextInt(7);
                    return IpPrefix.covering("45.0.0." + random.nextInt(64) + "/" + length)
                            .orElseThrow();
                })
                .limit(random.nextInt(6))
                .toList();
    }
}

package io.denywatch.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class NetSetTest {
    /** A net in a small part of the address space, so that nets meet. */
    static IpPrefix net(SplittableRandom random) {
        if (random.nextInt(20) == 0) { // begins before the addresses that stand for IPv4
            return IpPrefix.covering("::fffe:0:0/" + random.nextInt(80, 97)).orElseThrow();
        }
        boolean ipv4 = random.nextInt(3) > 0;
        int length = ipv4 ? random.nextInt(20, 33) : random.nextInt(40, 129);
        String address = ipv4
                ? "45.0." + random.nextInt(16) + "." + random.nextInt(256)
                : "2600:db8:" + random.nextInt(3) + "::" + Integer.toHexString(random.nextInt(64));
        return IpPrefix.covering(address + "/" + length).orElseThrow();
    }

    private static List<IpPrefix> nets(SplittableRandom random, int max) {
        List<IpPrefix> nets = new ArrayList<>();
        for (int i = random.nextInt(max); i > 0; i--) {
            nets.add(net(random));
        }
        return nets;
    }

    /** The first and the last address of each net, and their neighbours. */
    static List<Ip> boundaries(List<IpPrefix> nets) {
        List<Ip> boundaries = new ArrayList<>();
        for (IpPrefix net : nets) {
            Ip first = net.network();
            Ip last = new Ip(
                    first.high() | ~IpPrefix.highMask(net.length()), first.low() | ~IpPrefix.lowMask(net.length()));
            boundaries.addAll(
                    List.of(first, last, new Ip(first.high(), first.low() - 1), new Ip(last.high(), last.low() + 1)));
        }
        return boundaries;
    }

    static boolean isIn(List<IpPrefix> nets, Ip address) {
        return nets.stream()
                .anyMatch(net -> net.isIpv4() == address.isIpv4() && net.contains(address.high(), address.low()));
    }

    @RepeatedTest(200)
    void containsTheListsAddressesButNoExemptOnes(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        SplittableRandom random = new SplittableRandom(seed);
        List<IpPrefix> given = nets(random, 60);
        List<IpPrefix> exempt = nets(random, 20);
        NeverBlock never = new NeverBlock(
                exempt.stream().map(range -> new Range(range, "x")).toList());

        NetSet union = NetSet.union(given, 22, 44);
        NetSet left = union.minus(never);

        List<Ip> addresses = boundaries(given);
        addresses.addAll(boundaries(exempt));
        addresses.addAll(boundaries(nets(random, 60)));
        for (Ip address : addresses) {
            boolean wanted = isIn(given, address);
            assertEquals(wanted, union.contains(address.high(), address.low()), () -> "seed " + seed + ": " + address);
            assertEquals(
                    wanted && !isIn(exempt, address),
                    left.contains(address.high(), address.low()),
                    () -> "seed " + seed + ": " + address);
        }
        for (NetSet set : List.of(union, left)) {
            for (int i = 1; i < set.nets().size(); i++) {
                assertFalse(set.nets().get(i - 1).overlaps(set.nets().get(i)), () -> "seed " + seed);
            }
            set.nets().forEach(net -> assertEquals(List.of(net), set.overlapping(net), () -> "seed " + seed));
        }
        int widest = given.stream().mapToInt(IpPrefix::length).min().orElse(128);
        union.nets()
                .forEach(net -> assertTrue(
                        net.length() >= Math.min(widest, net.network().isIpv4() ? 96 + 22 : 44), () -> "seed " + seed));
        assertEquals(union.nets(), NetSet.union(union.nets().reversed(), 22, 44).nets(), () -> "seed " + seed);
    }

    @Test
    void mergesNeighboursUpToTheLimitOnly() {
        List<IpPrefix> halves = List.of(
                IpPrefix.parse("45.1.0.0/16"),
                IpPrefix.parse("45.0.0.0/16"),
                IpPrefix.parse("46.0.1.0/24"),
                IpPrefix.parse("46.0.0.0/25"),
                IpPrefix.parse("46.0.0.128/25"));

        assertEquals(
                List.of("45.0.0.0/16", "45.1.0.0/16", "46.0.0.0/23"),
                NetSet.union(halves, 16, 32).nets().stream()
                        .map(IpPrefix::toString)
                        .toList());
    }
}

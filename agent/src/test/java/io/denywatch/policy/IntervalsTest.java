package io.denywatch.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sets of blocks against sets of bits, at the ends of the address space and across its middle word. */
class IntervalsTest {
    private static final long SEED = 20_261_130;
    private static final int ROUNDS = 2_000;
    private static final int BITS = 6;
    private static final List<Ip> BASES = List.of(
            new Ip(0, 0), new Ip(-1, -(1L << BITS)), new Ip(5, -(1L << BITS)), new Ip(6, 0), Ip.parse("10.0.0.0"));

    @Test
    void allOperationsAreThoseOfSets() {
        for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
            Random random = new Random(seed);
            List<IpPrefix> some = blocks(random);
            List<IpPrefix> others = blocks(random);
            BitSet ours = bits(some);
            BitSet theirs = bits(others);
            for (int version : new int[] {4, 6}) {
                Intervals these = Intervals.addresses(some, version);
                Intervals those = Intervals.addresses(others, version);
                BitSet here = ofVersion(ours, version);
                BitSet there = ofVersion(theirs, version);
                String said = "seed " + seed + ": " + some + " and " + others;

                assertEquals(BigInteger.valueOf(here.cardinality()), these.size(), said);
                assertEquals(here.equals(there), these.equals(those), said);
                assertEquals(here.intersects(there), these.meets(those), said);
                BitSet outside = (BitSet) there.clone();
                outside.andNot(here);
                assertEquals(outside.isEmpty(), these.covers(those), said);
                BitSet both = (BitSet) here.clone();
                both.and(there);
                check(both, these.and(those), version, said);
                here.andNot(there);
                check(here, these.minus(those), version, said);
            }
        }
    }

    /** As single addresses, of which neighbours are joined. */
    private static void check(BitSet expected, Intervals found, int version, String said) {
        List<IpPrefix> singles =
                expected.stream().mapToObj(bit -> IpPrefix.of(address(bit))).toList();
        assertEquals(Intervals.addresses(singles, version), found, said);
        assertEquals(expected.isEmpty(), found.isEmpty(), said);
    }

    private static List<IpPrefix> blocks(Random random) {
        List<IpPrefix> blocks = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            int bits = random.nextInt(BITS + 1);
            int bit = (random.nextInt(BASES.size()) << BITS) + (random.nextInt(1 << BITS) >> bits << bits);
            blocks.add(new IpPrefix(address(bit), 128 - bits));
        }
        return blocks;
    }

    private static Ip address(int bit) {
        Ip base = BASES.get(bit >> BITS);
        return new Ip(base.high(), base.low() + (bit & (1 << BITS) - 1));
    }

    private static BitSet bits(List<IpPrefix> blocks) {
        BitSet bits = new BitSet();
        for (int bit = 0; bit < BASES.size() << BITS; bit++) {
            Ip address = address(bit);
            bits.set(bit, blocks.stream().anyMatch(block -> block.contains(address.high(), address.low())));
        }
        return bits;
    }

    private static BitSet ofVersion(BitSet all, int version) {
        BitSet bits = (BitSet) all.clone();
        for (int bit = 0; bit < BASES.size() << BITS; bit++) {
            if (address(bit).isIpv4() != (version == 4)) {
                bits.clear(bit);
            }
        }
        return bits;
    }
}

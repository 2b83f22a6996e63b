package io.denywatch.simulate;

/**
 * A random order of the numbers below 2^24 that takes no memory: a Feistel network with four rounds over two halves of
 * twelve bits (Luby, Rackoff 1988), which is a bijection for any round function.
 */
final class Permutation {
    /** How many numbers there are. */
    static final int SIZE = 1 << 24;

    private static final int HALF_BITS = 12;
    private static final int HALF_MASK = (1 << HALF_BITS) - 1;
    private static final int ROUNDS = 4;

    private final int[] keys = new int[ROUNDS];

    Permutation(long seed) {
        for (int round = 0; round < ROUNDS; round++) {
            keys[round] = mix((int) (seed >>> (8 * round)) + (int) (seed >>> 32) + 0x9e3779b9 * (round + 1));
        }
    }

    /** The number at this index; both are from 0 to {@link #SIZE} - 1. */
    int at(int index) {
        int left = index >>> HALF_BITS;
        int right = index & HALF_MASK;
        for (int key : keys) {
            int next = left ^ (mix(right + key) & HALF_MASK);
            left = right;
            right = next;
        }
        return left << HALF_BITS | right;
    }

    /** The finaliser of MurmurHash3 (Appleby 2011). */
    static int mix(int value) {
        int x = value;
        x = (x ^ x >>> 16) * 0x85ebca6b;
        x = (x ^ x >>> 13) * 0xc2b2ae35;
        return x ^ x >>> 16;
    }
}

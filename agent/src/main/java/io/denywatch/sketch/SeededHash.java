package io.denywatch.sketch;

/**
 * A keyed hash of 128 bits to 64: the two-round multiply-and-fold of wyhash (Wang Yi, final version 4). Immutable.
 * Attackers choose their source addresses; the key differs from process to process, so that they cannot aim at one
 * chain of an index or one register of a sketch.
 */
public final class SeededHash {
    private static final long GOLDEN_GAMMA = 0x9e37_79b9_7f4a_7c15L; // 2^64 divided by the golden ratio, made odd

    private final long first;
    private final long second;

    /** Creates the hash of a seed, which must be random for each process. */
    public SeededHash(long seed) {
        first = spread(seed + GOLDEN_GAMMA);
        second = spread(first + GOLDEN_GAMMA);
    }

    /** All 64 bits are usable, each about as likely 0 as 1. */
    public long of(long high, long low) {
        long a = high ^ first;
        long b = low ^ second;
        long x = a * b ^ first;
        long y = Math.unsignedMultiplyHigh(a, b) ^ second;
        return x * y ^ Math.unsignedMultiplyHigh(x, y);
    }

    /** SplitMix64's finaliser (Steele, Lea, Flood 2014): close seeds give unrelated keys. */
    private static long spread(long seed) {
        long z = seed;
        z = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return z ^ z >>> 31;
    }
}

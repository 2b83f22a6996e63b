package io.denywatch.blocklist;

import io.denywatch.denial.KeyIndex;
import io.denywatch.denial.SeededHash;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * The sources that are held, numbered from 0 on, and who of them can best be done without: one that has been idle, or
 * else the least active of a few, the one with the fewest packets, of these the one heard of the longest ago. That is LFU
 * by sampling. Candidates are taken in strides around the table, so that all have their turn, and sources that came
 * together don't meet. Confined to the ingest thread.
 */
final class SourceActivity {
    /** A key, packets and the latest second. */
    static final int BYTES_PER_SOURCE = KeyIndex.BYTES_PER_KEY + 2 * Integer.BYTES;

    /** Sources compared, at most. */
    static final int CANDIDATES = 16;

    private static final int SOURCES_INITIAL = 64;
    private static final int STRIDE = 0x9e37_79b1; // odd: visits each of 2^n numbers once in 2^n steps

    private final SeededHash hash;
    private final int sourcesMax;
    private final KeyIndex keys;
    private int[] packets; // since it was admitted, at most 2^31-1
    private int[] latestSeconds; // unsigned
    private int hand;

    /** @param sourcesMax a power of two */
    SourceActivity(SeededHash hash, int sourcesMax) {
        if (Integer.bitCount(sourcesMax) != 1) {
            throw new IllegalArgumentException("sourcesMax must be a power of two: " + sourcesMax);
        }
        this.hash = hash;
        this.sourcesMax = sourcesMax;
        int capacity = Math.min(SOURCES_INITIAL, sourcesMax);
        keys = new KeyIndex(hash, capacity);
        packets = new int[capacity];
        latestSeconds = new int[capacity];
    }

    int capacity() {
        return keys.capacity();
    }

    /** Whether the next source that is appended makes the table grow. */
    boolean isAtCapacity() {
        return keys.size() == keys.capacity();
    }

    /** Whether the next source must take the place of another. */
    boolean isFull() {
        return keys.size() == sourcesMax;
    }

    long high(int source) {
        return keys.high(source);
    }

    long low(int source) {
        return keys.low(source);
    }

    /** Packets of a source since it was admitted. */
    int packets(int source) {
        return packets[source];
    }

    /** The newest second in which a source sent a packet. */
    long latestSecond(int source) {
        return Integer.toUnsignedLong(latestSeconds[source]);
    }

    /** The number of a source, or {@link KeyIndex#NONE}. */
    int find(long high, long low) {
        return keys.find(high, low, hash.of(high, low));
    }

    void grow() {
        int capacity = 2 * keys.capacity();
        keys.grow(capacity);
        packets = Arrays.copyOf(packets, capacity);
        latestSeconds = Arrays.copyOf(latestSeconds, capacity);
    }

    /** Admits a source with its first packet; there must be room. */
    int append(long high, long low, long second) {
        int source = keys.append(high, low, hash.of(high, low));
        begin(source, second);
        return source;
    }

    /** Gives the number to another source with its first packet. */
    void replace(int source, long high, long low, long second) {
        keys.replace(source, high, low, hash.of(high, low));
        begin(source, second);
    }

    private void begin(int source, long second) {
        packets[source] = 1;
        latestSeconds[source] = (int) second;
    }

    /** Counts a packet of a source that is there. */
    void count(int source) {
        packets[source] = Math.max(packets[source], packets[source] + 1); // where that is negative, it stays
    }

    /** Sets the newest second of a source. */
    void latestSecond(int source, long second) {
        latestSeconds[source] = (int) second;
    }

    /**
     * A source to do without.
     *
     * @param idleUpTo a source whose latest second is no later is idle
     * @param eligible who comes into question; the answer is {@link KeyIndex#NONE} only if none does
     */
    int leastActive(long idleUpTo, IntPredicate eligible) {
        int least = KeyIndex.NONE;
        int candidates = 0;
        int capacity = keys.capacity();
        for (int looked = 0; looked < capacity && candidates < CANDIDATES; looked++) {
            hand = hand + STRIDE & capacity - 1;
            if (hand >= keys.size() || !eligible.test(hand)) {
                continue;
            }
            if (latestSecond(hand) <= idleUpTo) {
                return hand;
            }
            candidates++;
            if (least == KeyIndex.NONE || isLessActive(hand, least)) {
                least = hand;
            }
        }
        return least;
    }

    private boolean isLessActive(int source, int than) {
        return packets[source] != packets[than]
                ? packets[source] < packets[than]
                : latestSecond(source) < latestSecond(than);
    }

    /** Bytes of the arrays' elements. */
    long bytes() {
        return keys.bytes() + (long) Integer.BYTES * (packets.length + latestSeconds.length);
    }
}

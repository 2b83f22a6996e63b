package io.denywatch.sketch;

import java.util.Arrays;

/**
 * An index from 128-bit keys to numbers and back; keys are numbered densely from 0. Confined to the ingest thread. It
 * uses chains through parallel arrays instead of open addressing: with as many heads as keys, they take the same 8
 * bytes per key as a half-empty open table, and a key is removed by unlinking it, without tombstones or shifting.
 */
public final class KeyIndex {
    /** The number of a key that is not in the index. */
    public static final int NONE = -1;

    /** Two longs, a link and, if the capacity is a power of two, a head. */
    public static final int BYTES_PER_KEY = 24;

    private final SeededHash hash;
    private long[] high;
    private long[] low;
    private int[] next; // number of the chain's next key, plus 1; 0 ends it
    private int[] heads; // the same for the chain's first key
    private int size;

    /**
     * Creates an empty index.
     *
     * @param hash of the keys
     * @param capacity keys, at least 1
     */
    public KeyIndex(SeededHash hash, int capacity) {
        this.hash = hash;
        high = new long[capacity];
        low = new long[capacity];
        next = new int[capacity];
        heads = new int[headsFor(capacity)];
    }

    private static int headsFor(int capacity) {
        return capacity == 1 ? 1 : Integer.highestOneBit(capacity - 1) << 1;
    }

    /** The number of keys. */
    public int size() {
        return size;
    }

    /** The number of keys for which there is room. */
    public int capacity() {
        return high.length;
    }

    /** The first half of a key. */
    public long high(int entry) {
        return high[entry];
    }

    /** The second half of a key. */
    public long low(int entry) {
        return low[entry];
    }

    public long hash(int entry) {
        return hash.of(high[entry], low[entry]);
    }

    /** The key's number, or {@link #NONE}; {@code keyHash} is the key's {@link SeededHash}. */
    public int find(long keyHigh, long keyLow, long keyHash) {
        int entry = heads[chain(keyHash)] - 1;
        while (entry >= 0 && (low[entry] != keyLow || high[entry] != keyHigh)) {
            entry = next[entry] - 1;
        }
        return entry;
    }

    /** Adds a key that is not in the index; there must be room. Returns its number. */
    public int append(long keyHigh, long keyLow, long keyHash) {
        put(size, keyHigh, keyLow, keyHash);
        return size++;
    }

    /** Gives a number to another key, which must not be in the index. */
    public void replace(int entry, long keyHigh, long keyLow, long keyHash) {
        unlink(entry);
        put(entry, keyHigh, keyLow, keyHash);
    }

    private void put(int entry, long keyHigh, long keyLow, long keyHash) {
        high[entry] = keyHigh;
        low[entry] = keyLow;
        link(entry, chain(keyHash));
    }

    private void link(int entry, int chain) {
        next[entry] = heads[chain];
        heads[chain] = entry + 1;
    }

    private void unlink(int entry) {
        int chain = chain(hash(entry));
        int at = heads[chain] - 1;
        if (at == entry) {
            heads[chain] = next[entry];
            return;
        }
        while (next[at] != entry + 1) {
            at = next[at] - 1;
        }
        next[at] = next[entry];
    }

    /** Makes room for {@code capacity} keys. */
    public void grow(int capacity) {
        high = Arrays.copyOf(high, capacity);
        low = Arrays.copyOf(low, capacity);
        next = new int[capacity];
        heads = new int[headsFor(capacity)];
        relink();
    }

    /** Overwrites the key of a number; {@link #truncate} must follow before the next look-up. */
    void move(int from, int to) {
        high[to] = high[from];
        low[to] = low[from];
    }

    /** Keeps the first {@code count} numbers. */
    void truncate(int count) {
        size = count;
        Arrays.fill(heads, 0);
        relink();
    }

    private void relink() {
        for (int entry = 0; entry < size; entry++) {
            link(entry, chain(hash(entry)));
        }
    }

    private int chain(long keyHash) {
        return (int) keyHash & heads.length - 1;
    }

    /** Bytes of the arrays' elements. */
    public long bytes() {
        return 2L * Long.BYTES * high.length + (long) Integer.BYTES * (next.length + heads.length);
    }
}

package io.denywatch.sketch;

import java.util.Arrays;

/**
 * A binary min-heap of the numbers 0 to size-1 by rank. Confined to the ingest thread. Each number knows its place, so
 * its rank can change. A rank is a pair of bounds in one long, which compares correctly: the upper bound in the high 32
 * bits, the lower bound in the low 32 bits.
 *
 * <p>The lowest rank is needed only once there is no room for another entry. Until then, the entries are not ordered,
 * each number is its own place, and a count costs one store.
 */
public final class RankHeap {
    /** A rank, a place and a number. */
    static final int BYTES_PER_ENTRY = 16;

    private long[] ranks; // by entry
    private int[] places; // by entry
    private int[] entries; // by place
    private int size;
    private boolean ordered;

    RankHeap(int capacity) {
        ranks = new long[capacity];
        places = new int[capacity];
        entries = new int[capacity];
    }

    /** Both bounds are 0 to 2^31-1, and the upper is no less than the lower. */
    public static long rank(int upper, int lower) {
        return (long) upper << Integer.SIZE | lower;
    }

    static int upper(long rank) {
        return (int) (rank >>> Integer.SIZE);
    }

    static int lower(long rank) {
        return (int) rank;
    }

    public int size() {
        return size;
    }

    public long rank(int entry) {
        return ranks[entry];
    }

    /** The entry of the lowest rank; the heap must be ordered and not empty. */
    public int first() {
        return entries[0];
    }

    /** The entry at a place; in an ordered heap, its children are at {@code 2 * place + 1} and the next place. */
    public int entryAt(int place) {
        return entries[place];
    }

    public int placeOf(int entry) {
        return places[entry];
    }

    /**
     * Adds the entry numbered {@code size()}.
     *
     * @param full whether the heap is ordered from now on
     */
    void append(long rank, boolean full) {
        int entry = size++;
        ranks[entry] = rank;
        if (ordered) {
            siftUp(entry, entry);
        } else {
            put(entry, entry);
            if (full) {
                order();
            }
        }
    }

    /** Sets a rank that is not lower than the entry's present one; the first entry may get any rank. */
    void sink(int entry, long rank) {
        ranks[entry] = rank;
        if (ordered) {
            siftDown(entry, places[entry]);
        }
    }

    /** Sets a rank without restoring the order; {@link #rebuild} must follow. */
    void set(int entry, long rank) {
        ranks[entry] = rank;
    }

    /**
     * Keeps the first {@code count} entries.
     *
     * @param full whether the heap is ordered
     */
    public void rebuild(int count, boolean full) {
        size = count;
        ordered = false;
        for (int i = 0; i < size; i++) {
            put(i, i);
        }
        if (full) {
            order();
        }
    }

    /** Orders the heap, which stays ordered from then on (Floyd 1964). */
    private void order() {
        ordered = true;
        for (int place = size / 2 - 1; place >= 0; place--) {
            siftDown(entries[place], place);
        }
    }

    /**
     * Puts each entry at the place that it had in another heap, so that entries of equal rank leave in the same order.
     *
     * @return whether the result is a heap; if not, {@link #rebuild} must follow
     */
    public boolean arrange(int[] placeByEntry) {
        Arrays.fill(entries, 0, size, -1);
        for (int entry = 0; entry < size; entry++) {
            int place = placeByEntry[entry];
            if (place < 0 || place >= size || entries[place] >= 0) {
                return false;
            }
            put(entry, place);
        }
        for (int place = 1; place < size; place++) {
            if (ranks[entries[(place - 1) >>> 1]] > ranks[entries[place]]) {
                return false;
            }
        }
        ordered = true;
        return true;
    }

    void grow(int capacity) {
        ranks = Arrays.copyOf(ranks, capacity);
        places = Arrays.copyOf(places, capacity);
        entries = Arrays.copyOf(entries, capacity);
    }

    private void siftUp(int entry, int start) {
        int place = start;
        while (place > 0) {
            int parent = entries[(place - 1) >>> 1];
            if (ranks[parent] <= ranks[entry]) {
                break;
            }
            put(parent, place);
            place = (place - 1) >>> 1;
        }
        put(entry, place);
    }

    private void siftDown(int entry, int start) {
        long rank = ranks[entry];
        int place = start;
        for (int child = 2 * place + 1; child < size; child = 2 * place + 1) {
            if (child + 1 < size && ranks[entries[child + 1]] < ranks[entries[child]]) {
                child++;
            }
            if (rank <= ranks[entries[child]]) {
                break;
            }
            put(entries[child], place);
            place = child;
        }
        put(entry, place);
    }

    private void put(int entry, int place) {
        entries[place] = entry;
        places[entry] = place;
    }

    /** At most {@code limit} entries, by descending rank. */
    public int[] top(int limit) {
        int[] best = new int[Math.min(limit, size)];
        int count = 0;
        for (int entry = 0; entry < size && best.length > 0; entry++) {
            if (count == best.length && ranks[entry] <= ranks[best[count - 1]]) {
                continue;
            }
            int at = count < best.length ? count++ : count - 1;
            for (; at > 0 && ranks[entry] > ranks[best[at - 1]]; at--) {
                best[at] = best[at - 1];
            }
            best[at] = entry;
        }
        return best;
    }

    /** Bytes of the arrays' elements. */
    long bytes() {
        return (long) BYTES_PER_ENTRY * ranks.length;
    }
}

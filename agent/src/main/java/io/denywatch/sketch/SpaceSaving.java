package io.denywatch.sketch;

import io.denywatch.count.Count;
import java.util.Arrays;

/**
 * Counts the packets of the top keys in a sliding window of slices, even if there are more keys than it has room for:
 * Space-Saving (Metwally, Agrawal, El Abbadi 2005). Confined to the ingest thread.
 *
 * <p>Each tracked key, an <em>entry</em>, has two bounds. The lower is exact for the time since its admission: what was
 * counted for it in the window. The upper adds what it may have had before. When the table is full, the entry of the
 * lowest rank (upper bound, then lower) makes room for the new key. In the paper, where nothing leaves the window, the
 * error of the new key is the count of the key that it displaces. Here counts expire, so the error is kept by slice:
 * {@code forgotten[s]} is the most that an untracked key can have had in slice s, and the sum over the window, {@link
 * #untrackedAtMost}, is the most that it can have had at all. These bounds hold for two reasons:
 *
 * <ul>
 *   <li>A key without an entry never occurred, was dropped because the window contained nothing of it, or was
 *       displaced. When it is displaced, {@code forgotten[s]} is raised to what the key may have had in each slice s.
 *       For slices after its admission, that is its count. For the slice of admission, it is its count plus
 *       {@code forgotten} of that slice at the admission ({@link #admissionErrors}). For earlier slices, it is
 *       {@code forgotten[s]} itself, which never decreases.
 *   <li>The error of a new entry is {@link #untrackedAtMost}. When a slice ends, the error shrinks to the sum over the
 *       remaining slices, and it is 0 once the slice of admission has left the window.
 * </ul>
 *
 * <p>Because bounds are kept by slice, errors expire even during a flood that does not end; a single bound over totals
 * would grow from slice to slice. With one slice that never ends, this is the algorithm of the paper: the upper bounds
 * add up to N, and no displaced key has more than N / capacity.
 *
 * <p>Memory is {@link #bytesPerEntry} per entry; tables start small and double. Counts are ints and stop at 2^31-1; an
 * upper bound that has stopped is no longer a bound.
 */
public final class SpaceSaving {
    private static final int CAPACITY_INITIAL = 16;
    private static final byte LONG_AGO = -1;

    public final KeyIndex keys;
    public final RankHeap heap;

    private final int capacityMax;
    private final int slices;
    private final int[] forgotten; // by slice modulo slices

    /**
     * Counts of ended slices, entry by entry, each by slice modulo slices-1. The rest of an entry's packets belongs to
     * the current slice.
     */
    private int[] ended;

    private int[] admissionErrors; // the part of the error in the slice of admission
    private byte[] admissions; // slice modulo slices, or LONG_AGO
    private int[] firstSeen; // Unix seconds, unsigned
    private int[] lastSeen;

    private int current; // slice
    private byte newest; // its slot
    private int untrackedAtMost;
    private long evictedForCapacity;
    private long evictedIdle;

    /**
     * @param slices in the window: 1 for a window without end, else 2 to 127
     * @param capacityMax entries, at least 1
     */
    public SpaceSaving(SeededHash hash, int slices, int capacityMax) {
        this.slices = slices;
        this.capacityMax = capacityMax;
        forgotten = new int[slices];
        int capacity = Math.min(CAPACITY_INITIAL, capacityMax);
        keys = new KeyIndex(hash, capacity);
        heap = new RankHeap(capacity);
        ended = new int[capacity * (slices - 1)];
        admissionErrors = new int[capacity];
        admissions = new byte[capacity];
        firstSeen = new int[capacity];
        lastSeen = new int[capacity];
    }

    /** Bytes of an entry in a table over this many slices: 69 for five, 53 for one. */
    public static int bytesPerEntry(int slices) {
        return KeyIndex.BYTES_PER_KEY + RankHeap.BYTES_PER_ENTRY + 3 * Integer.BYTES + 1 + (slices - 1) * Integer.BYTES;
    }

    public int size() {
        return keys.size();
    }

    public int capacity() {
        return keys.capacity();
    }

    /** Whether the next new key displaces another. */
    public boolean isFull() {
        return keys.size() == capacityMax;
    }

    /** The lower bound: packets in the window since admission. */
    public int packets(int entry) {
        return RankHeap.lower(heap.rank(entry));
    }

    /** The upper bound: at least all packets in the window. */
    public int atMost(int entry) {
        return RankHeap.upper(heap.rank(entry));
    }

    /** The upper bound of every key without an entry; 0 if and only if each key in the window has an entry. */
    public int untrackedAtMost() {
        return untrackedAtMost;
    }

    /** Sets the error of the next new key, in a window without end. */
    public void forgot(int packetsMax) {
        forgotten[newest] = packetsMax;
        untrackedAtMost = packetsMax;
    }

    public int firstSeen(int entry) {
        return firstSeen[entry];
    }

    public int lastSeen(int entry) {
        return lastSeen[entry];
    }

    public long evictedForCapacity() {
        return evictedForCapacity;
    }

    public long evictedIdle() {
        return evictedIdle;
    }

    /** The key's entry, or {@link KeyIndex#NONE}. */
    public int find(long high, long low, long hash) {
        return keys.find(high, low, hash);
    }

    /** Creates an entry, with nothing counted, for a key that has none. It may displace another. */
    public int admit(long high, long low, long hash, int seconds) {
        int entry;
        if (isFull()) {
            entry = heap.first();
            forget(entry);
            keys.replace(entry, high, low, hash);
            heap.sink(entry, RankHeap.rank(untrackedAtMost, 0));
        } else {
            growIfNeeded();
            entry = keys.append(high, low, hash);
            heap.append(RankHeap.rank(untrackedAtMost, 0), isFull());
        }
        Arrays.fill(ended, entry * (slices - 1), (entry + 1) * (slices - 1), 0);
        admissions[entry] = newest;
        admissionErrors[entry] = forgotten[newest];
        firstSeen[entry] = seconds;
        lastSeen[entry] = seconds;
        return entry;
    }

    /** Adds at least one packet to an entry. */
    public void count(int entry, int packets, int seconds) {
        long rank = heap.rank(entry);
        int upper = saturatedSum(RankHeap.upper(rank), packets);
        heap.sink(entry, RankHeap.rank(upper, saturatedSum(RankHeap.lower(rank), packets)));
        if (Integer.compareUnsigned(seconds, lastSeen[entry]) > 0) {
            lastSeen[entry] = seconds;
        }
    }

    /** The count of an entry in the slice that is {@code age} slices old, 0 to slices-1. */
    public int packetsInSlice(int entry, int age) {
        if (age > 0) {
            return ended[endedAt(entry, age)];
        }
        int packets = packets(entry);
        for (int older = 1; older < slices; older++) {
            packets -= ended[endedAt(entry, older)];
        }
        return packets;
    }

    /** The index of an ended slice, 1 to slices-1 old, of an entry. */
    private int endedAt(int entry, int age) {
        return entry * (slices - 1) + Math.floorMod(current - age, slices - 1);
    }

    /** The slot of the slice that is {@code age} slices old: 0 to slices-1. */
    public int slot(int age) {
        return Math.floorMod(current - age, slices);
    }

    /** {@code slot(0)}, without a division. */
    public int newestSlot() {
        return newest;
    }

    private void forget(int entry) {
        // In a flood, nearly all displaced keys were admitted in the current slice, which then contains all of their
        // count.
        int ages = admissions[entry] == newest ? 1 : slices;
        for (int age = 0; age < ages; age++) {
            int slot = age == 0 ? newest : slot(age);
            int counted = ages == 1 ? packets(entry) : packetsInSlice(entry, age);
            int before = admissions[entry] == slot ? admissionErrors[entry] : 0;
            forgotten[slot] = Math.max(forgotten[slot], saturatedSum(counted, before));
        }
        int sum = 0;
        for (int most : forgotten) {
            sum = saturatedSum(sum, most);
        }
        untrackedAtMost = sum;
        evictedForCapacity = Count.sum(evictedForCapacity, 1);
    }

    /**
     * Ends the current slice and begins another: the oldest slice leaves the window, and entries without packets in the
     * rest are dropped. Not for a window without end.
     */
    public void turn() {
        int leaving = slot(slices - 1);
        forgotten[leaving] = 0;
        untrackedAtMost = forgottenUpTo(0);
        int kept = 0;
        for (int entry = 0; entry < keys.size(); entry++) {
            int lower = expire(entry, leaving);
            if (lower == 0) {
                evictedIdle = Count.sum(evictedIdle, 1);
            } else {
                move(entry, kept++);
            }
        }
        current++;
        newest = (byte) slot(0);
        keys.truncate(kept);
        heap.rebuild(kept, isFull());
    }

    /**
     * Subtracts the oldest slice from an entry's bounds, and records the current one as ended. Returns the lower bound.
     */
    private int expire(int entry, int leaving) {
        int lower = packets(entry);
        int error = atMost(entry) - lower;
        int oldest = endedAt(entry, slices - 1);
        int now = packetsInSlice(entry, 0);
        lower -= ended[oldest];
        ended[oldest] = now; // the indexes rotate: at the next turn, this slice is one slice old
        if (admissions[entry] == leaving) {
            admissions[entry] = LONG_AGO;
            error = 0;
        } else if (admissions[entry] != LONG_AGO) {
            int age = Math.floorMod(current - admissions[entry], slices);
            error = Math.min(error, saturatedSum(admissionErrors[entry], forgottenUpTo(age + 1)));
        }
        heap.set(entry, RankHeap.rank(saturatedSum(lower, error), lower));
        return lower;
    }

    /** The most that an untracked key can have had in slices of this age or older. */
    private int forgottenUpTo(int youngest) {
        int sum = 0;
        for (int age = youngest; age < slices; age++) {
            sum = saturatedSum(sum, forgotten[slot(age)]);
        }
        return sum;
    }

    private void move(int from, int to) {
        if (from == to) {
            return;
        }
        keys.move(from, to);
        heap.set(to, heap.rank(from));
        System.arraycopy(ended, from * (slices - 1), ended, to * (slices - 1), slices - 1);
        admissionErrors[to] = admissionErrors[from];
        admissions[to] = admissions[from];
        firstSeen[to] = firstSeen[from];
        lastSeen[to] = lastSeen[from];
    }

    private void growIfNeeded() {
        if (keys.size() < keys.capacity()) {
            return;
        }
        int capacity = Math.min(2 * keys.capacity(), capacityMax);
        keys.grow(capacity);
        heap.grow(capacity);
        ended = Arrays.copyOf(ended, capacity * (slices - 1));
        admissionErrors = Arrays.copyOf(admissionErrors, capacity);
        admissions = Arrays.copyOf(admissions, capacity);
        firstSeen = Arrays.copyOf(firstSeen, capacity);
        lastSeen = Arrays.copyOf(lastSeen, capacity);
    }

    /** The sum of two numbers of at least 0, or 2^31-1 if it is more. */
    private static int saturatedSum(int a, int b) {
        int sum = a + b;
        return sum < 0 ? Integer.MAX_VALUE : sum;
    }

    /** Bytes of the arrays' elements. */
    public long bytes() {
        long ints = (long) ended.length + admissionErrors.length + firstSeen.length + lastSeen.length;
        return keys.bytes() + heap.bytes() + Integer.BYTES * ints + admissions.length;
    }
}

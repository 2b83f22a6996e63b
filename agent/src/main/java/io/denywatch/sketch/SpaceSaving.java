package io.denywatch.sketch;

import io.denywatch.count.Count;
import java.util.Arrays;

/**
 * Who sent how much lately, for more keys than there is room for: Space-Saving (Metwally, Agrawal, El Abbadi 2005) over
 * a sliding window of slices. Confined to the ingest thread.
 *
 * <p>Each key that is held, an <em>entry</em>, has a lower bound, exactly what was counted for it in the window since it
 * was admitted, and an upper bound, which adds what it may have had before. When the table is full, the entry of the
 * lowest rank (upper bound, then lower) makes room for the newcomer. In the paper, where nothing ever leaves a window,
 * the newcomer's error is the count of the key it displaces. Here counts expire, so what was forgotten is remembered by
 * slice: {@code forgotten[s]} is the most that any key not held can have had in slice s, and the sum over the window is
 * the most that it can have had at all, {@link #untrackedAtMost}. Why that holds:
 *
 * <ul>
 *   <li>A key without entry was never met, or was dropped with nothing left in the window, or was displaced; on
 *       displacement, {@code forgotten[s]} is raised to what it may have had in each slice s: for slices after its
 *       admission what was counted, for the slice of admission that and {@code forgotten} of that slice as it was on
 *       admission ({@link #admissionErrors}), for earlier ones {@code forgotten[s]} as it is, which never falls.
 *   <li>A newcomer's error is {@link #untrackedAtMost}. When a slice ends, it shrinks to what the slices that remain
 *       allow, and it is 0 once the slice of admission has left the window.
 * </ul>
 *
 * <p>Bounds by slice are what makes errors expire under a flood that doesn't: a single bound over totals would grow on
 * what it had been, slice after slice. With one slice, which never ends, all this is the algorithm of the paper: the
 * upper bounds sum up to N, and none displaced is above N / capacity.
 *
 * <p>Memory is {@link #bytesPerEntry} per entry; tables start small and double. Counts are ints and stop at 2^31-1; an
 * upper bound that has stopped bounds nothing.
 */
public final class SpaceSaving {
    private static final int CAPACITY_INITIAL = 16;
    private static final byte LONG_AGO = -1;

    public final KeyIndex keys;
    public final RankHeap heap;

    private final int capacityMax;
    private final int slices;
    private final int[] forgotten; // by slice modulo slices

    /** Counts of the slices that ended: entry by entry, in each by slice modulo slices-1. The current is the rest. */
    private int[] ended;

    private int[] admissionErrors; // of error, the part in the slice of admission
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

    /** Whether the next key admitted displaces another. */
    public boolean isFull() {
        return keys.size() == capacityMax;
    }

    /** The lower bound: packets in the window since admission. */
    public int packets(int entry) {
        return RankHeap.lower(heap.rank(entry));
    }

    /** The upper bound: no fewer than all packets in the window. */
    public int atMost(int entry) {
        return RankHeap.upper(heap.rank(entry));
    }

    /** The upper bound of every key that has no entry; 0 if and only if each key in the window has one. */
    public int untrackedAtMost() {
        return untrackedAtMost;
    }

    /** Sets what a window without end has forgotten: what the next key admitted may have had before. */
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

    /** Makes an entry, with nothing counted yet, for a key that has none; another may lose its own for it. */
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

    /** What was counted for the entry in the slice that is {@code age} slices old, 0 to slices-1. */
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

    /** The place of a slice, 1 to slices-1 old, among the ended ones of an entry. */
    private int endedAt(int entry, int age) {
        return entry * (slices - 1) + Math.floorMod(current - age, slices - 1);
    }

    /** Where per-slice things of the slice that is {@code age} slices old are kept: 0 to slices-1. */
    public int slot(int age) {
        return Math.floorMod(current - age, slices);
    }

    /** {@code slot(0)}, without a division. */
    public int newestSlot() {
        return newest;
    }

    private void forget(int entry) {
        // In a flood nearly all that go came in the current slice: then that is where all they have is.
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
     * Ends the current slice and begins another: what is as old as the window leaves it, and entries of which nothing
     * is left are dropped. Not for a window without end.
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

    /** Takes the leaving slice out of the entry's bounds, and sets the current one down as ended; the lower bound. */
    private int expire(int entry, int leaving) {
        int lower = packets(entry);
        int error = atMost(entry) - lower;
        int oldest = endedAt(entry, slices - 1);
        int now = packetsInSlice(entry, 0);
        lower -= ended[oldest];
        ended[oldest] = now; // the places come round: the next turn finds it one slice old
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

    /** The most that an untracked key can have had in the slices of this age and older. */
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

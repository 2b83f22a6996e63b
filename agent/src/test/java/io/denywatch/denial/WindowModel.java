package io.denywatch.denial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.sketch.SeededHash;
import io.denywatch.sketch.SpaceSaving;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** A {@link SpaceSaving} table beside maps that forget nothing, and the laws that tie the one to the others. */
public final class WindowModel {
    private final SeededHash hash;
    private final int slices;
    private final int capacity;
    private final String name;
    public final SpaceSaving table;

    private final Deque<Map<Long, Integer>> all = new ArrayDeque<>(); // newest first
    private final Deque<Map<Long, Integer>> sinceAdmission = new ArrayDeque<>();
    private final Map<Long, Integer> firstSeen = new HashMap<>();
    private final Map<Long, Integer> admittedIn = new HashMap<>();
    private final Map<Long, Integer> lastSeen = new HashMap<>();
    private final Set<Long> met = new HashSet<>();
    private long admissions;
    private int step;
    private int turns;

    public WindowModel(int slices, int capacity, long seed) {
        this.slices = slices;
        this.capacity = capacity;
        hash = new SeededHash(seed);
        table = new SpaceSaving(hash, slices, capacity);
        name = slices + " slices, capacity " + capacity + ", seed " + seed + ", step ";
        all.push(new HashMap<>());
        sinceAdmission.push(new HashMap<>());
    }

    /** Keys differ in both halves, so that an index that forgets one of them is found out. */
    static long high(long key) {
        return key % 3;
    }

    static long low(long key) {
        return key / 3;
    }

    public int find(long key) {
        return table.find(high(key), low(key), hash.of(high(key), low(key)));
    }

    public void count(long key, int packets) {
        step++;
        long keyHash = hash.of(high(key), low(key));
        int entry = find(key);
        if (entry < 0) {
            int lowest = table.isFull() ? table.heap.first() : -1;
            entry = table.admit(high(key), low(key), keyHash, step);
            assertTrue(lowest < 0 || entry == lowest, () -> name + step + ": not the lowest rank was displaced");
            admissions++;
            sinceAdmission.forEach(slice -> slice.remove(key));
            firstSeen.put(key, step);
            admittedIn.put(key, turns);
        }
        table.count(entry, packets, step);
        lastSeen.put(key, step);
        all.element().merge(key, packets, Integer::sum);
        sinceAdmission.element().merge(key, packets, Integer::sum);
        met.add(key);
    }

    public void turn() {
        step++;
        table.turn();
        turns++;
        for (Deque<Map<Long, Integer>> window : List.of(all, sinceAdmission)) {
            window.push(new HashMap<>());
            if (window.size() > slices) {
                window.removeLast();
            }
        }
        met.removeIf(key -> packets(key) == 0 && find(key) < 0);
    }

    private static int sum(Deque<Map<Long, Integer>> window, long key) {
        int sum = 0;
        for (Map<Long, Integer> slice : window) {
            sum += slice.getOrDefault(key, 0);
        }
        return sum;
    }

    public int packets(long key) {
        return sum(all, key);
    }

    public long packetsInWindow() {
        return all.stream()
                .flatMap(slice -> slice.values().stream())
                .mapToLong(n -> n)
                .sum();
    }

    public void check() {
        checkStructure();
        int tracked = 0;
        for (long key : met) {
            int truth = packets(key);
            int entry = find(key);
            if (entry < 0) {
                assertTrue(
                        truth <= table.untrackedAtMost(),
                        () -> name + step + ": untracked " + key + " had " + truth + " packets, said to be at most "
                                + table.untrackedAtMost());
                continue;
            }
            tracked++;
            assertEquals(sum(sinceAdmission, key), table.packets(entry), () -> name + step + ": lower bound of " + key);
            assertTrue(
                    truth <= table.atMost(entry),
                    () -> name + step + ": " + key + " had " + truth + " packets, said to be at most "
                            + table.atMost(entry));
            assertEquals(firstSeen.get(key), table.firstSeen(entry), () -> name + step + ": first seen of " + key);
            assertEquals(lastSeen.get(key), table.lastSeen(entry), () -> name + step + ": last seen of " + key);
            if (turns - admittedIn.getOrDefault(key, 0) >= slices) {
                assertEquals(table.packets(entry), table.atMost(entry), () -> name + step + ": an error of old");
            }
            checkSlices(key, entry);
        }
        assertEquals(tracked, table.size(), () -> name + step + ": entries");
        assertEquals(admissions - table.size(), table.evictedForCapacity() + table.evictedIdle(), () -> name + step);
        if (slices == 1) {
            checkClassic();
        }
    }

    private void checkSlices(long key, int entry) {
        Iterator<Map<Long, Integer>> newestFirst = sinceAdmission.iterator();
        for (int age = 0; newestFirst.hasNext(); age++) {
            int old = age;
            assertEquals(
                    newestFirst.next().getOrDefault(key, 0),
                    table.packetsInSlice(entry, age),
                    () -> name + step + ": " + key + ", " + old + " slices ago");
        }
    }

    /** What the paper proves where nothing expires: lemma 1, and theorem 1's bound on what is displaced. */
    private void checkClassic() {
        long sum = 0;
        for (int entry = 0; entry < table.size(); entry++) {
            sum += table.atMost(entry);
        }
        assertEquals(packetsInWindow(), sum, () -> name + step + ": the upper bounds don't sum up to N");
        assertTrue(table.untrackedAtMost() <= packetsInWindow() / capacity, () -> name + step + ": above N / capacity");
    }

    private void checkStructure() {
        int size = table.size();
        assertTrue(size <= capacity, () -> name + step + ": " + size + " entries");
        assertTrue(table.capacity() <= capacity, () -> name + step + ": room for " + table.capacity());
        assertEquals(size, table.heap.size(), () -> name + step + ": heap");
        for (int i = 0; i < size; i++) {
            int entry = i;
            long high = table.keys.high(entry);
            long low = table.keys.low(entry);
            assertEquals(entry, table.find(high, low, hash.of(high, low)), () -> name + step + ": index");
            assertTrue(table.packets(entry) > 0, () -> name + step + ": an entry with nothing in the window");
        }
        if (table.isFull()) { // to look would make the order that nobody has asked for yet
            checkOrder();
        }
    }

    private void checkOrder() {
        for (int i = 0; i < table.size(); i++) {
            int entry = i;
            int place = table.heap.placeOf(entry);
            assertEquals(entry, table.heap.entryAt(place), () -> name + step + ": place of " + entry);
            int parent = table.heap.entryAt(Math.max(0, (place - 1) / 2));
            assertTrue(table.heap.rank(parent) <= table.heap.rank(entry), () -> name + step + ": heap order");
        }
    }

    /** Heavy, middling and one-off keys in bursts: what displaces, returns and idles. */
    public static long randomKey(SplittableRandom random, long step) {
        return switch (random.nextInt(8)) {
            case 0, 1 -> random.nextInt(4);
            case 2, 3, 4 -> random.nextInt(60);
            case 5 -> random.nextInt(400);
            default -> (step / 500 & 1) == 0 ? 1000 + step : random.nextInt(20);
        };
    }
}

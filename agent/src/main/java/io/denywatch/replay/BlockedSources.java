package io.denywatch.replay;

import io.denywatch.blocklist.BlocklistLimits;
import io.denywatch.sketch.KeyIndex;
import io.denywatch.sketch.SeededHash;
import java.util.Arrays;

/**
 * Deadlines of blocked sources, looked up for each packet without allocation. It holds at most {@link
 * BlocklistLimits#ENTRIES_MAX} of them; when it is full, the block that ends first makes room. Confined to the
 * replaying thread.
 */
final class BlockedSources {
    private static final int SOURCES_INITIAL = 64;

    private final SeededHash hash;
    private final KeyIndex keys;
    private long[] untilMicros = new long[SOURCES_INITIAL];
    private int[] marks = new int[SOURCES_INITIAL];

    BlockedSources(SeededHash hash) {
        this.hash = hash;
        keys = new KeyIndex(hash, SOURCES_INITIAL);
    }

    /** The index of a source that is blocked at this time; {@link KeyIndex#NONE} if it is not. */
    int find(long high, long low, long micros) {
        int number = keys.find(high, low, hash.of(high, low));
        return number != KeyIndex.NONE && micros < untilMicros[number] ? number : KeyIndex.NONE;
    }

    /** The value stored with this block. */
    int mark(int number) {
        return marks[number];
    }

    /** Blocks a source, or changes its block. */
    void block(long high, long low, long until, int mark) {
        long key = hash.of(high, low);
        int number = keys.find(high, low, key);
        if (number == KeyIndex.NONE) {
            number = admit(high, low, key);
        }
        untilMicros[number] = until;
        marks[number] = mark;
    }

    /** Ends a block. */
    void lift(long high, long low) {
        int number = keys.find(high, low, hash.of(high, low));
        if (number != KeyIndex.NONE) {
            untilMicros[number] = Long.MIN_VALUE;
        }
    }

    private int admit(long high, long low, long key) {
        if (keys.size() == BlocklistLimits.ENTRIES_MAX) {
            int first = 0;
            for (int number = 1; number < keys.size(); number++) {
                first = untilMicros[number] < untilMicros[first] ? number : first;
            }
            keys.replace(first, high, low, key);
            return first;
        }
        if (keys.size() == keys.capacity()) {
            int capacity = Math.min(2 * keys.capacity(), BlocklistLimits.ENTRIES_MAX);
            keys.grow(capacity);
            untilMicros = Arrays.copyOf(untilMicros, capacity);
            marks = Arrays.copyOf(marks, capacity);
        }
        return keys.append(high, low, key);
    }
}

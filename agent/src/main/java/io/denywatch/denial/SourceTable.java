package io.denywatch.denial;

import io.denywatch.denial.DenialSnapshot.SourceCount;
import io.denywatch.ip.Ip;
import io.denywatch.sketch.HyperLogLog;
import io.denywatch.sketch.SeededHash;
import io.denywatch.sketch.SpaceSaving;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts the sources at one load balancer in the window: the top sources by {@link SpaceSaving}, and the number of
 * sources. Confined to the ingest thread. The number is exact while each source in the window has an entry. From the
 * first eviction until all evicted sources have left the window, it is estimated by one {@link HyperLogLog} per slice.
 */
final class SourceTable {
    /** Slices in the window. */
    static final int SLICES = 5;

    static final int BYTES_PER_SOURCE = SpaceSaving.bytesPerEntry(SLICES);

    /** Additional bytes of a table while it estimates. */
    static final int SKETCH_BYTES = SLICES * HyperLogLog.BYTES;

    final SpaceSaving counts;

    private final SeededHash hash;
    private HyperLogLog @Nullable [] sketches; // by slot of the slice; null while the number is exact

    SourceTable(SeededHash hash, int sourcesMax) {
        this.hash = hash;
        counts = new SpaceSaving(hash, SLICES, sourcesMax);
    }

    void record(long high, long low, int packets, int seconds) {
        long key = hash.of(high, low);
        int entry = counts.find(high, low, key);
        if (entry < 0) {
            if (counts.isFull() && sketches == null) {
                sketches = sketch();
            }
            entry = counts.admit(high, low, key, seconds);
        }
        counts.count(entry, packets, seconds);
        if (sketches != null) {
            sketches[counts.newestSlot()].add(key);
        }
    }

    /** Sketches of what the window contains; each source must still have an entry, which knows its slices. */
    private HyperLogLog[] sketch() {
        HyperLogLog[] bySlot = new HyperLogLog[SLICES];
        for (int age = 0; age < SLICES; age++) {
            HyperLogLog sketch = new HyperLogLog();
            for (int entry = 0; entry < counts.size(); entry++) {
                if (counts.packetsInSlice(entry, age) > 0) {
                    sketch.add(counts.keys.hash(entry));
                }
            }
            bySlot[counts.slot(age)] = sketch;
        }
        return bySlot;
    }

    /** Begins another slice. Returns whether that can have changed anything. */
    boolean turn() {
        if (counts.size() == 0 && counts.untrackedAtMost() == 0) {
            return false;
        }
        counts.turn();
        if (counts.untrackedAtMost() == 0) {
            sketches = null;
        } else if (sketches != null) {
            sketches[counts.slot(0)].clear();
        }
        return true;
    }

    /** The number of distinct sources in the window. Overwrites the scratch. */
    long distinct(HyperLogLog scratch) {
        if (sketches == null) {
            return counts.size();
        }
        scratch.clear();
        for (HyperLogLog sketch : sketches) {
            scratch.addAll(sketch);
        }
        return Math.max(counts.size(), scratch.estimate());
    }

    /** At most {@code limit} sources by descending rank. */
    List<SourceCount> top(int limit, int ipv6PrefixLength) {
        List<SourceCount> top = new ArrayList<>(Math.min(limit, counts.size()));
        for (int entry : counts.heap.top(limit)) {
            Ip source = new Ip(counts.keys.high(entry), counts.keys.low(entry));
            top.add(new SourceCount(
                    source,
                    source.isIpv4() ? 128 : ipv6PrefixLength,
                    counts.packets(entry),
                    counts.atMost(entry),
                    Integer.toUnsignedLong(counts.firstSeen(entry)),
                    Integer.toUnsignedLong(counts.lastSeen(entry))));
        }
        return List.copyOf(top);
    }

    /** Bytes of the arrays' elements. */
    long bytes() {
        return counts.bytes() + (sketches == null ? 0 : SKETCH_BYTES);
    }
}

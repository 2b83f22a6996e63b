package io.denywatch.denial;

import io.denywatch.denial.DenialSnapshot.PortCount;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Which ports were hit at one load balancer since start: {@link SpaceSaving} over a window without end ranks them. The
 * counts themselves are kept as longs beside it, for years of them outgrow an int. Confined to the ingest thread.
 */
final class PortTable {
    static final int BYTES_PER_PORT = SpaceSaving.bytesPerEntry(1) + Long.BYTES;

    private final SeededHash hash;
    private final SpaceSaving ranking;
    private long[] packets; // by entry, since admission

    PortTable(SeededHash hash, int portsMax) {
        this.hash = hash;
        ranking = new SpaceSaving(hash, 1, portsMax);
        packets = new long[ranking.capacity()];
    }

    void record(Transport transport, int port, int count) {
        long high = transport.index();
        long key = hash.of(high, port);
        int entry = ranking.find(high, port, key);
        if (entry < 0) {
            entry = ranking.admit(high, port, key, 0);
            if (packets.length < ranking.capacity()) {
                packets = Arrays.copyOf(packets, ranking.capacity());
            }
            packets[entry] = 0;
        }
        ranking.count(entry, count, 0);
        packets[entry] += count;
    }

    /** At most {@code limit} ports, those of the highest rank, by descending packets. */
    List<PortCount> top(int limit) {
        List<PortCount> top = new ArrayList<>(Math.min(limit, ranking.size()));
        for (int entry : ranking.heap.top(limit)) {
            Transport transport = Transport.at((int) ranking.keys.high(entry));
            top.add(new PortCount(transport, (int) ranking.keys.low(entry), packets[entry]));
        }
        top.sort(Comparator.comparingLong(PortCount::packets).reversed());
        return List.copyOf(top);
    }

    /** Bytes of the arrays' elements. */
    long bytes() {
        return ranking.bytes() + (long) Long.BYTES * packets.length;
    }
}

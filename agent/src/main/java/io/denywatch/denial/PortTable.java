package io.denywatch.denial;

import io.denywatch.denial.DenialSnapshot.PortCount;
import java.io.DataOutput;
import java.io.IOException;
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

    private static final int STATE_BYTES_PER_PORT = Transport.LABEL_BYTES_MAX + Long.BYTES + 3 * Integer.BYTES;
    private static final int PORT_MAX = 65_535;

    private final SeededHash hash;
    private final SpaceSaving ranking;
    private final int portsMax;
    private long[] packets; // by entry, since admission

    PortTable(SeededHash hash, int portsMax) {
        this.hash = hash;
        this.portsMax = portsMax;
        ranking = new SpaceSaving(hash, 1, portsMax);
        packets = new long[ranking.capacity()];
    }

    void record(Transport transport, int port, int count) {
        long high = transport.index();
        long key = hash.of(high, port);
        int entry = ranking.find(high, port, key);
        if (entry < 0) {
            entry = admit(high, port, key);
        }
        ranking.count(entry, count, 0);
        packets[entry] += count;
    }

    private int admit(long high, int port, long key) {
        int entry = ranking.admit(high, port, key, 0);
        if (packets.length < ranking.capacity()) {
            packets = Arrays.copyOf(packets, ranking.capacity());
        }
        packets[entry] = 0;
        return entry;
    }

    boolean isEmpty() {
        return ranking.size() == 0;
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

    /** Writes all there is: a table that it is restored to goes on as this one does. */
    void save(DataOutput out) throws IOException {
        out.writeInt(ranking.untrackedAtMost());
        out.writeInt(ranking.size());
        for (int entry = 0; entry < ranking.size(); entry++) {
            out.writeUTF(Transport.at((int) ranking.keys.high(entry)).label());
            out.writeInt((int) ranking.keys.low(entry));
            out.writeLong(packets[entry]);
            out.writeInt(ranking.atMost(entry)); // the lower bound is packets, as far as an int goes
            out.writeInt(ranking.heap.placeOf(entry));
        }
    }

    /** Takes on what was saved; where it doesn't fit, what was met last is forgotten. The table must be empty. */
    void restore(CheckedInput in) throws IOException {
        int untrackedAtMost = in.number("bound of forgotten ports", 0, Integer.MAX_VALUE);
        int count = in.number("number of ports", 0, DenialLimits.TRACKED_MAX);
        int[] places = new int[Math.min(count, portsMax)];
        for (int i = 0; i < count; i++) {
            Transport transport = Transport.labelled(in.label());
            int port = in.number("port", -1, PORT_MAX);
            long counted = in.count("packets at a port");
            int lower = (int) Math.min(counted, Integer.MAX_VALUE);
            CheckedInput.check(lower > 0, "packets at a port", counted);
            int upper = in.number("upper bound of a port", lower, Integer.MAX_VALUE);
            int place = in.number("place of a port", 0, count - 1);
            if (transport == null) {
                continue;
            }
            long key = hash.of(transport.index(), port);
            CheckedInput.check(ranking.find(transport.index(), port, key) < 0, "second port", port);
            if (ranking.isFull()) {
                untrackedAtMost = Math.max(untrackedAtMost, upper);
                continue;
            }
            ranking.forgot(upper - lower);
            int entry = admit(transport.index(), port, key);
            ranking.count(entry, lower, 0);
            packets[entry] = counted;
            places[entry] = place;
        }
        ranking.forgot(untrackedAtMost);
        boolean ordered = ranking.isFull() && ranking.size() == count;
        CheckedInput.check(!ordered || ranking.heap.arrange(places), "order of ports", count);
    }

    static long stateBytesMax(int portsMax) {
        return 2 * Integer.BYTES + (long) portsMax * STATE_BYTES_PER_PORT;
    }

    /** Bytes of the arrays' elements. */
    long bytes() {
        return ranking.bytes() + (long) Long.BYTES * packets.length;
    }
}

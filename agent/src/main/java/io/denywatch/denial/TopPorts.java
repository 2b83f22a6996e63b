package io.denywatch.denial;

import io.denywatch.count.CheckedInput;
import io.denywatch.count.Count;
import io.denywatch.denial.DenialSnapshot.PortCount;
import io.denywatch.sketch.SeededHash;
import io.denywatch.sketch.SpaceSaving;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ports with the most packets, ranked by {@link SpaceSaving} over a window without end. Confined to the ingest
 * thread. The counts are kept as longs beside it, because years of packets exceed an int.
 */
final class TopPorts implements PortCounter {
    static final int BYTES_PER_PORT = SpaceSaving.bytesPerEntry(1) + Long.BYTES;

    private static final int STATE_BYTES_PER_PORT = Transport.LABEL_BYTES_MAX + Long.BYTES + 3 * Integer.BYTES;
    private static final int PORT_MAX = 65_535;
    private static final int NO_PORT = -2;

    private final SeededHash hash;
    private final SpaceSaving ranking;
    private final int portsMax;
    private long[] packets; // by entry, since admission

    TopPorts(SeededHash hash, int portsMax) {
        this.hash = hash;
        this.portsMax = portsMax;
        ranking = new SpaceSaving(hash, 1, portsMax);
        packets = new long[ranking.capacity()];
    }

    @Override
    public void record(Transport transport, int port, int count) {
        long high = transport.index();
        long key = hash.of(high, port);
        int entry = ranking.find(high, port, key);
        if (entry < 0) {
            entry = admit(high, port, key);
        }
        ranking.count(entry, count, 0);
        packets[entry] = Count.sum(packets[entry], count);
    }

    private int admit(long high, int port, long key) {
        int entry = ranking.admit(high, port, key, 0);
        if (packets.length < ranking.capacity()) {
            packets = Arrays.copyOf(packets, ranking.capacity());
        }
        packets[entry] = 0;
        return entry;
    }

    @Override
    public boolean isEmpty() {
        return ranking.size() == 0;
    }

    @Override
    public List<PortCount> top(int limit) {
        List<PortCount> top = new ArrayList<>(Math.min(limit, ranking.size()));
        for (int entry : ranking.heap.top(limit)) {
            Transport transport = Transport.at((int) ranking.keys.high(entry));
            top.add(new PortCount(transport, (int) ranking.keys.low(entry), packets[entry]));
        }
        top.sort(Comparator.comparingLong(PortCount::packets).reversed());
        return List.copyOf(top);
    }

    /** Writes the ports so that a restored table continues exactly like this one. */
    @Override
    public void save(DataOutput out) throws IOException {
        out.writeInt(ranking.untrackedAtMost());
        out.writeInt(ranking.size());
        for (int entry = 0; entry < ranking.size(); entry++) {
            Transport transport = Transport.at((int) ranking.keys.high(entry));
            int port = (int) ranking.keys.low(entry);
            // The lower bound is packets, limited to an int.
            save(transport, port, packets[entry], ranking.atMost(entry), ranking.heap.placeOf(entry), out);
        }
    }

    /** Writes one port. */
    static void save(Transport transport, int port, long packets, int atMost, int place, DataOutput out)
            throws IOException {
        out.writeUTF(transport.label());
        out.writeInt(port);
        out.writeLong(packets);
        out.writeInt(atMost);
        out.writeInt(place);
    }

    /** The head of saved ports: a bound for the evicted ones, and the number of ports that follow. */
    record SavedPorts(int untrackedAtMost, int count) {
        static SavedPorts begin(CheckedInput in) throws IOException {
            return new SavedPorts(
                    in.value("bound of forgotten ports", 0, Integer.MAX_VALUE, 0),
                    in.size("number of ports", DenialLimits.TRACKED_MAX));
        }
    }

    /** One saved port; its transport is null if it is unknown or if the port must not be counted. */
    record SavedPort(@Nullable Transport transport, int port, long packets, int lower, int upper, int place) {
        static SavedPort read(CheckedInput in, int count) throws IOException {
            Transport transport = Transport.labelled(in.label());
            int port = in.value("port", -1, PORT_MAX, NO_PORT);
            long packets = in.count("packets at a port");
            int lower = (int) Math.min(packets, Integer.MAX_VALUE);
            int upper = in.value("upper bound of a port", lower, Integer.MAX_VALUE, lower);
            int place = in.value("place of a port", 0, count - 1, 0);
            return new SavedPort(port == NO_PORT || lower == 0 ? null : transport, port, packets, lower, upper, place);
        }
    }

    /** If there is no room, the ports at the end of the list are dropped. */
    @Override
    public void restore(CheckedInput in) throws IOException {
        SavedPorts saved = SavedPorts.begin(in);
        int untrackedAtMost = saved.untrackedAtMost;
        int count = saved.count;
        int[] places = new int[Math.min(count, portsMax)];
        for (int i = 0; i < count; i++) {
            SavedPort port = SavedPort.read(in, count);
            Transport transport = port.transport;
            if (transport == null) {
                continue;
            }
            long key = hash.of(transport.index(), port.port);
            if (ranking.find(transport.index(), port.port, key) >= 0) {
                in.drop("second port", port.port);
                continue;
            }
            if (ranking.isFull()) {
                untrackedAtMost = Math.max(untrackedAtMost, port.upper);
                continue;
            }
            ranking.forgot(port.upper - port.lower);
            int entry = admit(transport.index(), port.port, key);
            ranking.count(entry, port.lower, 0);
            packets[entry] = port.packets;
            places[entry] = port.place;
        }
        ranking.forgot(untrackedAtMost);
        if (ranking.isFull() && ranking.size() == count && !ranking.heap.arrange(places)) {
            in.drop("order of ports", count);
            ranking.heap.rebuild(count, true);
        }
    }

    static long stateBytesMax(int portsMax) {
        return 2 * Integer.BYTES + (long) portsMax * STATE_BYTES_PER_PORT;
    }

    @Override
    public long bytes() {
        return ranking.bytes() + (long) Long.BYTES * packets.length;
    }
}

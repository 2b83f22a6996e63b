package io.denywatch.denial;

import io.denywatch.count.CheckedInput;
import io.denywatch.count.Count;
import io.denywatch.denial.DenialSnapshot.PortCount;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * One counter for each pair of protocol and port. Confined to the ingest thread. Counts are exact, and counting takes
 * the same time however many ports a scan visits. A row of counters is allocated when one of them is needed.
 */
final class ExactPorts implements PortCounter {
    private static final int PORTS = DenialLimits.EVERY_PORT / Transport.COUNT; // no port, and 0 to 65,535
    private static final int ROW = 256;
    private static final int ROW_SHIFT = 8;

    private static final long[] NOT_MADE = {};

    private final long[][] rows = new long[Math.ceilDiv(DenialLimits.EVERY_PORT, ROW)][];
    private int made;

    ExactPorts() {
        Arrays.fill(rows, NOT_MADE);
    }

    @Override
    public void record(Transport transport, int port, int count) {
        add(transport, port, count);
    }

    private void add(Transport transport, int port, long count) {
        int place = transport.index() * PORTS + port + 1;
        long[] row = rows[place >> ROW_SHIFT];
        if (row.length == 0) {
            row = new long[ROW];
            rows[place >> ROW_SHIFT] = row;
            made++;
        }
        row[place & ROW - 1] = Count.sum(row[place & ROW - 1], count);
    }

    @Override
    public boolean isEmpty() {
        return made == 0;
    }

    @Override
    public List<PortCount> top(int limit) {
        List<PortCount> all = all();
        all.sort(Comparator.comparingLong(PortCount::packets).reversed()); // a stable sort
        return List.copyOf(all.subList(0, Math.min(limit, all.size())));
    }

    private List<PortCount> all() {
        List<PortCount> all = new ArrayList<>();
        for (int place = 0; place < DenialLimits.EVERY_PORT; place++) {
            long[] row = rows[place >> ROW_SHIFT];
            if (row.length == 0) {
                place |= ROW - 1;
            } else if (row[place & ROW - 1] > 0) {
                all.add(new PortCount(Transport.at(place / PORTS), place % PORTS - 1, row[place & ROW - 1]));
            }
        }
        return all;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        List<PortCount> all = all();
        all.sort(Comparator.comparingLong(PortCount::packets)); // sorted, they form a heap
        out.writeInt(0);
        out.writeInt(all.size());
        for (int place = 0; place < all.size(); place++) {
            PortCount count = all.get(place);
            int bound = (int) Math.min(count.packets(), Integer.MAX_VALUE);
            TopPorts.save(count.transport(), count.port(), count.packets(), bound, place, out);
        }
    }

    @Override
    public void restore(CheckedInput in) throws IOException {
        TopPorts.SavedPorts saved = TopPorts.SavedPorts.begin(in);
        for (int i = 0; i < saved.count(); i++) {
            TopPorts.SavedPort port = TopPorts.SavedPort.read(in, saved.count());
            Transport transport = port.transport();
            if (transport != null) {
                add(transport, port.port(), port.packets());
            }
        }
    }

    @Override
    public long bytes() {
        return (long) made * ROW * Long.BYTES;
    }
}

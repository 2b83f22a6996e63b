package io.denywatch.denial;

import io.denywatch.denial.DenialSnapshot.NlbDenials;
import io.denywatch.denial.DenialSnapshot.PortTotal;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one load balancer: totals since start, sources in the window, ports. Confined to the ingest thread.
 */
final class NlbCounts {
    private static final int STATE_BYTES_PER_ROW = Transport.LABEL_BYTES_MAX + Integer.BYTES + 2 * Long.BYTES;
    private static final int ROWS_MAX = Transport.COUNT << Character.SIZE;

    final SourceTable sources;
    final PortTable ports;

    private final String nlb;
    private final String namespace;
    private final String service;

    // Rows of totals: one per transport, in its order, for ports that are not exposed, then one per exposed port.
    private final int[] exposed; // transport and port in one, sorted
    private final long[] packetsByRow;
    private final long[] bytesByRow;
    private long latePackets;

    private @Nullable NlbDenials published; // null if something changed since

    NlbCounts(String nlb, LoadBalancer of, DenialLimits limits, SeededHash hash) {
        this.nlb = nlb;
        namespace = of.namespace();
        service = of.service();
        exposed = of.ports().stream()
                .mapToInt(port -> exposedKey(port.transport(), port.port()))
                .sorted()
                .distinct()
                .toArray();
        packetsByRow = new long[Transport.COUNT + exposed.length];
        bytesByRow = new long[Transport.COUNT + exposed.length];
        sources = new SourceTable(hash, limits.sourcesPerLoadBalancerMax());
        ports = new PortTable(hash, limits.portsPerLoadBalancerMax());
    }

    private static int exposedKey(Transport transport, int port) {
        return transport.index() << Character.SIZE | port;
    }

    private Transport transportOf(int row) {
        return row < Transport.COUNT
                ? Transport.at(row)
                : Transport.at(exposed[row - Transport.COUNT] >>> Character.SIZE);
    }

    /** The exposed port, or 0 for the others. */
    private int portOf(int row) {
        return row < Transport.COUNT ? 0 : exposed[row - Transport.COUNT] & Character.MAX_VALUE;
    }

    /** The row of an exposed port, or a negative number. */
    private int exposedRow(Transport transport, int port) {
        int at = Arrays.binarySearch(exposed, exposedKey(transport, port));
        return at < 0 ? at : Transport.COUNT + at;
    }

    /** Counts packets for good, but not yet in the window. */
    void count(Transport transport, int port, int packets, long bytes, boolean late) {
        int at = port < 0 ? -1 : exposedRow(transport, port);
        int row = at < 0 ? transport.index() : at;
        packetsByRow[row] += packets;
        bytesByRow[row] += bytes;
        latePackets += late ? packets : 0;
        ports.record(transport, port, packets);
        published = null;
    }

    void turn() {
        if (sources.turn()) {
            published = null;
        }
    }

    /** The same object as before if nothing changed. */
    NlbDenials snapshot(DenialLimits limits, HyperLogLog scratch) {
        if (published == null) {
            published = new NlbDenials(
                    nlb,
                    namespace,
                    service,
                    Arrays.stream(packetsByRow).sum(),
                    Arrays.stream(bytesByRow).sum(),
                    latePackets,
                    totals(),
                    sources.distinct(scratch),
                    sources.top(limits.exportedPerLoadBalancer(), limits.ipv6PrefixLength()),
                    ports.top(limits.exportedPerLoadBalancer()));
        }
        return published;
    }

    private List<PortTotal> totals() {
        List<PortTotal> totals = new ArrayList<>(packetsByRow.length);
        for (int row = Transport.COUNT; row < packetsByRow.length; row++) {
            totals.add(total(row));
        }
        for (int row = 0; row < Transport.COUNT; row++) {
            totals.add(total(row));
        }
        return List.copyOf(totals);
    }

    private PortTotal total(int row) {
        return new PortTotal(transportOf(row), portOf(row), packetsByRow[row], bytesByRow[row]);
    }

    /** Whether nothing was ever counted. */
    boolean isEmpty() {
        return latePackets == 0 && ports.isEmpty();
    }

    /** Writes what was counted since start, but not the window. */
    void save(DataOutput out) throws IOException {
        out.writeLong(latePackets);
        out.writeInt(packetsByRow.length);
        for (int row = 0; row < packetsByRow.length; row++) {
            out.writeUTF(transportOf(row).label());
            out.writeInt(portOf(row));
            out.writeLong(packetsByRow[row]);
            out.writeLong(bytesByRow[row]);
        }
        ports.save(out);
    }

    /** Takes on what was saved, but rows of ports that are not exposed now. Nothing may have been counted yet. */
    void restore(CheckedInput in) throws IOException {
        latePackets = in.count("late packets");
        int rows = in.number("number of totals", 0, ROWS_MAX);
        for (int i = 0; i < rows; i++) {
            Transport transport = Transport.labelled(in.label());
            int port = in.number("port of a total", 0, Character.MAX_VALUE);
            long packets = in.count("total of packets");
            long bytes = in.count("total of bytes");
            int row = transport == null ? -1 : port == 0 ? transport.index() : exposedRow(transport, port);
            if (row >= 0) {
                packetsByRow[row] = packets;
                bytesByRow[row] = bytes;
            }
        }
        ports.restore(in);
        published = null;
    }

    static long stateBytesMax(int exposedMax, DenialLimits limits) {
        return Long.BYTES
                + Integer.BYTES
                + (long) (Transport.COUNT + exposedMax) * STATE_BYTES_PER_ROW
                + PortTable.stateBytesMax(limits.portsPerLoadBalancerMax());
    }

    long stateBytesMax(DenialLimits limits) {
        return stateBytesMax(exposed.length, limits);
    }

    /** Bytes of the arrays' elements. */
    long bytes() {
        long rows = (long) packetsByRow.length + bytesByRow.length;
        return sources.bytes() + ports.bytes() + Long.BYTES * rows + (long) Integer.BYTES * exposed.length;
    }
}

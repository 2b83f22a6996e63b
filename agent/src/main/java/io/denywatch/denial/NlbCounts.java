package io.denywatch.denial;

import io.denywatch.denial.DenialSnapshot.NlbDenials;
import io.denywatch.denial.DenialSnapshot.PortTotal;
import io.denywatch.denial.LoadBalancer.ServicePort;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one load balancer: totals since start, sources in the window, ports. Confined to the ingest thread.
 */
final class NlbCounts {
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

    private static ServicePort exposedPort(int key) {
        return new ServicePort(Transport.at(key >>> Character.SIZE), key & Character.MAX_VALUE);
    }

    /** Counts packets for good, but not yet in the window. */
    void count(Transport transport, int port, int packets, long bytes, boolean late) {
        int at = port < 0 ? -1 : Arrays.binarySearch(exposed, exposedKey(transport, port));
        int row = at < 0 ? transport.index() : Transport.COUNT + at;
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
        for (int i = 0; i < exposed.length; i++) {
            ServicePort port = exposedPort(exposed[i]);
            int row = Transport.COUNT + i;
            totals.add(new PortTotal(port.transport(), port.port(), packetsByRow[row], bytesByRow[row]));
        }
        for (int row = 0; row < Transport.COUNT; row++) {
            totals.add(new PortTotal(Transport.at(row), 0, packetsByRow[row], bytesByRow[row]));
        }
        return List.copyOf(totals);
    }

    /** Bytes of the arrays' elements. */
    long bytes() {
        long rows = (long) packetsByRow.length + bytesByRow.length;
        return sources.bytes() + ports.bytes() + Long.BYTES * rows + (long) Integer.BYTES * exposed.length;
    }
}

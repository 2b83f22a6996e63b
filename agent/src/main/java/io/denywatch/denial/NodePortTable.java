package io.denywatch.denial;

import io.denywatch.count.CheckedInput;
import io.denywatch.ip.Ip;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Maps this node's own addresses and node ports to where their packets are counted. Confined to the ingest thread. */
final class NodePortTable {
    /** The size without any address. */
    static final int STATE_BYTES_MIN = Integer.BYTES;

    static final int STATE_BYTES_MAX = STATE_BYTES_MIN + DiscoveredLoadBalancers.NODE_ADDRESSES_MAX * 2 * Long.BYTES;

    private long[] nodes = new long[0]; // two for each address
    private ByPort ipv4 = ByPort.NONE;
    private ByPort ipv6 = ByPort.NONE;

    /** A load balancer's counts, and the row for the port. */
    record Target(LoadBalancerCounts at, Series total) {}

    private static final class ByPort {
        static final ByPort NONE = new ByPort(new TreeMap<>());

        final int[] keys; // sorted
        final Target[] targets;

        ByPort(SortedMap<Integer, Target> byPort) {
            keys = byPort.keySet().stream().mapToInt(Integer::intValue).toArray();
            targets = byPort.values().toArray(Target[]::new);
        }

        static ByPort of(Iterable<LoadBalancerCounts> all, int use) {
            SortedMap<Integer, Target> byPort = new TreeMap<>();
            for (LoadBalancerCounts at : all) {
                for (Series total : at.totals.rows()) {
                    if ((total.uses & use) != 0) {
                        int key = SeriesTable.portKey(total.key.transport(), total.key.port());
                        byPort.putIfAbsent(key, new Target(at, total));
                    }
                }
            }
            return new ByPort(byPort);
        }
    }

    /** Indexes the rows that are in use for node ports. */
    void index(Iterable<LoadBalancerCounts> all) {
        ipv4 = ByPort.of(all, Series.NODE_PORT_IPV4);
        ipv6 = ByPort.of(all, Series.NODE_PORT_IPV6);
    }

    /** Sets the addresses of this node. */
    void nodes(List<Ip> addresses) {
        nodes = addresses.stream()
                .flatMapToLong(address -> LongStream.of(address.high(), address.low()))
                .toArray();
    }

    /** Whether an address belongs to this node. */
    boolean isNode(long high, long low) {
        for (int i = 0; i < nodes.length; i += 2) {
            if (nodes[i + 1] == low && nodes[i] == high) {
                return true;
            }
        }
        return false;
    }

    /** Where a packet to a port of this node is counted, or null if the port is not a node port. */
    @Nullable
    Target find(boolean isIpv4, Transport transport, int port) {
        ByPort byPort = isIpv4 ? ipv4 : ipv6;
        int at = Arrays.binarySearch(byPort.keys, SeriesTable.portKey(transport, port));
        return at < 0 ? null : byPort.targets[at];
    }

    /** Writes the addresses; the ports are saved with the rows. */
    void save(DataOutput out) throws IOException {
        out.writeInt(nodes.length / 2);
        for (long half : nodes) {
            out.writeLong(half);
        }
    }

    /** Reads addresses. */
    static List<Ip> restore(CheckedInput in) throws IOException {
        int count = in.size("number of node addresses", DiscoveredLoadBalancers.NODE_ADDRESSES_MAX);
        List<Ip> addresses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            addresses.add(new Ip(in.bits(), in.bits()));
        }
        return addresses;
    }
}

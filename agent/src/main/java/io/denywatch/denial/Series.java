package io.denywatch.denial;

import io.denywatch.denial.DenialSnapshot.PortTotal;
import java.util.Comparator;

/** A row of {@link SeriesTable}: packets and bytes since start under one set of labels. Confined to the ingest thread. */
final class Series {
    /** Bytes of an object and of the reference to it. */
    static final int BYTES = 44;

    /** Packets to the load balancer's own address are counted here. */
    static final int EXPOSED = 1;
    /** Packets to this node's IPv4 addresses are counted here. */
    static final int NODE_PORT_IPV4 = 2;
    /** Packets to this node's IPv6 addresses are counted here. */
    static final int NODE_PORT_IPV6 = 4;
    /** All of these. */
    static final int USES_MAX = EXPOSED | NODE_PORT_IPV4 | NODE_PORT_IPV6;

    final SeriesKey key;
    long packets;
    long bytes;
    int uses; // a sum of the above; 0 if nothing is counted here now
    int retiredAt; // the number of the assignment that last ended its use

    Series(SeriesKey key) {
        this.key = key;
    }

    /** Whether this row counts all ports without a row of their own. */
    boolean isOther() {
        return key.port == 0;
    }

    boolean isInUse() {
        return uses != 0;
    }

    PortTotal snapshot() {
        return new PortTotal(key.name.namespace(), key.name.service(), key.transport, key.port, packets, bytes);
    }

    /**
     * Identifies a row of a load balancer.
     *
     * @param name of the Service
     * @param transport protocol
     * @param port exposed port or node port, or 0 for all other ports
     */
    record SeriesKey(ServiceName name, Transport transport, int port) {
        /** The order in which rows are shown: other ports last. */
        static final Comparator<SeriesKey> ORDER = Comparator.comparing((SeriesKey key) -> key.port == 0)
                .thenComparing(SeriesKey::transport)
                .thenComparingInt(SeriesKey::port)
                .thenComparing(key -> key.name.namespace())
                .thenComparing(key -> key.name.service());
    }
}

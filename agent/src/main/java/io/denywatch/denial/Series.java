package io.denywatch.denial;

import io.denywatch.denial.DenialSnapshot.PortTotal;
import java.util.Comparator;

/** A row of {@link SeriesTable}: packets and bytes since start under one set of labels. Confined to the ingest thread. */
final class Series {
    /** Bytes of an object with its fields, and of the reference to it. */
    static final int BYTES = 44;

    /** Packets to the load balancer's own address are counted here. */
    static final int EXPOSED = 1;
    /** Packets to this node's IPv4 addresses are. */
    static final int NODE_PORT_IPV4 = 2;
    /** Packets to this node's IPv6 addresses are. */
    static final int NODE_PORT_IPV6 = 4;
    /** All of these together. */
    static final int USES_MAX = EXPOSED | NODE_PORT_IPV4 | NODE_PORT_IPV6;

    final SeriesKey key;
    long packets;
    long bytes;
    int uses; // a sum of the above; 0 if nothing is counted here any more
    int retiredAt; // the number of the assignment since which that is so

    Series(SeriesKey key) {
        this.key = key;
    }

    /** Whether this is for all ports without a row of their own. */
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
     * What tells one row of a load balancer from another.
     *
     * @param name of the Service
     * @param transport protocol
     * @param port exposed port or node port, or 0 for all others
     */
    record SeriesKey(ServiceName name, Transport transport, int port) {
        /** As rows are shown: all others last. */
        static final Comparator<SeriesKey> ORDER = Comparator.comparing((SeriesKey key) -> key.port == 0)
                .thenComparing(SeriesKey::transport)
                .thenComparingInt(SeriesKey::port)
                .thenComparing(key -> key.name.namespace())
                .thenComparing(key -> key.name.service());
    }
}

package io.denywatch.denial;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.stream.Stream;

/**
 * A load balancer whose denied packets are counted. Immutable.
 *
 * @param addresses its addresses, the best known one first; none if only a host name is known. A wider block stands for
 *     one load balancer per address in it. Several load balancers may share an address if they differ in their ports
 * @param namespace of its Service, or empty if unknown; at most {@link #NAME_BYTES_MAX} characters of printable ASCII
 * @param service name of its Service, likewise
 * @param ports that it exposes at its addresses; packets to other ports are counted together
 * @param nodePorts that lead to it at each node's addresses
 */
public record LoadBalancer(
        List<IpPrefix> addresses,
        String namespace,
        String service,
        List<ServicePort> ports,
        List<ServicePort> nodePorts) {
    /** The most characters in the name of a namespace or Service: the limit of a DNS label (RFC 1035). */
    public static final int NAME_BYTES_MAX = 63;

    /**
     * The most exposed ports and node ports of one address that have totals of their own; other ports are counted
     * together.
     */
    public static final int DISTINCT_PORTS_MAX = 64;

    /** Copies the lists and checks the names. */
    public LoadBalancer {
        addresses = List.copyOf(addresses);
        ports = List.copyOf(ports);
        nodePorts = List.copyOf(nodePorts);
        new ServiceName(namespace, service);
    }

    /** A load balancer that is known by its address only. */
    public static LoadBalancer at(IpPrefix addresses) {
        return new LoadBalancer(List.of(addresses), "", "", List.of(), List.of());
    }

    ServiceName name() {
        return new ServiceName(namespace, service);
    }

    /** The single addresses, without wider blocks, in their order. */
    Stream<Ip> singles() {
        return addresses.stream().filter(IpPrefix::isSingle).map(IpPrefix::network);
    }

    boolean hasBlocks() {
        return addresses.stream().anyMatch(addresses -> !addresses.isSingle());
    }

    /** Whether one of its wider blocks contains the address. */
    boolean hasBlockWith(long high, long low) {
        for (int i = 0; i < addresses.size(); i++) {
            if (!addresses.get(i).isSingle() && addresses.get(i).contains(high, low)) {
                return true;
            }
        }
        return false;
    }

    /**
     * A port that a load balancer exposes.
     *
     * @param transport TCP or UDP; packets of other protocols are counted together
     * @param port 1 to 65535
     */
    public record ServicePort(Transport transport, int port) {
        /** Checks the port's range. */
        public ServicePort {
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("port must be 1 to 65535: " + port);
            }
        }
    }
}

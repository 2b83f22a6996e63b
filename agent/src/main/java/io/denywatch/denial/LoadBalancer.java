package io.denywatch.denial;

import io.denywatch.ip.IpPrefix;
import java.util.List;

/**
 * A load balancer that denials are counted for.
 *
 * @param addresses its address; a wider block stands for one load balancer per address in it
 * @param namespace of its Service; empty where not known
 * @param service name; empty where not known
 * @param ports that it exposes, node ports among them; denials at other ports are counted together
 */
public record LoadBalancer(IpPrefix addresses, String namespace, String service, List<ServicePort> ports) {
    /** Copies the list. */
    public LoadBalancer {
        ports = List.copyOf(ports);
    }

    /** A load balancer of which only the address is known. */
    public static LoadBalancer at(IpPrefix addresses) {
        return new LoadBalancer(addresses, "", "", List.of());
    }

    /**
     * A port that a load balancer exposes.
     *
     * @param transport TCP or UDP
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

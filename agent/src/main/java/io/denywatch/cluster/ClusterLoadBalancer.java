package io.denywatch.cluster;

import io.denywatch.ip.Ip;
import java.util.List;

/**
 * A Service of type LoadBalancer, as far as it matters to packets. Immutable.
 *
 * @param namespace of the Service
 * @param name of the Service
 * @param addresses that the load balancer really has, by the Service's status; empty while it has none
 * @param externalAddresses of {@code spec.externalIPs}: nodes accept packets to them from any sender
 * @param hostnames by which the load balancer is known where it has no fixed address
 * @param clusterAddresses of the Service inside the cluster
 * @param ports TCP and UDP
 * @param keepsSource whether {@code externalTrafficPolicy} is Local: nodes see the client's own address
 */
public record ClusterLoadBalancer(
        String namespace,
        String name,
        List<Ip> addresses,
        List<Ip> externalAddresses,
        List<String> hostnames,
        List<Ip> clusterAddresses,
        List<Port> ports,
        boolean keepsSource) {
    /** Copies the lists. */
    public ClusterLoadBalancer {
        addresses = List.copyOf(addresses);
        externalAddresses = List.copyOf(externalAddresses);
        hostnames = List.copyOf(hostnames);
        clusterAddresses = List.copyOf(clusterAddresses);
        ports = List.copyOf(ports);
    }

    /** A transport protocol that has ports. */
    public enum Protocol {
        /** TCP. */
        TCP,
        /** UDP. */
        UDP
    }

    /**
     * A port of a Service.
     *
     * @param protocol TCP or UDP
     * @param number 1 to 65535
     * @param nodePort the port of each node that leads to the same, or 0
     */
    public record Port(Protocol protocol, int number, int nodePort) {}
}

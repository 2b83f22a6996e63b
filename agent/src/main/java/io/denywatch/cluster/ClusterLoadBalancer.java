package io.denywatch.cluster;

import io.denywatch.cluster.ListWatch.WatchedResource;
import io.denywatch.denial.Transport;
import io.denywatch.ip.Ip;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The part of a Service of type LoadBalancer that concerns packets. Immutable.
 *
 * @param namespace of the Service
 * @param name of the Service
 * @param addresses of the load balancer, from the Service's status; empty while it has none
 * @param externalAddresses of {@code spec.externalIPs}: nodes accept packets to them from any source
 * @param hostnames of the load balancer if it has no fixed address
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
        List<PortMapping> ports,
        boolean keepsSource) {
    /**
     * The Services of this type in all namespaces. API servers before 1.31 cannot select them by type and send all
     * Services; those of other types are not kept.
     */
    public static final WatchedResource<ClusterLoadBalancer> KIND = new WatchedResource<>(
            "services",
            "/api/v1/services",
            List.of("spec.type=LoadBalancer", ""),
            Permission.SERVICES,
            ClusterLoadBalancer::read,
            ClusterLoadBalancer::size);

    /** Copies the lists. */
    public ClusterLoadBalancer {
        addresses = List.copyOf(addresses);
        externalAddresses = List.copyOf(externalAddresses);
        hostnames = List.copyOf(hostnames);
        clusterAddresses = List.copyOf(clusterAddresses);
        ports = List.copyOf(ports);
    }

    /**
     * A port of a Service.
     *
     * @param transport TCP or UDP
     * @param number 1 to 65535
     * @param nodePort the port of each node that leads to the same pods, or 0
     */
    public record PortMapping(Transport transport, int number, int nodePort) {}

    /** What is kept of a Service; nothing if it is of another type. */
    public static Optional<ClusterLoadBalancer> read(JsonNode service) {
        JsonNode spec = service.path("spec");
        if (!spec.path("type").asString("").equals("LoadBalancer")) {
            return Optional.empty();
        }
        JsonNode ingress = service.path("status").path("loadBalancer").path("ingress");
        return Optional.of(new ClusterLoadBalancer(
                service.path("metadata").path("namespace").asString(""),
                service.path("metadata").path("name").asString(""),
                Addresses.addresses(texts(ingress, "ip")),
                Addresses.addresses(spec.path("externalIPs")),
                texts(ingress, "hostname").toList(),
                clusterAddresses(spec),
                Addresses.elements(spec.path("ports"))
                        .flatMap(port -> port(port).stream())
                        .toList(),
                spec.path("externalTrafficPolicy").asString("").equals("Local")));
    }

    private static Stream<String> texts(JsonNode objects, String name) {
        return Addresses.elements(objects)
                .map(object -> object.path(name).asString(""))
                .filter(text -> !text.isEmpty());
    }

    /** Older servers give a single address; a headless Service has {@code None} in place of an address. */
    private static List<Ip> clusterAddresses(JsonNode spec) {
        return Addresses.addresses(Stream.concat(
                Stream.of(spec.path("clusterIP").asString("")),
                Addresses.elements(spec.path("clusterIPs")).map(text -> text.asString(""))));
    }

    private static Optional<PortMapping> port(JsonNode port) {
        int number = port.path("port").asInt(0);
        int nodePort = port.path("nodePort").asInt(0);
        return switch (port.path("protocol").asString("TCP")) {
            case "TCP" -> Optional.of(new PortMapping(Transport.TCP, number, nodePort));
            case "UDP" -> Optional.of(new PortMapping(Transport.UDP, number, nodePort));
            default -> Optional.empty();
        };
    }

    /** Its estimated size in memory; the estimate errs on the high side. */
    public long size() {
        int values = 8
                + addresses.size()
                + externalAddresses.size()
                + hostnames.size()
                + clusterAddresses.size()
                + ports.size();
        return (long) values * MemoryBudget.BYTES_PER_VALUE
                + hostnames.stream().mapToLong(String::length).sum();
    }
}

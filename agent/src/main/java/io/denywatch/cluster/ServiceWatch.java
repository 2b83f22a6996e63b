package io.denywatch.cluster;

import io.denywatch.cluster.ClusterLoadBalancer.Port;
import io.denywatch.cluster.ClusterLoadBalancer.Protocol;
import io.denywatch.ip.Ip;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Follows the Services of type LoadBalancer in all namespaces. */
public final class ServiceWatch {
    /** Servers before 1.31 know no selector for the type, and send all Services: those not of interest are not kept. */
    public static final WatchedResource<ClusterLoadBalancer> KIND = new WatchedResource<>(
            "services",
            "/api/v1/services",
            List.of("spec.type=LoadBalancer", ""),
            Permission.SERVICES,
            ServiceWatch::read);

    private ServiceWatch() {}

    static ListWatch<ClusterLoadBalancer> start(ClusterConnection connection, RandomGenerator random) {
        return new ListWatch<>(connection, KIND, random);
    }

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

    /** Older servers know a single address; a headless Service has {@code None} in its place. */
    private static List<Ip> clusterAddresses(JsonNode spec) {
        return Addresses.addresses(Stream.concat(
                Stream.of(spec.path("clusterIP").asString("")),
                Addresses.elements(spec.path("clusterIPs")).map(text -> text.asString(""))));
    }

    private static Optional<Port> port(JsonNode port) {
        int number = port.path("port").asInt(0);
        int nodePort = port.path("nodePort").asInt(0);
        return switch (port.path("protocol").asString("TCP")) {
            case "TCP" -> Optional.of(new Port(Protocol.TCP, number, nodePort));
            case "UDP" -> Optional.of(new Port(Protocol.UDP, number, nodePort));
            default -> Optional.empty();
        };
    }
}

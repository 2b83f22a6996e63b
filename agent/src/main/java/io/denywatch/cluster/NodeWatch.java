package io.denywatch.cluster;

import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Follows one node, or all of them. */
final class NodeWatch {
    /** Where Calico notes addresses of a node that Kubernetes does not know. */
    private static final List<String> ANNOTATIONS = Stream.of(
                    "IPv4Address",
                    "IPv6Address",
                    "IPv4IPIPTunnelAddr",
                    "IPv4VXLANTunnelAddr",
                    "IPv6VXLANTunnelAddr",
                    "IPv4WireguardInterfaceAddr",
                    "IPv6WireguardInterfaceAddr")
            .map(name -> "projectcalico.org/" + name)
            .toList();

    private NodeWatch() {}

    static ListWatch<ClusterNode> startAll(ClusterConnection connection, RandomGenerator random) {
        return start("nodes", "", connection, random);
    }

    static ListWatch<ClusterNode> startOne(String node, ClusterConnection connection, RandomGenerator random) {
        return start("node " + node, "metadata.name=" + node, connection, random);
    }

    private static ListWatch<ClusterNode> start(
            String name, String fieldSelector, ClusterConnection connection, RandomGenerator random) {
        return new ListWatch<>(
                connection,
                new WatchedResource<>(name, "/api/v1/nodes", List.of(fieldSelector), Permission.NODES, NodeWatch::read),
                random);
    }

    /** What is kept of a Node. */
    static Optional<ClusterNode> read(JsonNode node) {
        JsonNode metadata = node.path("metadata");
        JsonNode spec = node.path("spec");
        Stream<String> addresses = Addresses.elements(node.path("status").path("addresses"))
                .map(address -> address.path("address").asString(""));
        Stream<String> annotations = ANNOTATIONS.stream()
                .map(name -> metadata.path("annotations").path(name).asString(""));
        Stream<String> podBlocks = Stream.concat(
                Stream.of(spec.path("podCIDR").asString("")),
                Addresses.elements(spec.path("podCIDRs")).map(text -> text.asString("")));
        return Optional.of(new ClusterNode(
                metadata.path("name").asString(""),
                metadata.path("uid").asString(""),
                Addresses.addresses(Stream.concat(addresses, annotations)),
                podBlocks
                        .flatMap(text -> IpPrefix.covering(text).stream())
                        .distinct()
                        .toList()));
    }
}

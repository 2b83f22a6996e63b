package io.denywatch.cluster;

import io.denywatch.cluster.ListWatch.WatchedResource;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The part of a Node that concerns packets. Immutable.
 *
 * @param name of the Node
 * @param uid changes if a Node of the same name is recreated
 * @param addresses of its interfaces, those of Calico's tunnels among them
 * @param podBlocks of its pods' addresses, if Kubernetes assigns them
 */
record ClusterNode(String name, String uid, List<Ip> addresses, List<IpPrefix> podBlocks) {
    /** Annotations in which Calico records addresses of a node, some of which Kubernetes does not know. */
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

    /** Copies the lists. */
    ClusterNode {
        addresses = List.copyOf(addresses);
        podBlocks = List.copyOf(podBlocks);
    }

    /** All nodes. */
    static WatchedResource<ClusterNode> all() {
        return watched("nodes", "");
    }

    /** The node of this name alone. */
    static WatchedResource<ClusterNode> only(String node) {
        return watched("node " + node, "metadata.name=" + node);
    }

    private static WatchedResource<ClusterNode> watched(String name, String fieldSelector) {
        return new WatchedResource<>(
                name, "/api/v1/nodes", List.of(fieldSelector), Permission.NODES, ClusterNode::read, ClusterNode::size);
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

    private long size() {
        return (6L + addresses.size() + podBlocks.size()) * MemoryBudget.BYTES_PER_VALUE;
    }
}

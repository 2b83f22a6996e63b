package io.denywatch.cluster.survey;

import io.denywatch.blocklist.StoreException;
import io.denywatch.cluster.Addresses;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterException;
import io.denywatch.cluster.MemoryBudget;
import io.denywatch.ip.Ip;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.PolicyState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The use of a cluster's node ports from outside, and the addresses of its nodes. Immutable.
 *
 * @param services with node ports, of type LoadBalancer and NodePort
 * @param nodeAddresses of all nodes, as Kubernetes knows them
 * @param hostEndpoints of all nodes
 * @param failsafePorts of any node
 */
public record NodePortSurvey(
        List<Exposed> services, List<Ip> nodeAddresses, List<HostEndpoint> hostEndpoints, FailsafePorts failsafePorts) {
    /** Where a load balancer sends packets and health checks of a Service. */
    public enum Delivery {
        /** The load balancer's own address, or pods. */
        ELSEWHERE,
        /** The load balancer's own address; checks to the health-check node port. */
        CHECKED_FOR_HEALTH,
        /** The load balancer's own address; checks to node ports. */
        CHECKED_AT_NODE_PORTS,
        /** Node ports. */
        NODE_PORTS,
        /** Not known. */
        UNKNOWN,
        /** The Service is of type NodePort: clients send to node ports. */
        CLIENTS
    }

    /**
     * A port that each node opens.
     *
     * @param protocol TCP, UDP or SCTP
     * @param port its number
     */
    public record OpenPort(String protocol, int port) {
        @Override
        public String toString() {
            return protocol + " " + port;
        }
    }

    /**
     * A Service with node ports.
     *
     * @param name with its namespace, as in {@code shop/web}
     * @param delivery where its packets are sent
     * @param by the load balancer's implementation, in a word
     * @param addresses of its load balancer
     * @param ports of each node that lead to it
     * @param healthCheck port of each node that reports whether it has a pod of the Service; 0 for none
     */
    public record Exposed(
            String name, Delivery delivery, String by, List<Ip> addresses, List<OpenPort> ports, int healthCheck) {
        /** Copies the lists. */
        public Exposed {
            addresses = List.copyOf(addresses);
            ports = List.copyOf(ports);
        }

        /** The node ports to which a load balancer or its health checks send, or may send. */
        public List<OpenPort> balanced() {
            Stream<OpenPort> sentTo = switch (delivery) {
                case ELSEWHERE, CHECKED_FOR_HEALTH, CLIENTS -> Stream.of();
                case CHECKED_AT_NODE_PORTS, NODE_PORTS, UNKNOWN -> ports.stream();
            };
            Stream<OpenPort> checked =
                    healthCheck == 0 || delivery == Delivery.ELSEWHERE || delivery == Delivery.CLIENTS
                            ? Stream.of()
                            : Stream.of(new OpenPort("TCP", healthCheck));
            return Stream.concat(sentTo, checked).toList();
        }
    }

    /** Copies the lists. */
    public NodePortSurvey {
        services = List.copyOf(services);
        nodeAddresses = List.copyOf(nodeAddresses);
        hostEndpoints = List.copyOf(hostEndpoints);
    }

    /**
     * Reads the cluster without changing it; may wait for seconds.
     *
     * @param connection not owned
     * @throws ClusterException if any part of it cannot be read
     */
    public static NodePortSurvey take(ClusterConnection connection) throws ClusterException {
        List<JsonNode> nodes = new ArrayList<>();
        List<JsonNode> services = new ArrayList<>();
        MemoryBudget budget = MemoryBudget.ofHeap("nodes and services");
        connection.listPages("/api/v1/nodes", budget, node -> {
            nodes.add(node);
            return MemoryBudget.sizeOfAll(node);
        });
        connection.listPages("/api/v1/services", budget, service -> {
            services.add(service);
            return MemoryBudget.sizeOfAll(service);
        });
        try {
            CalicoApi.Origin origin = new CalicoApi(connection, true)
                    .origin()
                    .orElseThrow(() -> new ClusterException(ClusterException.NO_ANSWER, ClusterSurvey.NOT_THERE));
            return of(nodes, services, new PolicyReader(connection).read(origin).state());
        } catch (StoreException e) {
            throw new ClusterException(ClusterException.NO_ANSWER, String.valueOf(e.getMessage()));
        }
    }

    static NodePortSurvey of(List<JsonNode> nodes, List<JsonNode> services, PolicyState state) {
        Set<String> providers =
                nodes.stream().map(NodePortSurvey::provider).collect(Collectors.toCollection(TreeSet::new));
        List<FailsafePorts.FailsafePort> inbound = Stream.concat(
                        Stream.of(state.failsafePorts()), state.failsafePortsOf().values().stream())
                .flatMap(ports -> ports.inbound().stream())
                .distinct()
                .toList();
        return new NodePortSurvey(
                services.stream()
                        .filter(service -> Set.of("LoadBalancer", "NodePort")
                                .contains(service.path("spec").path("type").asString("")))
                        .map(service -> exposed(service, providers))
                        .sorted(Comparator.comparing(Exposed::name))
                        .toList(),
                nodes.stream()
                        .flatMap(node -> Addresses.elements(node.path("status").path("addresses")))
                        .filter(address -> address.path("type").asString("").endsWith("IP"))
                        .flatMap(address ->
                                Addresses.address(address.path("address").asString("")).stream())
                        .distinct()
                        .toList(),
                state.hostEndpoints(),
                new FailsafePorts(inbound, List.of()));
    }

    /** The name of a node's provider: {@code aws} of {@code aws:///eu-central-1a/i-0123}. */
    private static String provider(JsonNode node) {
        String id = node.path("spec").path("providerID").asString("");
        int colon = id.indexOf("://");
        return colon < 0 ? "" : id.substring(0, colon);
    }

    private static Exposed exposed(JsonNode service, Set<String> providers) {
        JsonNode spec = service.path("spec");
        JsonNode metadata = service.path("metadata");
        List<JsonNode> ingress = Addresses.elements(
                        service.path("status").path("loadBalancer").path("ingress"))
                .toList();
        String by = !spec.path("type").asString("").equals("LoadBalancer") ? "" : balancer(service, providers);
        return new Exposed(
                metadata.path("namespace").asString("") + "/"
                        + metadata.path("name").asString(""),
                by.isEmpty() ? Delivery.CLIENTS : delivery(service, ingress, by),
                by,
                Addresses.addresses(ingress.stream().map(one -> one.path("ip").asString(""))),
                Addresses.elements(spec.path("ports"))
                        .map(port -> new OpenPort(
                                port.path("protocol").asString("TCP"),
                                port.path("nodePort").asInt(0)))
                        .filter(port -> port.port() != 0)
                        .toList(),
                spec.path("healthCheckNodePort").asInt(0));
    }

    /**
     * The load balancer's implementation: the one that left traces in the Service, or else the provider of all nodes.
     */
    private static String balancer(JsonNode service, Set<String> providers) {
        JsonNode metadata = service.path("metadata");
        String marks = metadata.path("annotations").propertyNames() + " " + metadata.path("labels") + " "
                + service.path("spec").path("loadBalancerClass").asString("");
        for (String own : List.of("metallb", "kube-vip")) {
            if (marks.contains(own)) {
                return own;
            }
        }
        String only = providers.size() == 1 ? providers.iterator().next() : "";
        return only.isEmpty() ? "unknown" : only;
    }

    private static Delivery delivery(JsonNode service, List<JsonNode> ingress, String by) {
        if (ingress.stream().anyMatch(one -> one.path("ipMode").asString("").equals("Proxy"))) {
            return Delivery.NODE_PORTS;
        }
        return switch (by) {
            case "metallb", "kube-vip" -> Delivery.ELSEWHERE;
            case "aws" -> targetsPods(service) ? Delivery.ELSEWHERE : Delivery.NODE_PORTS;
            case "hcloud", "digitalocean", "openstack" -> Delivery.NODE_PORTS;
            // Classic clusters have an NLB with an address, VPC clusters a load balancer with a name.
            case "ibm" ->
                ingress.isEmpty()
                        ? Delivery.UNKNOWN
                        : ingress.stream().allMatch(one -> one.has("ip")) ? Delivery.ELSEWHERE : Delivery.NODE_PORTS;
            case "gce" -> Delivery.CHECKED_FOR_HEALTH;
            case "azure" -> Delivery.CHECKED_AT_NODE_PORTS;
            default -> Delivery.UNKNOWN;
        };
    }

    private static boolean targetsPods(JsonNode service) {
        return service.path("metadata")
                .path("annotations")
                .path("service.beta.kubernetes.io/aws-load-balancer-nlb-target-type")
                .asString("")
                .equals("ip");
    }
}

package io.denywatch.policy.manifest;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.Port;
import io.denywatch.policy.Protocol;
import io.denywatch.policy.manifest.PolicyOptions.NodePortOptions;
import io.denywatch.policy.manifest.PolicyOptions.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The comments above each policy of a {@link PolicySet}: what it denies, and to whom. Tests check that the chart has
 * the same ones.
 */
final class PolicyHeader {
    private final PolicySet set;
    private final PolicyOptions options;
    private final FailsafePorts failsafe;

    /** @param failsafe the failsafe ports of the cluster, as far as known */
    PolicyHeader(PolicySet set, FailsafePorts failsafe) {
        this.set = set;
        this.options = set.options();
        this.failsafe = failsafe;
    }

    /** The lines of the comment above a policy; each line is a sentence or a part of one. */
    List<String> of(Part part) {
        return switch (part) {
            case BLOCKLIST -> options.beforeTracking() ? beforeTracking() : beforeDnat();
            case ALLOWLIST ->
                List.of("Denies nothing. Allows the sources below to reach the "
                        + Stream.of(
                                        options.allowed().isEmpty() ? "" : "load balancers",
                                        allowedNodePorts().isEmpty() ? "" : "node ports")
                                .filter(text -> !text.isEmpty())
                                .collect(Collectors.joining(" and "))
                        + " below: no later policy sees their packets.");
            case LOG_DENIED_PACKETS ->
                List.of(
                        "Denies nothing. Logs each packet that "
                                + Stream.of(Part.DENY_LB, Part.DENY_NODEPORTS)
                                        .filter(this::isIn)
                                        .map(options::name)
                                        .collect(Collectors.joining(" or "))
                                + " denies, once. Allow nothing between order",
                        part.order() + " and theirs, or a line no longer means that a packet was denied.");
            case DENY_LB -> denyLb();
            case DENY_NODEPORTS -> denyNodePorts();
        };
    }

    private List<String> denyLb() {
        List<String> lines = new ArrayList<>(List.of(
                "Denies new connections (" + protocols()
                        + ") to the load balancers below, on the ports below, to all but "
                        + exempt(!options.allowed().isEmpty()) + ".",
                nodes()));
        if (options.loadBalancers().stream().anyMatch(ProtectedAddress::isDiscovered)) {
            lines.add("The load balancers are those in the network sets of the agents (loadBalancers.publish: true). As"
                    + " long as these are empty, nothing is denied.");
        }
        List<FailsafePorts.FailsafePort> open = failsafeAtLoadBalancers();
        if (!open.isEmpty()) {
            lines.add(stillOpen(open, "load balancers"));
        }
        return lines;
    }

    /** The failsafe ports of the load balancers, which are not denied. */
    List<FailsafePorts.FailsafePort> failsafeAtLoadBalancers() {
        return isIn(Part.DENY_LB)
                ? failsafe.inbound().stream().filter(this::isAtLoadBalancer).toList()
                : List.of();
    }

    private boolean isAtLoadBalancer(FailsafePorts.FailsafePort entry) {
        return options.loadBalancers().stream()
                .anyMatch(one -> one.protocols().contains(entry.protocol())
                        && (one.port() == null || one.port() == entry.port()));
    }

    /** The failsafe ports among the node ports, which are not denied either. */
    List<FailsafePorts.FailsafePort> failsafeAtNodes() {
        return isIn(Part.DENY_NODEPORTS)
                ? failsafe.inbound().stream()
                        .filter(one -> options.nodePorts().has(one.port()))
                        .toList()
                : List.of();
    }

    private List<String> denyNodePorts() {
        NodePortOptions nodePorts = options.nodePorts();
        List<IpPrefix> nets = nodePorts.addresses();
        List<String> lines = new ArrayList<>(List.of(
                "Denies new connections (TCP, UDP, SCTP) to ports "
                        + nodePorts.ports().stream()
                                .map(Port.PortRange::toString)
                                .collect(Collectors.joining(", "))
                        + (nets.isEmpty() ? " of nodes" : " at " + PolicyYaml.texts(nets))
                        + (options.loadBalancers().isEmpty() ? "" : " and of load balancers") + " to all but "
                        + exempt(!allowedNodePorts().isEmpty()) + ".",
                nodes(),
                "Node ports stay open at other addresses. Load balancers and health checks from outside that send to these"
                        + " ports are cut off as well."));
        List<FailsafePorts.FailsafePort> open = failsafeAtNodes();
        if (!open.isEmpty()) {
            lines.add(stillOpen(open, "nodes"));
        }
        return lines;
    }

    private String protocols() {
        return Stream.of(Protocol.TCP, Protocol.UDP, Protocol.SCTP)
                .filter(protocol -> options.loadBalancers().stream()
                        .anyMatch(one -> one.protocols().contains(protocol)))
                .map(Protocol::toString)
                .collect(Collectors.joining(", "));
    }

    private String nodes() {
        List<IpPrefix> named = options.nodePorts().addresses().stream()
                .filter(net -> !PolicySet.isEverything(net))
                .toList();
        return "Nodes have the addresses in expectedIPs of the selected host endpoints"
                + (named.isEmpty() ? "" : " and in " + PolicyYaml.texts(named))
                + ". Only packets that enter by the interfaces of these endpoints are seen.";
    }

    private List<IpPrefix> allowedNodePorts() {
        return isIn(Part.DENY_NODEPORTS) ? options.nodePorts().allowed() : List.of();
    }

    static String stillOpen(List<FailsafePorts.FailsafePort> ports, String where) {
        return "Calico's failsafe ports come first. Open at the " + where + " all the same: "
                + ports.stream().map(PolicyHeader::port).collect(Collectors.joining(", ")) + ".";
    }

    private static String port(FailsafePorts.FailsafePort entry) {
        return entry.protocol() + " " + entry.port() + (entry.net() == null ? "" : " from " + entry.net());
    }

    private String exempt(boolean allowed) {
        return allowed && isIn(Part.ALLOWLIST)
                ? "pods, nodes and the sources of " + options.name(Part.ALLOWLIST)
                : "pods and nodes: no policy printed here allows a source";
    }

    private boolean isIn(Part part) {
        return set.policies().stream().anyMatch(policy -> policy.name().equals(options.name(part)));
    }

    private static List<String> beforeTracking() {
        return List.of(
                "Blocks every packet of the sources on the blocklist, before connection tracking:",
                "established connections end, and no allowlist before DNAT comes first.",
                "One rule with nothing but a source selector: network cards with a driver for XDP drop",
                "these packets (IPv4, iptables data plane). A Log rule before it would prevent this,",
                "and so would exemptions: everything in the sets is blocked.",
                "Calico ignores it at host endpoints with interfaceName \"*\", which include all automatic ones.");
    }

    /** Agents without the same exemptions would still add such sources, but the policy would not block them. */
    private List<String> beforeDnat() {
        List<String> comments = new ArrayList<>(List.of(
                "Blocks new connections of the sources on the blocklist; established ones continue.",
                options.logBlocked()
                        ? "Logs each packet that it blocks, once. Agents count these packets with blocklist.countBlocked: true."
                        : "What it blocks is not logged: it comes before " + options.name(Part.LOG_DENIED_PACKETS)
                                + ".",
                "Sources in notNets are never blocked, whatever the sets contain."));
        List<IpPrefix> exempt =
                PolicySet.exempt(options).distinct().sorted(IpPrefix.ORDER).toList();
        if (!exempt.isEmpty()) {
            comments.add("Let the agents exempt the same: blocklist.neverBlock: [" + PolicyYaml.texts(exempt) + "]");
        }
        return comments;
    }
}

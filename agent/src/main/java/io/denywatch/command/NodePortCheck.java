package io.denywatch.command;

import io.denywatch.cluster.survey.NodePortSurvey;
import io.denywatch.cluster.survey.NodePortSurvey.Delivery;
import io.denywatch.cluster.survey.NodePortSurvey.Exposed;
import io.denywatch.cluster.survey.NodePortSurvey.OpenPort;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Port;
import io.denywatch.policy.manifest.PolicyOptions;
import io.denywatch.policy.manifest.PolicyOptions.NodePortOptions;
import io.denywatch.policy.manifest.PolicyOptions.Part;
import io.denywatch.process.CommandFailure;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Compares the policies with a cluster, and finds traffic that they would cut off. */
final class NodePortCheck {
    /** The beginning of a note that node ports are not denied. */
    static final String LEFT_OUT = "left out: " + Part.DENY_NODEPORTS.id() + ", because ";

    private static final int NAMED_MAX = 20;

    private final NodePortSurvey survey;
    private final PolicyOptions options;
    private final NodePortOptions denied;
    private final List<HostEndpoint> selected;

    NodePortCheck(NodePortSurvey survey, PolicyOptions options) {
        this.survey = survey;
        this.options = options;
        this.denied = options.nodePorts();
        this.selected =
                survey.hostEndpoints().stream().filter(options::appliesTo).toList();
    }

    /**
     * Adds deny-nodeports if it was not requested and cuts off nothing. Refuses it if it was requested and cuts off
     * traffic.
     *
     * @param chosen whether the user chose the policies, so that none may be added
     * @param notes receives what is left out
     * @param warnings receives everything else
     */
    PolicyOptions decide(boolean chosen, List<String> notes, List<String> warnings) {
        boolean asked = options.only().contains(Part.DENY_NODEPORTS);
        if (asked) {
            if (!objections().isEmpty()) {
                throw CommandFailure.failed(Part.DENY_NODEPORTS.id() + ": " + String.join("; ", objections())
                        + ", or leave out " + Part.DENY_NODEPORTS.id() + " with --only");
            }
            doubts().forEach(doubt -> warnings.add(Part.DENY_NODEPORTS.id() + ": " + doubt));
        }
        List<String> against =
                Stream.concat(objections().stream(), doubts().stream()).toList();
        boolean added = !asked && !chosen && against.isEmpty();
        if (!asked && !chosen) {
            against.forEach(reason -> notes.add(LEFT_OUT + reason));
        }
        warnings.addAll(warnings(asked || added));
        Set<Part> parts = EnumSet.copyOf(options.only());
        if (added) {
            parts.addAll(EnumSet.of(Part.DENY_NODEPORTS, Part.LOG_DENIED_PACKETS));
        }
        return options.with(parts);
    }

    /** Reasons not to deny node ports: the policy would cut off traffic, or would have no effect. */
    private List<String> objections() {
        List<String> objections = new ArrayList<>();
        List<Exposed> certain = affected(service -> service.delivery() != Delivery.UNKNOWN);
        if (denied.allowed().isEmpty() && !certain.isEmpty()) {
            objections.add(
                    "it would cut off load balancers or their health checks: " + named(certain) + ". " + waysOut());
        }
        List<String> bare = selected.stream()
                .filter(endpoint -> endpoint.expectedIps().isEmpty())
                .filter(endpoint -> denied.addresses().isEmpty()
                        || (endpoint.interfaceName().equals("*")
                                && denied.addresses().stream().allMatch(NodePortCheck::isAll)))
                .map(HostEndpoint::name)
                .sorted()
                .toList();
        if (!bare.isEmpty()) {
            objections.add("host endpoints do not state their addresses (expectedIPs): " + few(bare)
                    + ". Name the addresses of nodes with --node-net");
        }
        if (selected.isEmpty()) {
            objections.add("no host endpoint is selected");
        }
        if (options.selectsNetworkSets()) {
            objections.add("--selector also selects network sets");
        }
        return objections;
    }

    /** Possible reasons not to deny node ports; it is not known whether they apply. */
    private List<String> doubts() {
        List<Exposed> doubtful = affected(service -> service.delivery() == Delivery.UNKNOWN);
        return doubtful.isEmpty() || !denied.allowed().isEmpty()
                ? List.of()
                : List.of("it may cut off load balancers or their health checks, if they send to node ports: "
                        + named(doubtful) + ". " + waysOut());
    }

    /** Effects of the policies that the user may not expect. */
    private List<String> warnings(boolean denyNodePorts) {
        List<String> warnings = new ArrayList<>();
        if (selected.isEmpty()) {
            warnings.add("--selector: \"" + options.selector() + "\" matches none of "
                    + survey.hostEndpoints().size() + " host endpoints, so the policies have no effect");
        }
        options.loadBalancers().stream()
                .flatMap(one -> Stream.ofNullable(one.address()))
                .forEach(address -> survey.services().stream()
                        .filter(service -> service.delivery() == Delivery.NODE_PORTS
                                && service.addresses().contains(address.network()))
                        .forEach(service -> warnings.add("the load balancer " + address.network() + " of "
                                + service.name() + " (" + service.by()
                                + ") sends to node ports, so deny-lb does not see its packets")));
        if (denyNodePorts) {
            addNodePortWarnings(warnings);
        }
        return warnings;
    }

    private void addNodePortWarnings(List<String> warnings) {
        List<Exposed> toClients = survey.services().stream()
                .filter(service -> service.delivery() == Delivery.CLIENTS
                        && !denied(service.ports()).isEmpty())
                .toList();
        if (!toClients.isEmpty()) {
            warnings.add("these node ports are denied to sources outside the cluster: "
                    + few(toClients.stream()
                            .map(service -> service.name() + " " + joined(denied(service.ports())))
                            .toList()));
        }
        List<String> others = survey.services().stream()
                .flatMap(service -> service.ports().stream()
                        .filter(port -> !denied.has(port.port()))
                        .map(port -> service.name() + " " + port))
                .toList();
        if (!others.isEmpty()) {
            warnings.add("these node ports are not in --nodeports and stay open: " + few(others));
        }
        List<String> open = survey.nodeAddresses().stream()
                .filter(address -> !isNode(address))
                .map(Ip::toString)
                .toList();
        if (!open.isEmpty()) {
            warnings.add("node ports stay open at these addresses of nodes, unless they are translated on the way: "
                    + few(open) + ". Name all addresses of nodes with --node-net");
        }
    }

    private static boolean isAll(IpPrefix net) {
        return net.equals(IpPrefix.parse(net.isIpv4() ? "0.0.0.0/0" : "::/0"));
    }

    private boolean isNode(Ip address) {
        return denied.addresses().isEmpty()
                ? selected.stream()
                        .flatMap(endpoint -> endpoint.expectedIps().stream())
                        .anyMatch(net -> net.equals(IpPrefix.of(address)))
                : denied.addresses().stream().anyMatch(net -> net.overlaps(IpPrefix.of(address)));
    }

    private List<Exposed> affected(Predicate<Exposed> how) {
        return survey.services().stream()
                .filter(how)
                .filter(service -> !denied(service.balanced()).isEmpty())
                .toList();
    }

    private List<OpenPort> denied(List<OpenPort> ports) {
        return ports.stream().filter(port -> denied.has(port.port())).toList();
    }

    private String named(List<Exposed> services) {
        return few(services.stream()
                .map(service -> service.name() + " " + joined(denied(service.balanced())) + " (" + service.by() + ")")
                .toList());
    }

    private static String joined(List<OpenPort> ports) {
        return ports.stream().map(OpenPort::toString).collect(Collectors.joining(", "));
    }

    private static String few(List<String> texts) {
        return texts.stream().limit(NAMED_MAX).collect(Collectors.joining("; "))
                + (texts.size() > NAMED_MAX ? " and " + (texts.size() - NAMED_MAX) + " more" : "");
    }

    private String waysOut() {
        NavigableSet<Integer> used = affected(_ -> true).stream()
                .flatMap(service -> service.balanced().stream())
                .map(OpenPort::port)
                .collect(Collectors.toCollection(TreeSet::new));
        List<Port.PortRange> left =
                denied.ports().stream().flatMap(range -> without(range, used)).toList();
        String allow = "their sources with --allow-nodeports";
        return left.isEmpty() || left.size() > NAMED_MAX
                ? "Allow " + allow
                : "Leave their ports open with --nodeports "
                        + left.stream().map(Port.PortRange::toString).collect(Collectors.joining(",")) + ", or allow "
                        + allow;
    }

    private static Stream<Port.PortRange> without(Port.PortRange range, NavigableSet<Integer> ports) {
        List<Port.PortRange> left = new ArrayList<>();
        int first = range.first();
        for (int port : ports.subSet(range.first(), true, range.last(), true)) {
            if (first < port) {
                left.add(new Port.PortRange(first, port - 1));
            }
            first = port + 1;
        }
        if (first <= range.last()) {
            left.add(new Port.PortRange(first, range.last()));
        }
        return left.stream();
    }
}

package io.denywatch.policy.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Stage;
import io.denywatch.policy.Tier;
import io.denywatch.policy.manifest.PolicyOptions.NodePortOptions;
import io.denywatch.policy.manifest.PolicyOptions.Part;
import io.denywatch.policy.verdict.PacketByPacket;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * New connections between everything that there is around a node, through the policies one by one: denied is what the
 * headers say, and what is denied is logged, once.
 */
class PolicySetWorldTest {
    private static final long SEED = 20_261_130;
    private static final int PACKETS = 400;
    private static final int ICMP = 1;
    private static final Map<String, String> NODE = Map.of("kubernetes.io/hostname", "n", "ibm.role", "worker_public");
    private static final Map<String, String> POD = Map.of(
            "projectcalico.org/namespace",
            "shop",
            "projectcalico.org/orchestrator",
            "k8s",
            "kubernetes.io/hostname",
            "a label that anybody may give");
    private static final Map<String, String> BLOCKED = Map.of("denywatch.io/blocklist", "true");

    /** Of somebody who may write to a namespace, and no further. */
    private static final Map<String, String> NAMESPACED =
            Map.of("projectcalico.org/namespace", "shop", "kubernetes.io/hostname", "n", "ibm.role", "worker_public");

    /** Who sends and is sent to, and by which interface packets of theirs enter the node. */
    private enum Party {
        POD("10.2.0.5", "2001:db8:2::5", "cali123"),
        POD_ELSEWHERE("10.2.1.5", "2001:db8:2:1::5", "eth0"),
        NODE("10.1.0.1", "2001:db8:f::1", "lo"),
        NODE_ELSEWHERE("10.1.0.2", "2001:db8:f::2", "eth0"),
        /** An address that a node has and no host endpoint states. */
        LOOPBACK("127.0.0.1", "::1", "lo"),
        CONTAINER("172.17.0.2", "fd17::2", "docker0"),
        LOAD_BALANCER("203.0.113.1", "2001:db8::1", "eth0"),
        SERVICE("10.96.0.10", "fd96::10", "eth0"),
        CLIENT("198.51.100.7", "2001:db8:1::7", "eth0"),
        STRANGER("192.0.2.200", "2001:db8:9::9", "eth0"),
        SCANNER("192.0.2.66", "2001:db8:9::66", "eth0"),
        NAMESPACE("192.0.2.77", "2001:db8:9::77", "eth0");

        private final String ipv4;
        private final String ipv6;
        private final String in;

        Party(String ipv4, String ipv6, String in) {
            this.ipv4 = ipv4;
            this.ipv6 = ipv6;
            this.in = in;
        }

        Ip address(boolean first) {
            return Ip.parse(first ? ipv4 : ipv6);
        }

        boolean isPod() {
            return this == POD || this == POD_ELSEWHERE;
        }

        boolean isNode() {
            return this == NODE || this == NODE_ELSEWHERE;
        }

        /** The labels of what has the address in Calico's eyes. */
        List<Map<String, String>> objects() {
            return isPod()
                    ? List.of(PolicySetWorldTest.POD)
                    : isNode()
                            ? List.of(PolicySetWorldTest.NODE)
                            : switch (this) {
                                case SCANNER -> List.of(BLOCKED);
                                case NAMESPACE -> List.of(NAMESPACED);
                                default -> List.of();
                            };
        }
    }

    /** A connection's first packet. */
    private record Connection(Party from, Party to, boolean ipv4, int protocol, int port) {
        Ip source() {
            return from.address(ipv4);
        }

        Ip destination() {
            return to.address(ipv4);
        }

        PacketByPacket.Packet packet() {
            return new PacketByPacket.Packet(
                    source(), destination(), protocol, 40_000, port, from.objects(), to.objects(), Set.of());
        }
    }

    @Test
    void deniesAndLogsWhatTheHeadersSayAndNothingElse() {
        Map<Part, Integer> denied = new EnumMap<>(Part.class);
        for (long seed = SEED; seed < SEED + 300; seed++) {
            Random random = new Random(seed);
            PolicyOptions options = PolicySetTest.random(random);
            PolicySet set = PolicySet.of(options);
            String interfaceName = random.nextBoolean() ? "*" : "eth0";
            HostEndpoint endpoint =
                    new HostEndpoint("n", "n", interfaceName, NODE, List.of(), List.of(HostEndpoint.DEFAULT_ALLOW));
            PolicyState state = new PolicyState(List.of(Tier.DEFAULT), set.policies(), List.of(), List.of(endpoint));
            PacketByPacket policies = new PacketByPacket(state, endpoint);
            for (int i = 0; i < PACKETS; i++) {
                Connection connection = connection(random);
                if ((!interfaceName.equals("*") && !interfaceName.equals(connection.from.in))
                        || isFailsafe(connection)) {
                    continue; // no policy sees it
                }
                String message = "seed " + seed + ": " + connection + " by " + interfaceName + " " + options;
                PacketByPacket.Journey journey = policies.send(
                        connection.packet(), interfaceName.equals("*") ? Stage.PRE_DNAT : Stage.DO_NOT_TRACK);
                Part by = deniedBy(connection, options, interfaceName.equals("*"));
                assertEquals(by != null, journey.denied(), message);
                boolean logged = by == Part.BLOCKLIST
                        ? options.logBlocked()
                        : by != null && options.only().contains(Part.LOG_DENIED_PACKETS);
                assertEquals(logged ? 1 : 0, journey.logs().size(), message);
                if (by != null) {
                    denied.merge(by, 1, Integer::sum);
                }
            }
        }
        for (Part part : List.of(Part.BLOCKLIST, Part.DENY_LB, Part.DENY_NODEPORTS)) {
            assertTrue(denied.getOrDefault(part, 0) > 100, denied::toString);
        }
    }

    private static Connection connection(Random random) {
        Party[] parties = Party.values();
        Party[] addressed = {Party.LOAD_BALANCER, Party.NODE, parties[random.nextInt(parties.length)]};
        int protocol = List.of(6, 17, 132, ICMP).get(random.nextInt(4));
        List<Integer> ports = List.of(9, 22, 53, 68, 80, 443, 6_443, 8_080, 30_100, 31_000, 31_400, 32_767);
        return new Connection(
                parties[random.nextInt(parties.length)],
                addressed[random.nextInt(addressed.length)],
                random.nextBoolean(),
                protocol,
                protocol == ICMP ? 0 : ports.get(random.nextInt(ports.size())));
    }

    private static boolean isFailsafe(Connection connection) {
        return FailsafePorts.DEFAULT.inbound().stream()
                .anyMatch(one -> one.protocol().number() == connection.protocol && one.port() == connection.port);
    }

    /** What the headers say, in terms of parties; null for nothing. */
    private static @Nullable Part deniedBy(Connection connection, PolicyOptions options, boolean automatic) {
        boolean early = options.beforeTracking();
        if (options.only().contains(Part.BLOCKLIST)
                && connection.from == Party.SCANNER
                && !(early ? automatic : isExempt(connection, options))) {
            return Part.BLOCKLIST;
        }
        boolean allowlist = options.only().contains(Part.ALLOWLIST);
        boolean toLoadBalancer = options.loadBalancers().stream().anyMatch(one -> isTo(one, connection));
        boolean nodePorts = options.only().contains(Part.DENY_NODEPORTS);
        boolean toNodePort = nodePorts && isToNodePort(options, connection);
        boolean letIn = (toLoadBalancer && isIn(options.allowed(), connection.source()))
                || (toNodePort && isIn(options.nodePorts().allowed(), connection.source()));
        if (allowlist && letIn) {
            return null;
        }
        List<IpPrefix> nodes = options.nodePorts().addresses().stream()
                .filter(net -> !net.equals(IpPrefix.parse("::/0"))) // all addresses are nobody's
                .toList();
        if (connection.from.isPod() || connection.from.isNode() || isIn(nodes, connection.source())) {
            return null;
        }
        return toLoadBalancer && options.only().contains(Part.DENY_LB)
                ? Part.DENY_LB
                : toNodePort ? Part.DENY_NODEPORTS : null;
    }

    private static boolean isTo(ProtectedAddress one, Connection connection) {
        List<Integer> protocols =
                one.protocol() == null ? List.of(6, 17) : List.of(one.protocol().number());
        return isIn(List.of(one.address()), connection.destination())
                && protocols.contains(connection.protocol)
                && (one.port() == null || one.port() == connection.port);
    }

    private static boolean isToNodePort(PolicyOptions options, Connection connection) {
        NodePortOptions nodePorts = options.nodePorts();
        return connection.protocol != ICMP
                && nodePorts.has(connection.port)
                && (options.loadBalancers().stream()
                                .anyMatch(one -> isIn(List.of(one.address()), connection.destination()))
                        || (nodePorts.addresses().isEmpty()
                                ? connection.to.isNode()
                                : isIn(nodePorts.addresses(), connection.destination())));
    }

    private static boolean isExempt(Connection connection, PolicyOptions options) {
        return PolicySet.exempt(options).anyMatch(net -> isIn(List.of(net), connection.source()));
    }

    private static boolean isIn(List<IpPrefix> nets, Ip address) {
        return nets.stream()
                .anyMatch(net ->
                        net.network().isIpv4() == address.isIpv4() && net.contains(address.high(), address.low()));
    }
}

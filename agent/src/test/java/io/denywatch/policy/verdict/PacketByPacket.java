package io.denywatch.policy.verdict;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Action;
import io.denywatch.policy.Direction;
import io.denywatch.policy.EntityMatch;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Port;
import io.denywatch.policy.Rule;
import io.denywatch.policy.RulePosition;
import io.denywatch.policy.Selector;
import io.denywatch.policy.Stage;
import io.denywatch.policy.Tier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The slow twin of the analysis: sends single packets through policies as Calico's documentation tells it, and looks
 * what becomes of those that a {@code Log} rule has seen. Knows nothing of sets of packets.
 */
public final class PacketByPacket {
    private final PolicyState state;
    private final HostEndpoint endpoint;
    private final FailsafePorts failsafePorts;

    public PacketByPacket(PolicyState state, HostEndpoint endpoint) {
        this.state = state;
        this.endpoint = endpoint;
        failsafePorts = state.failsafePortsOf(endpoint.node());
    }

    /** A packet; its source is the address of each of {@code sourceObjects}, given by their labels, and so on. */
    public record Packet(
            Ip source,
            Ip destination,
            int protocol,
            int sourcePort,
            int destinationPort,
            List<Map<String, String>> sourceObjects,
            List<Map<String, String>> destinationObjects,
            Set<String> conditions) {
        public Packet(
                Ip source,
                Ip destination,
                int protocol,
                int sourcePort,
                int destinationPort,
                List<Map<String, String>> sourceObjects,
                Set<String> conditions) {
            this(source, destination, protocol, sourcePort, destinationPort, sourceObjects, List.of(), conditions);
        }
    }

    /** What became of a packet, and which rules logged it on the way. */
    public record Journey(boolean denied, List<RulePosition> logs) {}

    /** Through the policies before DNAT, then the endpoint's own, as far as they apply. */
    public Journey send(Packet packet, Stage first) {
        List<RulePosition> logs = new ArrayList<>();
        for (Stage stage : Stage.values()) {
            if (stage.compareTo(first) < 0 || isAnswerToFailsafe(packet, stage)) {
                continue;
            }
            if (isFailsafe(packet)) {
                return new Journey(false, logs); // and so at each later stage
            }
            Action action = through(packet, stage, logs);
            if (action != null) {
                return new Journey(action == Action.DENY, logs);
            }
        }
        return new Journey(!endpoint.profiles().contains(HostEndpoint.DEFAULT_ALLOW), logs);
    }

    private boolean isFailsafe(Packet packet) {
        return isListed(packet, failsafePorts.inbound(), packet.destinationPort());
    }

    private boolean isAnswerToFailsafe(Packet packet, Stage stage) {
        return stage == Stage.DO_NOT_TRACK && isListed(packet, failsafePorts.outbound(), packet.sourcePort());
    }

    private static boolean isListed(Packet packet, List<FailsafePorts.FailsafePort> list, int port) {
        return list.stream()
                .anyMatch(entry -> entry.protocol().number() == packet.protocol()
                        && entry.port() == port
                        && (entry.net() == null || isIn(List.of(entry.net()), packet.source())));
    }

    private @Nullable Action through(Packet packet, Stage stage, List<RulePosition> logs) {
        List<Tier> tiers = new ArrayList<>(state.tiers());
        tiers.sort(Comparator.comparingDouble(Tier::order));
        for (Tier tier : tiers) {
            boolean applied = false;
            Action outcome = null;
            List<Policy> policies = new ArrayList<>(state.policies());
            policies.sort(Comparator.comparingDouble(Policy::order).thenComparing(Policy::name));
            for (Policy policy : policies) {
                if (outcome != null
                        || policy.stage() != stage
                        || !policy.tier().equals(tier.name())
                        || !Selector.parse(policy.selector()).matches(endpoint.labels())) {
                    continue;
                }
                applied = true;
                for (int i = 0; i < policy.ingress().size() && outcome == null; i++) {
                    Rule rule = policy.ingress().get(i);
                    if (!matches(rule, packet)) {
                        continue;
                    }
                    if (rule.action() == Action.LOG) {
                        logs.add(new RulePosition(policy, Direction.INGRESS, i));
                    } else {
                        outcome = rule.action();
                    }
                }
            }
            if (outcome == Action.ALLOW || outcome == Action.DENY) {
                return outcome;
            }
            if (outcome == null && applied && stage == Stage.FILTER && tier.defaultAction() == Action.DENY) {
                return Action.DENY;
            }
        }
        return null;
    }

    private static boolean matches(Rule rule, Packet packet) {
        int version = packet.source().isIpv4() ? 4 : 6;
        return (rule.ipVersion() == 0 || rule.ipVersion() == version)
                && (rule.protocol() == null || rule.protocol().number() == packet.protocol())
                && (rule.notProtocol() == null || rule.notProtocol().number() != packet.protocol())
                && packet.conditions().containsAll(rule.others())
                && matches(rule.source(), packet.source(), packet.sourcePort(), packet.sourceObjects())
                && matches(
                        rule.destination(),
                        packet.destination(),
                        packet.destinationPort(),
                        packet.destinationObjects());
    }

    private static boolean matches(EntityMatch match, Ip address, int port, List<Map<String, String>> objects) {
        boolean anyone = match.selector().isEmpty() && match.namespaceSelector().isEmpty();
        boolean selected = anyone;
        for (Map<String, String> labels : objects) {
            boolean unwanted = !match.notSelector().isEmpty()
                    && Selector.parse(match.notSelector()).matches(labels);
            if (anyone) {
                selected &= !unwanted;
            } else { // one object must fulfil all
                selected |= !unwanted
                        && Selector.parse(match.selector()).matches(labels)
                        && (match.namespaceSelector().isEmpty() || !labels.containsKey(Selector.NAMESPACE));
            }
        }
        return selected
                && (match.nets().isEmpty() || isIn(match.nets(), address))
                && (match.notNets().isEmpty()
                        || (match.notNets().stream()
                                        .anyMatch(net -> net.network().isIpv4() == address.isIpv4())
                                && !isIn(match.notNets(), address)))
                && (match.ports().isEmpty() || isOn(match.ports(), port))
                && !isOn(match.notPorts(), port);
    }

    private static boolean isIn(List<IpPrefix> nets, Ip address) {
        // ::/0 holds the 128-bit form of IPv4 addresses as well.
        return nets.stream()
                .anyMatch(net ->
                        net.network().isIpv4() == address.isIpv4() && net.contains(address.high(), address.low()));
    }

    private static boolean isOn(List<Port> ports, int port) {
        return ports.stream()
                .anyMatch(
                        range -> range instanceof Port.PortRange(int first, int last) && first <= port && port <= last);
    }
}

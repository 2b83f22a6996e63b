package io.denywatch.felix;

import io.denywatch.felix.Model.Icmp;
import io.denywatch.felix.Model.Port;
import io.denywatch.felix.Model.Protocol;
import io.denywatch.felix.Model.Rule;
import io.denywatch.felix.Model.Side;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A rule as felix/rules/policy.go renders it for iptables, with the IP sets of felix/calc/rule_scanner.go. */
final class RenderedRule {
    private final Rule rule;
    private final Release release;
    private final Matcher source;
    private final Matcher destination;

    RenderedRule(Rule rule, Release release) {
        this.rule = rule;
        this.release = release;
        source = new Matcher(rule.source(), "source");
        destination = new Matcher(rule.destination(), "destination");
    }

    String action() {
        return rule.action();
    }

    /** Whether Felix cannot go on with it: it panics at the action, or after iptables has refused the rule. */
    boolean isFatal() {
        return isFatal(4) || isFatal(6);
    }

    private boolean isFatal(int ipVersion) {
        if (!isRendered(ipVersion)) {
            return false;
        }
        boolean icmp = rule.icmp().type() != null || rule.notIcmp().type() != null;
        Protocol protocol = rule.protocol();
        // As iptables 1.8.9 answers, -legacy and -nft: no ICMP type without that protocol, and no protocol twice.
        return !Model.ACTIONS.contains(rule.action())
                || source.isBroken
                || destination.isBroken
                || (icmp && (protocol == null || protocol.number() != (ipVersion == 4 ? 1 : 58)))
                || (protocol != null && rule.notProtocol() != null)
                || source.isRefused(ipVersion)
                || destination.isRefused(ipVersion);
    }

    private boolean isRendered(int ipVersion) {
        int version = rule.effectiveVersion();
        return (version == 0 || version == ipVersion)
                && source.isRendered(ipVersion)
                && destination.isRendered(ipVersion);
    }

    /** Whether it matches; {@code objects} gives the labels of what has an address. */
    boolean matches(Packet packet, Function<byte[], List<Map<String, String>>> objects) {
        return isRendered(packet.ipVersion())
                && (rule.protocol() == null || rule.protocol().number() == packet.protocol())
                && (rule.notProtocol() == null || rule.notProtocol().number() != packet.protocol())
                && (rule.icmp().type() == null || isOf(rule.icmp(), packet))
                && (rule.notIcmp().type() == null || !isOf(rule.notIcmp(), packet))
                && source.matches(packet, packet.source(), packet.sourcePort(), packet.sourcePods(), objects)
                && destination.matches(
                        packet, packet.destination(), packet.destinationPort(), packet.destinationPods(), objects);
    }

    /** A code without a type is not rendered. */
    private static boolean isOf(Icmp icmp, Packet packet) {
        Long type = icmp.type();
        Long code = icmp.code();
        return type != null && type == packet.icmpType() && (code == null || code == packet.icmpCode());
    }

    private final class Matcher {
        private final Side side;
        private final String name;
        private final @Nullable Expr selector;
        private final @Nullable Expr notSelector;
        private final String named;

        /** felix/calc/rule_scanner.go panics where both selectors can be parsed, but not what it makes of them. */
        private final boolean isBroken;

        Matcher(Side side, String name) {
            this.side = side;
            this.name = name;
            Expr positive = parsed(side.selector());
            notSelector = parsed(side.notSelector());
            selector = positive == null || notSelector == null
                    ? positive
                    : new Expr.Junction(true, List.of(positive, new Expr.Not(notSelector)));
            isBroken = !side.selector().isEmpty()
                    && !side.notSelector().isEmpty()
                    && parsed("(" + side.selector() + ") && (!(" + side.notSelector() + "))") == null;
            named = name + " of " + side.selector() + " port ";
        }

        private @Nullable Expr parsed(String text) {
            Optional<Expr> expr = text.isEmpty() ? Optional.empty() : ExprParser.parse(text, release);
            return expr.orElse(null);
        }

        boolean isRendered(int ipVersion) {
            return isRendered(side.nets(), ipVersion)
                    && isRendered(side.notNets(), ipVersion)
                    && !(release.emptiesNegatedAll()
                            && side.notNets().stream().anyMatch(net -> net.ipVersion() == ipVersion && net.isAll()));
        }

        /** A lone {@code ! -s 0.0.0.0/0}, which iptables-nft does not take; several nets are rendered without the {@code !}. */
        boolean isRefused(int ipVersion) {
            long nets = side.nets().stream()
                    .filter(net -> net.ipVersion() == ipVersion)
                    .count();
            List<Cidr> notNets = side.notNets().stream()
                    .filter(net -> net.ipVersion() == ipVersion)
                    .toList();
            return notNets.size() == 1 && nets != 1 && notNets.getFirst().isAll();
        }

        private static boolean isRendered(List<Cidr> nets, int ipVersion) {
            return nets.isEmpty() || nets.stream().anyMatch(net -> net.ipVersion() == ipVersion);
        }

        boolean matches(
                Packet packet,
                byte[] address,
                int port,
                List<Map<String, String>> pods,
                Function<byte[], List<Map<String, String>>> objects) {
            return (side.nets().isEmpty() || isIn(side.nets(), address))
                    && !isIn(side.notNets(), address)
                    && isOn(packet, port)
                    && side.notPorts().stream().noneMatch(not -> isAt(not, packet, port))
                    && (side.service().isEmpty() || packet.happens(name + " service " + side.service()))
                    && isSelected(objects.apply(address), pods);
        }

        private static boolean isIn(List<Cidr> nets, byte[] address) {
            return nets.stream().anyMatch(net -> net.contains(address));
        }

        private boolean isOn(Packet packet, int port) {
            return side.ports().isEmpty() || side.ports().stream().anyMatch(on -> isAt(on, packet, port));
        }

        private boolean isAt(Port on, Packet packet, int port) {
            return on.name().isEmpty() ? on.first() <= port && port <= on.last() : packet.happens(named + on.name());
        }

        /** One object must be selected and not be one to leave out; without a selector, none may be one to leave out. */
        private boolean isSelected(List<Map<String, String>> objects, List<Map<String, String>> pods) {
            if (selector == null) {
                return notSelector == null || (!isAny(notSelector, objects) && !isAny(notSelector, pods));
            }
            return isAny(selector, objects) || isAny(selector, pods);
        }

        private static boolean isAny(Expr expr, List<Map<String, String>> objects) {
            return objects.stream().anyMatch(expr::matches);
        }
    }
}

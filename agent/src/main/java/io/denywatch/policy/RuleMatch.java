package io.denywatch.policy;

import io.denywatch.policy.PacketBox.Dimension;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which packets a rule matches, as Felix renders it. */
final class RuleMatch {
    private RuleMatch() {}

    /**
     * The packets that the rule matches.
     *
     * @param namespace of its policy; null for a global one
     */
    static PacketSet of(Rule rule, @Nullable String namespace) {
        List<PacketBox> boxes = new ArrayList<>();
        for (int ipVersion : new int[] {4, 6}) {
            if (rule.ipVersion() == 0 || rule.ipVersion() == ipVersion) {
                List<PacketBox> alternatives = List.of(numbered(rule, ipVersion, namespace));
                alternatives = onPorts(alternatives, rule, Side.SOURCE, namespace);
                boxes.addAll(onPorts(alternatives, rule, Side.DESTINATION, namespace));
            }
        }
        return new PacketSet(boxes);
    }

    private static PacketBox numbered(Rule rule, int ipVersion, @Nullable String namespace) {
        PacketBox box = PacketBox.all(ipVersion);
        Intervals protocols = box.extent(Dimension.PROTOCOL);
        if (rule.protocol() != null) {
            protocols = protocols.and(numberOf(rule.protocol()));
        }
        if (rule.notProtocol() != null) {
            protocols = protocols.minus(numberOf(rule.notProtocol()));
        }
        box = box.with(Dimension.PROTOCOL, protocols);
        for (Side side : Side.values()) {
            EntityMatch match = rule.at(side);
            Dimension dimension = Dimension.address(side);
            box = box.with(dimension, addresses(match, ipVersion));
            if (EndpointSelector.isIn(match, namespace)) {
                box = box.holding(selected(side, match, namespace));
            } else if (!match.notSelector().isEmpty()) {
                box = box.failing(selected(side, EntityMatch.ANY.selected(match.notSelector(), ""), null));
            }
            if (!match.services().isEmpty()) {
                box = box.holding(new Condition.Asked(side.label() + " service " + match.services()));
            }
        }
        for (String other : rule.others()) {
            box = box.holding(new Condition.Asked(other));
        }
        return box;
    }

    /**
     * A list that has no block of this IP version empties the rule for it, also a list of blocks to leave out; so does
     * leaving out everything.
     */
    private static Intervals addresses(EntityMatch match, int ipVersion) {
        Intervals all = IpSpace.of(ipVersion);
        Intervals in = match.nets().isEmpty() ? all : Intervals.addresses(match.nets(), ipVersion);
        if (match.notNets().isEmpty()) {
            return in;
        }
        Intervals out = Intervals.addresses(match.notNets(), ipVersion);
        return out.isEmpty() ? Intervals.NONE : in.minus(out);
    }

    private static Condition selected(Side side, EntityMatch match, @Nullable String namespace) {
        try {
            return new Condition.Selected(side, EndpointSelector.of(match, namespace));
        } catch (IllegalArgumentException unreadable) {
            return new Condition.Asked(side.label() + " selector " + match);
        }
    }

    /** A numbered port or a named one fulfils a list, so each named one is a box of its own. */
    private static List<PacketBox> onPorts(
            List<PacketBox> alternatives, Rule rule, Side side, @Nullable String namespace) {
        EntityMatch match = rule.at(side);
        Dimension dimension = Dimension.port(side);
        List<PacketBox> boxes = new ArrayList<>();
        for (PacketBox box : alternatives) {
            PacketBox rest = box.with(dimension, box.extent(dimension).minus(Intervals.ports(match.notPorts())));
            for (Port port : match.notPorts()) {
                if (port instanceof Port.Named named) {
                    rest = rest.failing(onNamedPort(side, rule, named, namespace));
                }
            }
            if (match.ports().isEmpty()) {
                boxes.add(rest);
                continue;
            }
            boxes.add(rest.with(dimension, rest.extent(dimension).and(Intervals.ports(match.ports()))));
            for (Port port : match.ports()) {
                if (port instanceof Port.Named named) {
                    boxes.add(rest.holding(onNamedPort(side, rule, named, namespace)));
                }
            }
        }
        return boxes;
    }

    /** Of the endpoints that the match selects, also where it is a port to leave out. */
    private static Condition onNamedPort(Side side, Rule rule, Port.Named port, @Nullable String namespace) {
        EntityMatch match = rule.at(side);
        return new Condition.Asked(side.label() + " " + rule.protocol() + " port named " + port.name()
                + (EndpointSelector.isIn(match, namespace) ? " of " + selected(side, match, namespace) : ""));
    }

    private static Intervals numberOf(Protocol protocol) {
        BigInteger number = BigInteger.valueOf(protocol.number());
        return new Intervals(List.of(new Intervals.Interval(number, number)));
    }
}

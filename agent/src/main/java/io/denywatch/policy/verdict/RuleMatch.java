package io.denywatch.policy.verdict;

import io.denywatch.policy.EndpointSelector;
import io.denywatch.policy.EntityMatch;
import io.denywatch.policy.Intervals;
import io.denywatch.policy.Port;
import io.denywatch.policy.Protocol;
import io.denywatch.policy.Rule;
import io.denywatch.policy.Side;
import io.denywatch.policy.verdict.PacketBox.Dimension;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which packets a rule matches, as Felix renders it. */
final class RuleMatch {
    private final Rule rule;
    private final @Nullable String namespace;
    private final Conditions conditions;

    private RuleMatch(Rule rule, @Nullable String namespace, Conditions conditions) {
        this.rule = rule;
        this.namespace = namespace;
        this.conditions = conditions;
    }

    /**
     * The packets that the rule matches, as boxes of which none is empty.
     *
     * @param namespace of its policy; null for a global one
     */
    static List<PacketBox> of(Rule rule, @Nullable String namespace, Conditions conditions) {
        return new RuleMatch(rule, namespace, conditions).boxes();
    }

    private List<PacketBox> boxes() {
        List<PacketBox> boxes = new ArrayList<>();
        for (int ipVersion : new int[] {4, 6}) {
            if (rule.ipVersion() == 0 || rule.ipVersion() == ipVersion) {
                List<PacketBox> alternatives = List.of(numbered(ipVersion));
                alternatives = onPorts(alternatives, Side.SOURCE);
                boxes.addAll(onPorts(alternatives, Side.DESTINATION));
            }
        }
        boxes.removeIf(PacketBox::isEmpty);
        return List.copyOf(boxes);
    }

    private PacketBox numbered(int ipVersion) {
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
                box = box.with(conditions.holding(selected(side, match, namespace)));
            } else if (!match.notSelector().isEmpty()) {
                EntityMatch others = EntityMatch.ANY.selected(match.notSelector(), "");
                box = box.with(conditions.failing(selected(side, others, null)));
            }
            if (!match.services().isEmpty()) {
                Condition served = new Condition.Asked(side.label() + " service " + match.services());
                box = box.with(conditions.holding(served));
            }
        }
        for (String other : rule.others()) {
            box = box.with(conditions.holding(new Condition.Asked(other)));
        }
        return box;
    }

    /**
     * The addresses of an IP version that the rule matches. There are none if all its nets, or all its excluded
     * nets, are of the other version, or if all addresses are excluded.
     */
    private static Intervals addresses(EntityMatch match, int ipVersion) {
        Intervals all = Intervals.all(ipVersion);
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

    /** A list matches by any of its ports, so each named port needs a box of its own. */
    private List<PacketBox> onPorts(List<PacketBox> alternatives, Side side) {
        EntityMatch match = rule.at(side);
        Dimension dimension = Dimension.port(side);
        List<PacketBox> boxes = new ArrayList<>();
        for (PacketBox box : alternatives) {
            PacketBox rest = box.with(dimension, box.extent(dimension).minus(Intervals.ports(match.notPorts())));
            for (Port port : match.notPorts()) {
                if (port instanceof Port.PortName named) {
                    rest = rest.with(conditions.failing(onNamedPort(side, named)));
                }
            }
            if (match.ports().isEmpty()) {
                boxes.add(rest);
                continue;
            }
            boxes.add(rest.with(dimension, rest.extent(dimension).and(Intervals.ports(match.ports()))));
            for (Port port : match.ports()) {
                if (port instanceof Port.PortName named) {
                    boxes.add(rest.with(conditions.holding(onNamedPort(side, named))));
                }
            }
        }
        return boxes;
    }

    /** A named port of the endpoints that the match selects, even if it is an excluded port. */
    private Condition onNamedPort(Side side, Port.PortName port) {
        EntityMatch match = rule.at(side);
        return new Condition.Asked(side.label() + " " + rule.protocol() + " port named " + port.name()
                + (EndpointSelector.isIn(match, namespace) ? " of " + selected(side, match, namespace) : ""));
    }

    private static Intervals numberOf(Protocol protocol) {
        return Intervals.between(protocol.number(), protocol.number());
    }
}

package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds oddities of a policy beyond those found when it was read. */
public final class PolicyOddities {
    /** Port names that Kubernetes allows, and some with two hyphens in a row, which {@link #isPortName} excludes. */
    private static final Pattern PORT_NAME = Pattern.compile("(?=.*[a-z])[a-z0-9]([a-z0-9-]*[a-z0-9])?");

    private static final int PORT_NAME_MAX = 15;

    private final Policy policy;
    private final List<Oddity.Occurrence> found;

    private PolicyOddities(Policy policy) {
        this.policy = policy;
        found = new ArrayList<>(policy.oddities());
    }

    /** All oddities of any version. */
    public static List<Oddity.Occurrence> of(Policy policy) {
        PolicyOddities oddities = new PolicyOddities(policy);
        oddities.ofStage();
        oddities.ofTier();
        oddities.ofSelectors();
        for (Direction direction : Direction.values()) {
            for (int i = 0; i < policy.rules(direction).size(); i++) {
                oddities.ofRule(direction, direction.label().toLowerCase(Locale.ROOT) + "[" + i + "]", i);
            }
        }
        return oddities.found;
    }

    private void add(Oddity oddity, String where) {
        found.add(oddity.at(where));
    }

    private void ofStage() {
        if (policy.preDnat() && policy.doNotTrack()) {
            add(Oddity.PRE_DNAT_UNTRACKED, "preDNAT and doNotTrack");
        }
        if (policy.preDnat() && (!policy.egress().isEmpty() || policy.types().contains(Direction.EGRESS))) {
            add(Oddity.PRE_DNAT_EGRESS, "preDNAT and egress");
        }
        if ((policy.preDnat() || policy.doNotTrack()) && !policy.applyOnForward()) {
            add(
                    Oddity.NOT_APPLIED_ON_FORWARD,
                    (policy.preDnat() ? "preDNAT" : "doNotTrack") + " without applyOnForward");
        }
    }

    private void ofTier() {
        if (!policy.tierOfName().equals(policy.tier())) {
            add(
                    Oddity.TIER_OTHER_THAN_NAME,
                    "tier: " + policy.tier() + ", name: " + policy.stored() + " (tier " + policy.tierOfName() + ")");
        }
        if (!policy.tier().equals(Tier.DEFAULT.name())) {
            add(Oddity.TIER_BEFORE_TIERS, "tier: " + policy.tier());
        }
    }

    private void ofSelectors() {
        try {
            EndpointSelector.of(policy);
        } catch (IllegalArgumentException unreadable) {
            boolean own = policy.namespaceSelector().isEmpty()
                    && policy.serviceAccountSelector().isEmpty();
            add(own ? Oddity.SELECTOR : Oddity.NAMESPACE_SELECTOR, "its " + unreadable.getMessage());
        }
        if (Stream.of(policy.selector(), policy.namespaceSelector(), policy.serviceAccountSelector())
                .anyMatch(PolicyOddities::isGlobal)) {
            add(Oddity.GLOBAL_ELSEWHERE, "global() in its selectors");
        }
    }

    private void ofRule(Direction direction, String where, int index) {
        Rule rule = policy.rules(direction).get(index);
        if (rule.protocol() != null && rule.notProtocol() != null) {
            add(Oddity.PROTOCOL_TWICE, where + ": protocol and notProtocol");
        }
        if (Stream.of(rule.protocol(), rule.notProtocol())
                .anyMatch(protocol -> protocol != null && protocol.number() == 0)) {
            add(Oddity.PROTOCOL_ZERO, where + ": protocol 0");
        }
        ofPorts(rule, where);
        if (netVersions(rule).distinct().count() > 1
                || (rule.ipVersion() != 0 && netVersions(rule).anyMatch(version -> version != rule.ipVersion()))) {
            add(Oddity.MIXED_NETS, where + ": nets of more than one IP version");
        }
        for (Side side : Side.values()) {
            EntityMatch match = rule.at(side);
            String at = where + "." + side.label();
            if (!match.services().isEmpty()
                    && (direction == Direction.INGRESS == (side == Side.DESTINATION)
                            || !match.ports().isEmpty()
                            || !match.notPorts().isEmpty())) {
                add(Oddity.SERVICES_OF_INGRESS, at + ": services");
            }
            if (Stream.of(match.selector(), match.notSelector(), match.serviceAccountSelector())
                    .anyMatch(PolicyOddities::isGlobal)) {
                add(Oddity.GLOBAL_ELSEWHERE, at + ": global() in a selector, which only a namespaceSelector may have");
            }
            boolean both = !match.notSelector().isEmpty() && EndpointSelector.isIn(match, policy.namespace());
            if (both && Stream.of(match.selector(), match.notSelector()).anyMatch(PolicyOddities::isOfBlanks)) {
                add(Oddity.SELECTOR_OF_BLANKS, at + ": selector and notSelector, one of blanks only");
            }
            try {
                EndpointSelector.of(match, policy.namespace());
                Selector.parse(match.notSelector());
            } catch (IllegalArgumentException unreadable) {
                add(Oddity.SELECTOR, at + ": " + unreadable.getMessage());
            }
        }
    }

    private void ofPorts(Rule rule, String where) {
        List<Port> ports = Stream.of(rule.source(), rule.destination())
                .flatMap(match -> Stream.concat(match.ports().stream(), match.notPorts().stream()))
                .toList();
        if (ports.isEmpty()) {
            return;
        }
        if (rule.protocol() == null) {
            boolean named = ports.stream().allMatch(port -> port instanceof Port.PortName);
            add(
                    named ? Oddity.NAMED_PORTS_WITHOUT_PROTOCOL : Oddity.PORTS_WITHOUT_PROTOCOL,
                    where + ": ports without protocol TCP, UDP or SCTP");
        } else if (!rule.protocol().hasPorts()) {
            add(Oddity.PORTS_OF_OTHER_PROTOCOL, where + ": ports with protocol " + rule.protocol());
        }
        for (Port port : ports) {
            if (port instanceof Port.PortRange range && range.first() == 0) {
                add(Oddity.PORT_ZERO, where + ": port " + port);
            }
            if (port instanceof Port.PortName(String name) && !isPortName(name)) {
                add(Oddity.PORT_NAME, where + ": port name " + name);
            }
        }
    }

    private static boolean isPortName(String name) {
        return name.length() <= PORT_NAME_MAX && PORT_NAME.matcher(name).matches() && !name.contains("--");
    }

    private static boolean isOfBlanks(String selector) {
        return !selector.isEmpty() && selector.isBlank();
    }

    private static boolean isGlobal(String selector) {
        return selector.contains("global(");
    }

    private static Stream<Integer> netVersions(Rule rule) {
        return Stream.of(
                        rule.source().nets(),
                        rule.source().notNets(),
                        rule.destination().nets(),
                        rule.destination().notNets())
                .flatMap(List<IpPrefix>::stream)
                .map(Intervals::ipVersion);
    }
}

package io.denywatch.policy.verdict;

import io.denywatch.policy.Action;
import io.denywatch.policy.Direction;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Intervals;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Port;
import io.denywatch.policy.RulePosition;
import io.denywatch.policy.Selector;
import io.denywatch.policy.Side;
import io.denywatch.policy.Stage;
import io.denywatch.policy.Tier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The chains in which the rules of a policy are evaluated at all endpoints that it applies to. Confined to one
 * thread.
 */
public final class Chains {
    private final Readings readings;
    private final PolicyState state;
    private final List<Policy> policies; // in a possible order of evaluation within a tier
    private final List<HostEndpoint> endpoints;
    private final FailsafePorts failsafePorts;
    private final List<Tier> tiers;
    private final PodChains pods;

    /** The chains on this node. */
    public Chains(Readings readings, String node) {
        this.readings = readings;
        state = readings.state();
        policies = readings.policies();
        endpoints = state.hostEndpointsOf(node);
        failsafePorts = state.failsafePortsOf(node);
        List<Tier> all = new ArrayList<>(state.tiers());
        all.sort(Comparator.comparingDouble(Tier::order).thenComparing(Tier::name));
        Stream.concat(
                        Stream.of(Tier.DEFAULT.name()),
                        state.policies().stream().flatMap(policy -> readings.tiers(policy).stream()))
                .distinct()
                .filter(name -> all.stream().noneMatch(tier -> tier.name().equals(name)))
                .sorted()
                .forEach(name -> all.add(new Tier(name, Double.POSITIVE_INFINITY, Action.DENY)));
        tiers = List.copyOf(all);
        pods = new PodChains(readings, policies, tiers);
    }

    /** The node's host endpoints that the policy applies to. */
    public List<HostEndpoint> endpointsOf(Policy policy) {
        return endpoints.stream()
                .filter(endpoint -> endpoint.takes(policy.stage()) && applies(policy, endpoint))
                .toList();
    }

    /** The chains of pods. */
    PodChains pods() {
        return pods;
    }

    /** Whether a policy may apply to pods. */
    public boolean maySelectPods(Policy policy) {
        return pods.maySelect(policy);
    }

    /** Data derived from the policies. */
    public Readings readings() {
        return readings;
    }

    /** Which packets the rule matches. */
    List<PacketBox> match(RulePosition position) {
        return readings.match(position);
    }

    /** Whether the policy's selector can be read and may select a host endpoint. */
    Predicate<HostEndpoint> maySelect(Policy policy) {
        return endpoint -> policy.namespace() == null
                && readings.selector(policy).map(endpoint::maybeSelectedBy).orElse(false);
    }

    /** Whether the rule matches packets that are accepted at host endpoints before any policy. */
    boolean seesFailsafePorts(RulePosition position) {
        return matched(position).meets(accepted(position));
    }

    /** Whether the rule matches only packets that are accepted at host endpoints before any policy. */
    public boolean isForFailsafePorts(RulePosition position) {
        PacketSet left = matched(position);
        if (left.isEmpty()) {
            return false;
        }
        left.minus(accepted(position));
        return left.isEmpty();
    }

    private PacketSet matched(RulePosition position) {
        return PacketSet.of(match(position), readings.always());
    }

    private List<PacketBox> accepted(RulePosition position) {
        return accepted(position.policy().stage(), position.direction());
    }

    /** The packets of a node that are accepted at host endpoints before the policies of the stage. */
    private List<PacketBox> accepted(Stage stage, Direction direction) {
        boolean ingress = direction == Direction.INGRESS;
        List<PacketBox> boxes = new ArrayList<>(
                boxes(ingress ? failsafePorts.inbound() : failsafePorts.outbound(), direction, Side.DESTINATION));
        if (stage == Stage.DO_NOT_TRACK) { // connections are not known in this stage, so responses are accepted as well
            boxes.addAll(boxes(ingress ? failsafePorts.outbound() : failsafePorts.inbound(), direction, Side.SOURCE));
        }
        return boxes;
    }

    private static List<PacketBox> boxes(List<FailsafePorts.FailsafePort> entries, Direction direction, Side side) {
        PacketBox.Dimension far =
                direction == Direction.INGRESS ? PacketBox.Dimension.SOURCE : PacketBox.Dimension.DESTINATION;
        Map<FailsafePorts.FailsafePort, List<Port>> together =
                new LinkedHashMap<>(); // ports that differ only in the number
        entries.forEach(entry -> together.computeIfAbsent(
                        new FailsafePorts.FailsafePort(entry.protocol(), 0, entry.net()), _ -> new ArrayList<>())
                .add(Port.of(entry.port())));
        List<PacketBox> boxes = new ArrayList<>();
        together.forEach((entry, ports) -> {
            for (int ipVersion : new int[] {4, 6}) {
                int number = entry.protocol().number();
                PacketBox box = PacketBox.all(ipVersion)
                        .with(PacketBox.Dimension.PROTOCOL, Intervals.between(number, number))
                        .with(PacketBox.Dimension.port(side), Intervals.ports(ports));
                boxes.add(
                        entry.net() == null
                                ? box
                                : box.with(far, Intervals.addresses(List.of(entry.net()), ipVersion)));
            }
        });
        return boxes;
    }

    /** The failsafe ports of the node, in words. */
    public String failsafePorts(Direction direction) {
        return failsafePorts.words(direction);
    }

    /** Whether the policy's tier drops packets that none of its policies decides. */
    boolean dropsAtTierEnd(Policy policy) {
        return tiers.stream()
                .anyMatch(tier -> tier.name().equals(policy.tier()) && tier.defaultAction() == Action.DENY);
    }

    /** The chains of host endpoints that the policy may apply to. */
    List<Chain> atHostEndpoints(Policy policy, Direction direction) {
        return seats(policy, direction)
                .flatMap(seat -> atHostEndpoints(seat).stream())
                .toList();
    }

    /** All chains with the policy's rules for this direction. */
    List<Chain> with(Policy policy, Direction direction) {
        return seats(policy, direction).flatMap(this::with).toList();
    }

    /** The examined policy, in one of the tiers in which it may be. */
    private record Seat(Policy policy, Stage stage, String tier, Direction direction) {}

    private Stream<Seat> seats(Policy policy, Direction direction) {
        return readings.tiers(policy).stream().map(tier -> new Seat(policy, policy.stage(), tier, direction));
    }

    private List<Chain> atHostEndpoints(Seat seat) {
        List<Chain> chains = new ArrayList<>();
        Set<List<Object>> seen = new HashSet<>();
        for (HostEndpoint endpoint : endpointsOf(seat.policy)) {
            boolean alike = !seen.add(List.of(endpoint.labels(), endpoint.profiles()));
            if (alike) {
                continue;
            }
            chains.add(of(endpoint, seat));
            if (seat.stage == Stage.FILTER && seat.policy.applyOnForward()) {
                chains.add(forwarded(endpoint, seat));
            }
        }
        return chains;
    }

    private Stream<Chain> with(Seat seat) {
        List<Chain> chains = new ArrayList<>(atHostEndpoints(seat));
        boolean selectsNone = chains.isEmpty();
        if (seat.stage == Stage.FILTER) {
            if (pods.maySelect(seat.policy)) {
                chains.add(pods.with(seat.policy, seat.tier, seat.direction));
            }
            if (endpoints.isEmpty() && seat.policy.namespace() == null) { // the node may have another name in Calico
                chains.add(ofAnyEndpoint(seat, false));
                if (seat.policy.applyOnForward()) {
                    chains.add(ofAnyEndpoint(seat, true));
                }
            }
        } else if (selectsNone) {
            chains.add(ofAnyEndpoint(seat, false));
        }
        return chains.stream();
    }

    private Chain of(HostEndpoint endpoint, Seat seat) {
        String title = "host endpoint " + endpoint.name();
        List<Chain.TierSection> sections = sections(endpoint, seat, false);
        return new Chain(
                title,
                seat.stage,
                seat.direction,
                accepted(seat.stage, seat.direction),
                sections,
                ending(endpoint, seat.policy));
    }

    private Chain forwarded(HostEndpoint endpoint, Seat seat) {
        String title = "host endpoint " + endpoint.name() + " (forwarded traffic)";
        List<Chain.TierSection> sections = sections(endpoint, seat, true);
        return new Chain(title, seat.stage, seat.direction, List.of(), sections, Chain.Ending.OPEN);
    }

    private Chain.Ending ending(HostEndpoint endpoint, Policy policy) {
        boolean acceptsByProfile = endpoint.profiles().equals(List.of(HostEndpoint.DEFAULT_ALLOW));
        return switch (policy.stage()) {
            case DO_NOT_TRACK -> Chain.Ending.OPEN;
            case PRE_DNAT -> {
                boolean filtered = state.policies().stream()
                        // A policy for the other direction counts as well: forwarded packets are accepted if there is
                        // no policy at all.
                        .anyMatch(other ->
                                other.stage() == Stage.FILTER && (applies(other, endpoint) || isUncertain(other)));
                yield acceptsByProfile && !filtered ? Chain.Ending.ACCEPTED : Chain.Ending.OPEN;
            }
            case FILTER ->
                acceptsByProfile
                        ? Chain.Ending.ACCEPTED
                        : endpoint.profiles().isEmpty() ? Chain.Ending.DROPPED : Chain.Ending.OPEN;
        };
    }

    private List<Chain.TierSection> sections(HostEndpoint endpoint, Seat seat, boolean forwardedOnly) {
        return sections(seat, other -> {
            if ((forwardedOnly && !other.applyOnForward()) || !applies(other, endpoint)) {
                return Optional.empty();
            }
            boolean sure = !isUncertain(other) && surelyApplies(other, endpoint);
            return Optional.of(new Chain.PolicyStep(other, other.equals(seat.policy) || sure));
        });
    }

    /** Without a known endpoint, only relations between selectors can be used. */
    private Chain ofAnyEndpoint(Seat seat, boolean forwardedOnly) {
        Policy policy = seat.policy;
        List<Chain.TierSection> sections = sections(seat, other -> {
            if (other.equals(policy)) {
                return Optional.of(new Chain.PolicyStep(other, true));
            }
            if (forwardedOnly && !other.applyOnForward()) {
                return Optional.empty();
            }
            Optional<Selector> here = readings.selector(policy);
            Optional<Selector> there = readings.selector(other);
            if (here.isEmpty() || there.isEmpty()) {
                return Optional.of(new Chain.PolicyStep(other, false));
            }
            if (here.get().excludes(there.get())) {
                return Optional.empty();
            }
            return Optional.of(new Chain.PolicyStep(
                    other, !isUncertain(other) && here.get().implies(there.get())));
        });
        String title = "any host endpoint" + (forwardedOnly ? " (forwarded traffic)" : "");
        List<PacketBox> accepted = forwardedOnly ? List.of() : accepted(seat.stage, seat.direction);
        return new Chain(title, seat.stage, seat.direction, accepted, sections, Chain.Ending.OPEN);
    }

    private List<Chain.TierSection> sections(Seat seat, Function<Policy, Optional<Chain.PolicyStep>> step) {
        List<Chain.TierSection> sections = new ArrayList<>();
        readings.steps().take((long) tiers.size() * policies.size());
        for (Tier tier : tiers) {
            List<Chain.PolicyStep> steps = policies.stream()
                    .filter(other -> other.stage() == seat.stage
                            && other.namespace() == null
                            && (other.equals(seat.policy)
                                    ? seat.tier.equals(tier.name())
                                    : readings.tiers(other).contains(tier.name()))
                            && other.governs(seat.direction))
                    .flatMap(other -> step.apply(other).stream())
                    .toList();
            if (!steps.isEmpty()) {
                sections.add(new Chain.TierSection(tier, readings.order().steps(steps, seat.policy)));
            }
        }
        return sections;
    }

    /** Whether Felix may ignore it, put it in another tier or interpret it differently. */
    public boolean isUncertain(Policy policy) {
        return readings.isUncertain(policy);
    }

    /** Whether Felix may ignore the policy. */
    boolean mayBeMissing(Policy policy) {
        return state.mayBeMissing(policy);
    }

    /** Whether it may apply. A policy with an unreadable selector may apply anywhere, but is uncertain as well. */
    private boolean applies(Policy policy, HostEndpoint endpoint) {
        return policy.namespace() == null
                && readings.selector(policy).map(endpoint::maybeSelectedBy).orElse(true);
    }

    boolean surelyApplies(Policy policy, HostEndpoint endpoint) {
        return policy.namespace() == null
                && readings.selector(policy).map(endpoint::isSelectedBy).orElse(false);
    }
}

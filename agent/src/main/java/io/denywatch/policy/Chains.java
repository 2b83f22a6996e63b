package io.denywatch.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The chains in which the rules of a policy are evaluated, on all endpoints that it applies to. Immutable. */
final class Chains {
    private static final Comparator<Policy> EVALUATION =
            Comparator.comparingDouble(Policy::order).thenComparing(Policy::name);

    private final PolicyState state;
    private final List<HostEndpoint> endpoints;
    private final List<Tier> tiers;

    /** The chains on this node. */
    Chains(PolicyState state, String node) {
        this.state = state;
        endpoints = state.hostEndpoints().stream()
                .filter(endpoint -> endpoint.node().equals(node))
                .toList();
        List<Tier> all = new ArrayList<>(state.tiers());
        if (state.tiers().stream().noneMatch(tier -> tier.name().equals(Tier.DEFAULT.name()))) {
            all.add(Tier.DEFAULT);
        }
        all.sort(Comparator.comparingDouble(Tier::order).thenComparing(Tier::name));
        state.policies().stream()
                .map(Policy::tier)
                .distinct()
                .filter(name -> all.stream().noneMatch(tier -> tier.name().equals(name)))
                .sorted()
                .forEach(name -> all.add(new Tier(name, Double.POSITIVE_INFINITY, Action.DENY)));
        tiers = List.copyOf(all);
    }

    /** The node's host endpoints that the policy applies to. */
    List<HostEndpoint> endpointsOf(Policy policy) {
        return endpoints.stream()
                .filter(endpoint -> endpoint.takes(policy.stage()) && applies(policy, endpoint))
                .toList();
    }

    /** Whether what no policy of the policy's tier decides is dropped. */
    boolean dropsAtTierEnd(Policy policy) {
        return tiers.stream()
                .anyMatch(tier -> tier.name().equals(policy.tier()) && tier.defaultAction() == Action.DENY);
    }

    /** All chains with the policy's rules for this direction. */
    List<Chain> with(Policy policy, Direction direction) {
        List<Chain> chains = new ArrayList<>();
        List<HostEndpoint> selected = endpointsOf(policy);
        for (HostEndpoint endpoint : selected) {
            chains.add(of(endpoint, policy, direction));
            if (policy.stage() == Stage.FILTER && policy.applyOnForward()) {
                chains.add(forwarded(endpoint, policy, direction));
            }
        }
        if (policy.stage() == Stage.FILTER) {
            if (mayApplyToPods(policy)) {
                chains.add(ofPods(policy, direction));
            }
        } else if (selected.isEmpty()) {
            chains.add(ofAnyEndpoint(policy, direction));
        }
        return chains;
    }

    private Chain of(HostEndpoint endpoint, Policy policy, Direction direction) {
        String title = "host endpoint " + endpoint.name();
        List<Chain.Section> sections = sections(endpoint, policy, direction, false);
        return new Chain(title, policy.stage(), direction, sections, ending(endpoint, policy, direction));
    }

    private Chain forwarded(HostEndpoint endpoint, Policy policy, Direction direction) {
        String title = "traffic forwarded at host endpoint " + endpoint.name();
        List<Chain.Section> sections = sections(endpoint, policy, direction, true);
        return new Chain(title, policy.stage(), direction, sections, Chain.Ending.OPEN);
    }

    private Chain.Ending ending(HostEndpoint endpoint, Policy policy, Direction direction) {
        boolean acceptsByProfile = endpoint.profiles().equals(List.of(HostEndpoint.DEFAULT_ALLOW));
        return switch (policy.stage()) {
            case DO_NOT_TRACK -> Chain.Ending.OPEN;
            case PRE_DNAT -> {
                boolean filtered = state.policies().stream()
                        .anyMatch(other -> other.stage() == Stage.FILTER
                                && other.governs(direction)
                                && (applies(other, endpoint) || isUncertain(other)));
                yield acceptsByProfile && !filtered ? Chain.Ending.ACCEPTED : Chain.Ending.OPEN;
            }
            case FILTER ->
                acceptsByProfile
                        ? Chain.Ending.ACCEPTED
                        : endpoint.profiles().isEmpty() ? Chain.Ending.DROPPED : Chain.Ending.OPEN;
        };
    }

    private List<Chain.Section> sections(HostEndpoint endpoint, Policy of, Direction direction, boolean forwardedOnly) {
        return sections(of, direction, other -> {
            if ((forwardedOnly && !other.applyOnForward()) || !applies(other, endpoint)) {
                return Optional.empty();
            }
            return Optional.of(new Chain.Step(other, other.equals(of) || !isUncertain(other)));
        });
    }

    /** No endpoint is known, so only what the selectors prove about each other can be used. */
    private Chain ofAnyEndpoint(Policy policy, Direction direction) {
        List<Chain.Section> sections = sections(policy, direction, other -> {
            if (other.equals(policy)) {
                return Optional.of(new Chain.Step(other, true));
            }
            Optional<Selector> here = selector(policy);
            Optional<Selector> there = selector(other);
            if (here.isEmpty() || there.isEmpty()) {
                return Optional.of(new Chain.Step(other, false));
            }
            if (here.get().excludes(there.get())) {
                return Optional.empty();
            }
            return Optional.of(
                    new Chain.Step(other, !isUncertain(other) && here.get().implies(there.get())));
        });
        return new Chain("any host endpoint", policy.stage(), direction, sections, Chain.Ending.OPEN);
    }

    /** Between two policies of a pod there may be any number of others, of namespaces or of Kubernetes. */
    private static Chain ofPods(Policy policy, Direction direction) {
        Tier open = new Tier(policy.tier(), 0, Action.PASS);
        List<Chain.Section> alone = List.of(new Chain.Section(open, List.of(new Chain.Step(policy, true))));
        return new Chain("pods", policy.stage(), direction, alone, Chain.Ending.OPEN);
    }

    private List<Chain.Section> sections(Policy of, Direction direction, Function<Policy, Optional<Chain.Step>> step) {
        List<Chain.Section> sections = new ArrayList<>();
        for (Tier tier : tiers) {
            List<Chain.Step> steps = state.policies().stream()
                    .filter(other -> other.stage() == of.stage()
                            && other.namespace() == null
                            && other.tier().equals(tier.name())
                            && other.governs(direction))
                    .sorted(EVALUATION)
                    .flatMap(other -> step.apply(other).stream())
                    .toList();
            if (!steps.isEmpty()) {
                sections.add(new Chain.Section(tier, steps));
            }
        }
        return sections;
    }

    /** Whether Felix may leave it out: it takes policies that it finds invalid, or of a missing tier, for absent. */
    private boolean isUncertain(Policy policy) {
        boolean tierIsMissing = !policy.tier().equals(Tier.DEFAULT.name())
                && state.tiers().stream().noneMatch(tier -> tier.name().equals(policy.tier()));
        return tierIsMissing || !Validity.problems(policy).isEmpty();
    }

    /** One whose selector cannot be read may apply anywhere, but it is uncertain as well. */
    private static boolean applies(Policy policy, HostEndpoint endpoint) {
        return policy.namespace() == null
                && selector(policy)
                        .map(selector -> selector.matches(endpoint.labels()))
                        .orElse(true);
    }

    private static boolean mayApplyToPods(Policy policy) {
        return selector(policy)
                .map(selector -> !selector.implies(Selector.global()))
                .orElse(true);
    }

    private static Optional<Selector> selector(Policy policy) {
        try {
            return Optional.of(EndpointSelector.of(policy));
        } catch (IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }
}

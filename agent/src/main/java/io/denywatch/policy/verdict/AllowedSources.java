package io.denywatch.policy.verdict;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Action;
import io.denywatch.policy.BlocklistRules;
import io.denywatch.policy.EndpointSelector;
import io.denywatch.policy.EntityMatch;
import io.denywatch.policy.ExemptWidth;
import io.denywatch.policy.NetworkSet;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.RulePosition;
import io.denywatch.policy.Selector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The sources that policies explicitly allow at host endpoints. If they were on the blocklist, an earlier policy would
 * deny them, so they are exempt.
 *
 * <p>A rule counts if it is an ingress {@code Allow} of a global policy that may apply to a host endpoint, unless it is
 * certainly evaluated before all rules that deny the blocklist. Its ports and protocols do not matter: a source with
 * access to port 443 must not lose it because of packets to other ports. Its sources are its {@code nets} and the
 * addresses in network sets that its selector may select, without its {@code notNets}. Other conditions only make the
 * rule narrower and are ignored.
 *
 * <p>A rule exempts nobody if it has neither nets nor a selector, or allows all addresses. Nets that are too
 * wide for {@link ExemptWidth} are not exempt either, nor are the sources of a rule that together have too many
 * addresses. Pods that a selector selects are left out: their addresses are the cluster's.
 *
 * @param sources each block once, with the first rule that names it
 * @param unknown rules with sources that are missing from {@code sources}, and why
 * @param afterBlocklist whether there is a rule that denies the blocklist
 */
public record AllowedSources(Map<IpPrefix, RulePosition> sources, List<Unknown> unknown, boolean afterBlocklist) {
    /** Most prefixes of all rules together. */
    public static final int SOURCES_MAX = 20_000;

    /** Most steps for all rules together; a step examines one prefix. */
    static final long STEPS_MAX = 3_000_000;

    private static final String TOO_MANY = "all rules together name more than " + SOURCES_MAX + " blocks";

    /**
     * A rule of which not all sources are exempt.
     *
     * @param rule which
     * @param why in one sentence
     */
    public record Unknown(RulePosition rule, String why) {}

    /** Keeps the order. */
    public AllowedSources {
        sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
        unknown = List.copyOf(unknown);
    }

    /**
     * Reads the policies.
     *
     * @param namespaced network sets of namespaces, with the label {@link Selector#NAMESPACE}
     */
    public static AllowedSources of(PolicyState state, List<NetworkSet> namespaced) {
        return of(state, namespaced, new Steps(STEPS_MAX));
    }

    static AllowedSources of(PolicyState state, List<NetworkSet> namespaced, Steps steps) {
        List<RulePosition> blocking = BlocklistRules.rules(state).stream()
                .filter(rule -> rule.rule().action() == Action.DENY)
                .toList();
        Comparator<RulePosition> evaluation = BlocklistRules.stages(state);
        RulePosition first = blocking.stream().min(evaluation).orElse(null);
        boolean isSomeUncertain =
                blocking.stream().map(RulePosition::policy).distinct().anyMatch(state::mayDiffer);
        IdentityHashMap<Policy, Boolean> uncertain = new IdentityHashMap<>();
        IdentityHashMap<Policy, Boolean> atHosts = new IdentityHashMap<>();
        Map<List<Object>, List<String>> seen = new HashMap<>(); // problems of rules with the same sources
        Map<IpPrefix, RulePosition> sources = new LinkedHashMap<>();
        List<Unknown> unknown = new ArrayList<>();
        BlocklistRules.ingress(state)
                .filter(rule -> rule.rule().action() == Action.ALLOW && !BlocklistRules.takesBlocklist(rule))
                .filter(rule -> atHosts.computeIfAbsent(rule.policy(), policy -> mayApplyToHost(policy, state)))
                .filter(rule -> first == null
                        || isSomeUncertain
                        || uncertain.computeIfAbsent(rule.policy(), state::mayDiffer)
                        || evaluation.compare(rule, first) >= 0)
                .forEach(rule -> seen.computeIfAbsent(
                                List.of(rule.rule().source(), rule.rule().others()),
                                _ -> add(rule, state, namespaced, steps, sources))
                        .forEach(problem -> unknown.add(new Unknown(rule, problem))));
        return new AllowedSources(sources, unknown, !blocking.isEmpty());
    }

    /** Adds the rule's sources, and returns the problems of those that are unknown. */
    private static List<String> add(
            RulePosition rule,
            PolicyState state,
            List<NetworkSet> namespaced,
            Steps steps,
            Map<IpPrefix, RulePosition> sources) {
        List<String> problems = new ArrayList<>();
        try {
            for (IpPrefix block : ofRule(rule, state, namespaced, problems, steps)) {
                if (sources.size() < SOURCES_MAX || sources.containsKey(block)) {
                    sources.putIfAbsent(block, rule);
                } else if (!problems.contains(TOO_MANY)) {
                    problems.add(TOO_MANY);
                }
            }
        } catch (Steps.Exhausted limit) {
            problems.add("its sources were not examined, because examining those of all rules would take too long");
        }
        return problems;
    }

    private static boolean mayApplyToHost(Policy policy, PolicyState state) {
        try {
            Selector selector = EndpointSelector.of(policy);
            return state.hostEndpoints().isEmpty()
                    ? !selector.excludes(Selector.global())
                    : state.hostEndpoints().stream().anyMatch(endpoint -> endpoint.maybeSelectedBy(selector));
        } catch (IllegalArgumentException unreadable) {
            return true;
        }
    }

    /** The sources of a rule; problems of unknown ones are added to the problems. */
    private static List<IpPrefix> ofRule(
            RulePosition rule, PolicyState state, List<NetworkSet> namespaced, List<String> problems, Steps steps) {
        EntityMatch source = rule.rule().source();
        boolean selects = EndpointSelector.isIn(source, null);
        if (source.nets().isEmpty() && !selects) {
            Stream.concat(
                            rule.rule().others().stream().filter(other -> other.startsWith("source")),
                            source.services().isEmpty() ? Stream.of() : Stream.of("services=" + source.services()))
                    .findFirst()
                    .ifPresent(asked -> problems.add("it is not known which sources \"" + asked + "\" means"));
            return List.of();
        }
        List<IpPrefix> named = source.nets();
        if (selects) {
            Optional<List<IpPrefix>> selected = selected(source, state, namespaced, steps);
            if (selected.isEmpty() && named.isEmpty()) {
                problems.add("its source selector cannot be read");
            }
            List<IpPrefix> nets = named;
            steps.take((long) nets.size() * selected.map(List::size).orElse(0));
            named = selected.map(blocks -> nets.isEmpty() ? blocks : shared(nets, blocks))
                    .orElse(nets);
        }
        List<IpPrefix> blocks = new ArrayList<>();
        steps.take(named.size() * (1L + source.notNets().size()));
        for (IpPrefix block : named) {
            if (ExemptWidth.isWide(block)) {
                if (ExemptWidth.bits(block) > 0) { // otherwise it allows everybody on purpose
                    problems.add("its source " + block + " is too wide to be exempt");
                }
            } else {
                block.minus(source.notNets()).forEach(blocks::add);
            }
        }
        return ExemptWidth.limited(
                blocks,
                ipVersion ->
                        problems.add("its IPv" + ipVersion + " sources together have too many addresses to be exempt"));
    }

    /** The addresses in network sets that are or may be selected; empty if the selector cannot be read. */
    private static Optional<List<IpPrefix>> selected(
            EntityMatch source, PolicyState state, List<NetworkSet> namespaced, Steps steps) {
        try {
            Selector selector = EndpointSelector.of(source, null);
            // Labels of namespaces are not read, so a set in any namespace may be selected.
            Selector inAny = EndpointSelector.of(source.selected(source.selector(), ""), null);
            Stream<NetworkSet> inNamespaces = selector.implies(Selector.global())
                    ? Stream.of()
                    : namespaced.stream().filter(set -> inAny.matches(set.labels()));
            return Optional.of(Stream.concat(
                            state.sets().stream().filter(set -> selector.matches(set.labels())), inNamespaces)
                    .filter(set -> !set.labels().containsKey(BlocklistRules.LABEL)) // whatever other labels it has
                    .peek(set -> steps.take(1 + set.nets().size()))
                    .flatMap(set -> set.nets().stream())
                    .distinct()
                    .toList());
        } catch (IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }

    private static List<IpPrefix> shared(List<IpPrefix> some, List<IpPrefix> others) {
        return some.stream()
                .flatMap(one -> others.stream()
                        .filter(one::overlaps)
                        .map(other -> one.length() >= other.length() ? one : other))
                .distinct()
                .toList();
    }
}

package io.denywatch.sums;

import io.denywatch.count.Count;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.EstablishedSource;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.NodeSummary;
import io.denywatch.detection.NodeSummary.RuleSums;
import io.denywatch.detection.NodeSummary.SourceSum;
import io.denywatch.detection.RuleScope;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/**
 * Adds up the summaries of agents. Pure: the same arguments give the same result.
 *
 * <p>A sum never exceeds what all nodes together denied within the rule's span, if their clocks are right: each summary
 * is a lower bound, a packet is logged on one node, distinct ports and load balancers are counted as the union of those
 * that were named, and all summaries that are added cover together no more than the span. What one agent reports counts
 * for at most {@link RuleScope.ClusterScope#shareMax}.
 */
public final class ClusterSums {
    /** How far the time of a summary may be before the clock of the agent that adds, in seconds. */
    public static final int BEHIND_SECONDS_MAX = 15;

    /** How far the time of a summary may be after that clock, in seconds. */
    public static final int AHEAD_SECONDS_MAX = RuleScope.ClusterScope.SPREAD_SECONDS - BEHIND_SECONDS_MAX;

    /** The most nodes that evidence names. */
    static final int NAMED_MAX = 8;

    private ClusterSums() {}

    /**
     * A source whose sum reached a rule's threshold.
     *
     * @param nodes that reported it, in order
     */
    public record Reached(DetectionRule rule, IpPrefix source, Evidence evidence, List<String> nodes) {
        /** Copies the list. */
        public Reached {
            nodes = List.copyOf(nodes);
        }
    }

    /**
     * The result.
     *
     * @param reached by rule, the highest sums first
     * @param established sources that reached a threshold, but have an established connection on some node
     * @param agents how many agents were counted, withheld their numbers or had another clock
     */
    public record SumsResult(List<Reached> reached, int established, Map<AgentState, Integer> agents) {
        /** Copies the collections. */
        public SumsResult {
            reached = List.copyOf(reached);
            agents = Map.copyOf(agents);
        }
    }

    /** Whether a summary of this time may be added at this moment. */
    static boolean isTimely(Instant at, Instant now) {
        Duration age = Duration.between(at, now);
        return age.compareTo(Duration.ofSeconds(BEHIND_SECONDS_MAX)) < 0
                && age.compareTo(Duration.ofSeconds(-AHEAD_SECONDS_MAX)) >= 0;
    }

    /**
     * Adds up.
     *
     * @param rules those of other scopes are left out
     * @param summaries by node
     */
    public static SumsResult of(List<DetectionRule> rules, SortedMap<String, NodeSummary> summaries, Instant now) {
        Map<AgentState, Integer> agents = new EnumMap<>(AgentState.class);
        Map<String, NodeSummary> counted = new LinkedHashMap<>();
        Set<Ip> established = new HashSet<>();
        summaries.forEach((node, summary) -> {
            AgentState state = state(summary, now);
            agents.merge(state, 1, Integer::sum);
            if (state == AgentState.COUNTED) {
                counted.put(node, summary);
            }
            // An exemption counts whatever the clock says.
            summary.established().stream().map(EstablishedSource::source).forEach(each -> established.add(site(each)));
        });
        List<Reached> reached = new ArrayList<>();
        int refused = 0;
        for (DetectionRule rule : rules) {
            if (rule.scope() instanceof RuleScope.ClusterScope cluster) {
                for (Reached each : reached(rule, cluster, counted)) {
                    if (established.contains(site(each.source()))) {
                        refused++;
                    } else {
                        reached.add(each);
                    }
                }
            }
        }
        return new SumsResult(reached, refused, agents);
    }

    private static AgentState state(NodeSummary summary, Instant now) {
        return !summary.withheld().isEmpty()
                ? AgentState.WITHHELD
                : isTimely(summary.at(), now) ? AgentState.COUNTED : AgentState.CLOCK;
    }

    /** An IPv4 address, or the /64 that an IPv6 source is in: two sources that overlap have the same. */
    private static Ip site(IpPrefix source) {
        Ip network = source.network();
        return network.isIpv4() ? network : new Ip(network.high(), 0);
    }

    private static List<Reached> reached(
            DetectionRule rule, RuleScope.ClusterScope cluster, Map<String, NodeSummary> counted) {
        Map<IpPrefix, Sum> sums = new LinkedHashMap<>();
        counted.forEach((node, summary) -> summary.rules().stream()
                .filter(of -> of.rule().equals(rule))
                .map(RuleSums::sources)
                .flatMap(List::stream)
                .forEach(source ->
                        sums.computeIfAbsent(source.source(), Sum::new).add(node, source, cluster.shareMax(rule))));
        return sums.values().stream()
                .filter(sum -> sum.nodes.size() >= cluster.nodesMin() && sum.amount(rule) >= rule.threshold())
                .sorted(Comparator.comparingInt((Sum sum) -> -sum.amount(rule)))
                .map(sum -> new Reached(rule, sum.source, sum.evidence(rule), sum.nodes))
                .toList();
    }

    /** One source's sum; used while one call adds up. */
    private static final class Sum {
        private final IpPrefix source;
        private final List<String> nodes = new ArrayList<>();
        private final Set<String> keys = new HashSet<>();
        private final Set<String> ports = new LinkedHashSet<>();
        private final Set<Ip> loadBalancers = new LinkedHashSet<>();
        private long packets;
        private Instant firstSeen = Instant.MAX;
        private Instant lastSeen = Instant.MIN;

        Sum(IpPrefix source) {
            this.source = source;
        }

        void add(String node, SourceSum more, int shareMax) {
            nodes.add(node);
            packets = Count.sum(packets, Math.min(more.amount(), shareMax));
            more.keys().stream().limit(shareMax).forEach(keys::add);
            ports.addAll(more.ports());
            loadBalancers.addAll(more.loadBalancers());
            firstSeen = more.firstSeen().isBefore(firstSeen) ? more.firstSeen() : firstSeen;
            lastSeen = more.lastSeen().isAfter(lastSeen) ? more.lastSeen() : lastSeen;
        }

        int amount(DetectionRule rule) {
            return switch (rule.measure()) {
                case PACKETS -> Math.clamp(packets, 0, Integer.MAX_VALUE);
                case DISTINCT_PORTS, DISTINCT_LOAD_BALANCERS -> keys.size();
                case DISTINCT_NODES -> nodes.size();
                case DISTINCT_SOURCES -> 0;
            };
        }

        Evidence evidence(DetectionRule rule) {
            int amount = amount(rule);
            return new Evidence(
                    amount,
                    ports.stream().limit(Evidence.PORTS_MAX).toList(),
                    loadBalancers.stream().limit(Evidence.LOAD_BALANCERS_MAX).toList(),
                    firstSeen,
                    lastSeen,
                    "",
                    amount,
                    "counted on " + nodes.size() + " nodes: " + named());
        }

        private String named() {
            int more = nodes.size() - NAMED_MAX;
            return String.join(", ", nodes.subList(0, Math.min(nodes.size(), NAMED_MAX)))
                    + (more > 0 ? " and " + more + " more" : "");
        }
    }
}

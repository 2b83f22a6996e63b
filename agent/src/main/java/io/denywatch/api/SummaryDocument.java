package io.denywatch.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.EstablishedSource;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.NodeSummary;
import io.denywatch.detection.NodeSummary.RuleSums;
import io.denywatch.detection.NodeSummary.SourceSum;
import io.denywatch.detection.RuleScope;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What one agent counted for rules with scope {@code cluster}. The agent that decides reads it from all others; any of
 * them may be wrong, so {@link #summary} checks everything.
 *
 * @param at the agent's clock when it counted
 * @param withheld why it reports nothing; empty if it does
 * @param established sources with established connections
 */
public record SummaryDocument(Instant at, String withheld, List<SummedRule> rules, List<String> established) {
    private static final Pattern PORT = Pattern.compile("[a-z-]{2,8}/(0|[1-9][0-9]{0,4})");
    private static final int IPV6_LENGTH_MIN = 64;

    /** Copies the lists and checks the time. */
    public SummaryDocument {
        at = ApiJson.time(at, "at");
        rules = ApiJson.list(rules);
        established = ApiJson.list(established);
    }

    /**
     * The sources that a rule counted.
     *
     * @param rule the rule with all its numbers: amounts of different rules must not be added
     */
    public record SummedRule(String rule, List<Source> sources, int leftOut) {
        /** Copies the list. */
        public SummedRule {
            sources = ApiJson.list(sources);
        }
    }

    /** One source; see {@link SourceSum}. */
    public record Source(
            String source,
            int amount,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> keys,
            List<String> ports,
            List<String> loadBalancers,
            Instant firstSeen,
            Instant lastSeen) {
        /** Copies the lists and checks the times. */
        public Source {
            keys = ApiJson.list(keys);
            ports = ApiJson.list(ports);
            loadBalancers = ApiJson.list(loadBalancers);
            firstSeen = ApiJson.time(firstSeen, "firstSeen");
            lastSeen = ApiJson.time(lastSeen, "lastSeen");
        }
    }

    /** The document of a summary. */
    public static SummaryDocument of(NodeSummary summary) {
        return new SummaryDocument(
                summary.at(),
                summary.withheld(),
                summary.rules().stream().map(SummaryDocument::rule).toList(),
                summary.established().stream()
                        .map(each -> each.source().compact())
                        .toList());
    }

    private static SummedRule rule(RuleSums sums) {
        return new SummedRule(
                key(sums.rule()),
                sums.sources().stream().map(SummaryDocument::source).toList(),
                sums.leftOut());
    }

    private static Source source(SourceSum sum) {
        return new Source(
                sum.source().compact(),
                sum.amount(),
                sum.keys(),
                sum.ports(),
                sum.loadBalancers().stream().map(Ip::toString).toList(),
                sum.firstSeen(),
                sum.lastSeen());
    }

    private static String key(DetectionRule rule) {
        return rule.name() + " " + rule.measure().label() + " " + rule.threshold() + " within " + rule.withinSeconds()
                + "s of "
                + rule.protocols().stream()
                        .sorted()
                        .map(protocol -> protocol.label())
                        .collect(Collectors.joining(","))
                + (rule.scope() instanceof RuleScope.ClusterScope cluster
                        ? " on " + cluster.nodesMin() + " nodes"
                        : "");
    }

    /**
     * The summary in this document. Rules that are not among these are left out: another agent may have another
     * configuration while it changes.
     *
     * @throws IllegalArgumentException if anything in it is not what an agent writes; the message quotes none of it
     */
    public NodeSummary summary(List<DetectionRule> known) {
        require(established.size() <= NodeSummary.ESTABLISHED_MAX, "too many established sources");
        require(
                rules.stream().mapToInt(rule -> rule.sources().size()).sum() <= NodeSummary.SOURCES_MAX,
                "too many sources");
        Set<String> seen = new HashSet<>();
        List<RuleSums> sums = new ArrayList<>();
        for (SummedRule rule : rules) {
            require(seen.add(rule.rule()), "a rule twice");
            Optional<DetectionRule> same =
                    known.stream().filter(each -> key(each).equals(rule.rule())).findFirst();
            if (same.isPresent()) {
                sums.add(sums(same.get(), rule));
            }
        }
        return new NodeSummary(
                at,
                sums,
                established.stream()
                        .map(each -> new EstablishedSource(prefix(each), at))
                        .toList(),
                withheld);
    }

    private RuleSums sums(DetectionRule rule, SummedRule given) {
        Set<IpPrefix> seen = new HashSet<>();
        List<SourceSum> sources = new ArrayList<>();
        for (Source source : given.sources()) {
            SourceSum sum = sum(rule, source);
            require(seen.add(sum.source()), "a source twice");
            sources.add(sum);
        }
        return new RuleSums(rule, sources, Math.max(0, given.leftOut()));
    }

    private SourceSum sum(DetectionRule rule, Source given) {
        List<String> keys = given.keys();
        require(keys.size() <= RuleScope.ClusterScope.KEYS_MAX, "too many keys");
        require(Set.copyOf(keys).size() == keys.size(), "a key twice");
        switch (rule.measure()) {
            case PACKETS, DISTINCT_NODES, DISTINCT_SOURCES -> require(keys.isEmpty(), "keys of a rule that has none");
            case DISTINCT_PORTS -> ports(keys);
            case DISTINCT_LOAD_BALANCERS -> keys.forEach(SummaryDocument::address);
        }
        int amount = keys.isEmpty() ? given.amount() : keys.size();
        require(amount > 0 && amount == given.amount(), "an amount that is not that of its keys");
        require(given.ports().size() <= Evidence.PORTS_MAX, "too many ports");
        ports(given.ports());
        require(given.loadBalancers().size() <= Evidence.LOAD_BALANCERS_MAX, "too many load balancers");
        Instant earliest = at.minusSeconds(rule.withinSeconds());
        require(
                given.firstSeen().isAfter(earliest)
                        && !given.lastSeen().isBefore(given.firstSeen())
                        && !given.lastSeen().isAfter(at),
                "times that are not within the rule's span");
        return new SourceSum(
                prefix(given.source()),
                amount,
                keys,
                given.ports(),
                given.loadBalancers().stream().map(SummaryDocument::address).toList(),
                given.firstSeen(),
                given.lastSeen());
    }

    private static void ports(List<String> ports) {
        ports.forEach(port -> require(PORT.matcher(port).matches(), "a port that is none"));
    }

    /** An address, which must be written in the one form that an agent writes, so that no other form counts again. */
    private static Ip address(String text) {
        Ip address = Ip.parse(text);
        require(address.toString().equals(text), "an address in another form");
        return address;
    }

    private static IpPrefix prefix(String text) {
        IpPrefix source = IpPrefix.parse(text);
        require(source.isIpv4() ? source.isSingle() : source.length() >= IPV6_LENGTH_MIN, "a source that is too wide");
        return source;
    }

    private static void require(boolean condition, String problem) {
        if (!condition) {
            throw new IllegalArgumentException(problem);
        }
    }
}

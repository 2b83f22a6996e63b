package io.denywatch.detection;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.List;

/**
 * What one agent counted for the rules that the whole cluster decides on. Immutable and bounded. All amounts are lower
 * bounds of what its node denied in the {@link #countedSeconds} before {@link #at}.
 *
 * @param at the agent's clock, in whole seconds, when it counted
 * @param rules what it counted for each rule
 * @param established sources with established connections, the latest first, at most {@link #ESTABLISHED_MAX}
 * @param withheld why the agent reports nothing; empty if it does
 */
public record NodeSummary(Instant at, List<RuleSums> rules, List<EstablishedSource> established, String withheld) {
    /** The most sources in a summary, of all rules together. */
    public static final int SOURCES_MAX = 256;

    /** The most sources with established connections in a summary. */
    public static final int ESTABLISHED_MAX = 512;

    /** The most bytes of a summary as a document; a longer one is not read. */
    public static final int BYTES_MAX = 512 * 1024;

    /** How often an agent makes a summary, in milliseconds. */
    public static final long EVERY_MILLIS = 1_000;

    /** No summary was made yet. */
    public static final NodeSummary NONE = withheld(Instant.EPOCH, "nothing was counted yet");

    /** Copies the lists. */
    public NodeSummary {
        rules = List.copyOf(rules);
        established = List.copyOf(established);
    }

    /** A summary of an agent that reports nothing. */
    public static NodeSummary withheld(Instant at, String why) {
        return new NodeSummary(at, List.of(), List.of(), why);
    }

    /** How many seconds before its time a summary counts for a rule. */
    public static int countedSeconds(DetectionRule rule) {
        return rule.withinSeconds() - RuleScope.ClusterScope.SPREAD_SECONDS;
    }

    /** The most sources that a summary contains for each of so many rules. */
    public static int sourcesPerRule(int rules) {
        return SOURCES_MAX / Math.max(1, rules);
    }

    /**
     * The sources with the highest amounts.
     *
     * @param sources those with the highest amounts first
     * @param leftOut how many more there are
     */
    public record RuleSums(DetectionRule rule, List<SourceSum> sources, int leftOut) {
        /** Copies the list. */
        public RuleSums {
            sources = List.copyOf(sources);
        }
    }

    /**
     * What a source sent to this node.
     *
     * @param amount of the rule's measure; packets if the rule counts nodes
     * @param keys what a rule on distinct ports or load balancers counted, as in {@link Evidence}; otherwise empty
     * @param ports as in {@link Evidence}
     * @param loadBalancers as in {@link Evidence}
     * @param firstSeen event time, in whole seconds
     * @param lastSeen event time, in whole seconds
     */
    public record SourceSum(
            IpPrefix source,
            int amount,
            List<String> keys,
            List<String> ports,
            List<Ip> loadBalancers,
            Instant firstSeen,
            Instant lastSeen) {
        /** Copies the lists. */
        public SourceSum {
            keys = List.copyOf(keys);
            ports = List.copyOf(ports);
            loadBalancers = List.copyOf(loadBalancers);
        }
    }
}

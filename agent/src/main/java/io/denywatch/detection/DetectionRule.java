package io.denywatch.detection;

import io.denywatch.denial.Transport;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A threshold at which a source is detected, and how long it is then blocked. Immutable.
 *
 * @param name in evidence and metrics: 1 to 24 letters, digits and '-'
 * @param measure what is counted
 * @param threshold amount within the span at which a source is detected, 2 to {@link Measure#thresholdMax}
 * @param withinSeconds the span of event time, 1 to {@link #WITHIN_SECONDS_MAX}
 * @param protocols whose packets count; not empty
 * @param blockFor duration of the first block, 1 minute to {@code maxBlock}; it doubles with each prior block
 * @param maxBlock longest duration of a block, at most 30 days
 * @param subnets whose sources are counted; {@link SubnetLengths#NONE} for all other measures
 * @param scope whose packets are counted
 */
public record DetectionRule(
        String name,
        Measure measure,
        int threshold,
        int withinSeconds,
        Set<Transport> protocols,
        Duration blockFor,
        Duration maxBlock,
        SubnetLengths subnets,
        RuleScope scope) {
    /** The longest span, in seconds: a week. */
    public static final int WITHIN_SECONDS_MAX = 7 * 86_400;

    /** The shortest duration of a block. */
    public static final Duration BLOCK_MIN = Duration.ofMinutes(1);

    /** The longest duration of a block. */
    public static final Duration BLOCK_MAX = Duration.ofDays(30);

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9-]{1,24}");

    /** Checks the ranges; the message names the part, the value and what is allowed. */
    public DetectionRule {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name \"" + name + "\" is not allowed; allowed: 1 to 24 letters, digits and '-'");
        }
        check(measure.label(), threshold, 2, measure.thresholdMax());
        check("within, in seconds", withinSeconds, 1, WITHIN_SECONDS_MAX);
        switch (scope) {
            case RuleScope.NodeScope _ -> {
                if (measure == Measure.DISTINCT_NODES) {
                    throw new IllegalArgumentException(
                            measure.label() + " is not allowed with scope node; allowed: with scope cluster");
                }
            }
            case RuleScope.ClusterScope _ -> {
                if (measure == Measure.DISTINCT_SOURCES) {
                    throw new IllegalArgumentException(
                            measure.label() + " is not allowed with scope cluster; allowed: with scope node");
                }
                check(
                        "within, in seconds, with scope cluster,",
                        withinSeconds,
                        RuleScope.ClusterScope.WITHIN_SECONDS_MIN,
                        RuleScope.ClusterScope.WITHIN_SECONDS_MAX);
            }
        }
        if (protocols.isEmpty()) {
            throw new IllegalArgumentException("protocols [] is not allowed; allowed: one or more");
        }
        protocols = Set.copyOf(EnumSet.copyOf(protocols));
        if (maxBlock.compareTo(BLOCK_MIN) < 0 || maxBlock.compareTo(BLOCK_MAX) > 0) {
            throw new IllegalArgumentException("maxBan " + maxBlock + " is not allowed; allowed: 1m to 30d");
        }
        if (blockFor.compareTo(BLOCK_MIN) < 0 || blockFor.compareTo(maxBlock) > 0) {
            throw new IllegalArgumentException("for " + blockFor + " is not allowed; allowed: 1m to maxBan");
        }
        if (measure == Measure.DISTINCT_SOURCES) {
            checkSubnets(threshold, subnets);
        } else if (!subnets.equals(SubnetLengths.NONE)) {
            throw new IllegalArgumentException(
                    "prefixLength is not allowed; allowed: with " + Measure.DISTINCT_SOURCES.label());
        }
    }

    /** A rule about single sources. */
    public DetectionRule(
            String name,
            Measure measure,
            int threshold,
            int withinSeconds,
            Set<Transport> protocols,
            Duration blockFor,
            Duration maxBlock) {
        this(name, measure, threshold, withinSeconds, protocols, blockFor, maxBlock, SubnetLengths.NONE);
    }

    /** A rule about single sources, with a scope. */
    public DetectionRule(
            String name,
            Measure measure,
            int threshold,
            int withinSeconds,
            Set<Transport> protocols,
            Duration blockFor,
            Duration maxBlock,
            RuleScope scope) {
        this(name, measure, threshold, withinSeconds, protocols, blockFor, maxBlock, SubnetLengths.NONE, scope);
    }

    /** A rule on the packets of one node. */
    public DetectionRule(
            String name,
            Measure measure,
            int threshold,
            int withinSeconds,
            Set<Transport> protocols,
            Duration blockFor,
            Duration maxBlock,
            SubnetLengths subnets) {
        this(name, measure, threshold, withinSeconds, protocols, blockFor, maxBlock, subnets, RuleScope.NODE);
    }

    private static void checkSubnets(int threshold, SubnetLengths subnets) {
        check("prefixLength", subnets.ipv4(), SubnetLengths.IPV4_MIN, SubnetLengths.NONE.ipv4() - 1);
        check("prefixLength6", subnets.ipv6(), SubnetLengths.IPV6_MIN, SubnetLengths.NONE.ipv6() - 1);
        if (threshold > subnets.sourcesMin()) {
            throw new IllegalArgumentException("distinctSources " + threshold + " is not allowed with prefixLength "
                    + subnets.ipv4() + " and prefixLength6 " + subnets.ipv6() + "; allowed: 2 to "
                    + subnets.sourcesMin());
        }
    }

    /** Whether it counts the sources of a subnet. */
    public boolean isOfSubnets() {
        return measure == Measure.DISTINCT_SOURCES;
    }

    /** Whether it counts the packets of all nodes. */
    public boolean isOfCluster() {
        return scope instanceof RuleScope.ClusterScope;
    }

    private static void check(String part, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(part + " " + value + " is not allowed; allowed: " + min + " to " + max);
        }
    }
}

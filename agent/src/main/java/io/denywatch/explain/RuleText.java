package io.denywatch.explain;

import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.Measure;
import io.denywatch.detection.RuleScope;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.Spans;
import io.denywatch.top.AgentReport;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Rules and what they found, in words. */
final class RuleText {
    private RuleText() {}

    /** What a rule counts. */
    static String measure(Measure measure) {
        return switch (measure) {
            case PACKETS -> "packets";
            case DISTINCT_PORTS -> "ports";
            case DISTINCT_LOAD_BALANCERS -> "load balancers";
            case DISTINCT_SOURCES -> "sources";
            case DISTINCT_NODES -> "nodes";
        };
    }

    /** A rule's threshold. */
    static String threshold(DetectionRule rule) {
        return rule.threshold() + " " + measure(rule.measure()) + " within "
                + Spans.text(Duration.ofSeconds(rule.withinSeconds()))
                + (rule.isOfSubnets()
                        ? " in a /" + rule.subnets().ipv4() + " or an IPv6 /"
                                + rule.subnets().ipv6()
                        : "")
                + (rule.scope() instanceof RuleScope.ClusterScope ? " on all nodes together" : "");
    }

    /** The rule of this name, where it is known. */
    static Optional<DetectionRule> named(Optional<AgentReport> agent, String name) {
        return agent.flatMap(report ->
                report.rules().stream().filter(rule -> rule.name().equals(name)).findFirst());
    }

    /** How a source reached a rule's threshold. */
    static String reached(String name, Optional<DetectionRule> rule, Evidence evidence) {
        Duration took = Duration.between(evidence.firstSeen(), evidence.lastSeen());
        return "rule " + name + " reached: " + evidence.count() + " "
                + rule.map(known -> measure(known.measure())).orElse("counted") + " in "
                + Spans.rounded(took.isNegative() ? Duration.ZERO : took.plusMillis(999))
                + rule.map(known -> " (threshold " + threshold(known) + ")").orElse("")
                + where(evidence)
                + (evidence.hint().isEmpty() ? "" : "; " + evidence.hint());
    }

    private static String where(Evidence evidence) {
        return list(
                        "; to ",
                        evidence.loadBalancers().stream().map(Object::toString).toList(),
                        Evidence.LOAD_BALANCERS_MAX)
                + list("; ports ", evidence.ports(), Evidence.PORTS_MAX)
                + list(
                        "; sources ",
                        evidence.members().stream().map(IpPrefix::compact).toList(),
                        Evidence.MEMBERS_MAX);
    }

    private static String list(String head, List<String> items, int max) {
        String tail = items.size() == max ? " and perhaps others before" : "";
        return items.isEmpty() ? "" : items.stream().collect(Collectors.joining(", ", head, tail));
    }
}

package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What Calico's validation refuses. The API server and calicoctl tell whoever writes such a policy; Felix, which checks
 * again what got past them, treats it as missing and says so in its own log only.
 */
final class Validity {
    private Validity() {}

    /** What is wrong with the policy, in words; empty if nothing. */
    static List<String> problems(Policy policy) {
        List<String> problems = new ArrayList<>();
        boolean egress = !policy.egress().isEmpty() || policy.types().contains(Direction.EGRESS);
        if (policy.preDnat() && policy.doNotTrack()) {
            problems.add("it has both preDNAT and doNotTrack");
        }
        if (policy.preDnat() && egress) {
            problems.add("it has preDNAT and egress");
        }
        if ((policy.preDnat() || policy.doNotTrack()) && !policy.applyOnForward()) {
            problems.add("it has " + (policy.preDnat() ? "preDNAT" : "doNotTrack") + " without applyOnForward");
        }
        selectorProblem(policy, problems);
        for (Direction direction : Direction.values()) {
            for (int i = 0; i < policy.rules(direction).size(); i++) {
                RulePosition position = new RulePosition(policy, direction, i);
                ruleProblems(position).forEach(problem -> problems.add(position + " " + problem));
            }
        }
        return problems;
    }

    private static void selectorProblem(Policy policy, List<String> problems) {
        try {
            EndpointSelector.of(policy);
            if (Stream.of(policy.selector(), policy.namespaceSelector(), policy.serviceAccountSelector())
                    .anyMatch(Validity::isGlobal)) {
                problems.add("its selector has global()");
            }
        } catch (IllegalArgumentException unreadable) {
            problems.add("its " + unreadable.getMessage());
        }
    }

    private static List<String> ruleProblems(RulePosition position) {
        Rule rule = position.rule();
        List<String> problems = new ArrayList<>();
        boolean ports = Stream.of(rule.source(), rule.destination())
                .anyMatch(match -> !match.ports().isEmpty() || !match.notPorts().isEmpty());
        if (ports && (rule.protocol() == null || !rule.protocol().hasPorts())) {
            problems.add("has ports without protocol TCP, UDP, SCTP or UDPLite");
        }
        if (netVersions(rule).distinct().count() > 1) {
            problems.add("has IPv4 and IPv6 nets");
        }
        if (rule.ipVersion() != 0 && netVersions(rule).anyMatch(version -> version != rule.ipVersion())) {
            problems.add("has nets of another IP version than its ipVersion");
        }
        if (position.direction() == Direction.INGRESS
                && !rule.destination().services().isEmpty()) {
            problems.add("has services in the destination of ingress");
        }
        if (Stream.of(rule.source(), rule.destination())
                .flatMap(match -> Stream.concat(match.ports().stream(), match.notPorts().stream()))
                .anyMatch(port -> port instanceof Port.Range range && range.first() == 0)) {
            problems.add("has port 0");
        }
        if (Stream.of(rule.source(), rule.destination()).anyMatch(match -> isGlobal(match.selector()))) {
            problems.add("has global() in a selector, which only a namespaceSelector may have");
        }
        for (Side side : Side.values()) {
            try {
                EndpointSelector.of(rule.at(side), position.policy().namespace());
                Selector.parse(rule.at(side).notSelector());
            } catch (IllegalArgumentException unreadable) {
                problems.add("has a " + unreadable.getMessage());
            }
        }
        return problems;
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

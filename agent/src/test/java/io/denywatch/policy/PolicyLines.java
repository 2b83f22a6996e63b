package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Policies written in one line each, for tests: {@code [stage] name order [tier=T] [on SELECTOR]: rule; rule}. A rule is
 * {@code Action [proto] [v4|v6] [src X,Y] [notsrc X,Y] [from "selector"] [dst X] [port P,Q] [notport P] [if text]}.
 */
public final class PolicyLines {
    public static final String NODE = "worker-1";

    private PolicyLines() {}

    /** The policies on a node with one automatic host endpoint labelled {@code role=public}, for a Calico that reads tiers. */
    public static PolicyState state(String... lines) {
        return state(List.of(), lines);
    }

    public static PolicyState state(List<NetworkSet> sets, String... lines) {
        return new PolicyState(
                        List.of(Tier.DEFAULT, new Tier("first", 100, Action.DENY), new Tier("open", 200, Action.PASS)),
                        policies(lines),
                        sets,
                        List.of(endpoint("worker-1-auto-hep", Map.of("role", "public"))))
                .on(CalicoVersions.of("v3.32.1"));
    }

    public static List<Policy> policies(String... lines) {
        List<Policy> policies = new ArrayList<>();
        for (String line : lines) {
            policies.add(policy(line));
        }
        return policies;
    }

    public static HostEndpoint endpoint(String name, Map<String, String> labels) {
        return new HostEndpoint(name, NODE, "of-" + name, labels, List.of(), List.of(HostEndpoint.DEFAULT_ALLOW));
    }

    public static Policy policy(String line) {
        int colon = line.indexOf(": ");
        List<String> words = new ArrayList<>(List.of(line.substring(0, colon).split(" ", -1)));
        Stage stage = switch (words.getFirst()) {
            case "raw" -> Stage.DO_NOT_TRACK;
            case "filter" -> Stage.FILTER;
            default -> Stage.PRE_DNAT;
        };
        if (stage != Stage.PRE_DNAT) {
            words.removeFirst();
        }
        String tier = "default";
        String selector = "role == 'public'";
        for (int i = 2; i < words.size(); i++) {
            if (words.get(i).startsWith("tier=")) {
                tier = words.get(i).substring(5);
            } else if (words.get(i).equals("on")) {
                selector = String.join(" ", words.subList(i + 1, words.size()));
                break;
            }
        }
        double order = words.get(1).equals("-") ? Double.POSITIVE_INFINITY : Double.parseDouble(words.get(1));
        List<Rule> rules = new ArrayList<>();
        for (String rule : line.substring(colon + 2).split("; ", -1)) {
            rules.add(rule(rule));
        }
        return new Policy(
                words.getFirst(),
                null,
                tier,
                order,
                selector,
                "",
                "",
                Set.of(Direction.INGRESS),
                stage == Stage.DO_NOT_TRACK,
                stage == Stage.PRE_DNAT,
                true,
                rules,
                List.of(),
                List.of(),
                words.getFirst());
    }

    public static Rule rule(String text) {
        String[] words = text.split(" ", -1);
        Rule rule = Rule.of(Action.valueOf(words[0].toUpperCase(Locale.ROOT)));
        for (int i = 1; i < words.length; i++) {
            EntityMatch source = rule.source();
            EntityMatch destination = rule.destination();
            rule = switch (words[i]) {
                case "v4" -> version(rule, 4);
                case "v6" -> version(rule, 6);
                case "src" -> rule.from(source.inNets(nets(words[++i])));
                case "notsrc" -> rule.from(source.notInNets(nets(words[++i])));
                case "from" -> rule.from(source.selected(words[++i], ""));
                case "set" -> rule.from(source.selected(words[++i], "global()"));
                case "notfrom" -> rule.from(source.notSelected(words[++i]));
                case "in" -> rule.from(source.selected(source.selector(), words[++i]));
                case "dst" -> rule.to(destination.inNets(nets(words[++i])));
                case "notdst" -> rule.to(destination.notInNets(nets(words[++i])));
                case "port" -> rule.to(destination.onPorts(ports(words[++i])));
                case "notport" -> rule.to(destination.notOnPorts(ports(words[++i])));
                case "sport" -> rule.from(source.onPorts(ports(words[++i])));
                case "if" ->
                    new Rule(
                            rule.action(),
                            rule.protocol(),
                            rule.notProtocol(),
                            rule.ipVersion(),
                            source,
                            destination,
                            List.of(words[++i]));
                case "not" ->
                    new Rule(
                            rule.action(),
                            rule.protocol(),
                            Protocol.parse(words[++i]),
                            rule.ipVersion(),
                            source,
                            destination,
                            rule.others());
                default -> rule.over(Protocol.parse(words[i]));
            };
        }
        return rule;
    }

    private static Rule version(Rule rule, int ipVersion) {
        return new Rule(
                rule.action(),
                rule.protocol(),
                rule.notProtocol(),
                ipVersion,
                rule.source(),
                rule.destination(),
                rule.others());
    }

    private static List<IpPrefix> nets(String text) {
        return List.of(text.split(",", -1)).stream().map(IpPrefix::parse).toList();
    }

    private static List<Port> ports(String text) {
        return List.of(text.split(",", -1)).stream().map(Port::parse).toList();
    }
}

package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.PolicyOptions.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Policies of a {@link PolicySet} as YAML documents, which calicoctl and kubectl take alike. Kubectl needs a cluster
 * that serves {@code projectcalico.org/v3}. The same options always give the same text.
 */
public final class PolicyYaml {
    private PolicyYaml() {}

    /** All policies of the set, as one stream of documents. */
    public static String of(PolicySet set) {
        return set.policies().stream()
                .map(policy -> document(policy, set.options()))
                .collect(Collectors.joining("---\n"));
    }

    private static String document(Policy policy, PolicyOptions options) {
        List<String> lines = new ArrayList<>();
        comments(policy, options).forEach(comment -> lines.add("# " + comment));
        lines.add("apiVersion: projectcalico.org/v3");
        lines.add("kind: GlobalNetworkPolicy");
        lines.add("metadata:");
        lines.add("  name: " + policy.name());
        lines.add("spec:");
        lines.add(String.format(Locale.ROOT, "  order: %.0f", policy.order()));
        lines.add("  selector: " + quoted(policy.selector()));
        lines.add("  applyOnForward: true");
        lines.add(policy.stage() == Stage.DO_NOT_TRACK ? "  doNotTrack: true" : "  preDNAT: true");
        lines.add("  types: [Ingress]");
        lines.add("  ingress:");
        policy.ingress().forEach(rule -> addRule(rule, lines));
        return String.join("\n", lines) + "\n";
    }

    private static void addRule(Rule rule, List<String> lines) {
        lines.add("    - action: " + rule.action().label());
        if (rule.ipVersion() != 0) {
            lines.add("      ipVersion: " + rule.ipVersion());
        }
        if (rule.protocol() != null) {
            lines.add("      protocol: " + rule.protocol());
        }
        for (Side side : Side.values()) {
            EntityMatch match = rule.at(side);
            if (!match.equals(EntityMatch.ANY)) {
                lines.add("      " + side.label() + ":");
                addMatch(match, lines);
            }
        }
    }

    private static void addMatch(EntityMatch match, List<String> lines) {
        addList("nets", texts(match.nets()), lines);
        addList("notNets", texts(match.notNets()), lines);
        if (!match.selector().isEmpty()) {
            lines.add("        selector: " + quoted(match.selector()));
            lines.add("        namespaceSelector: " + quoted(match.namespaceSelector()));
        }
        addList("ports", match.ports().stream().map(PolicyYaml::port).toList(), lines);
        addList("notPorts", match.notPorts().stream().map(PolicyYaml::port).toList(), lines);
    }

    private static List<String> texts(List<IpPrefix> prefixes) {
        return prefixes.stream().map(IpPrefix::toString).toList();
    }

    /** YAML 1.1 takes {@code 30000:32767} for a number to the base of 60. */
    private static String port(Port port) {
        String text = port.toString();
        return text.indexOf(':') < 0 ? text : quoted(text);
    }

    private static void addList(String name, List<String> items, List<String> lines) {
        if (!items.isEmpty()) {
            lines.add("        " + name + ":");
            items.forEach(item -> lines.add("          - " + item(item)));
        }
    }

    private static String item(String text) {
        return text.contains("::") ? quoted(text) : text;
    }

    /** A scalar in double quotes: selectors hold single ones. */
    private static String quoted(String text) {
        return '"'
                + text.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\t", "\\t")
                        .replace("\n", "\\n")
                + '"';
    }

    private static List<String> comments(Policy policy, PolicyOptions options) {
        return switch (part(policy, options)) {
            case BLOCKLIST -> options.beforeTracking() ? beforeTracking() : beforeDnat(options);
            case ALLOWLIST -> List.of("Lets these sources in to the load balancers.");
            case LOG_DENIED_PACKETS ->
                List.of(
                        "Logs what the policies after it deny. Allow nothing between order "
                                + Part.LOG_DENIED_PACKETS.order() + " and theirs,",
                        "or a line no longer means that a packet was denied.");
            case DENY_LB ->
                options.allowed().isEmpty() || !options.only().contains(Part.ALLOWLIST)
                        ? List.of(
                                "Denies the load balancers to everyone: no source is allowed by a policy printed here.")
                        : List.of("Denies the load balancers to all but the sources of " + options.name(Part.ALLOWLIST)
                                + ".");
            case DENY_NODEPORTS -> List.of("Denies the node ports to everyone.");
        };
    }

    private static List<String> beforeTracking() {
        return List.of(
                "Blocks every packet of the sources on the blocklist, before connection tracking:",
                "established connections end, and no allowlist before DNAT comes first.",
                "One rule with nothing but a source selector: network cards with a driver for XDP drop",
                "these packets (IPv4, iptables data plane). A Log rule in front of it would end that,",
                "and so would exemptions: whatever is in the sets is blocked here.",
                "Calico ignores it at host endpoints with interfaceName \"*\", so at all automatic ones.");
    }

    /** Agents that do not know of an exemption would still write such sources, to no effect. */
    private static List<String> beforeDnat(PolicyOptions options) {
        List<String> comments = new ArrayList<>(List.of(
                "Blocks new connections of the sources on the blocklist; established ones go on.",
                "What it blocks is not logged: it comes before " + options.name(Part.LOG_DENIED_PACKETS) + ".",
                "Sources in notNets are never blocked, whatever the sets hold."));
        List<IpPrefix> exempt =
                PolicySet.exempt(options).distinct().sorted(PolicySet.ORDER).toList();
        if (!exempt.isEmpty()) {
            comments.add("Let the agents exempt the same: blocklist.neverBlock: ["
                    + texts(exempt).stream().map(PolicyYaml::item).collect(Collectors.joining(", ")) + "]");
        }
        return comments;
    }

    private static Part part(Policy policy, PolicyOptions options) {
        for (Part part : Part.values()) {
            if (options.name(part).equals(policy.name())) {
                return part;
            }
        }
        throw new IllegalArgumentException(policy.name() + " is none of the policies written here");
    }
}

package io.denywatch.policy.manifest;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.EntityMatch;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.Policy;
import io.denywatch.policy.Port;
import io.denywatch.policy.Rule;
import io.denywatch.policy.Side;
import io.denywatch.policy.Stage;
import io.denywatch.policy.manifest.PolicyOptions.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Prints the policies of a {@link PolicySet} as YAML documents for calicoctl and kubectl. Kubectl needs a cluster that
 * serves {@code projectcalico.org/v3}. The same options always give the same text.
 */
public final class PolicyYaml {
    private PolicyYaml() {}

    /** All policies of the set, as one stream of documents, for a cluster with Calico's default failsafe ports. */
    public static String of(PolicySet set) {
        return of(set, FailsafePorts.DEFAULT);
    }

    /** The same, for a cluster with these failsafe ports. */
    public static String of(PolicySet set, FailsafePorts failsafe) {
        PolicyHeader header = new PolicyHeader(set, failsafe);
        return set.policies().stream()
                .map(policy -> document(policy, header.of(part(policy, set.options()))))
                .collect(Collectors.joining("---\n"));
    }

    /** Sentences about ports that stay open although one would expect these policies to deny them. */
    public static List<String> warnings(PolicySet set, FailsafePorts failsafe) {
        PolicyHeader header = new PolicyHeader(set, failsafe);
        List<FailsafePorts.FailsafePort> atLoadBalancers = header.failsafeAtLoadBalancers();
        List<FailsafePorts.FailsafePort> atNodes = header.failsafeAtNodes();
        List<String> warnings = new ArrayList<>();
        if (!atLoadBalancers.isEmpty()) {
            warnings.add(PolicyHeader.stillOpen(atLoadBalancers, "load balancers"));
        }
        if (!atNodes.isEmpty()) {
            warnings.add(PolicyHeader.stillOpen(atNodes, "nodes"));
        }
        return warnings;
    }

    private static String document(Policy policy, List<String> header) {
        List<String> lines = new ArrayList<>();
        header.forEach(comment -> lines.add("# " + comment));
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
        addList("nets", match.nets().stream().map(IpPrefix::toString).toList(), lines);
        addList("notNets", match.notNets().stream().map(IpPrefix::toString).toList(), lines);
        addText("selector", match.selector(), lines);
        addText("notSelector", match.notSelector(), lines);
        addText("namespaceSelector", match.namespaceSelector(), lines);
        addList("ports", match.ports().stream().map(PolicyYaml::port).toList(), lines);
        addList("notPorts", match.notPorts().stream().map(PolicyYaml::port).toList(), lines);
    }

    private static void addText(String name, String text, List<String> lines) {
        if (!text.isEmpty()) {
            lines.add("        " + name + ": " + quoted(text));
        }
    }

    /** Prefixes as elements of a YAML list. */
    static String texts(List<IpPrefix> prefixes) {
        return prefixes.stream().map(prefix -> item(prefix.toString())).collect(Collectors.joining(", "));
    }

    /** In YAML 1.1, {@code 30000:32767} without quotes is a number in base 60. */
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

    /** A scalar in double quotes, because selectors contain single ones. */
    private static String quoted(String text) {
        return '"'
                + text.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\t", "\\t")
                        .replace("\n", "\\n")
                + '"';
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

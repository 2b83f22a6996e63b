package io.denywatch.doctor;

import io.denywatch.api.Enforcement;
import io.denywatch.cluster.ClusterLoadBalancer;
import io.denywatch.cluster.sets.ClusterNetworkSet;
import io.denywatch.cluster.sets.SetExemptions;
import io.denywatch.cluster.survey.CalicoPolicies;
import io.denywatch.cluster.survey.ClusterSurvey;
import io.denywatch.cluster.survey.FelixSettings;
import io.denywatch.policy.NetworkSet;
import io.denywatch.policy.Oddity;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.SetLabels;
import io.denywatch.policy.verdict.AllowedSources;
import io.denywatch.process.Quantities;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Findings about a cluster: a pure function of its survey. */
public final class ClusterFindings {
    private static final int NAMED_MAX = 5;

    /** The text between the prefix and the rest of each line. */
    private static final String SEPARATOR = ": ";

    /** The characters of the prefix that iptables keeps, including the separator. */
    private static final int IPTABLES_CHARACTERS_MAX = 29;

    private ClusterFindings() {}

    /**
     * What the findings are about.
     *
     * @param node the node to check; empty for all nodes with host endpoints
     * @param enforce whether sources are to be blocked
     * @param blocklistPolicy the configured name of the policy that denies the blocklist
     * @param prefixes the beginnings of log prefixes that are counted
     * @param ignoresExemptions whether sources are blocked regardless of network sets that exempt them
     */
    public record Scope(
            Optional<String> node,
            boolean enforce,
            String blocklistPolicy,
            List<String> prefixes,
            boolean ignoresExemptions) {
        /** Copies the list. */
        public Scope {
            prefixes = List.copyOf(prefixes);
        }

        /** A scope in which network sets can exempt sources. */
        public Scope(Optional<String> node, boolean enforce, String blocklistPolicy, List<String> prefixes) {
            this(node, enforce, blocklistPolicy, prefixes, false);
        }

        private List<String> nodes(PolicyState state) {
            return node.map(List::of).orElseGet(state::nodes);
        }
    }

    /** All findings, in reading order. */
    public static List<Finding> of(ClusterSurvey survey, Scope scope) {
        if (!survey.unreachable().isEmpty()) {
            return List.of(FindingKind.CLUSTER_UNREACHABLE.found(survey.unreachable()));
        }
        List<Finding> findings = new ArrayList<>();
        survey.origin()
                .ifPresent(origin -> findings.add(FindingKind.CALICO_API.found(origin.group() + "/"
                        + origin.version()
                        + (origin.calicoVersion().isEmpty()
                                ? ", version not stated"
                                : ", Calico " + origin.calicoVersion()))));
        if (!survey.notReady().isEmpty()) {
            findings.add((scope.enforce() ? FindingKind.CALICO_NOT_READY : FindingKind.CALICO_READ_ONLY)
                    .found(survey.notReady()));
        }
        survey.lacking().forEach(rule -> findings.add(FindingKind.PERMISSION_MISSING.found("missing: " + rule)));
        if (survey.policies().isPresent()) {
            CalicoPolicies policies = survey.policies().get();
            dataPlanes(policies, scope, findings);
            policies(policies.state(), scope, findings);
            if (PolicyFindings.isNameTaken(policies.state(), scope.blocklistPolicy())) {
                findings.add(FindingKind.BLOCKLIST_POLICY_NAME_TAKEN.found(
                        scope.blocklistPolicy() + " exists and does not deny the sources on the blocklist"));
            }
            allowlists(policies.allowedSources(), scope, findings);
            exemptions(policies.state().sets(), scope, findings);
        } else {
            if (scope.enforce() && !survey.isCalicoMissing()) {
                findings.add(FindingKind.ALLOWLIST_CAN_BE_BLOCKED.found(
                        "it is not known which sources the policies allow: " + survey.policiesProblem()));
            }
            FindingKind unread = survey.isCalicoMissing()
                    ? FindingKind.CALICO_MISSING
                    : survey.isNotAsked() ? FindingKind.POLICIES_NOT_CHECKED : FindingKind.POLICIES_UNREADABLE;
            findings.add(unread.found(survey.policiesProblem()));
        }
        services(survey.services(), findings);
        return findings;
    }

    private static void allowlists(AllowedSources allowed, Scope scope, List<Finding> findings) {
        if (!scope.enforce() && !allowed.afterBlocklist()) {
            return;
        }
        allowed.unknown().stream()
                .limit(NAMED_MAX)
                .forEach(unknown -> findings.add(
                        FindingKind.ALLOWLIST_CAN_BE_BLOCKED.found(unknown.rule() + ": " + unknown.why())));
    }

    private static void exemptions(List<NetworkSet> sets, Scope scope, List<Finding> findings) {
        List<ClusterNetworkSet> marked = sets.stream()
                .map(set -> new ClusterNetworkSet(set.name(), set.labels(), set.nets(), unreadable(set)))
                .filter(set -> set.isMarked(SetLabels.NEVER_BLOCK))
                .toList();
        if (scope.ignoresExemptions() && !marked.isEmpty()) {
            findings.add(FindingKind.NEVER_BLOCK_SETS_IGNORED.found("blocklist.liveExemptions is false, and "
                    + Quantities.count(marked.size(), "set") + " with the label " + SetLabels.NEVER_BLOCK
                    + (marked.size() == 1 ? " exists: " : " exist: ")
                    + some(marked.stream().map(ClusterNetworkSet::name).toList())));
        } else {
            SetExemptions.of(marked).problems().stream()
                    .limit(NAMED_MAX)
                    .forEach(problem -> findings.add(FindingKind.NEVER_BLOCK_SET_IN_PART.found(problem)));
        }
    }

    private static int unreadable(NetworkSet set) {
        return (int) set.oddities().stream()
                .filter(found -> found.oddity() == Oddity.NET_PASSED_OVER)
                .count();
    }

    /** Whether the blocklist is enforced on all nodes of the scope. */
    public static Enforcement enforcement(ClusterSurvey survey, Scope scope) {
        return survey.policies()
                .map(CalicoPolicies::state)
                .map(state -> {
                    List<String> nodes = scope.nodes(state);
                    return !nodes.isEmpty() && NodeFindings.denyBlocklist(state, nodes)
                            ? Enforcement.ACTIVE
                            : Enforcement.MISSING;
                })
                .orElse(Enforcement.UNKNOWN);
    }

    private static void dataPlanes(CalicoPolicies policies, Scope scope, List<Finding> findings) {
        Map<Finding, List<String>> byFinding = new LinkedHashMap<>();
        List<String> nodes = scope.nodes(policies.state());
        for (String node : nodes.isEmpty() ? List.of("") : nodes) {
            FelixSettings dataPlane = policies.dataPlaneOf(node);
            List<Finding> ofNode = new ArrayList<>(logSettings(dataPlane, scope.prefixes()));
            dataPlane.problems().forEach(problem -> ofNode.add(FindingKind.FAILSAFE_PORTS_UNREADABLE.found(problem)));
            for (Finding finding : ofNode) {
                byFinding.computeIfAbsent(finding, _ -> new ArrayList<>()).add(node);
            }
        }
        byFinding.forEach((finding, on) -> findings.add(on(finding, on, nodes)));
    }

    /** Whether Calico is set to write the lines that are counted. */
    private static List<Finding> logSettings(FelixSettings dataPlane, List<String> prefixes) {
        if (dataPlane.bpf()) {
            return List.of(FindingKind.EBPF_DATA_PLANE.found("bpfEnabled of FelixConfiguration is true"));
        }
        List<Finding> findings = new ArrayList<>();
        String said = "logPrefix of FelixConfiguration is \"" + dataPlane.logPrefix() + "\"";
        boolean fixed = dataPlane.literalPrefix().equals(dataPlane.logPrefix());
        String literal = dataPlane.literalPrefix() + (fixed ? SEPARATOR : "");
        boolean cut = dataPlane.isIptables() && literal.length() > IPTABLES_CHARACTERS_MAX;
        String begins = cut ? literal.substring(0, IPTABLES_CHARACTERS_MAX) : literal;
        boolean open = !fixed && !cut; // the value of a specifier is not known here
        if (prefixes.stream().noneMatch(prefix -> begins.startsWith(prefix) || (open && prefix.startsWith(begins)))) {
            findings.add(FindingKind.LOG_PREFIX_NOT_COUNTED.found(said + ", packets.prefixes is " + prefixes
                    + (cut ? "; iptables cuts it to \"" + begins + "\"" : "")));
        }
        if (cut) {
            findings.add(FindingKind.PREFIX_CUT.found(
                    said + ": " + (literal.length() - IPTABLES_CHARACTERS_MAX) + " characters too many"));
        }
        if (!dataPlane.logRateLimit().isEmpty()) {
            findings.add(FindingKind.LOG_RATE_LIMITED.found(
                    "logActionRateLimit of FelixConfiguration is " + dataPlane.logRateLimit()));
        }
        return findings;
    }

    private static void policies(PolicyState state, Scope scope, List<Finding> findings) {
        List<String> nodes = scope.nodes(state);
        Set<String> with = Set.copyOf(state.nodes());
        List<String> without =
                nodes.stream().filter(node -> !with.contains(node)).toList();
        if (nodes.isEmpty() || !without.isEmpty()) {
            findings.add(FindingKind.NO_HOST_ENDPOINT.found(
                    nodes.isEmpty() ? "no node has a host endpoint" : "node " + without.getFirst() + " has none"));
        }
        List<String> unused = state.unusedHostEndpoints(nodes);
        unused.stream()
                .limit(NAMED_MAX)
                .map(unused.size() > NAMED_MAX ? why -> why + " (" + unused.size() + " in all)" : why -> why)
                .forEach(why -> findings.add(FindingKind.HOST_ENDPOINT_NOT_USED.found(why)));
        Map<Finding, List<String>> byFinding = new LinkedHashMap<>();
        Map<String, Set<String>> caveats = new LinkedHashMap<>();
        int logs = 0;
        for (NodeFindings alike : NodeFindings.of(state, nodes.isEmpty() ? List.of("") : nodes, scope.enforce())) {
            logs = alike.verdicts().size();
            alike.verdicts()
                    .forEach(verdict -> verdict.caveats()
                            .forEach(caveat -> caveats.computeIfAbsent(caveat, _ -> new LinkedHashSet<>())
                                    .add(verdict.log().toString())));
            for (Finding found : alike.findings()) {
                byFinding.computeIfAbsent(found, _ -> new ArrayList<>()).addAll(alike.nodes());
            }
        }
        byFinding.forEach((finding, on) -> findings.add(on(finding, on, nodes)));
        if (logs == 0) {
            int count = state.policies().size();
            findings.add(FindingKind.NO_LOG_RULE.found(
                    count == 0
                            ? "there is no policy"
                            : "none of " + count + (count == 1 ? " policy" : " policies") + " has a Log rule"));
        } else if (byFinding.keySet().stream()
                .noneMatch(finding -> FindingKind.WITHHOLDING_BLOCKING.contains(finding.id()))) {
            findings.add(FindingKind.LOGGED_IS_DENIED
                    .found(logs + (logs == 1 ? " Log rule" : " Log rules")
                            + ", and all packets that they log are proven to be denied")
                    .with(caveats.entrySet().stream()
                            .map(caveat -> caveat.getKey() + " (" + some(List.copyOf(caveat.getValue())) + ")")
                            .toList()));
        }
    }

    /** The finding with its nodes, which are left out if it applies to all and names no host endpoint of one node. */
    private static Finding on(Finding finding, List<String> on, List<String> nodes) {
        boolean onAll = on.size() >= nodes.size();
        if (onAll && (nodes.size() < 2 || !finding.what().contains("ost endpoint "))) {
            return finding;
        }
        String where = onAll ? "likewise on all " : "on " + on.size() + " of ";
        return new Finding(
                finding.kind(),
                finding.what() + " (" + where + nodes.size() + " nodes" + (onAll ? ")" : ": " + some(on) + ")"),
                finding.why(),
                finding.remedy(),
                finding.caveats());
    }

    private static void services(List<ClusterLoadBalancer> services, List<Finding> findings) {
        List<String> hiding = services.stream()
                .filter(service -> !service.keepsSource())
                .map(service -> service.namespace() + "/" + service.name())
                .sorted()
                .toList();
        if (!hiding.isEmpty()) {
            findings.add(FindingKind.EXTERNAL_TRAFFIC_POLICY_CLUSTER.found(
                    hiding.size() + (hiding.size() == 1 ? " Service: " : " Services: ") + some(hiding)));
        }
    }

    private static String some(List<String> names) {
        return names.stream().limit(NAMED_MAX).collect(Collectors.joining(", "))
                + (names.size() > NAMED_MAX ? " and " + (names.size() - NAMED_MAX) + " more" : "");
    }
}

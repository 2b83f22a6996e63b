package io.denywatch.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.CalicoVersions;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.PolicyLines;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.verdict.Readings;
import io.denywatch.policy.verdict.Steps;
import io.denywatch.policy.verdict.Verdict;
import io.denywatch.policy.verdict.VerdictAnalysis;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class NodeFindingsTest {
    private static final long SEED = 20_261_130;
    private static final int ROUNDS = 300;

    /** Rules with two conditions each that have nothing to do with each other, as Deny policies and as the Log rules. */
    private static List<String> independent(int count) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String match = " tcp from has(a" + i + ") dst 203.0.113.0/24 if x" + i;
            lines.add("deny" + i + " " + (400 + i) + ": Log" + match + "; Deny" + match);
        }
        lines.add("late 900: Log tcp; Deny tcp");
        return lines;
    }

    private static PolicyState onNodes(int nodes, List<String> policies) {
        List<HostEndpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            endpoints.add(new HostEndpoint(
                    "n" + i + "-auto-hep",
                    "n" + i,
                    "*",
                    Map.of("role", "public", "kubernetes.io/hostname", "n" + i),
                    List.of(IpPrefix.parse("10.0." + i / 256 + "." + i % 256 + "/32")),
                    List.of(HostEndpoint.DEFAULT_ALLOW)));
        }
        return new PolicyState(List.of(), PolicyLines.policies(policies.toArray(String[]::new)), List.of(), endpoints);
    }

    @Test
    void independentPoliciesCostTheirSumAndEqualNodesNothing() {
        List<Long> taken = new ArrayList<>();
        for (int nodes : new int[] {1, 100}) {
            Readings readings = new Readings(onNodes(nodes, independent(25)), new Steps(Steps.MAX));
            List<NodeFindings> found =
                    NodeFindings.of(readings, readings.state().nodes(), false);
            assertEquals(
                    List.of(nodes),
                    found.stream().map(all -> all.nodes().size()).toList());
            assertEquals(26, found.getFirst().verdicts().size());
            assertEquals(Set.of(), kinds(found));
            taken.add(readings.steps().taken());
        }
        assertTrue(taken.getFirst() < 100_000, taken.toString());
        assertTrue(taken.getLast() - taken.getFirst() < 1_000, taken.toString());
    }

    @Test
    void nodesThatAreJudgedTogetherWouldGetTheSameAlone() {
        int together = 0;
        for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
            PolicyState state = random(new Random(seed));
            List<String> nodes = state.nodes();
            Set<String> seen = new HashSet<>();
            for (NodeFindings all : NodeFindings.of(state, nodes, true)) {
                together += all.nodes().size() > 1 ? 1 : 0;
                for (String node : all.nodes()) {
                    assertTrue(seen.add(node), "seed " + seed);
                    NodeFindings alone =
                            NodeFindings.of(state, List.of(node), true).getFirst();
                    assertEquals(all.verdicts().size(), alone.verdicts().size(), "seed " + seed);
                    assertEquals(
                            unnamed(all.findings()),
                            unnamed(alone.findings()),
                            "seed " + seed + ", " + node + " as " + all.nodes().getFirst());
                    assertEquals(
                            unnamed(PolicyFindings.of(VerdictAnalysis.of(state, node), true)),
                            unnamed(alone.findings()),
                            "seed " + seed);
                }
                assertEquals(
                        !kinds(List.of(all)).contains(FindingKind.BLOCKLIST_POLICY_MISSING),
                        NodeFindings.denyBlocklist(state, all.nodes()),
                        "seed " + seed);
            }
            assertEquals(Set.copyOf(nodes), seen, "seed " + seed);
        }
        assertTrue(together > ROUNDS / 4, "groups of several nodes: " + together);
    }

    /** Without the names of host endpoints, which are those of the first node. */
    private static Set<String> unnamed(List<Finding> findings) {
        return findings.stream()
                .map(finding -> (finding.kind() + " " + finding.what() + finding.remedy() + finding.caveats())
                        .replaceAll("\\bn[0-9]+-[ab]\\b", "N"))
                .collect(Collectors.toSet());
    }

    private static Set<FindingKind> kinds(List<NodeFindings> found) {
        return found.stream()
                .flatMap(all -> all.findings().stream())
                .map(Finding::kind)
                .collect(Collectors.toSet());
    }

    private static PolicyState random(Random random) {
        List<String> selectors = List.of(
                "role == 'public'",
                "all()",
                "zone == 'a'",
                "zone != 'a' && has(role)",
                "kubernetes.io/hostname == 'n1'",
                "!has(role)",
                "=");
        List<String> rules = List.of(
                "Log tcp; Deny tcp",
                "Log; Deny tcp",
                "Deny set denywatch.io/blocklist=='true'",
                "Allow tcp port 80",
                "Log tcp port 80; Allow tcp",
                "Log udp");
        List<String> stages = List.of("", "raw ", "filter ");
        List<String> lines = new ArrayList<>();
        for (int i = 1 + random.nextInt(5); i > 0; i--) {
            lines.add(any(stages, random) + "p" + i + " " + random.nextInt(3) + " on " + any(selectors, random) + ": "
                    + any(rules, random));
        }
        List<HostEndpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            for (String name : List.of("a", "b").subList(0, 1 + random.nextInt(2))) {
                Map<String, String> labels = new HashMap<>(Map.of("kubernetes.io/hostname", "n" + i));
                if (random.nextInt(3) > 0) {
                    labels.put("role", random.nextInt(3) == 0 ? "private" : "public");
                }
                if (random.nextInt(3) == 0) {
                    labels.put("zone", "a");
                }
                endpoints.add(new HostEndpoint(
                        "n" + i + "-" + name,
                        "n" + i,
                        random.nextBoolean() ? "eth0" : "*",
                        labels,
                        List.of(IpPrefix.parse("10.0.0." + i + "/32")),
                        random.nextInt(4) == 0 ? List.of("own") : List.of(HostEndpoint.DEFAULT_ALLOW)));
            }
        }
        Map<String, FailsafePorts> failsafe = random.nextInt(3) == 0 ? Map.of("n2", FailsafePorts.DEFAULT) : Map.of();
        return new PolicyState(
                List.of(),
                PolicyLines.policies(lines.toArray(String[]::new)),
                List.of(),
                endpoints,
                FailsafePorts.NONE,
                failsafe,
                CalicoVersions.ALL,
                List.of());
    }

    private static String any(List<String> texts, Random random) {
        return texts.get(random.nextInt(texts.size()));
    }

    /** A Log rule, and rules that deny all it logs, piece by piece: no proof does without one of them. */
    private static String pieces(int count) {
        List<List<IpPrefix>> pieces = new ArrayList<>();
        pieces.add(List.of(IpPrefix.parse("0.0.0.0/0"), IpPrefix.parse("0.0.0.0/0")));
        Random random = new Random(SEED);
        while (pieces.size() < count) {
            List<IpPrefix> piece = pieces.remove(random.nextInt(pieces.size()));
            int side = random.nextInt(2);
            IpPrefix split = piece.get(side);
            IpPrefix other = piece.get(1 - side);
            int length = split.length() - 96;
            String network = split.network().toString();
            List<IpPrefix> halves = new ArrayList<>(List.of(IpPrefix.parse(network + "/" + (length + 1))));
            split.minus(halves).forEach(halves::add);
            halves.forEach(half -> pieces.add(side == 0 ? List.of(half, other) : List.of(other, half)));
        }
        Collections.shuffle(pieces, random);
        return pieces.stream()
                .map(piece -> "; Deny tcp src " + piece.getFirst() + " dst " + piece.getLast())
                .collect(Collectors.joining("", "hard 300: Log v4 tcp", ""));
    }

    @Test
    void whatIsNotFinishedIsNeverSure() {
        assertEquals(Verdict.SURELY_DENIED, verdict(onNodes(1, List.of(pieces(100))), "hard"));

        PolicyState state =
                onNodes(3, List.of("first 100: Log udp; Deny udp", pieces(4_000), "last 900: Log icmp; Deny icmp"));
        assertEquals(Verdict.SURELY_DENIED, verdict(state, "first"));
        assertEquals(Verdict.NOT_FINISHED, verdict(state, "hard"));
        assertEquals(Verdict.SURELY_DENIED, verdict(state, "last"));

        Readings readings = new Readings(state, new Steps(Steps.MAX));
        List<NodeFindings> found = NodeFindings.of(readings, state.nodes(), false);
        assertEquals(Set.of(FindingKind.POLICIES_NOT_FINISHED), kinds(found));
        assertTrue(
                readings.steps().taken() < 2 * Steps.RULE_MAX,
                "steps " + readings.steps().taken());
    }

    private static Verdict verdict(PolicyState state, String policy) {
        return VerdictAnalysis.of(state, "n0").verdicts().stream()
                .filter(verdict -> verdict.log().policy().name().equals(policy))
                .findFirst()
                .orElseThrow()
                .verdict();
    }

    @Test
    void nodesForWhichNoStepsAreLeftAreNotJudged() {
        List<String> lines = new ArrayList<>(independent(5));
        for (int i = 0; i < 20; i++) {
            lines.add("own" + i + " 50 on kubernetes.io/hostname == 'n" + i + "': Allow icmp");
        }
        PolicyState state = onNodes(20, lines);
        long all = steps(state, Steps.MAX);
        for (long max : new long[] {0, all / 3, all - 1}) {
            List<NodeFindings> found = NodeFindings.of(new Readings(state, new Steps(max)), state.nodes(), false);
            assertTrue(kinds(found).contains(FindingKind.POLICIES_NOT_FINISHED), "steps " + max);
            assertEquals(
                    state.nodes(),
                    found.stream().flatMap(some -> some.nodes().stream()).toList());
            assertTrue(found.stream().allMatch(some -> some.verdicts().size() == 6));
        }
        assertEquals(all, steps(state, all));
    }

    private static long steps(PolicyState state, long max) {
        Steps steps = new Steps(max);
        List<NodeFindings> found = NodeFindings.of(new Readings(state, steps), state.nodes(), false);
        assertEquals(Set.of(), kinds(found));
        return steps.taken();
    }
}

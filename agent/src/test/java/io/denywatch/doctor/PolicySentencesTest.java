package io.denywatch.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Action;
import io.denywatch.policy.Direction;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyLines;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Rule;
import io.denywatch.policy.Selector;
import io.denywatch.policy.Stage;
import io.denywatch.policy.verdict.LogVerdict;
import io.denywatch.policy.verdict.PacketByPacket;
import io.denywatch.policy.verdict.PacketByPacket.Packet;
import io.denywatch.policy.verdict.Verdict;
import io.denywatch.policy.verdict.VerdictAnalysis;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What findings say about policies is true: compared with a reading of random states that is not the analysis' own. */
class PolicySentencesTest {
    private static final long SEED = 20_261_130;
    private static final int ROUNDS = 4_000;
    private static final String HERE = PolicyLines.NODE;
    private static final List<String> SELECTORS =
            List.of("role == 'a'", "role == 'b'", "all()", "role == 'a' && has(projectcalico.org/namespace)");

    private static HostEndpoint endpoint(String name, String node, String interfaceName, String role) {
        List<IpPrefix> expected = name.endsWith("x") ? List.of(IpPrefix.parse("10.0.0.9")) : List.of();
        return new HostEndpoint(
                name, node, interfaceName, Map.of("role", role), expected, List.of(HostEndpoint.DEFAULT_ALLOW));
    }

    private static <T> T any(Random random, List<T> some) {
        return some.get(random.nextInt(some.size()));
    }

    private static List<HostEndpoint> endpoints(Random random) {
        List<HostEndpoint> endpoints = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            endpoints.add(endpoint(
                    any(random, List.of("h", "g")) + i + any(random, List.of("", "x")),
                    any(random, List.of(HERE, HERE, "other", "")),
                    any(random, List.of("*", "eth0", "")),
                    any(random, List.of("a", "b"))));
        }
        return endpoints;
    }

    private static Policy policy(Random random, List<Rule> rules) {
        int stage = random.nextInt(3);
        boolean namespaces = random.nextInt(6) == 0;
        return new Policy(
                "p",
                null,
                "default",
                1,
                any(random, SELECTORS) + (stage == 2 ? " && !has(projectcalico.org/namespace)" : ""),
                namespaces ? "all()" : "",
                "",
                any(
                        random,
                        List.of(
                                Set.of(),
                                Set.of(Direction.INGRESS),
                                Set.of(Direction.EGRESS),
                                Set.of(Direction.INGRESS, Direction.EGRESS))),
                stage == 0,
                stage == 1,
                true,
                rules,
                random.nextBoolean() ? rules : List.of(),
                List.of(),
                "p");
    }

    /** Whether Calico evaluates the policy at the host endpoint, read off what its documentation says. */
    private static boolean works(Policy policy, HostEndpoint endpoint, List<HostEndpoint> all) {
        boolean first = endpoint.interfaceName().isEmpty()
                || all.stream()
                        .noneMatch(other -> other.node().equals(HERE)
                                && other.interfaceName().equals(endpoint.interfaceName())
                                && other.name().compareTo(endpoint.name()) < 0);
        return endpoint.node().equals(HERE)
                && !(endpoint.interfaceName().isEmpty()
                        && endpoint.expectedIps().isEmpty())
                && first
                && !(policy.doNotTrack() && endpoint.interfaceName().equals("*"))
                && policy.namespaceSelector().isEmpty()
                && Selector.parse(policy.selector()).matches(endpoint.labels());
    }

    /** What must be true of a state where a sentence with this text is said. */
    private static Map<String, Predicate<PolicyState>> sentences(Policy policy) {
        Selector selector = Selector.parse(policy.selector());
        Predicate<HostEndpoint> selected =
                endpoint -> policy.namespaceSelector().isEmpty() && selector.matches(endpoint.labels());
        Map<String, Predicate<PolicyState>> truths = new TreeMap<>();
        truths.put(
                "This node has no host endpoint.",
                state -> state.hostEndpoints().stream()
                        .noneMatch(endpoint -> endpoint.node().equals(HERE)
                                && !(endpoint.interfaceName().isEmpty()
                                        && endpoint.expectedIps().isEmpty())));
        truths.put(
                "selects no host endpoint.",
                state -> state.hostEndpoints().stream().noneMatch(selected));
        truths.put(
                "selects no host endpoint of this node, only of others.",
                state -> state.hostEndpoints().stream()
                                .filter(selected)
                                .noneMatch(endpoint -> endpoint.node().equals(HERE))
                        && state.hostEndpoints().stream().anyMatch(selected));
        truths.put(
                "because of interfaceName \"*\"",
                state -> policy.doNotTrack()
                        && state.hostEndpoints().stream()
                                .anyMatch(endpoint -> selected.test(endpoint)
                                        && endpoint.interfaceName().equals("*")));
        truths.put(
                "has no node",
                state -> state.hostEndpoints().stream()
                        .anyMatch(endpoint ->
                                selected.test(endpoint) && endpoint.node().isEmpty()));
        truths.put(
                "neither an interfaceName nor",
                state -> state.hostEndpoints().stream()
                        .anyMatch(endpoint -> selected.test(endpoint)
                                && endpoint.interfaceName().isEmpty()));
        truths.put(
                "which is for the same interface",
                state -> state.hostEndpoints().stream()
                                .filter(endpoint -> endpoint.node().equals(HERE))
                                .count()
                        > 1);
        truths.put("restricts it to pods", _ -> !policy.namespaceSelector().isEmpty());
        return truths;
    }

    @Test
    void whyAPolicyDoesNothingIsTrueAndSaidWheneverItDoesNothing() {
        Map<String, Integer> said = new TreeMap<>();
        for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
            Random random = new Random(seed);
            Policy policy = policy(random, List.of(Rule.of(Action.LOG), Rule.of(Action.DENY)));
            List<HostEndpoint> endpoints = endpoints(random);
            PolicyState state = new PolicyState(List.of(), List.of(policy), List.of(), endpoints);
            List<Finding> findings = PolicyFindings.of(VerdictAnalysis.of(state, HERE), false);
            String context = "seed " + seed + ": " + findings + "\n" + state;

            boolean idle = endpoints.stream().noneMatch(endpoint -> works(policy, endpoint, endpoints));
            List<String> why = findings.stream()
                    .filter(finding -> finding.kind() == FindingKind.LOG_WITHOUT_HOST_ENDPOINT)
                    .map(Finding::what)
                    .toList();
            assertEquals(idle ? 1 : 0, why.size(), context);
            for (String sentence : why) {
                List<Map.Entry<String, Predicate<PolicyState>>> truths = sentences(policy).entrySet().stream()
                        .filter(truth -> sentence.contains(truth.getKey()))
                        .toList();
                assertEquals(1, truths.size(), context);
                assertTrue(truths.getFirst().getValue().test(state), context);
                said.merge(truths.getFirst().getKey(), 1, Integer::sum);
            }
            for (Direction direction : Direction.values()) {
                boolean unused = !policy.rules(direction).isEmpty()
                        && (!policy.governs(direction) || (policy.preDnat() && direction == Direction.EGRESS));
                assertEquals(
                        unused,
                        findings.stream()
                                .anyMatch(finding -> finding.kind() == FindingKind.LOG_RULES_NOT_USED
                                        && (finding.what().contains(direction.label())
                                                || (policy.preDnat()
                                                        && direction == Direction.EGRESS
                                                        && finding.what().contains("egress")))),
                        context);
            }
        }
        assertEquals(8, said.size(), said::toString);
    }

    /** With the policies behind DNAT alone, of which the twin knows all that becomes of a packet. */
    @Test
    void aPolicyThatIsSaidToCutOffDropsAPacketThatIsLetInWithoutIt() {
        int blocking = 0;
        for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
            Random random = new Random(seed);
            List<Policy> policies = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                String tier = any(random, List.of("default", "default", "first", "open"));
                String rules = i == 0
                        ? any(random, List.of("Log", "Log tcp", "Log tcp; Log udp"))
                        : any(random, List.of("Allow tcp", "Deny tcp", "Pass", "Allow", "Deny", "Log udp", "Pass udp"));
                String on = any(random, List.of("role == 'public'", "role == 'public'", "role == 'private'"))
                        + " && !has(projectcalico.org/namespace)";
                double order =
                        random.nextInt(3) + i / 4.0; // of two equal ones, either may come first, and nothing is sure
                policies.add(PolicyLines.policy(
                        "filter p" + i + " " + order + " tier=" + tier + " on " + on + ": " + rules));
            }
            policies.replaceAll(PolicySentencesTest::notForwarded);
            PolicyState plain = PolicyLines.state("unused 0: Deny");
            HostEndpoint endpoint = plain.hostEndpoints().getFirst();
            HostEndpoint strict =
                    new HostEndpoint(endpoint.name(), endpoint.node(), "eth0", endpoint.labels(), List.of(), List.of());
            List<HostEndpoint> endpoints = List.of(random.nextInt(4) == 0 ? strict : endpoint);
            PolicyState state = new PolicyState(plain.tiers(), policies, List.of(), endpoints).on(plain.versions());
            List<Finding> findings = PolicyFindings.of(VerdictAnalysis.of(state, HERE), false);
            for (Policy policy : policies) {
                PolicyState without = new PolicyState(
                                plain.tiers(),
                                policies.stream()
                                        .filter(other -> !other.equals(policy))
                                        .toList(),
                                List.of(),
                                endpoints)
                        .on(plain.versions());
                boolean differs = packets().anyMatch(packet -> denied(state, packet) && !denied(without, packet));
                boolean logsOnly = policy.ingress().stream().allMatch(rule -> rule.action() == Action.LOG);
                boolean said = findings.stream()
                        .anyMatch(finding -> finding.kind() == FindingKind.LOG_ONLY_POLICY_BLOCKS
                                && PolicyFindingsTest.subject(finding).equals(policy.title()));
                assertEquals(
                        logsOnly && differs,
                        said,
                        "seed " + seed + ": " + policy.name() + " " + findings + "\n" + state);
                blocking += said ? 1 : 0;
            }
        }
        assertTrue(blocking > ROUNDS / 20 && blocking < ROUNDS, blocking + " of " + ROUNDS);
    }

    private static Policy notForwarded(Policy policy) {
        return new Policy(
                policy.name(),
                null,
                policy.tier(),
                policy.order(),
                policy.selector(),
                "",
                "",
                policy.types(),
                false,
                false,
                false,
                policy.ingress(),
                List.of(),
                List.of(),
                policy.name());
    }

    private static boolean denied(PolicyState state, Packet packet) {
        return new PacketByPacket(state, state.hostEndpoints().getFirst())
                .send(packet, Stage.DO_NOT_TRACK)
                .denied();
    }

    private static Stream<Packet> packets() {
        Ip from = Ip.parse("10.0.0.1");
        Ip to = Ip.parse("10.0.0.2");
        return Stream.of(1, 6, 17).map(protocol -> new Packet(from, to, protocol, 1_000, 80, List.of(), Set.of()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', nullValues = "-", textBlock = """
            log 3000: Log                                          ~ log-only-policy-may-block
            log 3000; rest 4000: Allow                             ~ -
            log 3000; web 1000: Allow tcp port 80                  ~ -
            log 3000; web 1000 on role == 'web': Allow tcp port 80 ~ log-only-policy-may-block
            log 3000; web 1000 on role == 'web' || has(x): Deny    ~ log-only-policy-may-block
            """)
    void ofPodsItIsSaidOnlyWhereNoOtherPolicySurelyAppliesToThem(String policies, String id) {
        List<String> lines = new ArrayList<>();
        for (String line : policies.split("; (?=[a-z]+ \\d)", -1)) {
            String own = line.contains(": ") ? line : line + ": Log";
            String on = own.contains(" on ") ? "" : " on role == 'pod' && has(projectcalico.org/namespace)";
            lines.add("filter " + own.replaceFirst(": ", on + ": "));
        }
        PolicyState state = PolicyLines.state(lines.toArray(String[]::new));
        assertEquals(
                id == null ? List.of() : List.of(id + " log"),
                PolicyFindings.of(VerdictAnalysis.of(state, HERE), false).stream()
                        .filter(finding -> finding.id().startsWith("log-only-policy"))
                        .map(finding -> finding.id() + " " + PolicyFindingsTest.subject(finding))
                        .toList());
    }

    /** Where the proof fails for pods alone, what is suggested makes it succeed. */
    @Test
    void whatIsSuggestedAgainstPodsProvesTheVerdict() {
        int suggested = 0;
        for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
            Random random = new Random(seed);
            String rules = any(random, List.of("Log tcp; Deny tcp", "Log tcp; Deny", "Log; Deny udp", "Log tcp"));
            String other = any(random, List.of("Allow udp", "Deny", "Allow", "Pass"));
            String selector = any(random, List.of("role == 'public'", "all()", "role == 'private'", "role != 'x'"));
            Policy log = PolicyLines.policy("filter log 2 on " + selector + ": " + rules);
            Policy second = PolicyLines.policy("filter other " + (1 + random.nextInt(3)) + ": " + other);
            if (random.nextBoolean()) {
                log = notForwarded(log);
            }
            PolicyState state = withPolicies(log, second);
            Finding finding = PolicyFindings.of(VerdictAnalysis.of(state, HERE), false).stream()
                    .filter(found -> FindingKind.WITHHOLDING_BLOCKING.contains(found.id()))
                    .findFirst()
                    .orElse(null);
            if (finding == null || !finding.remedy().contains("&& !has(projectcalico.org/namespace)")) {
                continue;
            }
            suggested++;
            Policy kept = new Policy(
                    log.name(),
                    null,
                    log.tier(),
                    log.order(),
                    selector + " && !has(projectcalico.org/namespace)",
                    "",
                    "",
                    log.types(),
                    false,
                    false,
                    log.applyOnForward(),
                    log.ingress(),
                    List.of(),
                    List.of(),
                    log.name());
            assertEquals(
                    Verdict.SURELY_DENIED,
                    VerdictAnalysis.of(withPolicies(kept, second), HERE)
                            .verdicts()
                            .getFirst()
                            .verdict(),
                    "seed " + seed + ": " + finding + "\n" + state);
        }
        assertTrue(suggested > ROUNDS / 20, suggested + " of " + ROUNDS);
    }

    private static Policy ofNamespace(String name, double order, List<Rule> rules) {
        return new Policy(
                name,
                "shop",
                "default",
                order,
                "app == 'web'",
                "",
                "",
                Set.of(Direction.INGRESS),
                false,
                false,
                false,
                rules,
                List.of(),
                List.of(),
                name);
    }

    /** As in a namespace whose last policy logs what no other one allowed; those of Kubernetes, at order 1000, are not read. */
    @Test
    void whatAPolicyOfANamespaceLogsLastIsProvenDeniedOnlyIfNoPacketIsLetIn() {
        HostEndpoint pod = new HostEndpoint(
                "pod", HERE, "cali1", Map.of("app", "web", Selector.NAMESPACE, "shop"), List.of(), List.of());
        Map<Verdict, Integer> verdicts = new TreeMap<>();
        for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
            Random random = new Random(seed);
            List<Policy> read = new ArrayList<>();
            double order = any(random, List.of(900.0, 1000.0, 3000.0, Double.POSITIVE_INFINITY));
            read.add(ofNamespace("z-log", order, List.of(PolicyLines.rule("Log tcp"))));
            for (int i = random.nextInt(3); i > 0; i--) {
                Rule rule = PolicyLines.rule(
                        any(random, List.of("Allow tcp", "Allow udp", "Allow", "Deny", "Pass", "Allow tcp port 80")));
                double its = any(random, List.of(500.0, 2000.0, 3000.0, 4000.0, Double.POSITIVE_INFINITY));
                read.add(
                        random.nextBoolean()
                                ? ofNamespace("p" + i, its, List.of(rule))
                                : notForwarded(Policy.ingress(
                                        Stage.FILTER,
                                        "p" + i,
                                        its,
                                        "has(app) && has(" + Selector.NAMESPACE + ")",
                                        List.of(rule))));
            }
            List<Policy> all = new ArrayList<>(read);
            String kubernetes = any(random, List.of("Allow tcp", "Allow udp", "Allow"));
            all.add(ofNamespace("zz", 1000, List.of(PolicyLines.rule(kubernetes))));
            PolicyState plain = PolicyLines.state("unused 0: Deny");
            PolicyState state = new PolicyState(plain.tiers(), read, List.of(), List.of()).on(plain.versions());
            LogVerdict verdict = VerdictAnalysis.of(state, HERE).verdicts().getFirst();
            verdicts.merge(verdict.verdict(), 1, Integer::sum);
            PacketByPacket twin = new PacketByPacket(new PolicyState(plain.tiers(), all, List.of(), List.of(pod)), pod);
            boolean letIn = packets()
                    .map(packet -> twin.send(packet, Stage.FILTER))
                    .anyMatch(journey -> !journey.denied() && !journey.logs().isEmpty());
            assertTrue(
                    verdict.verdict() != Verdict.SURELY_DENIED || !letIn,
                    "seed " + seed + ": " + verdict.why() + "\n" + all);
        }
        assertTrue(verdicts.getOrDefault(Verdict.SURELY_DENIED, 0) > ROUNDS / 5, verdicts::toString);
        assertTrue(verdicts.getOrDefault(Verdict.MAY_NOT_BE_DENIED, 0) > ROUNDS / 5, verdicts::toString);
    }

    private static PolicyState withPolicies(Policy... policies) {
        PolicyState plain = PolicyLines.state("unused 0: Deny");
        return new PolicyState(plain.tiers(), List.of(policies), List.of(), plain.hostEndpoints()).on(plain.versions());
    }
}

package io.denywatch.policy.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.doctor.FindingKind;
import io.denywatch.doctor.PolicyFindings;
import io.denywatch.doctor.Severity;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Action;
import io.denywatch.policy.EntityMatch;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Intervals;
import io.denywatch.policy.LoadBalancerRules;
import io.denywatch.policy.NetworkSet;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyLines;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Port;
import io.denywatch.policy.Protocol;
import io.denywatch.policy.Rule;
import io.denywatch.policy.Selector;
import io.denywatch.policy.Stage;
import io.denywatch.policy.manifest.PolicyOptions.ExemptSources;
import io.denywatch.policy.manifest.PolicyOptions.NodePortOptions;
import io.denywatch.policy.manifest.PolicyOptions.Part;
import io.denywatch.policy.verdict.LogVerdict;
import io.denywatch.policy.verdict.Verdict;
import io.denywatch.policy.verdict.VerdictAnalysis;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class PolicySetTest {
    private static final long SEED = 20_261_124;

    /** It has a load balancer's address, as with those that are nothing but their nodes. */
    private static final String NODE = "10.1.0.1";

    private static final String NODES = "(has(kubernetes.io/hostname)) && !has(projectcalico.org/namespace)";

    @Test
    void theTutorialsFivePoliciesInTheirOrder() {
        PolicySet set = PolicySet.of(PolicyOptions.of(
                List.of(ProtectedAddress.parse("203.0.113.7:80")), List.of(IpPrefix.parse("198.51.100.9"))));
        assertEquals(
                List.of(
                        "denywatch-blocklist",
                        "denywatch-allowlist",
                        "denywatch-log-denied-packets",
                        "denywatch-deny-lb",
                        "denywatch-deny-nodeports"),
                set.policies().stream().map(Policy::name).toList());
        assertEquals(
                List.of(200.0, 500.0, 790.0, 800.0, 1100.0),
                set.policies().stream().map(Policy::order).toList());
        assertEquals(
                List.of(
                        fromOutside(PolicyLines.rule("Log tcp dst 203.0.113.7 port 80")),
                        fromOutside(PolicyLines.rule("Log udp dst 203.0.113.7 port 80")),
                        toNodes("Log tcp port 30000:32767"),
                        toNodes("Log udp port 30000:32767"),
                        toNodes("Log sctp port 30000:32767"),
                        toNoNodes("Log tcp dst 203.0.113.7 port 30000:32767"),
                        toNoNodes("Log udp dst 203.0.113.7 port 30000:32767"),
                        toNoNodes("Log sctp dst 203.0.113.7 port 30000:32767")),
                set.policies().get(2).ingress());
    }

    private static Rule fromOutside(Rule rule) {
        return rule.from(rule.source().notSelected(NODES + " || has(projectcalico.org/orchestrator)"));
    }

    private static Rule toNodes(String line) {
        Rule rule = fromOutside(PolicyLines.rule(line));
        return rule.to(rule.destination().selected(NODES, ""));
    }

    private static Rule toNoNodes(String line) {
        Rule rule = fromOutside(PolicyLines.rule(line));
        return rule.to(rule.destination().notSelected(NODES));
    }

    /** With none, any or all addresses in the sets, also those of the node. */
    @Test
    void policiesThatFollowLoadBalancersAreProvenWhateverTheSetsContain() {
        Random random = new Random(SEED);
        for (int i = 0; i < 300; i++) {
            List<ProtectedAddress> all = new ArrayList<>();
            for (int more = random.nextInt(3); more >= 0; more--) {
                all.add(ProtectedAddress.parse("discovered"
                        + List.of("", ":80", ":443/tcp", ":53/udp", ":9/sctp").get(random.nextInt(5))));
            }
            Set<Part> only = EnumSet.complementOf(EnumSet.of(Part.DENY_NODEPORTS));
            NodePortOptions drawn = nodePorts(random, 30_000);
            PolicyOptions options = new PolicyOptions(
                    all,
                    drawn(random, List.of("198.51.100.0/24", "2001:db8:1::/48")),
                    PolicyOptions.DEFAULT_SELECTOR,
                    new NodePortOptions(drawn.ports(), drawn.addresses(), List.of()),
                    only,
                    false);
            PolicySet set = PolicySet.of(options);
            List<NetworkSet> sets = new ArrayList<>();
            for (int shard = random.nextInt(3); shard > 0; shard--) {
                sets.add(new NetworkSet(
                        "denywatch-load-balancers-" + shard,
                        LoadBalancerRules.LABELS,
                        drawn(random, List.of(NODE, "203.0.113.7", "203.0.113.8", "2001:db8::7"))));
            }
            String message = "seed " + SEED + ", " + i + ": " + options + " with " + sets;
            PolicyState state = new PolicyState(List.of(), set.policies(), sets, List.of(endpoint(options.selector())));
            VerdictAnalysis analysis = VerdictAnalysis.of(state, "n");
            assertFalse(analysis.verdicts().isEmpty(), message);
            for (LogVerdict verdict : analysis.verdicts()) {
                assertEquals(Verdict.SURELY_DENIED, verdict.verdict(), message);
                assertTrue(
                        verdict.caveats().stream().noneMatch(text -> text.contains("network sets contain now")),
                        message);
            }
            assertEquals(
                    List.of(),
                    PolicyFindings.of(analysis, true).stream()
                            .filter(finding -> finding.severity() != Severity.NOTE
                                    && finding.kind() != FindingKind.LOAD_BALANCERS_NOT_PUBLISHED)
                            .toList(),
                    message);
            boolean isEmpty = sets.stream().allMatch(one -> one.nets().isEmpty());
            assertEquals(
                    isEmpty,
                    PolicyFindings.of(analysis, true).stream()
                            .anyMatch(finding -> finding.kind() == FindingKind.LOAD_BALANCERS_NOT_PUBLISHED),
                    message);
            assertEquals(set.policies(), read(PolicyYaml.of(set)), message);
            for (Policy policy : set.policies()) { // nothing but the sets decides which addresses are denied
                if (policy.name().equals(options.name(Part.DENY_LB))) {
                    policy.ingress().forEach(rule -> {
                        assertEquals(
                                LoadBalancerRules.SELECTOR, rule.destination().selector(), message);
                        assertEquals("global()", rule.destination().namespaceSelector(), message);
                        assertEquals(List.of(), rule.destination().nets(), message);
                    });
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.7", "discovered:99999", "discovered/24", "discovered:80/icmp", "DISCOVERED"})
    void whatIsNotAllLoadBalancersIsNotMixedWithThem(String other) {
        assertThrows(
                IllegalArgumentException.class,
                () -> PolicyOptions.of(
                        List.of(ProtectedAddress.parse("discovered"), ProtectedAddress.parse(other)), List.of()));
    }

    @Test
    void everySetIsProvenCleanAndReadsBackAsWritten() {
        for (long seed = SEED; seed < SEED + 1_000; seed++) {
            PolicyOptions options = random(new Random(seed));
            PolicySet set = PolicySet.of(options);
            String message = "seed " + seed + ": " + options;
            PolicyState state =
                    new PolicyState(List.of(), set.policies(), List.of(), List.of(endpoint(options.selector())));
            VerdictAnalysis analysis = VerdictAnalysis.of(state, "n");
            for (LogVerdict verdict : analysis.verdicts()) {
                assertEquals(Verdict.SURELY_DENIED, verdict.verdict(), message);
            }
            assertEquals(
                    List.of(),
                    PolicyFindings.of(
                                    analysis,
                                    set.policies().stream()
                                            .anyMatch(policy -> policy.name().equals(options.name(Part.BLOCKLIST))))
                            .stream()
                            .filter(finding -> finding.severity() != Severity.NOTE)
                            .toList(),
                    message);
            assertEquals(set.policies(), read(PolicyYaml.of(set)), message);
            assertEquals(PolicyYaml.of(set), PolicyYaml.of(PolicySet.of(options)), message);
        }
    }

    @Test
    void beforeTrackingTheBlocklistHasTheOneRuleThatNetworkCardsTake() {
        PolicyOptions options = new PolicyOptions(
                List.of(),
                List.of(),
                "ibm.role == 'worker_public'",
                PolicyOptions.DEFAULT_NODE_PORTS,
                EnumSet.of(Part.BLOCKLIST),
                true);
        assertEquals("""
                # Blocks every packet of the sources on the blocklist, before connection tracking:
                # established connections end, and no allowlist before DNAT comes first.
                # One rule with nothing but a source selector: network cards with a driver for XDP drop
                # these packets (IPv4, iptables data plane). A Log rule before it would prevent this,
                # and so would exemptions: everything in the sets is blocked.
                # Calico ignores it at host endpoints with interfaceName "*", which include all automatic ones.
                apiVersion: projectcalico.org/v3
                kind: GlobalNetworkPolicy
                metadata:
                  name: denywatch-blocklist
                spec:
                  order: 200
                  selector: "ibm.role == 'worker_public'"
                  applyOnForward: true
                  doNotTrack: true
                  types: [Ingress]
                  ingress:
                    - action: Deny
                      source:
                        selector: "denywatch.io/blocklist == 'true'"
                        namespaceSelector: "global()"
                """, PolicyYaml.of(PolicySet.of(options)));
    }

    @Test
    void saysWhereTheLoadBalancerIsDeniedToEveryone() {
        String yaml = PolicyYaml.of(
                PolicySet.of(PolicyOptions.of(List.of(ProtectedAddress.parse("203.0.113.7:80")), List.of())));
        assertTrue(yaml.contains("to all but pods and nodes: no policy printed here allows a source."), yaml);
    }

    @Test
    void saysWhichPortsCalicoKeepsOpen() {
        List<ProtectedAddress> loadBalancers =
                List.of(ProtectedAddress.parse("203.0.113.7:6443"), ProtectedAddress.parse("203.0.113.8:22/udp"));
        PolicySet set = PolicySet.of(PolicyOptions.of(loadBalancers, List.of()));
        String open = "Calico's failsafe ports come first. Open at the load balancers all the same: TCP 6443.";
        assertTrue(PolicyYaml.of(set).contains("# " + open + "\n"));
        assertEquals(List.of(open), PolicyYaml.warnings(set, FailsafePorts.DEFAULT));
        FailsafePorts others = new FailsafePorts(
                List.of(new FailsafePorts.FailsafePort(Protocol.TCP, 31_000, IpPrefix.parse("192.0.2.0/24"))),
                List.of());
        assertEquals(
                List.of(
                        "Calico's failsafe ports come first. Open at the nodes all the same: TCP 31000 from 192.0.2.0/24."),
                PolicyYaml.warnings(set, others));
    }

    @Test
    void refusesSourcesThatTheAllowlistCannotLetIn() {
        List<ProtectedAddress> ipv4 = List.of(ProtectedAddress.parse("203.0.113.7:80"));
        List<IpPrefix> ipv6 = List.of(IpPrefix.parse("2001:db8::/48"));
        assertThrows(IllegalArgumentException.class, () -> PolicyOptions.of(ipv4, ipv6));
        assertThrows(IllegalArgumentException.class, () -> PolicyOptions.of(List.of(), ipv6));
        assertThrows(IllegalArgumentException.class, () -> nodePortsAt(List.of(IpPrefix.parse("10.0.0.0/8")), ipv6));
        nodePortsAt(List.of(), ipv6);
    }

    private static PolicyOptions nodePortsAt(List<IpPrefix> addresses, List<IpPrefix> allowed) {
        NodePortOptions nodePorts = new NodePortOptions(PolicyOptions.DEFAULT_NODE_PORTS.ports(), addresses, allowed);
        return new PolicyOptions(
                List.of(), List.of(), PolicyOptions.DEFAULT_SELECTOR, nodePorts, EnumSet.allOf(Part.class), false);
    }

    /** What such sets hold would count as nodes, and be let in. */
    @ParameterizedTest
    @ValueSource(strings = {"all()", "!has(role)", "role != 'x'", "has(denywatch.io/blocklist)"})
    void refusesSelectorsThatSelectNetworkSets(String selector) {
        Set<Part> only = EnumSet.of(Part.DENY_NODEPORTS);
        assertThrows(
                IllegalArgumentException.class,
                () -> new PolicyOptions(List.of(), List.of(), selector, PolicyOptions.DEFAULT_NODE_PORTS, only, false));
        new PolicyOptions(
                List.of(), List.of(), selector, PolicyOptions.DEFAULT_NODE_PORTS, EnumSet.of(Part.BLOCKLIST), false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "203.0.113.7/32",
                "203.0.113.7:",
                "203.0.113.7:0",
                "203.0.113.7:65536",
                "203.0.113.7:80/icmp",
                "203.0.113.7:80:81",
                "203.0.113.7:80/tcp/udp",
                "203.0.113.7:web",
                "[2001:db8::7",
                "[2001:db8::7]80",
                "[203.0.113.0/24]:80",
                "host:80",
                "203.0.113.7:80-90"
            })
    void refusesWhatIsNoLoadBalancer(String text) {
        assertThrows(IllegalArgumentException.class, () -> ProtectedAddress.parse(text));
    }

    @Test
    void refusesToLogWhatItDoesNotDeny() {
        Set<Part> logOnly = EnumSet.of(Part.LOG_DENIED_PACKETS, Part.ALLOWLIST, Part.DENY_LB);
        assertThrows(
                IllegalArgumentException.class,
                () -> new PolicyOptions(
                        List.of(), List.of(), "has(x)", PolicyOptions.DEFAULT_NODE_PORTS, logOnly, false));
    }

    static PolicyOptions random(Random random) {
        List<ProtectedAddress> loadBalancers = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            String address = random.nextInt(4) == 0
                    ? NODE
                    : random.nextBoolean() ? "203.0.113." + random.nextInt(3) : "[2001:db8::" + random.nextInt(3) + "]";
            String port = List.of("", ":80", ":443/tcp", ":53/udp", ":9/sctp", ":31000", ":30000/udp")
                    .get(random.nextInt(7));
            loadBalancers.add(ProtectedAddress.parse(address + port));
        }
        List<IpPrefix> allowed =
                drawn(random, List.of("198.51.100.0/24", "192.0.2.1", "2001:db8:1::/48", "0.0.0.0/0", "::/0")).stream()
                        .filter(source -> loadBalancers.stream()
                                .anyMatch(one -> Intervals.ipVersion(Objects.requireNonNull(one.address()))
                                        == Intervals.ipVersion(source)))
                        .toList();
        Set<Part> only = EnumSet.allOf(Part.class);
        only.removeIf(part -> part != Part.DENY_NODEPORTS && random.nextInt(4) == 0);
        String selector = random.nextBoolean() ? PolicyOptions.DEFAULT_SELECTOR : "ibm.role == 'worker_public'";
        int first = 30_000 + random.nextInt(2_000);
        boolean beforeTracking = random.nextInt(4) == 0;
        return new PolicyOptions(
                loadBalancers,
                allowed,
                selector,
                nodePorts(random, first),
                only,
                beforeTracking,
                random.nextBoolean() ? Map.of() : Map.of(Part.BLOCKLIST, "blocklist", Part.DENY_LB, "deny-lb"),
                exempt(random),
                !beforeTracking && random.nextBoolean());
    }

    private static NodePortOptions nodePorts(Random random, int first) {
        List<Port.PortRange> ports = new ArrayList<>(List.of(new Port.PortRange(first, first + random.nextInt(700))));
        if (random.nextBoolean()) {
            ports.add(new Port.PortRange(31_000, 31_000 + random.nextInt(2) * 500));
        }
        List<IpPrefix> addresses =
                random.nextBoolean() ? List.of() : drawn(random, List.of("203.0.113.0/31", "10.1.0.0/16", "::/0"));
        List<IpPrefix> allowed = drawn(random, List.of("198.51.100.7/32", "192.0.2.0/24", "2001:db8:1::/64")).stream()
                .filter(source -> addresses.isEmpty()
                        || addresses.stream().anyMatch(net -> Intervals.ipVersion(net) == Intervals.ipVersion(source)))
                .toList();
        return new NodePortOptions(ports, addresses, allowed);
    }

    private static ExemptSources exempt(Random random) {
        return new ExemptSources(
                drawn(random, List.of("192.0.2.0/28", "192.0.2.1", "2001:db8:1::1", "0.0.0.0/0", "::/0")),
                drawn(random, List.of("10.0.0.0/8", "192.168.0.0/16", "fc00::/7")),
                drawn(random, List.of("10.20.0.0/16", "fd00:1::/32", "192.168.0.0/16", "198.51.100.0/24")));
    }

    private static List<IpPrefix> drawn(Random random, List<String> all) {
        return all.stream()
                .filter(one -> random.nextInt(3) == 0)
                .map(IpPrefix::parse)
                .toList();
    }

    /** The address is in a set with the blocklist's label, and a packet comes from it. */
    private static boolean denies(PolicySet set, IpPrefix source) {
        int ipVersion = Intervals.ipVersion(source);
        return set.policies().stream()
                .filter(policy -> policy.name().equals(set.options().name(Part.BLOCKLIST)))
                .flatMap(policy -> policy.ingress().stream())
                .filter(rule -> rule.action() == Action.DENY)
                .anyMatch(rule -> (rule.ipVersion() == 0 || rule.ipVersion() == ipVersion)
                        && (rule.source().nets().isEmpty()
                                || rule.source().nets().stream().anyMatch(source::overlaps))
                        && rule.source().notNets().stream().noneMatch(source::overlaps));
    }

    /** A line of an exempt source would be one of a packet that is not blocked. */
    @Test
    void theBlocklistLogsExactlyWhatItDeniesIfAsked() {
        for (long seed = SEED; seed < SEED + 500; seed++) {
            PolicyOptions options = random(new Random(seed));
            for (Policy policy : PolicySet.of(options).policies()) {
                if (!policy.name().equals(options.name(Part.BLOCKLIST))) {
                    continue;
                }
                List<Rule> denies = policy.ingress().stream()
                        .filter(rule -> rule.action() == Action.DENY)
                        .toList();
                List<Rule> expected = options.logBlocked()
                        ? denies.stream()
                                .flatMap(rule -> Stream.of(rule.does(Action.LOG), rule))
                                .toList()
                        : denies;
                assertEquals(expected, policy.ingress(), "seed " + seed + ": " + options);
            }
        }
    }

    @Test
    void aBlocklistThatLogsSaysSoAndNotBeforeTracking() {
        PolicyOptions options = PolicyOptions.of(List.of(), List.of()).with(EnumSet.of(Part.BLOCKLIST));
        PolicyOptions logging = options.loggingBlocked();
        assertTrue(PolicyYaml.of(PolicySet.of(logging)).contains("# Logs each packet that it blocks, once."));
        assertTrue(PolicyYaml.of(PolicySet.of(options)).contains("# What it blocks is not logged: "));
        assertThrows(
                IllegalArgumentException.class,
                () -> new PolicyOptions(
                        List.of(),
                        List.of(),
                        "has(x)",
                        PolicyOptions.DEFAULT_NODE_PORTS,
                        EnumSet.of(Part.BLOCKLIST),
                        true,
                        Map.of(),
                        ExemptSources.NONE,
                        true));
    }

    /** IPv4 addresses are in ::/0 to us, and not to Calico. */
    private static boolean holds(IpPrefix net, IpPrefix source) {
        return Intervals.ipVersion(net) == Intervals.ipVersion(source) && net.overlaps(source);
    }

    /** Whatever is in the sets: exempt sources pass, all others are denied. */
    @Test
    void theBlocklistLetsExemptSourcesPassAndNoOthers() {
        List<IpPrefix> sources = Stream.of(
                        "10.1.2.3",
                        "10.20.1.1",
                        "192.168.1.1",
                        "192.0.2.1",
                        "192.0.2.15",
                        "192.0.2.16",
                        "198.51.100.7",
                        "203.0.113.1",
                        "8.8.8.8",
                        "2001:db8:1::1",
                        "2001:db8:1::2",
                        "2001:db8::1",
                        "fd00:1::9",
                        "fc00::1")
                .map(IpPrefix::parse)
                .toList();
        for (long seed = SEED; seed < SEED + 1_000; seed++) {
            PolicySet set = PolicySet.of(random(new Random(seed)));
            PolicyOptions options = set.options();
            if (!options.only().contains(Part.BLOCKLIST)) {
                continue;
            }
            for (IpPrefix source : sources) {
                boolean always = Stream.of(
                                options.exempt().always(),
                                options.allowed(),
                                options.nodePorts().allowed(),
                                options.loadBalancers().stream()
                                        .map(ProtectedAddress::address)
                                        .toList())
                        .flatMap(List::stream)
                        .anyMatch(net -> holds(net, source));
                boolean special = options.exempt().special().stream().anyMatch(net -> holds(net, source))
                        && options.exempt().mayBlock().stream().noneMatch(net -> holds(net, source));
                boolean exempt = !options.beforeTracking() && (always || special);

                assertEquals(!exempt, denies(set, source), "seed " + seed + ": " + source + " " + options);
            }
        }
    }

    @Test
    void eachRuleOfTheBlocklistHasNetsOfItsIpVersionAlone() {
        for (long seed = SEED; seed < SEED + 200; seed++) {
            for (Policy policy : PolicySet.of(random(new Random(seed))).policies()) {
                for (Rule rule : policy.ingress()) {
                    long versions = Stream.of(rule.source(), rule.destination())
                            .flatMap(match -> Stream.concat(match.nets().stream(), match.notNets().stream()))
                            .map(Intervals::ipVersion)
                            .distinct()
                            .count();
                    assertTrue(versions <= 1, "seed " + seed + ": " + rule);
                    assertTrue(
                            Stream.of(rule.source(), rule.destination())
                                    .flatMap(match -> match.notNets().stream())
                                    .noneMatch(net -> net.toString().endsWith("/0")),
                            "seed " + seed + ": " + rule);
                }
            }
        }
    }

    @Test
    void saysWhatTheAgentsMustExempt() {
        PolicyOptions options = PolicyOptions.of(
                        List.of(ProtectedAddress.parse("203.0.113.7:80"), ProtectedAddress.parse("[2001:db8:9::7]:80")),
                        List.of(IpPrefix.parse("2001:db8::/48")))
                .exempting(new ExemptSources(List.of(IpPrefix.parse("192.0.2.0/24")), List.of(), List.of()));
        assertTrue(PolicyYaml.of(PolicySet.of(options))
                .contains("blocklist.neverBlock: [192.0.2.0/24, 203.0.113.7/32, \"2001:db8::/48\","
                        + " \"2001:db8:9::7/128\"]\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Blocklist", "a.b", "-a", "denywatch-allowlist"})
    void refusesNamesThatCalicoWouldReadInAnotherWayOrThatAreTaken(String name) {
        PolicyOptions options = PolicyOptions.of(List.of(), List.of());
        assertThrows(IllegalArgumentException.class, () -> options.named(Map.of(Part.BLOCKLIST, name)));
    }

    private static HostEndpoint endpoint(String selector) {
        Map<String, String> labels = Map.of("kubernetes.io/hostname", "n", "ibm.role", "worker_public");
        assertTrue(Selector.parse(selector).matches(labels));
        List<IpPrefix> addresses = List.of(IpPrefix.parse(NODE), IpPrefix.parse("203.0.113.1"));
        return new HostEndpoint("n-eth0", "n", "eth0", labels, addresses, List.of());
    }

    private static List<Policy> read(String yaml) {
        List<Policy> policies = new ArrayList<>();
        try (var documents = new YAMLMapper().readerFor(JsonNode.class).<JsonNode>readValues(yaml)) {
            while (documents.hasNext()) {
                policies.add(policy(documents.next()));
            }
        }
        return policies;
    }

    private static Policy policy(JsonNode document) {
        assertEquals("projectcalico.org/v3", document.path("apiVersion").stringValue());
        assertEquals("GlobalNetworkPolicy", document.path("kind").stringValue());
        JsonNode spec = document.path("spec");
        assertTrue(spec.path("applyOnForward").booleanValue());
        assertEquals("[\"Ingress\"]", spec.path("types").toString());
        List<Rule> rules = new ArrayList<>();
        for (JsonNode rule : spec.path("ingress")) {
            Rule read = Rule.of(Action.valueOf(rule.path("action").asString().toUpperCase(Locale.ROOT)));
            if (rule.has("protocol")) {
                read = read.over(Protocol.parse(rule.path("protocol").asString()));
            }
            read = read.ofVersion(rule.path("ipVersion").asInt(0));
            rules.add(read.from(match(rule.path("source"))).to(match(rule.path("destination"))));
        }
        Stage stage = spec.path("doNotTrack").asBoolean(false) ? Stage.DO_NOT_TRACK : Stage.PRE_DNAT;
        assertEquals(stage == Stage.PRE_DNAT, spec.path("preDNAT").asBoolean(false));
        return Policy.ingress(
                stage,
                document.path("metadata").path("name").asString(),
                spec.path("order").doubleValue(),
                spec.path("selector").asString(),
                rules);
    }

    private static EntityMatch match(JsonNode match) {
        return EntityMatch.ANY
                .inNets(texts(match.path("nets")).stream().map(IpPrefix::parse).toList())
                .notInNets(texts(match.path("notNets")).stream()
                        .map(IpPrefix::parse)
                        .toList())
                .selected(
                        match.path("selector").asString(""),
                        match.path("namespaceSelector").asString(""))
                .notSelected(match.path("notSelector").asString(""))
                .onPorts(texts(match.path("ports")).stream().map(Port::parse).toList())
                .notOnPorts(
                        texts(match.path("notPorts")).stream().map(Port::parse).toList());
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asString()));
        return texts;
    }
}

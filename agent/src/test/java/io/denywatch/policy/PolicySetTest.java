package io.denywatch.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.PolicyOptions.Part;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class PolicySetTest {
    private static final long SEED = 20_261_124;

    @Test
    void theTutorialsFivePoliciesInTheirOrder() {
        PolicySet set = PolicySet.of(PolicyOptions.of(
                List.of(LoadBalancer.parse("203.0.113.7:80")), List.of(IpPrefix.parse("198.51.100.9"))));
        assertEquals(
                List.of("blocklist", "allowlist", "log-denied-packets", "deny-lb", "deny-nodeports"),
                set.policies().stream().map(Policy::name).toList());
        assertEquals(
                List.of(200.0, 500.0, 790.0, 800.0, 1100.0),
                set.policies().stream().map(Policy::order).toList());
        assertEquals(
                List.of(
                        PolicyLines.rule("Log tcp dst 203.0.113.7 port 80"),
                        PolicyLines.rule("Log udp dst 203.0.113.7 port 80"),
                        PolicyLines.rule("Log tcp port 30000:32767"),
                        PolicyLines.rule("Log udp port 30000:32767")),
                set.policies().get(2).ingress());
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
                    PolicyFindings.of(analysis, options.only().contains(Part.BLOCKLIST)).stream()
                            .filter(finding -> finding.kind().severity() != Finding.Severity.NOTE)
                            .toList(),
                    message);
            assertEquals(set.policies(), read(PolicyYaml.of(set)), message);
            assertEquals(PolicyYaml.of(set), PolicyYaml.of(PolicySet.of(options)), message);
        }
    }

    @Test
    void whatIsDeniedIsLoggedUnlessTheBlocklistTookIt() {
        PolicySet set = PolicySet.of(PolicyOptions.of(
                List.of(
                        LoadBalancer.parse("203.0.113.7"),
                        LoadBalancer.parse("203.0.113.8:31000"),
                        LoadBalancer.parse("[2001:db8::7]:53/udp"),
                        LoadBalancer.parse("203.0.113.9:9/sctp")),
                List.of()));
        PacketSet logged = PacketSet.NONE;
        PacketSet denied = PacketSet.NONE;
        for (Policy policy : set.policies()) {
            for (Rule rule : policy.ingress()) {
                PacketSet match = RuleMatch.of(rule, null);
                logged = rule.action() == Action.LOG ? logged.or(match) : logged;
                denied = policy.name().startsWith("deny-") ? denied.or(match) : denied;
            }
        }
        assertTrue(denied.minus(logged).isEmpty());
        assertTrue(logged.minus(denied).isEmpty());
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
                # these packets (IPv4, iptables data plane). A Log rule in front of it would end that.
                # Calico ignores it at host endpoints with interfaceName "*", so at all automatic ones.
                apiVersion: projectcalico.org/v3
                kind: GlobalNetworkPolicy
                metadata:
                  name: blocklist
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
        String yaml =
                PolicyYaml.of(PolicySet.of(PolicyOptions.of(List.of(LoadBalancer.parse("203.0.113.7:80")), List.of())));
        assertTrue(yaml.contains("# Denies the load balancers to everyone"), yaml);
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
        assertThrows(IllegalArgumentException.class, () -> LoadBalancer.parse(text));
    }

    @Test
    void refusesToLogWhatItDoesNotDeny() {
        Set<Part> logOnly = EnumSet.of(Part.LOG_DENIED_PACKETS, Part.ALLOWLIST, Part.DENY_LB);
        assertThrows(
                IllegalArgumentException.class,
                () -> new PolicyOptions(
                        List.of(), List.of(), "has(x)", PolicyOptions.DEFAULT_NODE_PORTS, logOnly, false));
    }

    private static PolicyOptions random(Random random) {
        List<LoadBalancer> loadBalancers = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            String address =
                    random.nextBoolean() ? "203.0.113." + random.nextInt(3) : "[2001:db8::" + random.nextInt(3) + "]";
            String port = List.of("", ":80", ":443/tcp", ":53/udp", ":9/sctp", ":31000", ":30000/udp")
                    .get(random.nextInt(7));
            loadBalancers.add(LoadBalancer.parse(address + port));
        }
        List<IpPrefix> allowed = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            allowed.add(IpPrefix.parse(List.of("198.51.100.0/24", "192.0.2.1", "2001:db8:1::/48", "0.0.0.0/0", "::/0")
                    .get(random.nextInt(5))));
        }
        Set<Part> only = EnumSet.allOf(Part.class);
        only.removeIf(part -> part != Part.DENY_NODEPORTS && random.nextInt(4) == 0);
        String selector = random.nextBoolean() ? PolicyOptions.DEFAULT_SELECTOR : "ibm.role == 'worker_public'";
        int first = 30_000 + random.nextInt(2_000);
        return new PolicyOptions(
                loadBalancers,
                allowed,
                selector,
                new Port.Range(first, first + random.nextInt(700)),
                only,
                random.nextInt(4) == 0);
    }

    private static HostEndpoint endpoint(String selector) {
        Map<String, String> labels = Map.of("kubernetes.io/hostname", "n", "ibm.role", "worker_public");
        assertTrue(Selector.parse(selector).matches(labels));
        return new HostEndpoint("n-eth0", "n", "eth0", labels, List.of(), List.of());
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
                .selected(
                        match.path("selector").asString(""),
                        match.path("namespaceSelector").asString(""))
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

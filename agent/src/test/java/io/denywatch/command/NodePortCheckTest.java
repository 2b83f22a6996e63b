package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.cluster.survey.NodePortSurvey;
import io.denywatch.cluster.survey.NodePortSurvey.Delivery;
import io.denywatch.cluster.survey.NodePortSurvey.Exposed;
import io.denywatch.cluster.survey.NodePortSurvey.OpenPort;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Port;
import io.denywatch.policy.manifest.PolicyOptions;
import io.denywatch.policy.manifest.PolicyOptions.NodePortOptions;
import io.denywatch.policy.manifest.PolicyOptions.Part;
import io.denywatch.policy.manifest.ProtectedAddress;
import io.denywatch.process.CommandFailure;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NodePortCheckTest {
    private static final Ip LOAD_BALANCER = Ip.parse("203.0.113.7");
    private static final Set<Part> ASKED = EnumSet.of(Part.DENY_NODEPORTS);
    private static final Set<Part> NOT_ASKED = EnumSet.of(Part.BLOCKLIST);

    private final List<String> notes = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private static Exposed service(Delivery delivery, int port, int healthCheck) {
        return new Exposed(
                "shop/web",
                delivery,
                "somebody",
                List.of(LOAD_BALANCER),
                List.of(new OpenPort("TCP", port), new OpenPort("UDP", port)),
                healthCheck);
    }

    private static NodePortSurvey survey(List<String> expectedIps, Exposed... services) {
        HostEndpoint endpoint = new HostEndpoint(
                "n-auto-hep",
                "n",
                "*",
                Map.of("kubernetes.io/hostname", "n"),
                expectedIps.stream().map(IpPrefix::parse).toList(),
                List.of());
        return new NodePortSurvey(
                List.of(services), List.of(Ip.parse("10.0.0.1")), List.of(endpoint), FailsafePorts.DEFAULT);
    }

    private static PolicyOptions options(Set<Part> parts, NodePortOptions nodePorts) {
        return new PolicyOptions(
                List.of(ProtectedAddress.parse("203.0.113.7:80")),
                List.of(),
                PolicyOptions.DEFAULT_SELECTOR,
                nodePorts,
                parts,
                false);
    }

    private Set<Part> decide(NodePortSurvey survey, PolicyOptions options) {
        return new NodePortCheck(survey, options).decide(false, notes, warnings).only();
    }

    private Set<Part> decide(NodePortSurvey survey, Set<Part> parts) {
        return decide(survey, options(parts, PolicyOptions.DEFAULT_NODE_PORTS));
    }

    @Test
    void deniesNodePortsByItselfWhereNothingSpeaksAgainstIt() {
        NodePortSurvey survey = survey(List.of("10.0.0.1"), service(Delivery.ELSEWHERE, 31_080, 32_001));
        assertTrue(decide(survey, NOT_ASKED).containsAll(List.of(Part.DENY_NODEPORTS, Part.LOG_DENIED_PACKETS)));
        assertEquals(List.of(), notes);
        assertEquals(List.of(), warnings);
    }

    @Test
    void addsNothingToWhatIsChosen() {
        PolicyOptions options = options(NOT_ASKED, PolicyOptions.DEFAULT_NODE_PORTS);
        assertEquals(
                NOT_ASKED,
                new NodePortCheck(survey(List.of("10.0.0.1")), options)
                        .decide(true, notes, warnings)
                        .only());
        assertEquals(List.of(), notes);
    }

    @Test
    void refusesToCutOffALoadBalancerAndSaysHowNotTo() {
        NodePortSurvey survey = survey(List.of("10.0.0.1"), service(Delivery.NODE_PORTS, 31_080, 32_767));
        CommandFailure refused = assertThrows(CommandFailure.class, () -> decide(survey, ASKED));
        assertEquals(CommandFailure.FAILED, refused.exitCode());
        assertEquals(
                "deny-nodeports: it would cut off load balancers or their health checks: shop/web TCP 31080, UDP 31080,"
                        + " TCP 32767 (somebody). Leave their ports open with --nodeports 30000:31079,31081:32766, or allow"
                        + " their sources with --allow-nodeports, or leave out deny-nodeports with --only",
                refused.line());

        assertEquals(NOT_ASKED, decide(survey, NOT_ASKED));
        assertTrue(
                notes.getFirst().startsWith("left out: deny-nodeports, because it would cut off load"),
                notes::toString);
        assertEquals(
                List.of(
                        "the load balancer 203.0.113.7 of shop/web (somebody) sends to node ports, so deny-lb does not see"
                                + " its packets"),
                warnings);

        List<Port.PortRange> others = List.of(new Port.PortRange(30_000, 31_079), new Port.PortRange(31_081, 32_766));
        assertEquals(ASKED, decide(survey, options(ASKED, new NodePortOptions(others, List.of(), List.of()))));
        assertEquals(
                ASKED,
                decide(
                        survey,
                        options(
                                ASKED,
                                new NodePortOptions(
                                        PolicyOptions.DEFAULT_NODE_PORTS.ports(),
                                        List.of(),
                                        List.of(IpPrefix.parse("203.0.113.7"))))));
    }

    /** Following the advice ends the refusal. */
    @Test
    void theAdviceHelpsWhateverPortsAreUsed() {
        int refusals = 0;
        for (long seed = 1; seed <= 200; seed++) {
            Random random = new Random(seed);
            Exposed[] services = new Exposed[1 + random.nextInt(8)];
            for (int i = 0; i < services.length; i++) {
                int port = 29_995 + random.nextInt(random.nextBoolean() ? 10 : 2_780);
                int check = random.nextBoolean() ? 0 : 32_760 + random.nextInt(10);
                Delivery[] deliveries = Delivery.values();
                services[i] = service(deliveries[random.nextInt(deliveries.length)], port, check);
            }
            NodePortSurvey survey = survey(List.of("10.0.0.1"), services);
            try {
                decide(survey, ASKED);
            } catch (CommandFailure refused) {
                refusals++;
                String[] advice = refused.line().split("--nodeports |, or allow", -1);
                List<Port.PortRange> ports = Stream.of(advice[1].split(",", -1))
                        .map(range -> range.split(":", -1))
                        .map(ends ->
                                new Port.PortRange(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])))
                        .toList();
                notes.clear();
                warnings.clear();
                assertEquals(
                        ASKED,
                        decide(survey, options(ASKED, new NodePortOptions(ports, List.of(), List.of()))),
                        "seed " + seed);
                assertTrue(warnings.stream().noneMatch(text -> text.contains("may cut off")), "seed " + seed);
                assertEquals(
                        NOT_ASKED.size() + 2,
                        decide(survey, options(NOT_ASKED, new NodePortOptions(ports, List.of(), List.of())))
                                .size(),
                        "seed " + seed);
            }
        }
        assertTrue(refusals > 100, "refusals: " + refusals);
    }

    @Test
    void warnsWhereItIsNotKnownWhatLoadBalancersSendTo() {
        NodePortSurvey survey = survey(List.of("10.0.0.1"), service(Delivery.UNKNOWN, 31_080, 0));
        assertEquals(ASKED, decide(survey, ASKED));
        assertTrue(warnings.getFirst().startsWith("deny-nodeports: it may cut off"), warnings::toString);
        assertEquals(NOT_ASKED, decide(survey, NOT_ASKED));
        assertTrue(notes.getFirst().contains("shop/web TCP 31080, UDP 31080"), notes::toString);
    }

    @Test
    void refusesRulesThatWouldMatchNothing() {
        CommandFailure refused = assertThrows(CommandFailure.class, () -> decide(survey(List.of()), ASKED));
        assertTrue(refused.line().contains("(expectedIPs): n-auto-hep. Name the addresses of nodes with --node-net"));
        List<Port.PortRange> ports = PolicyOptions.DEFAULT_NODE_PORTS.ports();
        NodePortOptions named = new NodePortOptions(ports, List.of(IpPrefix.parse("10.0.0.0/8")), List.of());
        assertEquals(ASKED, decide(survey(List.of()), options(ASKED, named)));
        assertEquals(List.of(), warnings);
    }

    @Test
    void warnsOfWhatStaysOpenAndOfWhatIsClosed() {
        NodePortSurvey survey =
                survey(List.of("10.9.9.9"), service(Delivery.CLIENTS, 31_080, 0), service(Delivery.CLIENTS, 20_000, 0));
        assertEquals(ASKED, decide(survey, ASKED));
        assertEquals(
                List.of(
                        "these node ports are denied to sources outside the cluster: shop/web TCP 31080, UDP 31080",
                        "these node ports are not in --nodeports and stay open: shop/web TCP 20000; shop/web UDP 20000",
                        "node ports stay open at these addresses of nodes, unless they are translated on the way: 10.0.0.1."
                                + " Name all addresses of nodes with --node-net"),
                warnings);
    }

    @Test
    void saysWhereNoHostEndpointIsSelected() {
        PolicyOptions options = new PolicyOptions(
                List.of(), List.of(), "has(other)", PolicyOptions.DEFAULT_NODE_PORTS, NOT_ASKED, false);
        assertEquals(NOT_ASKED, decide(survey(List.of("10.0.0.1")), options));
        assertEquals(
                List.of("--selector: \"has(other)\" matches none of 1 host endpoints, so the policies have no effect"),
                warnings);
        PolicyOptions all =
                new PolicyOptions(List.of(), List.of(), "all()", PolicyOptions.DEFAULT_NODE_PORTS, NOT_ASKED, false);
        assertEquals(NOT_ASKED, decide(survey(List.of("10.0.0.1")), all));
        assertTrue(notes.getLast().contains("--selector also selects network sets"), notes::toString);
    }
}

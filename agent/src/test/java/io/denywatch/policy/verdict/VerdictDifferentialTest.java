package io.denywatch.policy.verdict;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Action;
import io.denywatch.policy.EntityMatch;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.NetworkSet;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyLines;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Port;
import io.denywatch.policy.Protocol;
import io.denywatch.policy.Rule;
import io.denywatch.policy.RulePosition;
import io.denywatch.policy.Selector;
import io.denywatch.policy.Stage;
import io.denywatch.policy.verdict.PacketByPacket.Journey;
import io.denywatch.policy.verdict.PacketByPacket.Packet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The analysis against every packet of a small world. */
class VerdictDifferentialTest {
    private static final long SEED = 20_261_124;
    private static final int ROUNDS = 6_000;

    /** Of the Log rules of which all packets have the same fate, so many in a hundred must be proven. */
    private static final int PROVEN_PERCENT_MIN = 80;

    private static final List<String> ADDRESSES =
            List.of("10.0.0.0", "10.0.0.1", "10.0.0.2", "2001:db8::", "2001:db8::1");
    private static final List<String> NETS =
            List.of("10.0.0.0/31", "10.0.0.0/32", "10.0.0.2/32", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/127", "::/0");
    private static final List<String> SELECTORS = List.of("has(a)", "a == '1'", "a != '1'", "has(b)", "all()");
    private static final NetworkSet SET = new NetworkSet(
            "set", Map.of("a", "1"), List.of(IpPrefix.parse("10.0.0.1/32"), IpPrefix.parse("2001:db8::/128")));
    private static final Map<String, String> POD = Map.of("a", "2", "b", "1", Selector.NAMESPACE, "shop");

    private static final FailsafePorts.FailsafePort WEB = new FailsafePorts.FailsafePort(Protocol.TCP, 80, null);
    private static final FailsafePorts.FailsafePort WEB_OF_SOME =
            new FailsafePorts.FailsafePort(Protocol.TCP, 80, IpPrefix.parse("10.0.0.0/31"));
    private static final FailsafePorts.FailsafePort ANSWERS = new FailsafePorts.FailsafePort(Protocol.UDP, 1_000, null);
    private static final List<FailsafePorts> FAILSAFE_PORTS = List.of(
            FailsafePorts.NONE,
            FailsafePorts.NONE,
            FailsafePorts.DEFAULT,
            new FailsafePorts(List.of(WEB), List.of(ANSWERS)),
            new FailsafePorts(List.of(WEB_OF_SOME), List.of()));

    private static final List<Packet> PACKETS = packets();

    @Test
    void whatIsCalledSureIsTrueOfEveryPacket() {
        Map<String, Integer> tally = new HashMap<>();
        for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
            PolicyState state = random(new Random(seed));
            List<LogVerdict> verdicts =
                    VerdictAnalysis.of(state, PolicyLines.NODE).verdicts();
            Map<RulePosition, int[]> fates = fates(state);
            for (LogVerdict verdict : verdicts) {
                int[] fate = fates.getOrDefault(verdict.log(), new int[2]);
                String said = "seed " + seed + ": " + verdict.log() + " " + verdict.why() + " denied " + fate[1]
                        + ", accepted " + fate[0] + "\n" + state;
                switch (verdict.verdict()) {
                    case SURELY_DENIED -> assertTrue(fate[0] == 0, said);
                    case SURELY_NOT_DENIED -> assertTrue(fate[1] == 0, said);
                    case MAY_NOT_BE_DENIED, NOT_FINISHED -> {}
                }
                String truth = fate[0] + fate[1] == 0
                        ? "unseen"
                        : fate[0] == 0 ? "denied" : fate[1] == 0 ? "accepted" : "both";
                tally.merge(truth, 1, Integer::sum);
                tally.merge(truth + " " + verdict.verdict(), 1, Integer::sum);
            }
        }
        int sure = tally.getOrDefault("denied", 0) + tally.getOrDefault("accepted", 0);
        int proven =
                tally.getOrDefault("denied SURELY_DENIED", 0) + tally.getOrDefault("accepted SURELY_NOT_DENIED", 0);
        assertTrue(sure > ROUNDS / 10 && proven * 100 > sure * PROVEN_PERCENT_MIN, tally.toString());
    }

    /** How many packets that each Log rule logs are accepted, and how many denied. */
    private static Map<RulePosition, int[]> fates(PolicyState state) {
        Map<RulePosition, int[]> fates = new HashMap<>();
        PacketByPacket twin = new PacketByPacket(state, state.hostEndpoints().getFirst());
        for (Packet packet : PACKETS) {
            // Packets of established connections meet the policies before connection tracking only.
            Journey fresh = twin.send(packet, Stage.DO_NOT_TRACK);
            for (RulePosition log : fresh.logs()) {
                fates.computeIfAbsent(log, _ -> new int[2])[fresh.denied() ? 1 : 0]++;
            }
        }
        return fates;
    }

    private static List<Packet> packets() {
        List<Packet> packets = new ArrayList<>();
        for (String source : ADDRESSES) {
            for (String destination : ADDRESSES) {
                Ip from = Ip.parse(source);
                Ip to = Ip.parse(destination);
                if (from.isIpv4() != to.isIpv4()) {
                    continue;
                }
                for (int protocol : new int[] {1, 6, 17}) {
                    for (int port : protocol == 1 ? new int[] {0} : new int[] {79, 80, 81}) {
                        addWithObjects(from, to, protocol, port, packets);
                    }
                }
            }
        }
        return packets;
    }

    /** A pod may be at any address, so each packet is sent with one there and without. */
    private static void addWithObjects(Ip from, Ip to, int protocol, int port, List<Packet> packets) {
        for (boolean pod : new boolean[] {false, true}) {
            List<Map<String, String>> objects = new ArrayList<>();
            if (SET.nets().stream().anyMatch(net -> net.contains(from.high(), from.low()))) {
                objects.add(SET.labels());
            }
            if (pod) {
                objects.add(POD);
            }
            for (Set<String> conditions : List.of(Set.<String>of(), Set.of("x"))) {
                packets.add(new Packet(from, to, protocol, 1_000, port, objects, conditions));
            }
        }
    }

    private static PolicyState random(Random random) {
        List<Policy> policies = new ArrayList<>();
        int count = 1 + random.nextInt(4);
        boolean mixed = random.nextInt(4) == 0;
        for (int i = 0; i < count; i++) {
            Stage stage = mixed ? Stage.values()[random.nextInt(3)] : Stage.PRE_DNAT;
            String tier = random.nextInt(4) == 0 ? (random.nextBoolean() ? "first" : "open") : "default";
            List<Rule> rules = new ArrayList<>();
            for (int rule = 1 + random.nextInt(3); rule > 0; rule--) {
                Rule next = rule(random);
                if (next.action() == Action.LOG && random.nextInt(2) == 0) {
                    rules.add(next);
                    rules.add(next.does(random.nextInt(4) == 0 ? Action.ALLOW : Action.DENY));
                } else {
                    rules.add(next);
                }
            }
            // Policies behind DNAT are kept from pods, whose own policies the twin does not know.
            String selector = random.nextInt(5) == 0 ? "role == 'private'" : "role == 'public'";
            selector += stage == Stage.FILTER ? " && !has(projectcalico.org/namespace)" : "";
            Policy policy = Policy.ingress(stage, "p" + i, random.nextInt(3), selector, rules);
            policies.add(new Policy(
                    policy.name(),
                    null,
                    tier,
                    policy.order(),
                    selector,
                    "",
                    "",
                    policy.types(),
                    policy.doNotTrack(),
                    policy.preDnat(),
                    stage != Stage.FILTER,
                    rules,
                    List.of(),
                    List.of(),
                    policy.name()));
        }
        PolicyState plain = PolicyLines.state("unused 0: Deny");
        HostEndpoint endpoint = plain.hostEndpoints().getFirst();
        HostEndpoint bare = new HostEndpoint(
                "bare", endpoint.node(), endpoint.interfaceName(), endpoint.labels(), List.of(), List.of());
        return new PolicyState(plain.tiers(), policies, List.of(SET), List.of(random.nextInt(4) == 0 ? bare : endpoint))
                .on(plain.versions())
                .keepingOpen(FAILSAFE_PORTS.get(random.nextInt(FAILSAFE_PORTS.size())), Map.of());
    }

    private static Rule rule(Random random) {
        Action[] actions = {Action.LOG, Action.LOG, Action.DENY, Action.DENY, Action.ALLOW, Action.PASS};
        Rule rule = Rule.of(actions[random.nextInt(actions.length)]);
        Protocol protocol = random.nextInt(3) == 0 ? null : random.nextInt(4) == 0 ? Protocol.UDP : Protocol.TCP;
        int version = random.nextInt(5) == 0 ? 4 : 0;
        rule = new Rule(
                rule.action(),
                protocol,
                protocol == null && random.nextInt(4) == 0 ? Protocol.TCP : null,
                version,
                source(random, version),
                EntityMatch.ANY,
                random.nextInt(12) == 0 ? List.of("x") : List.of());
        if (protocol != null && random.nextInt(2) == 0) {
            Port.PortRange range = random.nextBoolean() ? Port.of(80) : new Port.PortRange(79, 80);
            EntityMatch to = EntityMatch.ANY;
            rule = rule.to(random.nextInt(4) == 0 ? to.notOnPorts(List.of(range)) : to.onPorts(List.of(range)));
        }
        return rule;
    }

    private static EntityMatch source(Random random, int version) {
        String net = NETS.get(random.nextInt(version == 4 ? 5 : NETS.size()));
        List<IpPrefix> nets = List.of(IpPrefix.parse(net));
        return switch (random.nextInt(10)) {
            case 0, 1, 2 -> EntityMatch.ANY.inNets(nets);
            case 3 -> net.endsWith("/0") ? EntityMatch.ANY : EntityMatch.ANY.notInNets(nets);
            case 4 -> EntityMatch.ANY.selected(SELECTORS.get(random.nextInt(SELECTORS.size())), "");
            case 5 -> EntityMatch.ANY.selected(SELECTORS.get(random.nextInt(SELECTORS.size())), "global()");
            case 6 -> {
                EntityMatch others = EntityMatch.ANY.notSelected(SELECTORS.get(random.nextInt(SELECTORS.size())));
                yield random.nextBoolean()
                        ? others
                        : others.selected(SELECTORS.get(random.nextInt(SELECTORS.size())), "");
            }
            default -> EntityMatch.ANY;
        };
    }
}

package io.denywatch.policy.verdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Intervals;
import io.denywatch.policy.NetworkSet;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Selector;
import io.denywatch.policy.Side;
import io.denywatch.policy.verdict.PacketBox.Dimension;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The search against every packet of a small world. */
class CoverTest {
    private static final long SEED = 20_261_130;
    private static final int ROUNDS = 3_000;
    private static final List<String> SELECTORS =
            List.of("has(a)", "a == '1'", "a == '2'", "!has(a)", "has(b) && !has(projectcalico.org/namespace)");
    private static final int ASKED = 2;
    private static final int ADDRESSES = 3;
    private static final int PORTS = 3;
    private static final PolicyState STATE = new PolicyState(
            List.of(),
            List.of(),
            List.of(
                    new NetworkSet("one", Map.of("a", "1"), List.of(IpPrefix.parse("10.0.0.1/32"))),
                    new NetworkSet("b", Map.of("b", ""), List.of(IpPrefix.parse("10.0.0.0/31")))),
            List.of());

    private final Conditions conditions = new Conditions(new Steps(Long.MAX_VALUE));

    /** All literals: even ones hold. */
    private List<Integer> literals() {
        List<Integer> literals = new ArrayList<>();
        for (String selector : SELECTORS) {
            literals.add(conditions.holding(new Condition.Selected(Side.SOURCE, Selector.parse(selector))));
        }
        for (int i = 0; i < ASKED; i++) {
            literals.add(conditions.holding(new Condition.Asked("x" + i)));
        }
        return literals;
    }

    @Test
    void findsWhatIsLeftIfThereIsAnything() {
        List<Integer> literals = literals();
        int empty = 0;
        for (SelectorKnowledge facts :
                List.of(SelectorKnowledge.always(conditions), SelectorKnowledge.now(conditions, STATE))) {
            List<PacketBox> packets = packets(literals, facts);
            for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
                Random random = new Random(seed);
                PacketBox box = facts.and(PacketBox.all(4), box(random, literals, 1));
                List<PacketBox> cuts = new ArrayList<>();
                for (int i = random.nextInt(14); i > 0; i--) {
                    cuts.add(box(random, literals, 3));
                }
                if (box.isEmpty()) {
                    continue;
                }
                boolean any = packets.stream()
                        .anyMatch(packet -> packet.outside(box) == 0
                                && cuts.stream().allMatch(cut -> packet.outside(cut) == PacketBox.DISJOINT));
                PacketBox left = Cover.leftOf(box, cuts, facts);
                assertEquals(any, left != null, "seed " + seed);
                empty += any ? 0 : 1;
                assertTrue(
                        left == null
                                || (left.outside(box) == 0
                                        && cuts.stream()
                                                .allMatch(cut ->
                                                        facts.and(left, cut).isEmpty())),
                        "seed " + seed);
            }
        }
        assertTrue(empty > ROUNDS / 10, "covered: " + empty);
    }

    /** Every packet of the world that can be, as a box of its own. */
    private static List<PacketBox> packets(List<Integer> literals, SelectorKnowledge facts) {
        List<PacketBox> packets = new ArrayList<>();
        for (int address = 0; address < ADDRESSES; address++) {
            for (int port = 0; port < PORTS; port++) {
                for (int bits = 0; bits < 1 << literals.size(); bits++) {
                    PacketBox packet = PacketBox.all(4)
                            .with(Dimension.SOURCE, Intervals.addresses(List.of(address(address)), 4))
                            .with(Dimension.DESTINATION_PORT, Intervals.between(port, port));
                    for (int i = 0; i < literals.size() && !packet.isEmpty(); i++) {
                        packet = facts.with(packet, literals.get(i) ^ (bits >> i & 1));
                    }
                    if (!packet.isEmpty()) {
                        packets.add(packet);
                    }
                }
            }
        }
        return packets;
    }

    private static IpPrefix address(int number) {
        return IpPrefix.parse("10.0.0." + number + "/32");
    }

    private static PacketBox box(Random random, List<Integer> literals, int most) {
        PacketBox box = PacketBox.all(4)
                .with(
                        Dimension.SOURCE,
                        Intervals.addresses(List.of(IpPrefix.parse("10.0.0.0/30")), 4)
                                .minus(Intervals.addresses(List.of(address(ADDRESSES)), 4)))
                .with(Dimension.DESTINATION_PORT, Intervals.between(0, PORTS - 1));
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            box = switch (random.nextInt(6)) {
                case 0 ->
                    box.with(
                            Dimension.SOURCE,
                            Intervals.addresses(
                                    List.of(address(random.nextInt(ADDRESSES)), address(random.nextInt(ADDRESSES))),
                                    4));
                case 1 -> {
                    int port = random.nextInt(PORTS);
                    yield box.with(Dimension.DESTINATION_PORT, Intervals.between(port, Math.min(port + 1, PORTS - 1)));
                }
                default -> box.with(literals.get(random.nextInt(literals.size())) ^ random.nextInt(2));
            };
        }
        return box;
    }

    @Test
    void whatIsIndependentIsNotSearchedCaseByCase() {
        Steps steps = new Steps(Steps.MAX);
        Conditions many = new Conditions(steps);
        List<PacketBox> cuts = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            cuts.add(PacketBox.all(4)
                    .with(many.holding(new Condition.Asked("a" + i)))
                    .with(many.holding(new Condition.Asked("b" + i))));
        }
        SelectorKnowledge facts = SelectorKnowledge.always(many);
        assertTrue(Cover.leftOf(PacketBox.all(4), cuts, facts) != null);
        int x = many.holding(new Condition.Asked("x"));
        int y = many.holding(new Condition.Asked("y"));
        for (int[] literals : new int[][] {{x, y}, {x, y ^ 1}, {x ^ 1, y}, {x ^ 1, y ^ 1}}) {
            cuts.add(PacketBox.all(4).with(literals[0]).with(literals[1]));
        }
        assertEquals(null, Cover.leftOf(PacketBox.all(4), cuts, facts));
        assertTrue(steps.taken() < 1_000_000, "steps " + steps.taken());
    }

    /** More pigeons than holes: resolution cannot see it in fewer than exponentially many steps. */
    @Test
    void endsWhereNoStepsAreLeft() {
        Steps steps = new Steps(100_000);
        Conditions many = new Conditions(steps);
        int holes = 12;
        List<PacketBox> cuts = new ArrayList<>();
        for (int pigeon = 0; pigeon <= holes; pigeon++) {
            PacketBox nowhere = PacketBox.all(4);
            for (int hole = 0; hole < holes; hole++) {
                int sits = many.holding(new Condition.Asked(pigeon + " in " + hole));
                nowhere = nowhere.with(Conditions.opposite(sits));
                for (int other = 0; other < pigeon; other++) {
                    cuts.add(
                            PacketBox.all(4).with(sits).with(many.holding(new Condition.Asked(other + " in " + hole))));
                }
            }
            cuts.add(nowhere);
        }
        SelectorKnowledge facts = SelectorKnowledge.always(many);
        assertThrows(Steps.Exhausted.class, () -> Cover.leftOf(PacketBox.all(4), cuts, facts));
    }
}

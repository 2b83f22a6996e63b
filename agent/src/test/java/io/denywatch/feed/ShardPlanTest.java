package io.denywatch.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class ShardPlanTest {
    private static final int PER_SHARD = 5;
    private static final int SHARDS_MAX = 40;

    private final SortedMap<Integer, List<IpPrefix>> stored = new TreeMap<>();

    private List<IpPrefix> all() {
        return stored.values().stream().flatMap(List::stream).toList();
    }

    private void apply(ShardPlan.Step step) {
        if (step.isDeletion()) {
            stored.remove(step.shard());
        } else {
            stored.put(step.shard(), step.nets());
        }
    }

    @RepeatedTest(150)
    void leadsToTheListWithoutAnInstantWithoutAnAddressOfBoth(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        SplittableRandom random = new SplittableRandom(seed);
        List<IpPrefix> given = new ArrayList<>();
        for (int round = 0; round < 8; round++) {
            given.removeIf(_ -> random.nextInt(3) == 0);
            for (int i = random.nextInt(60); i > 0; i--) {
                given.add(NetSetTest.net(random));
            }
            NetSet wanted = NetSet.union(given, 16, 32);
            List<IpPrefix> before = all();
            List<Ip> both = new ArrayList<>(NetSetTest.boundaries(before));
            both.addAll(NetSetTest.boundaries(wanted.nets()));
            both.removeIf(
                    address -> !NetSetTest.isIn(before, address) || !wanted.contains(address.high(), address.low()));

            ShardPlan plan = ShardPlan.of(stored, wanted, PER_SHARD, SHARDS_MAX);
            int interruptedAfter =
                    random.nextInt(4) == 0 ? random.nextInt(plan.steps().size() + 1) : Integer.MAX_VALUE;
            int done = 0;
            for (ShardPlan.Step step : plan.steps()) {
                if (done++ == interruptedAfter) {
                    break;
                }
                apply(step);
                assertTrue(step.nets().size() <= 2 * PER_SHARD + 5, () -> "seed " + seed);
                for (Ip address : both) {
                    assertTrue(NetSetTest.isIn(all(), address), () -> "seed " + seed + ": no " + address);
                }
            }
            if (done <= interruptedAfter) {
                assertEquals(wanted.nets(), NetSet.union(all(), 32, 128).nets(), () -> "seed " + seed);
                assertEquals(wanted.nets().size(), all().size(), () -> "seed " + seed);
                stored.forEach((shard, nets) -> {
                    assertTrue(nets.size() <= PER_SHARD, () -> "seed " + seed);
                    assertTrue(shard == 0 || !nets.isEmpty(), () -> "seed " + seed);
                });
                assertEquals(
                        List.of(),
                        ShardPlan.of(stored, wanted, PER_SHARD, SHARDS_MAX).steps().stream()
                                .filter(step -> step.shard() > 0 || !stored.isEmpty())
                                .toList(),
                        () -> "seed " + seed);
            }
        }
    }

    @Test
    void aSmallChangeOfALongListChangesOneSet() {
        List<IpPrefix> given = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            given.add(IpPrefix.parse("45." + i / 100 + "." + 2 * (i % 100) + ".1"));
        }
        ShardPlan.of(stored, NetSet.union(given, 16, 32), 2_000, 50).steps().forEach(this::apply);
        assertEquals(5, stored.size());
        given.remove(5_000);
        given.add(IpPrefix.parse("46.0.0.1"));

        assertEquals(
                1,
                ShardPlan.of(stored, NetSet.union(given, 16, 32), 2_000, 50)
                        .steps()
                        .size());
    }

    @Test
    void aListThatShrinksNeedsFewSetsAgain() {
        List<IpPrefix> given = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            given.add(IpPrefix.parse("45.0." + i + ".1"));
        }
        ShardPlan.of(stored, NetSet.union(given, 16, 32), PER_SHARD, SHARDS_MAX)
                .steps()
                .forEach(this::apply);
        NetSet few = NetSet.union(given.subList(85, 95), 16, 32);

        ShardPlan.of(stored, few, PER_SHARD, SHARDS_MAX).steps().forEach(this::apply);

        assertTrue(stored.size() <= 4, () -> stored.keySet().toString());
    }
}

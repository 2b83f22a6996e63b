package io.denywatch.feed;

import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The writes that turn the stored shards of a feed into a new list. A net that stays is not moved, so a small change of
 * the list changes few objects. An address that is in both lists is in some shard after each write: a shard gives up a
 * net only after the nets that replace it are in other shards. Immutable.
 *
 * @param steps in order; the first shard comes last among the writes of a pass
 */
record ShardPlan(List<Step> steps) {
    /**
     * A shard and the nets that it has after this step.
     *
     * @param nets without any, the shard is deleted, unless it is the first one
     */
    record Step(int shard, List<IpPrefix> nets) {
        Step {
            nets = List.copyOf(nets);
        }

        /** Whether the shard is to be deleted. The first one stays: it says when the feed was synced. */
        boolean isDeletion() {
            return shard > 0 && nets.isEmpty();
        }
    }

    ShardPlan {
        steps = List.copyOf(steps);
    }

    /**
     * Plans the writes.
     *
     * @param before the nets of the shards that are there
     * @param wanted disjoint nets, at most {@code shardsMax} shards full of them
     * @param perShard the maximum number of nets of a shard. While a list is replaced, a shard may have twice as many.
     */
    static ShardPlan of(
            SortedMap<Integer, ? extends Collection<IpPrefix>> before, NetSet wanted, int perShard, int shardsMax) {
        Map<IpPrefix, Integer> placed = place(before, wanted, perShard, shardsMax);
        SortedSet<Integer> shards = new TreeSet<>(before.keySet());
        shards.addAll(placed.values());
        Map<Integer, Set<IpPrefix>> after = new HashMap<>();
        shards.forEach(shard -> after.put(shard, new LinkedHashSet<>()));
        wanted.nets()
                .forEach(net -> after.getOrDefault(placed.get(net), new LinkedHashSet<>())
                        .add(net));
        List<Step> first = new ArrayList<>();
        List<Step> second = new ArrayList<>();
        for (int shard : shards.reversed()) {
            Set<IpPrefix> proper = after.getOrDefault(shard, Set.of());
            Collection<IpPrefix> found =
                    Optional.<Collection<IpPrefix>>ofNullable(before.get(shard)).orElse(Set.of());
            Set<IpPrefix> between = new LinkedHashSet<>(proper);
            found.stream()
                    .filter(net ->
                            wanted.overlapping(net).stream().anyMatch(other -> placed.getOrDefault(other, -1) != shard))
                    .forEach(between::add);
            boolean there = before.containsKey(shard);
            if (!there || !between.equals(new LinkedHashSet<>(found)) || (between.isEmpty() && shard > 0)) {
                first.add(new Step(shard, List.copyOf(between)));
            }
            if (!between.equals(proper)) {
                second.add(new Step(shard, List.copyOf(proper)));
            }
        }
        first.addAll(second);
        return new ShardPlan(first);
    }

    /** The shard of each net: where it is, or where a net is that it replaces, or the first with room. */
    private static Map<IpPrefix, Integer> place(
            SortedMap<Integer, ? extends Collection<IpPrefix>> before, NetSet wanted, int perShard, int shardsMax) {
        int needed = Math.max(1, Math.ceilDiv(wanted.nets().size(), perShard));
        int limit = Math.min(shardsMax, 2 * needed); // nets of a list that has shrunk move to the first shards
        TreeMap<IpPrefix, Integer> found = new TreeMap<>(IpPrefix.ORDER);
        before.forEach((shard, nets) -> nets.forEach(net -> found.putIfAbsent(net, shard)));
        int[] counts = new int[limit];
        Map<IpPrefix, Integer> placed = new HashMap<>();
        for (IpPrefix net : wanted.nets()) {
            Integer shard = found.get(net);
            if (shard != null && shard < limit && counts[shard] < perShard) {
                placed.put(net, shard);
                counts[shard]++;
            }
        }
        int next = 0;
        for (IpPrefix net : wanted.nets()) {
            if (placed.containsKey(net)) {
                continue;
            }
            Integer near = near(found, net);
            int shard;
            if (near != null && near < limit && counts[near] < perShard) {
                shard = near;
            } else {
                while (counts[next] == perShard) {
                    next++;
                }
                shard = next;
            }
            placed.put(net, shard);
            counts[shard]++;
        }
        return placed;
    }

    private static @Nullable Integer near(TreeMap<IpPrefix, Integer> found, IpPrefix net) {
        Map.Entry<IpPrefix, Integer> below = found.floorEntry(net);
        Map.Entry<IpPrefix, Integer> above = found.higherEntry(net);
        if (below != null && below.getKey().overlaps(net)) {
            return below.getValue();
        }
        return above != null && above.getKey().overlaps(net) ? above.getValue() : null;
    }
}

package io.denywatch.cluster.sets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.cluster.Drawn;
import io.denywatch.cluster.sets.GlobalNetworkSetStore.Sharding;
import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShardingTest {
    private static final int SHARDS = 5;
    private static final int PER_SHARD = 10;

    @Test
    void everySourceIsInOneShardAndStaysThere() {
        for (int seed = 0; seed < 200; seed++) {
            Drawn drawn = new Drawn(seed);
            Map<IpPrefix, Integer> before = new HashMap<>();
            List<IpPrefix> sources = new ArrayList<>();
            for (int step = 0; step < 30; step++) {
                Collections.shuffle(sources, new Random(seed));
                sources = new ArrayList<>(sources.subList(0, drawn.random.nextInt(sources.size() + 1)));
                for (int i = drawn.random.nextInt(SHARDS * PER_SHARD - sources.size() + 1); i > 0; i--) {
                    sources.add(drawn.ipv6(64));
                }
                Sharding placement = new Sharding(sources, before, SHARDS, PER_SHARD);
                Map<IpPrefix, Integer> after = new HashMap<>();
                for (int number = 0; number < SHARDS; number++) {
                    int shard = number;
                    List<IpPrefix> placed = sources.stream()
                            .filter(source -> placement.isIn(shard, source))
                            .toList();
                    assertTrue(placed.size() <= PER_SHARD, "seed " + seed);
                    placed.forEach(source -> assertEquals(null, after.put(source, shard)));
                }
                assertEquals(sources.size(), after.size(), "seed " + seed);
                for (Map.Entry<IpPrefix, Integer> was : before.entrySet()) {
                    assertEquals(was.getValue(), after.getOrDefault(was.getKey(), was.getValue()), "seed " + seed);
                }
                before = after;
            }
        }
    }
}

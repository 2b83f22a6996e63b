package io.denywatch.cluster.sets;

import io.denywatch.ip.IpPrefix;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * In which shard each source is: where it was, or in the first with room. So one change touches one shard, and nothing
 * moves.
 */
final class Sharding {
    private final Map<IpPrefix, Integer> shards = new HashMap<>();

    /**
     * Places sources; those that no shard has room for are in none.
     *
     * @param before where they were
     * @param shardsMax shards, at most
     * @param perShardMax sources of a shard, at most
     */
    Sharding(Collection<IpPrefix> sources, Map<IpPrefix, Integer> before, int shardsMax, int perShardMax) {
        int[] counts = new int[shardsMax];
        for (IpPrefix source : sources) {
            Integer shard = before.get(source);
            if (shard != null && shard < shardsMax && counts[shard] < perShardMax) {
                shards.put(source, shard);
                counts[shard]++;
            }
        }
        int next = 0;
        for (IpPrefix source : sources) {
            while (next < shardsMax && counts[next] == perShardMax) {
                next++;
            }
            if (next < shardsMax && shards.putIfAbsent(source, next) == null) {
                counts[next]++;
            }
        }
    }

    /** Whether a source is in a shard. */
    boolean isIn(int shard, IpPrefix source) {
        Integer placed = shards.get(source);
        return placed != null && placed == shard;
    }

    /** The number of shards up to the last one in use. */
    int shardsUsed() {
        return shards.values().stream().mapToInt(shard -> shard + 1).max().orElse(0);
    }
}

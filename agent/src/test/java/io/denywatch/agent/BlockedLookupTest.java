package io.denywatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.denywatch.cluster.sets.ClusterNetworkSet;
import io.denywatch.cluster.sets.SetWatch;
import io.denywatch.denial.BlockOrigin;
import io.denywatch.denial.BlockedPrefixes;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.SetLabels;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BlockedLookupTest {
    private final BlockedLookup lookup = new BlockedLookup();

    private static ClusterNetworkSet set(String name, Map<String, String> labels, String... nets) {
        return new ClusterNetworkSet(
                name, labels, Stream.of(nets).map(IpPrefix::parse).toList(), 0);
    }

    private static SetWatch.Sets sets(ClusterNetworkSet... sets) {
        return new SetWatch.Sets(List.of(sets), true, "");
    }

    private @Nullable BlockOrigin find(String address) {
        Ip ip = Ip.parse(address);
        return lookup.sources().find(ip.high(), ip.low());
    }

    @Test
    void knowsWhoBlockedAnAddressBySet() {
        lookup.take(
                sets(
                        set("denywatch-0-node-1", Map.of(), "192.0.2.1/32"),
                        set("denywatch-manual", Map.of(), "192.0.2.2/32"),
                        set("denywatch-feed-x-0", Map.of(SetLabels.FEED, "x"), "198.51.100.0/24")),
                1_000);
        assertEquals(BlockOrigin.PROMOTION, find("192.0.2.1"));
        assertEquals(BlockOrigin.MANUAL, find("192.0.2.2"));
        assertEquals(BlockOrigin.FEED, find("198.51.100.77"));
        assertNull(find("203.0.113.1"));
    }

    @Test
    void makesALookupOnlyWhenTheSetsChangeAndNotTooOften() {
        SetWatch.Sets first = sets(set("denywatch-manual", Map.of(), "192.0.2.2/32"));
        lookup.take(first, 1_000);
        BlockedPrefixes made = lookup.sources();
        lookup.take(first, 9_000);
        assertSame(made, lookup.sources());
        lookup.take(sets(), 9_000);
        assertNull(find("192.0.2.2"));
        lookup.take(first, 9_000 + BlockedLookup.MILLIS_MIN - 1);
        assertNull(find("192.0.2.2"));
        lookup.take(first, 9_000 + BlockedLookup.MILLIS_MIN);
        assertEquals(BlockOrigin.MANUAL, find("192.0.2.2"));
    }

    @Test
    void knowsNothingBeforeTheSetsAreKnown() {
        lookup.take(SetWatch.Sets.UNKNOWN, 1_000);
        assertEquals(0, lookup.sources().size());
    }
}

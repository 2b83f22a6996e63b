package io.denywatch.cluster.sets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.denial.BlockOrigin;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.BlocklistRules;
import io.denywatch.policy.SetLabels;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ClusterNetworkSetTest {
    private static ClusterNetworkSet read(String json) {
        return ClusterNetworkSet.read(new JsonMapper().readTree(json));
    }

    private static ClusterNetworkSet named(String name, Map<String, String> labels) {
        return new ClusterNetworkSet(name, labels, List.of(), 0);
    }

    @Test
    void onlyLabelsOfDenywatchAndNetsThatCalicoCanReadAreKept() {
        ClusterNetworkSet set = read("""
                {"metadata": {"name": "partners", "labels": {"denywatch.io/never-block": "true", "team": "red"}},
                 "spec": {"nets": ["203.0.113.7/24", "2001:db8::1", "203.0.113.0/24", "x", 7, null, "1.2.3.4/33"]}}
                """);
        assertEquals(
                new ClusterNetworkSet(
                        "partners",
                        Map.of(SetLabels.NEVER_BLOCK, "true"),
                        List.of(IpPrefix.parse("203.0.113.0/24"), IpPrefix.parse("2001:db8::1")),
                        4),
                set);
        assertTrue(set.isMarked(SetLabels.NEVER_BLOCK));
        assertFalse(set.isMarked(BlocklistRules.LABEL));
    }

    @Test
    void theOriginFollowsFromNameAndLabels() {
        Map<String, String> blocklist = Map.of(BlocklistRules.LABEL, "true");
        assertEquals(
                BlockOrigin.PROMOTION, named("denywatch-0-node-1", blocklist).origin());
        assertEquals(BlockOrigin.MANUAL, named("denywatch-manual", blocklist).origin());
        assertEquals(BlockOrigin.MANUAL, named("my-own", blocklist).origin());
        assertEquals(
                BlockOrigin.FEED,
                named("denywatch-feed-drop-0", Map.of(SetLabels.FEED, "drop")).origin());
        assertEquals(
                List.of("promotion", "manual", "feed"),
                List.of(BlockOrigin.PROMOTION.label(), BlockOrigin.MANUAL.label(), BlockOrigin.FEED.label()));
    }

    @Test
    void whateverASetLacksOrHoldsReadingItDoesNotFail() {
        ClusterNetworkSet nothing = new ClusterNetworkSet("", Map.of(), List.of(), 0);
        for (String json : List.of("{}", "[]", "7", "{\"spec\": 1}", "{\"spec\": {\"nets\": \"203.0.113.0/24\"}}")) {
            assertEquals(nothing, read(json), json);
        }
        assertEquals(1, read("{\"spec\": {\"nets\": [{}]}}").unreadable());
    }
}

package io.denywatch.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.cluster.sets.FeedStore;
import io.denywatch.ip.IpPrefix;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AcceptanceRulesTest {
    private static final AcceptanceRules RULES = new AcceptanceRules(16, 32, false);
    private static final AcceptanceRules FORCED = new AcceptanceRules(16, 32, true);

    private static FeedList list(int good, int bad, String... nets) {
        return new FeedList(
                List.of(nets).stream().map(IpPrefix::parse).toList(), good + bad, bad, bad > 0 ? "<html>" : "");
    }

    private static void assertRejected(String why, FeedList list) {
        String rejection = FORCED.rejection(list).orElse("accepted");
        assertTrue(rejection.contains(why), rejection);
        assertEquals(1, rejection.lines().count());
    }

    @Test
    void rejectsAnEmptyListEvenByForce() {
        assertRejected("the list is empty", list(0, 0));
    }

    @Test
    void acceptsOnePercentOfDamageAndNoMore() {
        assertTrue(RULES.rejection(list(99, 1)).isEmpty());
        assertRejected("2 of 101 entries are not addresses, such as \"<html>\"", list(99, 2));
    }

    @Test
    void rejectsNetsWiderThanTheLimits() {
        assertTrue(RULES.rejection(list(2, 0, "45.0.0.0/16", "2600:db8::/32")).isEmpty());
        assertRejected("44.0.0.0/15 is wider than allowed; allowed: up to /16", list(1, 0, "44.0.0.0/15"));
        assertRejected("--widest6", list(1, 0, "2600:da0::/27"));
        assertRejected("0.0.0.0/0", list(1, 0, "0.0.0.0/0"));
    }

    @Test
    void comparesTheSizeWithThePreviousOneUnlessForced() {
        assertTrue(RULES.rejection(7, OptionalInt.empty()).isEmpty());
        assertTrue(RULES.rejection(200, OptionalInt.of(100)).isEmpty());
        assertTrue(RULES.rejection(50, OptionalInt.of(100)).isEmpty());
        for (int size : List.of(0, 49, 201)) {
            String rejection = RULES.rejection(size, OptionalInt.of(100)).orElse("accepted");
            assertTrue(rejection.contains("the previous one had 100") && rejection.contains("--force"), rejection);
            assertTrue(FORCED.rejection(size, OptionalInt.of(100)).isEmpty());
        }
    }

    @Test
    void rejectsMoreThanFitsEvenByForce() {
        assertTrue(FORCED.rejection(FeedStore.NETS_MAX, OptionalInt.empty()).isEmpty());
        assertTrue(FORCED.rejection(FeedStore.NETS_MAX + 1, OptionalInt.empty())
                .orElse("accepted")
                .contains("allowed: up to 100,000"));
        assertRejected(
                "allowed: up to 1,000,000",
                new FeedList(Collections.emptyList(), FeedLimits.ENTRIES_READ_MAX + 1L, 0, ""));
    }
}

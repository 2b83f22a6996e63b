package io.denywatch.cluster.sets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.BlocklistRules;
import io.denywatch.policy.ExemptWidth;
import io.denywatch.policy.SetLabels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SetExemptionsTest {
    private static ClusterNetworkSet set(String name, String... nets) {
        return ClusterNetworkSet.of(name, Map.of(SetLabels.NEVER_BLOCK, "true"), List.of(nets));
    }

    private static Range range(String addresses, String set) {
        return new Range(IpPrefix.parse(addresses), "set " + set + ", labelled denywatch.io/never-block");
    }

    @Test
    void addressesOfLabelledSetsAreExemptAndTheReasonNamesTheSet() {
        ClusterNetworkSet unlabelled = ClusterNetworkSet.of("other", Map.of(), List.of("192.0.2.1"));
        assertEquals(
                new SetExemptions(
                        List.of(range("192.0.2.7", "office"), range("203.0.113.0/24", "partners")), List.of()),
                SetExemptions.of(List.of(set("partners", "203.0.113.0/24"), unlabelled, set("office", "192.0.2.7"))));
    }

    @Test
    void noSingleSetSwitchesBlockingOff() {
        SetExemptions exemptions = SetExemptions.of(List.of(
                set("all", "0.0.0.0/0", "::/0", "192.0.2.1"),
                set("halves", "11.0.0.0/8", "12.0.0.0/8", "13.0.0.0/8", "14.0.0.0/8", "15.0.0.0/8", "2001:db8::/32")));
        assertEquals(List.of(range("192.0.2.1", "all"), range("2001:db8::/32", "halves")), exemptions.ranges());
        assertEquals(
                List.of(
                        "set all has 0.0.0.0/0, which is too wide to be exempt; allowed: /8 or longer in IPv4, /16 or"
                                + " longer in IPv6",
                        "set all has ::/0, which is too wide to be exempt; allowed: /8 or longer in IPv4, /16 or"
                                + " longer in IPv6",
                        "set halves has too many IPv4 addresses for any to be exempt"),
                exemptions.problems());
    }

    @Test
    void whatDenywatchWritesExemptsNobody() {
        for (String name : List.of("denywatch-0-node-1", "denywatch-manual", "denywatch-feed-drop-0")) {
            assertEquals(
                    new SetExemptions(
                            List.of(),
                            List.of("set " + name + " exempts no source: sets whose names begin with denywatch- are"
                                    + " those that denywatch writes")),
                    SetExemptions.of(List.of(set(name, "192.0.2.1"))));
        }
    }

    @Test
    void aSetWithBothLabelsIsExemptAndReported() {
        ClusterNetworkSet both = ClusterNetworkSet.of(
                "both", Map.of(SetLabels.NEVER_BLOCK, "true", BlocklistRules.LABEL, "true"), List.of("192.0.2.1"));
        assertEquals(
                new SetExemptions(
                        List.of(range("192.0.2.1", "both")),
                        List.of("set both also has the label denywatch.io/blocklist, so the blocklist's policy denies"
                                + " its addresses, although no agent blocks them")),
                SetExemptions.of(List.of(both)));
    }

    @Test
    void netsThatCannotBeReadAndOverflowAreReported() {
        String[] many = IntStream.range(0, SetExemptions.NETS_MAX)
                .mapToObj(i -> new Ip(0, 0xffff_0000_0000L | (0x0b00_0000L + i)).toString())
                .toArray(String[]::new);
        SetExemptions exemptions = SetExemptions.of(List.of(set("a", "192.0.2.1", "x"), set("b", many)));
        assertEquals(SetExemptions.NETS_MAX, exemptions.ranges().size());
        assertEquals(
                List.of(
                        "set a has 1 net that cannot be read",
                        "set b has 20,000 nets, of which the first 19999 are exempt: all sets together may have"
                                + " 20000"),
                exemptions.problems());

        List<ClusterNetworkSet> sets = IntStream.rangeClosed(0, SetExemptions.SETS_MAX)
                .mapToObj(i -> set("s%04d".formatted(i), "192.0.2.1"))
                .toList();
        assertEquals(
                List.of("there are 1001 sets; those after the first 1000 by name exempt no source"),
                SetExemptions.of(sets).problems());
    }

    /** Whatever the sets contain, their order does not matter, and nothing else than their nets is exempt. */
    @Test
    void exemptionsDependOnTheSetsAloneAndNeverExceedThem() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            List<ClusterNetworkSet> sets = new ArrayList<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                String[] nets = Stream.generate(() -> any(random))
                        .limit(random.nextInt(8))
                        .toArray(String[]::new);
                sets.add(set((random.nextInt(8) == 0 ? "denywatch-" : "s") + i, nets));
            }
            SetExemptions exemptions = SetExemptions.of(sets);
            Collections.shuffle(sets, random);
            String message = "seed " + seed + ", round " + round + ": " + sets;
            assertEquals(exemptions, SetExemptions.of(sets), message);
            for (Range range : exemptions.ranges()) {
                assertTrue(!ExemptWidth.isWide(range.addresses()), message);
                assertTrue(
                        sets.stream()
                                .anyMatch(set -> !set.name().startsWith("denywatch-")
                                        && set.nets().contains(range.addresses())
                                        && range.reason().startsWith("set " + set.name() + ",")),
                        message);
            }
            long nets = sets.stream().mapToLong(set -> set.nets().size()).sum();
            assertTrue(
                    exemptions.ranges().size() == nets || !exemptions.problems().isEmpty(), message);
        }
    }

    private static String any(Random random) {
        return random.nextBoolean()
                ? random.nextInt(256) + ".0.0.0/" + random.nextInt(33)
                : Integer.toHexString(random.nextInt(0x1_0000)) + "::/" + random.nextInt(129);
    }
}

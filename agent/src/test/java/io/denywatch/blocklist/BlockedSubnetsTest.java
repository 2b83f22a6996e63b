package io.denywatch.blocklist;

import static io.denywatch.blocklist.TestDetections.NOBODY;
import static io.denywatch.blocklist.TestDetections.SCAN;
import static io.denywatch.blocklist.TestDetections.START;
import static io.denywatch.blocklist.TestDetections.detection;
import static io.denywatch.blocklist.TestDetections.never;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.PromotionPolicy.Facts;
import io.denywatch.blocklist.PromotionPolicy.Ruling;
import io.denywatch.denial.Transport;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.EstablishedSource;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.Measure;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.detection.SubnetLengths;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlockedSubnetsTest {
    private static final DetectionRule BOTNET = new DetectionRule(
            "botnet",
            Measure.DISTINCT_SOURCES,
            20,
            600,
            Set.of(Transport.TCP),
            Duration.ofHours(1),
            Duration.ofDays(1),
            new SubnetLengths(24, 56));
    private static final IpPrefix SUBNET = IpPrefix.parse("45.1.2.0/24");
    private static final PromotionPolicy POLICY = policy(2, 1);

    private static PromotionPolicy policy(int subnetsMax, int perMinuteMax) {
        return new PromotionPolicy(
                List.of(SCAN, BOTNET), new BlocklistLimits(2, 100, 100, subnetsMax, perMinuteMax), Duration.ofDays(1));
    }

    private static Detection of(long number, IpPrefix subnet, Instant reached, int packets) {
        Evidence evidence = new Evidence(20, List.of(), List.of(), reached, reached, "", packets);
        return new Detection(number, subnet, BOTNET, evidence, reached.toEpochMilli() * 1_000);
    }

    private static Facts facts(NeverBlock never, List<EstablishedSource> established, Detection... detections) {
        return TestDetections.facts(List.of(detections), true, SpoofingSigns.NONE, never, List.of(), established);
    }

    private static Facts facts(Detection... detections) {
        return facts(NOBODY, List.of(), detections);
    }

    private static List<DetectionOutcome> refusals(Ruling ruling) {
        return ruling.decisions().stream()
                .filter(Decision.Refused.class::isInstance)
                .map(refused -> ((Decision.Refused) refused).outcome())
                .toList();
    }

    @Test
    void aSubnetTakesInTheEntriesInsideItAndCoversItsSources() {
        IpPrefix member = IpPrefix.parse("45.1.2.9");
        IpPrefix neighbour = IpPrefix.parse("45.1.3.9");
        Ruling before = POLICY.decide(
                EnforcementState.NONE,
                facts(detection(1, member, SCAN, START), detection(2, neighbour, SCAN, START)),
                START);
        Ruling after = POLICY.decide(before.state(), facts(of(3, SUBNET, START, 80)), START);
        assertEquals(
                Set.of(SUBNET, neighbour), after.state().blocklist().entries().keySet());
        Ruling again = POLICY.decide(after.state(), facts(detection(4, member, SCAN, START)), START);
        assertEquals(List.of(), again.decisions(), "it is blocked already");
        assertEquals(
                Set.of(SUBNET, neighbour), again.state().blocklist().entries().keySet());
    }

    @Test
    void aSubnetThatTouchesAnExemptRangeIsRefusedAsAWholeAndRevokedLater() {
        NeverBlock never = never("45.1.2.77/32");
        Ruling refused = POLICY.decide(EnforcementState.NONE, facts(never, List.of(), of(1, SUBNET, START, 80)), START);
        assertEquals(List.of(DetectionOutcome.NEVER_BLOCK), refusals(refused));
        assertTrue(refused.state().blocklist().entries().isEmpty());
        Ruling blocked = POLICY.decide(EnforcementState.NONE, facts(of(1, SUBNET, START, 80)), START);
        Ruling revoked = POLICY.decide(blocked.state(), facts(never, List.of()), START.plusSeconds(9));
        assertTrue(revoked.decisions().getFirst() instanceof Decision.Revoked);
    }

    @Test
    void anEstablishedSourceInASubnetProtectsItWhateverTheLog() {
        List<EstablishedSource> established =
                List.of(new EstablishedSource(IpPrefix.parse("45.1.2.200"), START.minusSeconds(60)));
        Detection detection = of(1, SUBNET, START, 80);
        for (LogTrust trust : List.of(LogTrust.TRUSTED, LogTrust.FORGEABLE)) {
            Facts facts = new Facts(
                    List.of(detection),
                    EnforcementGate.GRANTED,
                    trust,
                    SpoofingSigns.NONE,
                    new NeverBlock.Known(NOBODY, true),
                    new ManualList(List.of(), List.of()),
                    established);
            Ruling ruling = POLICY.decide(EnforcementState.NONE, facts, START);
            assertEquals(List.of(DetectionOutcome.NEVER_BLOCK), refusals(ruling), trust.name());
        }
    }

    @Test
    void halfTheSignsThatOpenTheBreakerStopSubnetsAndNoEvidenceIsOverwhelming() {
        Detection strong = of(1, SUBNET, START, 1_000_000);
        for (SpoofingSigns signs : List.of(
                new SpoofingSigns(50, 0, START.getEpochSecond()),
                new SpoofingSigns(101, 0, START.getEpochSecond()),
                new SpoofingSigns(0, 50, START.getEpochSecond()))) {
            Facts facts = TestDetections.facts(List.of(strong), true, signs, NOBODY, List.of(), List.of());
            assertEquals(
                    List.of(DetectionOutcome.BREAKER),
                    refusals(POLICY.decide(EnforcementState.NONE, facts, START)),
                    signs.toString());
        }
    }

    @Test
    void subnetsHaveLimitsOfTheirOwnThatHoldAcrossARestart() {
        EnforcementState state = EnforcementState.NONE;
        state = POLICY.decide(state, facts(of(1, SUBNET, START, 80)), START).state();
        IpPrefix second = IpPrefix.parse("45.1.4.0/24");
        Instant soon = START.plusSeconds(59);
        EnforcementState restarted = EnforcementState.restored(state.blocklist(), soon);
        Ruling early = POLICY.decide(restarted, facts(of(2, second, soon, 80)), soon);
        assertEquals(List.of(DetectionOutcome.RATE), refusals(early));
        Instant later = START.plusSeconds(62);
        state = POLICY.decide(early.state(), facts(), later).state();
        assertEquals(Set.of(SUBNET, second), state.blocklist().entries().keySet(), "it waited");
        Instant full = later.plusSeconds(120);
        Ruling third = POLICY.decide(state, facts(of(3, IpPrefix.parse("45.1.6.0/24"), full, 1_000_000)), full);
        assertEquals(List.of(DetectionOutcome.LIMIT), refusals(third));
        Ruling sources = POLICY.decide(
                third.state(),
                facts(
                        detection(4, IpPrefix.parse("45.9.0.1"), SCAN, full),
                        detection(5, IpPrefix.parse("45.9.0.2"), SCAN, full)),
                full);
        assertEquals(List.of(), refusals(sources), "subnets take no room from sources");
        Evidence strong = new Evidence(20, List.of(), List.of(), full, full, "", 1_000_000);
        Ruling displaced = POLICY.decide(
                sources.state(),
                facts(new Detection(6, IpPrefix.parse("45.9.0.3"), SCAN, strong, full.toEpochMilli() * 1_000)),
                full);
        assertTrue(
                displaced.state().blocklist().entries().keySet().containsAll(Set.of(SUBNET, second)),
                "sources displace no subnets");
    }

    @Test
    void packetsThatOnlyTheBlockDeniedLeadToNoBlockOfTheSubnetNorOfItsSources() {
        Ruling blocked = POLICY.decide(EnforcementState.NONE, facts(of(1, SUBNET, START, 80)), START);
        Instant until =
                blocked.state().blocklist().entries().values().iterator().next().until();
        Ruling ended = POLICY.decide(blocked.state(), facts(), until);
        Ruling none = POLICY.decide(
                ended.state(),
                facts(
                        detection(2, IpPrefix.parse("45.1.2.9"), SCAN, until.minusSeconds(1)),
                        of(3, SUBNET, until.minusSeconds(1), 80)),
                until);
        assertEquals(List.of(), none.decisions());
        Instant later = until.plusSeconds(60);
        Ruling repeated = POLICY.decide(none.state(), facts(of(4, SUBNET, later, 80)), later);
        assertEquals(
                1,
                repeated.state()
                        .blocklist()
                        .entries()
                        .values()
                        .iterator()
                        .next()
                        .priorBlocks());
    }

    @Test
    void nothingWiderThanItsRuleIsAccepted() {
        for (String wide : List.of("45.1.2.0/23", "45.1.0.0/16", "2001:db8::/55")) {
            Detection detection = of(1, IpPrefix.parse(wide), START, 80);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> POLICY.decide(EnforcementState.NONE, facts(detection), START),
                    wide);
        }
        Detection single = detection(1, SUBNET, SCAN, START);
        assertThrows(IllegalArgumentException.class, () -> POLICY.decide(EnforcementState.NONE, facts(single), START));
        assertThrows(IllegalArgumentException.class, () -> new SubnetLengths(19, 56));
        assertThrows(IllegalArgumentException.class, () -> new SubnetLengths(24, 47));
    }

    @Test
    void whateverHappensEntriesAreDisjointWithinTheirLimitsAndTouchNoExemptRange() {
        int blocked = 0;
        for (long seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            PromotionPolicy policy = policy(1 + random.nextInt(4), 1 + random.nextInt(3));
            NeverBlock never = never("45.1." + random.nextInt(8) + "." + random.nextInt(256) + "/32");
            EnforcementState state = EnforcementState.NONE;
            Instant now = START;
            for (int step = 1; step < 60; step++) {
                now = now.plusSeconds(random.nextInt(90));
                IpPrefix source = IpPrefix.of(Ip.parse("45.1." + random.nextInt(8) + "." + random.nextInt(256)));
                Detection detection = random.nextBoolean()
                        ? detection(step, source, SCAN, now)
                        : of(step, BOTNET.subnets().around(source.network()), now, 20 + random.nextInt(900));
                state = policy.decide(state, facts(never, List.of(), detection), now)
                        .state();
                Set<IpPrefix> entries = state.blocklist().entries().keySet();
                String what = "seed " + seed + ", step " + step + ": " + entries;
                long subnets = entries.stream().filter(SubnetLengths::isSubnet).count();
                assertTrue(subnets <= policy.limits().subnetsMax(), what);
                assertTrue(entries.size() - subnets <= policy.limits().entriesMax(), what);
                for (IpPrefix entry : entries) {
                    assertEquals(1, entries.stream().filter(entry::overlaps).count(), what);
                    assertTrue(never.touching(entry).isEmpty(), what);
                }
                blocked += (int) subnets;
            }
        }
        assertTrue(blocked > 1_000, "the test would prove little with " + blocked);
    }
}

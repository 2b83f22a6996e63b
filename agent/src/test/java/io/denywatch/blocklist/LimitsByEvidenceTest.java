package io.denywatch.blocklist;

import static io.denywatch.blocklist.TestDetections.FLOOD;
import static io.denywatch.blocklist.TestDetections.NOBODY;
import static io.denywatch.blocklist.TestDetections.SCAN;
import static io.denywatch.blocklist.TestDetections.START;
import static io.denywatch.blocklist.TestDetections.facts;
import static io.denywatch.blocklist.TestDetections.never;
import static io.denywatch.blocklist.TestDetections.source;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Blocklist.PriorBlock;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.PromotionPolicy.Ruling;
import io.denywatch.denial.Transport;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Detections;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.detection.EvictedWindows;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.Measure;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Where not all can be blocked: which are, which wait, and which make room. */
class LimitsByEvidenceTest {
    private static final int OVERWHELMING = Claim.OVERWHELMING_PACKETS;
    private static final SpoofingSigns CALM = SpoofingSigns.NONE;
    private static final SpoofingSigns FORGED = new SpoofingSigns(101, 0, 0);

    private PromotionPolicy policy = policy(1_000, 1_000);
    private EnforcementState state = EnforcementState.NONE;
    private NeverBlock never = NOBODY;
    private SpoofingSigns signs = CALM;
    private Instant now = START;
    private long number;

    private static PromotionPolicy policy(int entriesMax, int perMinuteMax) {
        return new PromotionPolicy(
                List.of(SCAN, FLOOD), new BlocklistLimits(entriesMax, perMinuteMax, 100), Duration.ofDays(1));
    }

    private Detection detection(int source, int packets) {
        Evidence evidence = new Evidence(10, List.of(), List.of(), now, now, "", packets);
        return new Detection(++number, source(source), SCAN, evidence, now.toEpochMilli() * 1_000);
    }

    private List<Decision> decide(boolean mayBlock, List<Detection> detections) {
        Ruling ruling = policy.decide(state, facts(detections, mayBlock, signs, never, List.of(), List.of()), now);
        state = ruling.state();
        return ruling.decisions();
    }

    private List<Decision> decide(Detection... detections) {
        return decide(true, List.of(detections));
    }

    private Set<IpPrefix> listed() {
        return state.blocklist().entries().keySet();
    }

    private static DetectionOutcome outcome(Decision decision) {
        return ((Decision.Refused) decision).outcome();
    }

    @Test
    void ofARoundThoseOfTheMostPacketsAreBlocked() {
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int room = 1 + random.nextInt(5);
            policy = policy(100, room);
            state = EnforcementState.NONE;
            List<Detection> detections = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                detections.add(detection(i, 10 + random.nextInt(400)));
            }
            decide(true, detections);
            Set<IpPrefix> strongest = detections.stream()
                    .sorted(Comparator.comparingInt((Detection detection) ->
                                    -detection.evidence().packets())
                            .thenComparingLong(Detection::number))
                    .limit(room)
                    .map(Detection::source)
                    .collect(Collectors.toSet());
            assertEquals(strongest, listed(), "seed " + seed);
        }
    }

    @Test
    void whoIsRefusedForWantOfRoomIsBlockedWhenThereIsSomeAndRefusedOnce() {
        policy = policy(100, 1);
        decide(detection(1, 20));
        assertEquals(
                DetectionOutcome.RATE,
                outcome(decide(detection(2, 30), detection(3, 20)).getFirst()));
        now = now.plusSeconds(59);
        assertEquals(List.of(), decide());
        now = now.plusSeconds(1);
        assertEquals(source(2), ((Decision.Blocked) decide().getFirst()).entry().source());
        now = now.plusSeconds(60);
        assertEquals(source(3), ((Decision.Blocked) decide().getFirst()).entry().source());
        assertEquals(List.of(), state.waiting());
    }

    @Test
    void nobodyWaitsLongerThanAnDetectionCounts() {
        policy = policy(1, 100);
        decide(detection(1, 20));
        decide(detection(2, 20));
        now = now.plusSeconds(Detections.AGE_SECONDS_MAX);
        decide();
        assertEquals(1, state.waiting().size());
        now = now.plusSeconds(1);
        decide();
        assertEquals(List.of(), state.waiting());
    }

    @Test
    void whoMayNotBeBlockedDoesNotWait() {
        policy = policy(1, 100);
        decide(detection(1, 20));
        decide(detection(2, 20));
        never = never(source(2).toString(), source(3).toString());
        assertEquals(
                DetectionOutcome.NEVER_BLOCK, outcome(decide(detection(3, 20)).getFirst()));
        assertEquals(List.of(), state.waiting());
    }

    @Test
    void whileNobodyMayBeBlockedThoseWhoWaitGoOnWaiting() {
        policy = policy(100, 1);
        decide(detection(1, 20));
        decide(detection(2, 20));
        now = now.plusSeconds(60);
        assertEquals(List.of(), decide(false, List.of()));
        assertEquals(1, state.waiting().size());
        assertEquals(1, decide().size());
    }

    @Test
    void noMoreWaitThanTheLimitAndThoseAreTheStrongest() {
        policy = policy(1, 1);
        decide(detection(0, 10));
        decide(
                true,
                IntStream.rangeClosed(1, EnforcementState.WAITING_MAX + 50)
                        .mapToObj(i -> detection(i, 10 + i % 2))
                        .toList());
        assertEquals(EnforcementState.WAITING_MAX, state.waiting().size());
        long strong = state.waiting().stream()
                .filter(detection -> detection.evidence().packets() == 11)
                .count();
        assertEquals((EnforcementState.WAITING_MAX + 50) / 2, strong);
    }

    @Test
    void aPartOfTheRateIsKeptForRepeatsAndAPartForOverwhelmingEvidence() {
        policy = policy(1_000, 30);
        for (int i = 0; i < 5; i++) {
            decide(detection(900 + i, 20));
        }
        now = now.plus(SCAN.maxBlock());
        decide();
        assertEquals(5, state.blocklist().priorBlocks().size());
        for (int i = 0; i < 40; i++) {
            decide(detection(i, 400));
        }
        assertEquals(20, listed().size());
        for (int i = 0; i < 5; i++) {
            assertTrue(decide(detection(900 + i, 20)).getFirst() instanceof Decision.Blocked);
        }
        for (int i = 0; i < 10; i++) {
            decide(detection(100 + i, OVERWHELMING));
        }
        assertEquals(30, listed().size());
    }

    @Test
    void anOpenBreakerLetsOverwhelmingEvidencePass() {
        signs = FORGED;
        assertEquals(
                DetectionOutcome.BREAKER,
                outcome(decide(detection(1, OVERWHELMING - 1)).getFirst()));
        assertTrue(decide(detection(2, OVERWHELMING)).getFirst() instanceof Decision.Blocked);
        assertTrue(decide(detection(1, OVERWHELMING)).getFirst() instanceof Decision.Blocked);
    }

    @Test
    void aRuleThatAsksForMoreNeedsMoreToBeOverwhelming() {
        DetectionRule heavy = WindowsModel.rule(Measure.PACKETS, 1_000, 60, Transport.TCP);
        Evidence evidence = new Evidence(1_000, List.of(), List.of(), now, now, "", 1_999);
        assertEquals(Claim.ORDINARY, Claim.of(new Detection(1, source(1), heavy, evidence, 0), false));
        assertEquals(Claim.REPEATED, Claim.of(new Detection(1, source(1), heavy, evidence, 0), true));
        Evidence more = new Evidence(1_000, List.of(), List.of(), now, now, "", 2_000);
        assertEquals(Claim.OVERWHELMING, Claim.of(new Detection(1, source(1), heavy, more, 0), false));
    }

    @Test
    void manySourcesThatReachARuleOpenTheBreaker() {
        policy = policy(100, 10);
        signs = new SpoofingSigns(0, 25, 0);
        decide();
        assertFalse(state.breaker() instanceof Breaker.Open);
        signs = new SpoofingSigns(0, 26, 0);
        decide();
        assertTrue(state.breaker() instanceof Breaker.Open);
        signs = new SpoofingSigns(0, 12, 0);
        now = now.plus(Breaker.CALM);
        decide();
        assertFalse(state.breaker() instanceof Breaker.Open);
        assertEquals(1_000, new BlocklistLimits(1, 1_000, 7).detectedSourcesMax(), "never fewer than may be blocked");
    }

    @Test
    void aFullListGivesUpItsWeakestEntryForOneOfTwiceThePackets() {
        policy = policy(3, 100);
        decide(detection(1, 40), detection(2, 20), detection(3, 30));
        assertEquals(DetectionOutcome.LIMIT, outcome(decide(detection(4, 39)).getFirst()));
        List<Decision> decisions = decide(detection(5, 40));
        assertEquals(
                source(2), ((Decision.Displaced) decisions.getFirst()).entry().source());
        assertEquals(Set.of(source(1), source(3), source(5)), listed());
        assertEquals(Map.of(source(2), 1), priorBlocks(), "it counts as blocked before");
    }

    @Test
    void aRepeatTakesThePlaceOfAnEntryThatIsNoneOfTheSamePackets() {
        policy = policy(2, 100);
        decide(detection(1, 20));
        now = now.plus(SCAN.maxBlock());
        decide(detection(2, 20), detection(3, 20));
        assertEquals(
                source(1),
                ((Decision.Blocked) decide(detection(1, 20)).getLast()).entry().source());
        assertEquals(2, listed().size());
        assertEquals(DetectionOutcome.LIMIT, outcome(decide(detection(4, 20)).getFirst()));
    }

    /** What is logged may not be denied, so what was logged before it was known is no reason either. */
    @Test
    void oneThatWaitsIsForgottenWhenGateIsRefusedAndGoesOnWaitingWhileItIsPending() {
        for (EnforcementGate between :
                List.of(new EnforcementGate.Withheld("a finding"), new EnforcementGate.Pending())) {
            EnforcementGate[] gate = {EnforcementGate.GRANTED};
            List<Detection> detections = List.of(detection(1, 20), detection(2, 20));
            Detections published =
                    new Detections(number, detections, CALM, EvictedWindows.NONE, EstablishedSources.NONE);
            FakeStore store = new FakeStore();
            Enforcer enforcer = new Enforcer(
                    BlocklistMode.ENFORCE,
                    policy(100, 1),
                    store,
                    () -> published,
                    () -> new NeverBlock.Known(NOBODY, true),
                    () -> gate[0],
                    () -> LogTrust.TRUSTED,
                    (_, _, _) -> {},
                    1);
            long millis = now.toEpochMilli();
            for (int second = 0; second < 100; second++) {
                gate[0] = second == 30 ? between : EnforcementGate.GRANTED;
                enforcer.tick(millis + second * 1_000L);
                gate[0] = EnforcementGate.GRANTED;
            }
            int expected = between instanceof EnforcementGate.Pending ? 2 : 1;
            assertEquals(expected, store.content.entries().size(), between::toString);
        }
    }

    private Map<IpPrefix, Integer> priorBlocks() {
        return state.blocklist().priorBlocks().values().stream()
                .collect(Collectors.toMap(PriorBlock::source, PriorBlock::times));
    }
}

package io.denywatch.blocklist;

import static io.denywatch.blocklist.TestDetections.FLOOD;
import static io.denywatch.blocklist.TestDetections.NOBODY;
import static io.denywatch.blocklist.TestDetections.SCAN;
import static io.denywatch.blocklist.TestDetections.START;
import static io.denywatch.blocklist.TestDetections.detection;
import static io.denywatch.blocklist.TestDetections.facts;
import static io.denywatch.blocklist.TestDetections.never;
import static io.denywatch.blocklist.TestDetections.source;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Blocklist.PriorBlock;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.ManualList.ManualExemption;
import io.denywatch.blocklist.PromotionPolicy.Ruling;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.EstablishedSource;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromotionPolicyTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final int BREAKER_MAX = 100;

    private PromotionPolicy policy = policy(1_000, 1_000);
    private EnforcementState state = EnforcementState.NONE;
    private NeverBlock never = NOBODY;
    private List<ManualExemption> exemptions = List.of();
    private List<EstablishedSource> established = List.of();
    private int fewPacketSources;
    private Instant now = START;

    private static PromotionPolicy policy(int entriesMax, int perMinuteMax) {
        return new PromotionPolicy(
                List.of(SCAN, FLOOD), new BlocklistLimits(entriesMax, perMinuteMax, BREAKER_MAX), DAY);
    }

    private List<Decision> decide(Detection... detections) {
        Ruling ruling = policy.decide(
                state,
                facts(
                        List.of(detections),
                        true,
                        new SpoofingSigns(fewPacketSources, 0, 0),
                        never,
                        exemptions,
                        established),
                now);
        state = ruling.state();
        return ruling.decisions();
    }

    @Test
    void answeredSourceIsTakenBackRefusedAndHasNoPast() {
        IpPrefix block = IpPrefix.parse("2001:db8:0:1::/64");
        block(block);
        block(source(1));
        // Told apart by more bits since: one address of the blocked ones was answered.
        established = List.of(new EstablishedSource(IpPrefix.parse("2001:db8:0:1::7"), now));
        Decision.Revoked back = (Decision.Revoked) decide().getFirst();
        assertEquals(block, back.entry().source());
        assertEquals("established, so not denied", back.by().reason());
        Decision.Refused refused = (Decision.Refused) decide(scanBy(block)).getFirst();
        assertEquals(DetectionOutcome.NEVER_BLOCK, refused.outcome());
        assertEquals(Set.of(source(1)), state.blocklist().entries().keySet());
        established = List.of();
        assertEquals(0, block(block).priorBlocks());
    }

    private Detection scanBy(IpPrefix source) {
        return detection(1, source, SCAN, now);
    }

    private BlockEntry block(IpPrefix source) {
        return decide(scanBy(source)).stream()
                .map(decision -> ((Decision.Blocked) decision).entry())
                .findFirst()
                .orElseThrow();
    }

    private DetectionOutcome refusal(Detection detection) {
        return ((Decision.Refused) decide(detection).getLast()).outcome();
    }

    private void restart() {
        state = EnforcementState.restored(state.blocklist(), now);
    }

    private static Duration block(BlockEntry entry) {
        return Duration.between(entry.at(), entry.until());
    }

    private static void assertWithin(Duration least, Duration most, Duration actual) {
        assertTrue(actual.compareTo(least) >= 0 && actual.compareTo(most) <= 0, actual::toString);
    }

    @Test
    void whoOffendsIsBlockedForTheRulesTimeAndAtMostATenthMore() {
        BlockEntry entry = block(source(1));
        assertEquals(source(1), entry.source());
        assertEquals("scan", entry.rule());
        assertEquals(START, entry.at());
        assertWithin(Duration.ofMinutes(10), Duration.ofMinutes(11), block(entry));
    }

    @Test
    void whatWasBlockedAtOnceDoesNotEndAtOnce() {
        long ends = IntStream.range(0, 100)
                .mapToObj(i -> block(source(i)).until())
                .distinct()
                .count();
        assertTrue(ends > 30, "different ends of 100 bans: " + ends);
    }

    @Test
    void aBlockEndsExactlyAtItsDeadline() {
        BlockEntry entry = block(source(1));
        now = entry.until().minusMillis(1);
        assertEquals(List.of(), decide());
        now = entry.until();
        assertEquals(List.of(new Decision.Expired(entry)), decide());
        assertEquals(
                Map.of(source(1), new PriorBlock(source(1), 1, entry.until().plus(DAY))),
                state.blocklist().priorBlocks());
    }

    @Test
    void eachRepeatDoublesTheBlockUpToTheLongest() {
        for (int minutes : List.of(10, 20, 40, 60, 60, 60)) {
            BlockEntry entry = block(source(1));
            long most = Math.min(60, minutes + minutes / 10);
            assertWithin(Duration.ofMinutes(minutes), Duration.ofMinutes(most), block(entry));
            now = entry.until();
            decide();
            now = now.plus(PromotionPolicy.SETTLING);
        }
        assertEquals(6, block(source(1)).priorBlocks());
    }

    @Test
    void anyNumberOfRepeatsGivesTheLongestBlock() {
        PriorBlock prior = new PriorBlock(source(1), Integer.MAX_VALUE, now.plus(DAY));
        now = now.plus(PromotionPolicy.SETTLING);
        state = new EnforcementState(
                new Blocklist(Map.of(), Map.of(source(1), prior)), List.of(), new Breaker.Closed());
        assertEquals(Duration.ofHours(1), block(block(source(1))));
    }

    @Test
    void aRepeatIsForgottenInTime() {
        BlockEntry first = block(source(1));
        now = first.until().plus(DAY).minusSeconds(1);
        decide();
        assertEquals(1, state.blocklist().priorBlocks().size());
        now = first.until().plus(DAY);
        decide();
        assertEquals(Blocklist.EMPTY, state.blocklist());
        assertEquals(0, block(source(1)).priorBlocks());
    }

    @Test
    void evidenceThatBeginsInABlockOrSoonAfterItIsNone() {
        BlockEntry first = block(source(1));
        now = first.until();
        decide();
        Instant settled = first.until().plus(PromotionPolicy.SETTLING);
        now = settled.plusSeconds(30);
        assertEquals(List.of(), decide(scanBetween(first.at().plusSeconds(1), now)));
        assertEquals(List.of(), decide(scanBetween(settled.minusMillis(1), now)));
        assertEquals(1, decide(scanBetween(settled, now)).size());
        assertEquals(
                1, requireNonNull(state.blocklist().entries().get(source(1))).priorBlocks());
    }

    @Test
    void aPriorBlockWhoseEndIsInTheFutureKeepsNobodyFromBeingBlocked() {
        PriorBlock prior = new PriorBlock(source(1), 1, now.plus(DAY).plusSeconds(60)); // of a clock that was ahead
        state = new EnforcementState(
                new Blocklist(Map.of(), Map.of(source(1), prior)), List.of(), new Breaker.Closed());
        assertEquals(1, block(source(1)).priorBlocks());
    }

    private Detection scanBetween(Instant first, Instant reached) {
        Evidence evidence = new Evidence(SCAN.threshold(), List.of(), List.of(), first, reached);
        return new Detection(1, source(1), SCAN, evidence, reached.toEpochMilli() * 1_000);
    }

    @Test
    void ofTooManyRepeatsThoseThatWouldBeForgottenFirstGo() {
        policy = policy(5_000, 1_000);
        List<BlockEntry> entries = new ArrayList<>();
        for (int i = 0; i < 2_010; i++) {
            if (i % 500 == 0) {
                now = now.plusSeconds(60);
            }
            entries.add(block(source(i)));
        }
        now = now.plus(Duration.ofHours(1));
        decide();
        Map<IpPrefix, PriorBlock> priorBlocks = state.blocklist().priorBlocks();
        assertEquals(PromotionPolicy.PRIOR_BLOCKS_MAX, priorBlocks.size());
        List<Instant> kept =
                priorBlocks.values().stream().map(PriorBlock::forgetAt).toList();
        assertEquals(kept.stream().sorted().toList(), kept);
        List<Instant> all =
                entries.stream().map(entry -> entry.until().plus(DAY)).sorted().toList();
        assertEquals(all.subList(10, all.size()), kept);
    }

    @Test
    void aDetectionOfABlockedSourceChangesNothing() {
        block(source(1));
        Blocklist before = state.blocklist();
        now = now.plusSeconds(10);
        assertEquals(List.of(), decide(scanBy(source(1)), detection(2, source(1), FLOOD, now)));
        assertSame(before, state.blocklist());
    }

    @Test
    void severalDetectionsOfOneSourceCountOnce() {
        assertEquals(
                1,
                decide(scanBy(source(1)), detection(2, source(1), FLOOD, now)).size());
        never = never(source(2).toString());
        assertEquals(
                1,
                decide(scanBy(source(2)), detection(4, source(2), FLOOD, now)).size());
    }

    @Test
    void entriesHaveNoAddressInCommonThoughSourcesAreToldApartByOtherBitsThanBefore() {
        IpPrefix block = IpPrefix.parse("2001:db8::/64");
        IpPrefix inside = IpPrefix.parse("2001:db8::1/128");
        IpPrefix outside = IpPrefix.parse("2001:db8:0:1::1/128");
        block(inside);
        block(outside);
        block(block);
        assertEquals(List.of(), decide(scanBy(inside)));
        assertEquals(
                List.of(outside, block), List.copyOf(state.blocklist().entries().keySet()));
    }

    @Test
    void refusesInOrderNeverBlockThenBreakerThenLimitThenRate() {
        policy = policy(2, 2);
        block(source(1));
        block(source(2));
        fewPacketSources = BREAKER_MAX + 1;
        never = never(source(9).toString());
        assertEquals(DetectionOutcome.NEVER_BLOCK, refusal(scanBy(source(9))));
        assertEquals(List.of(), decide(scanBy(source(1))), "already listed goes before the breaker");
        never = NOBODY;
        assertEquals(DetectionOutcome.BREAKER, refusal(scanBy(source(9))));
        restart();
        fewPacketSources = 0;
        assertEquals(DetectionOutcome.LIMIT, refusal(scanBy(source(9))));
        policy = policy(3, 2);
        assertEquals(DetectionOutcome.RATE, refusal(scanBy(source(9))));
        policy = policy(3, 3);
        block(source(9));
    }

    @Test
    void theRateIsOfTheLastSixtySecondsAndOutlivesARestart() {
        policy = policy(100, 2);
        now = START.plusMillis(999);
        block(source(1));
        now = START.plusSeconds(30);
        block(source(2));
        restart();
        now = START.plusMillis(60_998);
        assertEquals(DetectionOutcome.RATE, refusal(scanBy(source(3))));
        now = START.plusSeconds(61);
        block(source(3));
        assertEquals(DetectionOutcome.RATE, refusal(scanBy(source(4))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"198.51.100.0/24", "2001:db8::/63", "2001:db8::/32", "::/0", "0.0.0.0/0", "198.51.100.0/31"})
    void aWiderSourceCannotComeIn(String source) {
        assertThrows(IllegalArgumentException.class, () -> decide(scanBy(IpPrefix.parse(source))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.51.100.7", "2001:db8::/64", "2001:db8::/80", "2001:db8::1/128"})
    void aSourceMayBeAnAddressOrANarrowIpv6Block(String source) {
        assertEquals(IpPrefix.parse(source), block(IpPrefix.parse(source)).source());
    }

    @Test
    void aDetectionOfAnUnknownRuleIsABug() {
        policy = new PromotionPolicy(List.of(FLOOD), new BlocklistLimits(1, 1, 1), DAY);
        assertThrows(IllegalArgumentException.class, () -> decide(scanBy(source(1))));
    }

    @Test
    void neverBlockTakesBackAlsoWhatWasLoaded() {
        BlockEntry entry = block(source(1));
        restart();
        never = never("203.0.0.0/28");
        Decision.Revoked back = (Decision.Revoked) decide().getFirst();
        assertEquals(entry, back.entry());
        assertEquals("blocklist.neverBlock", back.by().reason());
        assertEquals(Blocklist.EMPTY, state.blocklist());
    }

    @Test
    void anExemptionTakesBackAndForgetsUntilItIsOver() {
        now = block(source(1)).until();
        decide();
        now = now.plus(PromotionPolicy.SETTLING);
        block(source(1));
        exemptions = List.of(new ManualExemption(source(1), now.plusSeconds(300)));
        assertTrue(decide().getFirst() instanceof Decision.Revoked);
        Decision.Refused refused = (Decision.Refused) decide(scanBy(source(1))).getFirst();
        assertEquals(DetectionOutcome.NEVER_BLOCK, refused.outcome());
        now = now.plusSeconds(300);
        assertEquals(0, block(source(1)).priorBlocks());
    }

    @Test
    void anExemptionForgetsARepeat() {
        now = block(source(1)).until();
        decide();
        exemptions = List.of(new ManualExemption(IpPrefix.parse("203.0.0.0/24"), now.plusSeconds(300)));
        assertEquals(List.of(), decide());
        assertEquals(Blocklist.EMPTY, state.blocklist());
    }

    @Test
    void theBreakerOpensAboveItsLimitAndClosesAfterFiveCalmMinutes() {
        fewPacketSources = BREAKER_MAX;
        block(source(1));
        fewPacketSources = BREAKER_MAX + 1;
        assertEquals(DetectionOutcome.BREAKER, refusal(scanBy(source(2))));
        fewPacketSources = BREAKER_MAX / 2 - 1;
        now = now.plusSeconds(299);
        assertEquals(DetectionOutcome.BREAKER, refusal(scanBy(source(2))));
        fewPacketSources = BREAKER_MAX / 2;
        assertEquals(DetectionOutcome.BREAKER, refusal(scanBy(source(2))));
        fewPacketSources = 0;
        now = now.plusSeconds(299);
        assertEquals(DetectionOutcome.BREAKER, refusal(scanBy(source(2))));
        now = now.plusSeconds(1);
        block(source(2));
    }

    @Test
    void blocksEndAndAreTakenBackWhileTheBreakerIsOpen() {
        block(source(1));
        block(source(2));
        fewPacketSources = BREAKER_MAX + 1;
        never = never(source(2).toString());
        assertTrue(decide().getFirst() instanceof Decision.Revoked);
        now = now.plusSeconds(660);
        assertTrue(decide().getFirst() instanceof Decision.Expired);
    }

    @Test
    void aClockSetBackKeepsNoBreakerOpenAndNoRateUsedForLong() {
        policy = policy(100, 1);
        fewPacketSources = BREAKER_MAX + 1;
        decide();
        now = now.minus(DAY);
        fewPacketSources = 0;
        decide();
        now = now.plusSeconds(300);
        block(source(1));
        now = now.minus(DAY);
        assertEquals(DetectionOutcome.RATE, refusal(scanBy(source(2))));
        now = now.plusSeconds(60);
        assertTrue(decide(scanBy(source(2))).getLast() instanceof Decision.Blocked);
    }

    @Test
    void aBlockMadeByAClockThatWasFarAheadEndsAtOnceAndOneThatWasALittleAheadStays() {
        now = START.plus(Duration.ofDays(400));
        BlockEntry far = block(source(1));
        state = EnforcementState.NONE;
        now = START.plus(Duration.ofMinutes(59));
        BlockEntry near = block(source(2));
        state = EnforcementState.restored(new Blocklist(Map.of(source(1), far, source(2), near), Map.of()), now);
        now = START;
        assertEquals(List.of(new Decision.Expired(far)), decide());
        assertEquals(
                Map.of(source(1), new PriorBlock(source(1), 1, START.plus(DAY))),
                state.blocklist().priorBlocks());
        assertEquals(near, state.blocklist().entries().get(source(2)));
    }

    @Test
    void nobodyStaysBlockedLongerThanTheLongestBlockWhateverTheStoredDeadline() {
        BlockEntry edited = new BlockEntry(
                source(1),
                now,
                Instant.parse("9999-01-01T00:00:00Z"),
                "scan",
                0,
                scanBy(source(1)).evidence());
        state = EnforcementState.restored(new Blocklist(Map.of(source(1), edited), Map.of()), now);
        now = START.plus(DetectionRule.BLOCK_MAX).minusSeconds(1);
        assertEquals(List.of(), decide());
        now = START.plus(DetectionRule.BLOCK_MAX);
        assertEquals(List.of(new Decision.Expired(edited)), decide());
    }

    @Test
    void aBlocklistAboveALoweredLimitShrinksByDeadlinesOnly() {
        Map<IpPrefix, BlockEntry> entries = new LinkedHashMap<>();
        for (int i = 0; i < 5; i++) {
            entries.put(source(i), block(source(i)));
        }
        policy = policy(2, 1_000);
        assertEquals(DetectionOutcome.LIMIT, refusal(scanBy(source(9))));
        assertEquals(entries, state.blocklist().entries());
    }

    @Test
    void timesAreInWholeSeconds() {
        now = START.plusMillis(700);
        BlockEntry entry = block(source(1));
        assertEquals(START, entry.at());
        assertEquals(entry.until(), entry.until().truncatedTo(ChronoUnit.SECONDS));
    }

    @Test
    void rulesNeedDifferentNames() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new PromotionPolicy(List.of(SCAN, SCAN), new BlocklistLimits(1, 1, 1), DAY));
    }
}

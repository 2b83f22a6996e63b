package io.denywatch.blocklist;

import static io.denywatch.blocklist.TestDetections.FLOOD;
import static io.denywatch.blocklist.TestDetections.NOBODY;
import static io.denywatch.blocklist.TestDetections.SCAN;
import static io.denywatch.blocklist.TestDetections.START;
import static io.denywatch.blocklist.TestDetections.detection;
import static io.denywatch.blocklist.TestDetections.never;
import static io.denywatch.blocklist.TestDetections.source;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Blocklist.PriorBlock;
import io.denywatch.blocklist.BlocklistStatus.RuleOutcome;
import io.denywatch.blocklist.BlocklistStore.DryRunStore;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.Decision.RecentDecision;
import io.denywatch.blocklist.FakeStore.Fate;
import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.blocklist.ManualList.ManualExemption;
import io.denywatch.count.Histogram;
import io.denywatch.detection.AggregationPrefix;
import io.denywatch.detection.Detection;
import io.denywatch.detection.Detections;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.detection.EstablishedTable;
import io.denywatch.detection.EvictedWindows;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.sketch.SeededHash;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EnforcerTest {
    private static final PromotionPolicy POLICY =
            new PromotionPolicy(List.of(SCAN, FLOOD), new BlocklistLimits(1_000, 1_000, 100), Duration.ofDays(1));

    private final FakeStore store = new FakeStore();
    private final List<Detection> detections = new ArrayList<>();
    private final List<Decision> told = new ArrayList<>();
    private Optional<NeverBlock> never = Optional.of(NOBODY);
    private EnforcementGate gate = EnforcementGate.GRANTED;
    private LogTrust trust = LogTrust.TRUSTED;
    private int fewPacketSources;
    private long fewPacketSecond;
    private EstablishedSources established = EstablishedSources.NONE;
    private long millis = START.toEpochMilli();
    private Enforcer enforcer = enforcer(BlocklistMode.ENFORCE, store);

    private Enforcer enforcer(BlocklistMode mode, BlocklistStore on) {
        return new Enforcer(
                mode,
                POLICY,
                on,
                this::published,
                () -> new NeverBlock.Known(never.orElse(NOBODY), never.isPresent()),
                () -> gate,
                () -> trust,
                (decision, in, now) -> told.add(decision),
                7);
    }

    private Detections published() {
        int from = Math.max(0, detections.size() - Detections.RECENT_MAX);
        return new Detections(
                detections.size(),
                List.copyOf(detections.subList(from, detections.size())),
                new SpoofingSigns(fewPacketSources, 0, fewPacketSecond),
                EvictedWindows.NONE,
                established);
    }

    private void detect(IpPrefix source) {
        detections.add(detection(detections.size() + 1, source, SCAN, Instant.ofEpochMilli(millis)));
    }

    /** Lets time go by in the steps in which the loop goes round. */
    private void run(long forMillis) {
        for (long end = millis + forMillis; millis <= end; millis += 100) {
            enforcer.tick(millis);
        }
    }

    private void restart() {
        store.restart();
        detections.clear();
        enforcer = enforcer(BlocklistMode.ENFORCE, store);
    }

    private void fail(int calls) {
        store.fates.addAll(Collections.nCopies(calls, Fate.FAILS));
    }

    private Set<IpPrefix> stored() {
        return store.content.entries().keySet();
    }

    private long count(DetectionOutcome outcome) {
        return enforcer.status().promotions().getOrDefault(new RuleOutcome("scan", outcome), -1L);
    }

    @Test
    void detectionsOfAllNodesAreDecidedLikeThoseOfThisNodeAndNumberedApart() {
        List<Detection> ofCluster = new ArrayList<>();
        enforcer = new Enforcer(
                BlocklistMode.ENFORCE,
                POLICY,
                store,
                this::published,
                () -> new Detections(
                        ofCluster.size(),
                        List.copyOf(ofCluster),
                        SpoofingSigns.NONE,
                        EvictedWindows.NONE,
                        EstablishedSources.NONE),
                () -> new NeverBlock.Known(new NeverBlock(List.of(new NeverBlock.Range(source(3), "ours"))), true),
                () -> gate,
                () -> trust,
                (decision, in, now) -> told.add(decision),
                7);
        detect(source(1));
        ofCluster.add(detection(1, source(1), FLOOD, Instant.ofEpochMilli(millis))); // blocked by both: one entry
        ofCluster.add(detection(2, source(2), FLOOD, Instant.ofEpochMilli(millis)));
        ofCluster.add(detection(3, source(3), FLOOD, Instant.ofEpochMilli(millis))); // exempt
        run(2_000);
        assertEquals(Set.of(source(1), source(2)), stored());

        gate = new EnforcementGate.Withheld("not proven");
        ofCluster.add(detection(4, source(4), FLOOD, Instant.ofEpochMilli(millis)));
        run(2_000);
        assertEquals(Set.of(source(1), source(2)), stored());
        assertEquals(1, enforcer.status().missedDetections());
    }

    @Test
    void blocksInTheRoundThatSeesTheDetection() {
        detect(source(1));
        enforcer.tick(millis);
        assertEquals(Set.of(source(1)), stored());
        assertEquals(1, count(DetectionOutcome.APPLIED));
        assertEquals(1, told.size());
        assertEquals(1, enforcer.status().storedEntries());
        assertEquals(millis, enforcer.status().lastSyncMillis());
    }

    @Test
    void takesBackWhoWasAnsweredAndBlocksNobodyForAnHourAfterIt() {
        detect(source(1));
        detect(source(2));
        run(1_000);
        assertEquals(Set.of(source(1), source(2)), stored());
        EstablishedTable table = new EstablishedTable(new SeededHash(1), AggregationPrefix.atLeast(64));
        Ip client = source(1).network();
        table.add(client.high(), client.low(), millis * 1_000);
        established = table.snapshot();
        long valid = millis + EstablishedSources.VALID_FOR.toMillis();
        run(2_000);
        assertEquals(Set.of(source(2)), stored());
        assertEquals(
                "established, so not denied",
                told.stream()
                        .map(decision -> decision instanceof Decision.Revoked(BlockEntry _, NeverBlock.Range by)
                                ? by.reason()
                                : "")
                        .filter(reason -> !reason.isEmpty())
                        .findFirst()
                        .orElse(""));
        millis = valid - 1_000;
        detect(source(1));
        run(500);
        assertEquals(1, count(DetectionOutcome.NEVER_BLOCK));
        assertEquals(
                0,
                enforcer.status()
                        .wanted()
                        .priorBlocks()
                        .getOrDefault(source(1), new PriorBlock(source(1), 0, START))
                        .times());
        millis = valid;
        detect(source(1));
        run(1_000);
        assertTrue(stored().contains(source(1)), "an answer does not vouch for ever");
    }

    private void answer(IpPrefix source) {
        EstablishedTable table = new EstablishedTable(new SeededHash(1), AggregationPrefix.atLeast(64));
        table.add(source.network().high(), source.network().low(), millis * 1_000);
        established = table.snapshot();
    }

    @Test
    void anAnswerThatCanBeForgedEndsNoBlock() {
        for (LogTrust each : new LogTrust[] {LogTrust.FORGEABLE, LogTrust.REFUSED}) {
            store.content = Blocklist.EMPTY;
            restart();
            trust = LogTrust.TRUSTED;
            established = EstablishedSources.NONE;
            detect(source(1));
            run(1_000);
            trust = each;
            answer(source(1));
            run(1_000);
            assertEquals(Set.of(source(1)), stored(), each.toString());
        }
    }

    /** A proof cannot be forged; without one, to block a client is the worse mistake. */
    @Test
    void anAnswerThatCanBeForgedKeepsFromBlockingUnlessThePoliciesProveThatItIsNone() {
        trust = LogTrust.FORGEABLE;
        gate = EnforcementGate.GRANTED;
        answer(source(1));
        detect(source(1));
        detect(source(2));
        run(1_000);
        assertEquals(Set.of(source(2)), stored());
        assertEquals(1, count(DetectionOutcome.NEVER_BLOCK));

        gate = EnforcementGate.PROVEN;
        detect(source(1));
        run(1_000);
        assertEquals(Set.of(source(1), source(2)), stored());
    }

    @Test
    void aLogThatMustBeTrustedAndIsNotBlocksNobodyAndSaysSo() {
        trust = LogTrust.REFUSED;
        gate = EnforcementGate.PROVEN;
        detect(source(1));
        detect(source(2));
        run(1_000);
        assertEquals(Set.of(), stored());
        assertEquals(2, count(DetectionOutcome.UNTRUSTED_LOG));
        assertTrue(
                enforcer.status().problem().contains("blocklist.requireTrustedLog"),
                enforcer.status().problem());
        trust = LogTrust.TRUSTED;
        detect(source(3));
        run(1_000);
        assertEquals(Set.of(source(3)), stored());
        assertEquals("", enforcer.status().problem());
    }

    /** What is written beside the nets of a set is no reason to list a source. */
    @Test
    void goesOnAfterAStartWithWhatIsListedAlone() {
        detect(source(1));
        detect(source(2));
        run(1_000);
        BlockEntry entry = store.content.entries().get(source(1));
        store.unlisted.add(source(2));
        restart();
        run(60_000);
        assertEquals(Map.of(source(1), entry), store.content.entries());
    }

    @Test
    void hasNothingToDoWhereNothingHappens() {
        enforcer.tick(millis);
        enforcer.tick(millis + 1);
        for (int i = 10; i < 900; i += 10) {
            assertEquals(0, enforcer.tick(millis + i));
        }
        assertEquals(1, store.loads);
    }

    @Test
    void makesTheObjectsAtTheFirstStartThoughNobodyIsBlocked() {
        enforcer.tick(millis);
        assertTrue(store.intact);
        assertEquals(0, enforcer.status().repairs());
    }

    @Test
    void touchesNothingBeforeTheFirstLoad() {
        fail(3);
        detect(source(1));
        enforcer.tick(millis);
        assertEquals("blocklist: GET: no answer", enforcer.status().problem());
        run(900);
        assertEquals(1, store.loads);
        assertEquals(0, store.writes);
        assertEquals(List.of(), told);
        run(30_000);
        assertEquals(Set.of(source(1)), stored());
        assertEquals("", enforcer.status().problem());
    }

    @Test
    void aRestartChangesNothing() {
        detect(source(1));
        detect(source(2));
        run(1_000);
        Blocklist before = store.content;
        int writes = store.writes;
        restart();
        run(1_000);
        assertSame(before, store.content);
        assertEquals(writes, store.writes);
        assertEquals(before, enforcer.status().wanted());
        assertEquals(2, told.size());
    }

    @Test
    void holdsDetectionsUntilTheNeverBlockListIsComplete() {
        never = Optional.empty();
        detect(source(1));
        detect(source(2));
        run(5_000);
        assertEquals(Set.of(), stored());
        assertEquals(List.of(), told);
        never = Optional.of(never(source(2).toString()));
        run(100);
        assertEquals(Set.of(source(1)), stored());
        assertEquals(1, count(DetectionOutcome.NEVER_BLOCK));
    }

    @Test
    void detectionsWaitUntilItIsKnownWhetherLoggedPacketsAreDenied() {
        gate = EnforcementGate.PENDING;
        detect(source(1));
        run(5_000);
        assertEquals(Set.of(), stored());
        gate = EnforcementGate.GRANTED;
        run(100);
        assertEquals(Set.of(source(1)), stored());
        assertEquals(0, enforcer.status().missedDetections());
    }

    @Test
    void nobodyIsNewlyBlockedForPacketsThatMayNotBeDeniedAndBlocksStillEnd() {
        detect(source(1));
        run(1_000);
        gate = new EnforcementGate.Withheld("log-may-not-be-denied: policy web, rule 1");
        detect(source(2));
        detect(source(3));
        run(1_000);
        assertEquals(Set.of(source(1)), stored());
        assertEquals(2, enforcer.status().missedDetections());
        assertEquals(
                "no new source is blocked: log-may-not-be-denied: policy web, rule 1",
                enforcer.status().problem());

        run(SCAN.blockFor().toMillis() + 60_000);
        assertEquals(Set.of(), stored());

        gate = EnforcementGate.GRANTED;
        detect(source(4));
        run(1_000);
        assertEquals(Set.of(source(4)), stored(), "what offended meanwhile is forgotten");
        assertEquals("", enforcer.status().problem());
    }

    @Test
    void detectionsThatHadToWaitForTooLongBlockNobodyAndAreCounted() {
        never = Optional.empty();
        detect(source(1));
        run(1_000);
        detect(source(2));
        millis = START.plusSeconds(Detections.AGE_SECONDS_MAX + 1).toEpochMilli();
        run(900);
        never = Optional.of(NOBODY);
        run(100);
        assertEquals(Set.of(source(2)), stored());
        assertEquals(1, enforcer.status().missedDetections());
    }

    @Test
    void detectionsThatWaitedForTheFirstAnswerOfTheClusterBlockNobody() {
        fail(100);
        detect(source(1));
        run(Duration.ofSeconds(Detections.AGE_SECONDS_MAX + 1).toMillis());
        store.fates.clear();
        run(100_000);
        assertEquals("", enforcer.status().problem());
        assertEquals(Set.of(), stored());
        assertEquals(1, enforcer.status().missedDetections());
        detect(source(1));
        run(1_000);
        assertEquals(Set.of(source(1)), stored());
    }

    @Test
    void theBreakerClosesThoughNoPacketComesAnyMore() {
        fewPacketSources = 101;
        fewPacketSecond = START.getEpochSecond();
        run(Duration.ofSeconds(Detections.AGE_SECONDS_MAX - 1)
                .plus(Breaker.CALM)
                .toMillis());
        assertTrue(enforcer.status().breakerOpen());
        run(2_000);
        assertFalse(enforcer.status().breakerOpen());
    }

    @Test
    void countsDetectionsThatCameTooFast() {
        for (int i = 0; i < Detections.RECENT_MAX + 5; i++) {
            detect(source(1));
        }
        run(100);
        assertEquals(5, enforcer.status().missedDetections());
    }

    @Test
    void takesBackWithinASecondWhatBecomesNeverBlocked() {
        detect(source(1));
        run(1_000);
        never = Optional.of(never(source(1).toString()));
        run(1_000);
        assertEquals(Set.of(), stored());
        assertTrue(told.getLast() instanceof Decision.Revoked);
    }

    @Test
    void expiryIsWrittenAndCounted() {
        detect(source(1));
        run(1_000);
        millis = store.content.entries().values().iterator().next().until().toEpochMilli();
        run(1_000);
        assertEquals(Set.of(), stored());
        assertEquals(1, enforcer.status().expirations());
        assertTrue(told.getLast() instanceof Decision.Expired);
    }

    @Test
    void aWriteThatFailsIsCountedOnceAndTriedUntilItWorks() {
        run(1_000);
        store.fates.addAll(List.of(Fate.FAILS, Fate.FAILS, Fate.WORKS, Fate.FAILS));
        detect(source(1));
        run(100);
        assertEquals(1, count(DetectionOutcome.FAILED));
        assertEquals(List.of(), told);
        run(30_000);
        assertEquals(1, count(DetectionOutcome.FAILED));
        assertEquals(1, count(DetectionOutcome.APPLIED));
        assertEquals(Set.of(source(1)), stored());
        assertEquals(0, enforcer.status().repairs());
    }

    @Test
    void aWriteWhoseAnswerIsLostIsNoRepair() {
        run(1_000);
        store.fates.add(Fate.ANSWER_LOST);
        detect(source(1));
        run(60_000);
        assertEquals(1, count(DetectionOutcome.APPLIED));
        assertEquals(0, enforcer.status().repairs());
        assertEquals(1, told.size());
    }

    @Test
    void triesLessAndLessOftenUpToFourTimesAMinuteWhileTheStoreIsAway() {
        fail(1_000);
        run(600_000);
        int loads = store.loads;
        run(600_000);
        assertTrue(store.loads - loads >= 40 && store.loads - loads <= 80, "loads in ten minutes");
    }

    @Test
    void aConflictIsSolvedInTheSameRound() {
        run(1_000);
        store.damage();
        detect(source(1));
        enforcer.tick(millis);
        assertEquals(Set.of(source(1)), stored());
        assertEquals(0, count(DetectionOutcome.FAILED));
    }

    @Test
    void whatSomebodyElseChangedIsRepairedAndCounted() {
        detect(source(1));
        run(1_000);
        store.remove(source(1));
        run(31_000);
        assertEquals(Set.of(source(1)), stored());
        store.damage();
        run(31_000);
        assertTrue(store.intact);
        store.delete();
        run(31_000);
        assertEquals(Set.of(source(1)), stored());
        assertEquals(3, enforcer.status().repairs());
        assertEquals(1, told.size());
    }

    @Test
    void anExemptionIsFollowedAndIsNoRepair() {
        detect(source(1));
        run(1_000);
        store.remove(source(1));
        store.manual =
                new ManualList(List.of(), List.of(new ManualExemption(source(1), START.plus(Duration.ofMinutes(5)))));
        run(31_000);
        assertEquals(Set.of(), stored());
        assertEquals(0, enforcer.status().repairs());
        assertTrue(told.getLast() instanceof Decision.Revoked);
        detect(source(1));
        run(100);
        assertEquals(Set.of(), stored());
    }

    @Test
    void whoIsBlockedByHandIsNotBlockedOnceMoreForPacketsThatThisDenied() {
        Instant end = START.plus(Duration.ofMinutes(5));
        store.manual = new ManualList(List.of(new ManualEntry(source(1), START, end, "ticket", "operator")), List.of());
        run(1_000);
        detect(source(1));
        detect(source(2));
        run(1_000);
        assertEquals(Set.of(source(2)), stored());
        run(Duration.between(Instant.ofEpochMilli(millis), end).toMillis() + 1_000);
        detect(source(1));
        run(1_000);
        assertEquals(Set.of(source(2)), stored());
        run(PromotionPolicy.SETTLING.toMillis());
        detect(source(1));
        run(1_000);
        assertEquals(Set.of(source(2), source(1)), stored());
    }

    @Test
    void anExemptionThatComesWithAConflictIsFollowedBeforeAnythingIsWritten() {
        detect(source(1));
        run(1_000);
        store.remove(source(1));
        store.manual =
                new ManualList(List.of(), List.of(new ManualExemption(source(1), START.plus(Duration.ofMinutes(5)))));
        detect(source(2));
        enforcer.tick(millis);
        assertEquals(Set.of(source(2)), stored());
    }

    @Test
    void aBlockThatEndsBeforeItCouldBeWrittenLeavesNoTrace() {
        run(1_000);
        detections.add(detection(1, source(1), FLOOD, START));
        fail(1_000);
        run(120_000);
        store.fates.clear();
        run(61_000);
        assertEquals(List.of(), told);
        assertEquals(0, enforcer.status().expirations());
        assertEquals(Set.of(), stored());
    }

    @Test
    void doesNotWriteMoreOftenThanTwiceASecond() {
        run(1_000);
        int writes = store.writes;
        for (int i = 0; i < 100; i++) {
            detect(source(i));
            run(0);
        }
        assertTrue(store.writes - writes <= 21, "writes in ten seconds: " + (store.writes - writes));
        run(1_000);
        assertEquals(100, stored().size());
    }

    @Test
    void timeToBlockIsTakenAfterTheWrite() {
        run(1_000);
        detections.add(detection(1, source(1), SCAN, START));
        enforcer.tick(millis);
        assertEquals(Histogram.SECONDS, enforcer.status().timeToBlock());
        enforcer.tick(START.toEpochMilli() + 2_500);
        assertEquals(2.5, enforcer.status().timeToBlock().sum());
        assertEquals(1, enforcer.status().timeToBlock().counts().get(7));
    }

    @Test
    void dryRunDecidesAndStoresNothing() {
        enforcer = enforcer(BlocklistMode.DRY_RUN, new DryRunStore());
        detect(source(1));
        run(1_000);
        assertEquals(1, count(DetectionOutcome.DRY_RUN));
        assertEquals(0, count(DetectionOutcome.APPLIED));
        assertEquals(1, enforcer.status().wanted().entries().size());
        assertEquals(0, enforcer.status().storedEntries());
        assertEquals(Histogram.SECONDS, enforcer.status().timeToBlock());
        assertEquals(1, told.size());
    }

    @Test
    void everyRuleHasEveryOutcomeFromTheStart() {
        assertEquals(
                2 * DetectionOutcome.values().length,
                enforcer.status().promotions().size());
    }

    @Test
    void goesOnAtOnceWhereTheClockIsSetBack() {
        run(1_000);
        millis -= Duration.ofDays(1).toMillis();
        detect(source(1));
        run(100);
        assertEquals(Set.of(source(1)), stored());
        store.damage();
        run(31_000);
        assertTrue(store.intact);
    }

    @Test
    void looksAfterOthersOverdueEntriesAndSurvivesThatItMayNot() {
        run(31_000);
        assertEquals(1, store.rounds);
        store.fates.addAll(List.of(Fate.WORKS, Fate.FAILS));
        run(30_000);
        assertEquals(
                "overdue blocklist entries: LIST: no answer", enforcer.status().problem());
        detect(source(1));
        run(100);
        assertEquals(Set.of(source(1)), stored());
        run(31_000);
        assertEquals("", enforcer.status().problem());
    }

    @Test
    void thereIsNoEnforcerInModeOff() {
        assertThrows(IllegalArgumentException.class, () -> enforcer(BlocklistMode.OFF, store));
    }

    @Test
    void whatTookEffectIsRememberedUntilItIsAskedFor() {
        run(1_000);
        detect(source(1));
        long before = millis;
        run(1_000);
        List<RecentDecision> blocked = enforcer.status().decisions();
        assertEquals(1, blocked.size());
        assertTrue(blocked.getFirst().decision() instanceof Decision.Blocked);
        assertFalse(blocked.getFirst().at().isBefore(Instant.ofEpochMilli(before)));
        run(Duration.ofHours(2).toMillis());
        assertEquals(
                List.of(Decision.Blocked.class, Decision.Expired.class),
                enforcer.status().decisions().stream()
                        .map(recent -> recent.decision().getClass())
                        .toList());
    }

    @Test
    void aBlockThatCouldNotBeStoredIsNoneThatTookEffect() {
        run(1_000);
        store.fates.addAll(Collections.nCopies(100, Fate.FAILS));
        detect(source(1));
        run(1_000);
        assertEquals(List.of(), enforcer.status().decisions());
    }
}

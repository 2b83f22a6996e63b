package io.denywatch.blocklist;

import static io.denywatch.blocklist.Offenders.FLOOD;
import static io.denywatch.blocklist.Offenders.NOBODY;
import static io.denywatch.blocklist.Offenders.SCAN;
import static io.denywatch.blocklist.Offenders.START;
import static io.denywatch.blocklist.Offenders.never;
import static io.denywatch.blocklist.Offenders.offence;
import static io.denywatch.blocklist.Offenders.source;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.BlocklistStatus.RuleOutcome;
import io.denywatch.blocklist.FakeStore.Fate;
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
    private final List<Detection> offences = new ArrayList<>();
    private final List<Decision> told = new ArrayList<>();
    private Optional<NeverBlock> never = Optional.of(NOBODY);
    private EnforcementGate clearance = EnforcementGate.GRANTED;
    private LogTrust trust = LogTrust.TRUSTED;
    private int fewPacketSources;
    private long fewPacketSecond;
    private EstablishedSources answers = EstablishedSources.NONE;
    private long millis = START.toEpochMilli();
    private Enforcer enforcer = enforcer(BlocklistMode.ENFORCE, store);

    private Enforcer enforcer(BlocklistMode mode, BlocklistStore on) {
        return new Enforcer(
                mode,
                POLICY,
                on,
                this::published,
                () -> new NeverBlock.Known(never.orElse(NOBODY), never.isPresent()),
                () -> clearance,
                () -> trust,
                (decision, in, now) -> told.add(decision),
                7);
    }

    private Detections published() {
        int from = Math.max(0, offences.size() - Detections.RECENT_MAX);
        return new Detections(
                offences.size(),
                List.copyOf(offences.subList(from, offences.size())),
                new SpoofingSigns(fewPacketSources, 0, fewPacketSecond),
                EvictedWindows.NONE,
                answers);
    }

    private void offend(IpPrefix source) {
        offences.add(offence(offences.size() + 1, source, SCAN, Instant.ofEpochMilli(millis)));
    }

    /** Lets time go by in the steps in which the loop goes round. */
    private void run(long forMillis) {
        for (long end = millis + forMillis; millis <= end; millis += 100) {
            enforcer.tick(millis);
        }
    }

    private void restart() {
        store.restart();
        offences.clear();
        enforcer = enforcer(BlocklistMode.ENFORCE, store);
    }

    private void fail(int calls) {
        store.fates.addAll(Collections.nCopies(calls, Fate.FAILS));
    }

    private Set<IpPrefix> stored() {
        return store.content.entries().keySet();
    }

    private long count(Outcome outcome) {
        return enforcer.status().promotions().getOrDefault(new RuleOutcome("scan", outcome), -1L);
    }

    @Test
    void blocksInTheRoundThatSeesTheOffence() {
        offend(source(1));
        enforcer.tick(millis);
        assertEquals(Set.of(source(1)), stored());
        assertEquals(1, count(Outcome.APPLIED));
        assertEquals(1, told.size());
        assertEquals(1, enforcer.status().storedEntries());
        assertEquals(millis, enforcer.status().lastSyncMillis());
    }

    @Test
    void takesBackWhoWasAnsweredAndBlocksNobodyForAnHourAfterIt() {
        offend(source(1));
        offend(source(2));
        run(1_000);
        assertEquals(Set.of(source(1), source(2)), stored());
        EstablishedTable table = new EstablishedTable(new SeededHash(1), AggregationPrefix.atLeast(64));
        Ip answered = source(1).network();
        table.add(answered.high(), answered.low(), millis * 1_000);
        answers = table.snapshot();
        long valid = millis + EstablishedSources.VALID_FOR.toMillis();
        run(2_000);
        assertEquals(Set.of(source(2)), stored());
        assertEquals(
                "answered, so not denied",
                told.stream()
                        .map(decision -> decision instanceof Decision.TakenBack(BlockEntry _, NeverBlock.Range by)
                                ? by.reason()
                                : "")
                        .filter(reason -> !reason.isEmpty())
                        .findFirst()
                        .orElse(""));
        millis = valid - 1_000;
        offend(source(1));
        run(500);
        assertEquals(1, count(Outcome.NEVER_BLOCK));
        assertEquals(
                0,
                enforcer.status()
                        .wanted()
                        .repeats()
                        .getOrDefault(source(1), new PriorBlock(source(1), 0, START))
                        .times());
        millis = valid;
        offend(source(1));
        run(1_000);
        assertTrue(stored().contains(source(1)), "an answer does not vouch for ever");
    }

    private void answer(IpPrefix source) {
        EstablishedTable table = new EstablishedTable(new SeededHash(1), AggregationPrefix.atLeast(64));
        table.add(source.network().high(), source.network().low(), millis * 1_000);
        answers = table.snapshot();
    }

    @Test
    void anAnswerThatCanBeForgedEndsNoBan() {
        for (LogTrust each : new LogTrust[] {LogTrust.FORGEABLE, LogTrust.REFUSED}) {
            store.content = Blocklist.EMPTY;
            restart();
            trust = LogTrust.TRUSTED;
            answers = EstablishedSources.NONE;
            offend(source(1));
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
        clearance = EnforcementGate.GRANTED;
        answer(source(1));
        offend(source(1));
        offend(source(2));
        run(1_000);
        assertEquals(Set.of(source(2)), stored());
        assertEquals(1, count(Outcome.NEVER_BLOCK));

        clearance = EnforcementGate.PROVEN;
        offend(source(1));
        run(1_000);
        assertEquals(Set.of(source(1), source(2)), stored());
    }

    @Test
    void aLogThatMustBeTrustedAndIsNotBlocksNobodyAndSaysSo() {
        trust = LogTrust.REFUSED;
        clearance = EnforcementGate.PROVEN;
        offend(source(1));
        offend(source(2));
        run(1_000);
        assertEquals(Set.of(), stored());
        assertEquals(2, count(Outcome.UNTRUSTED_LOG));
        assertTrue(
                enforcer.status().problem().contains("blocklist.requireTrustedLog"),
                enforcer.status().problem());
        trust = LogTrust.TRUSTED;
        offend(source(3));
        run(1_000);
        assertEquals(Set.of(source(3)), stored());
        assertEquals("", enforcer.status().problem());
    }

    /** What is written beside the nets of a set is no reason to list a source. */
    @Test
    void goesOnAfterAStartWithWhatIsListedAlone() {
        offend(source(1));
        offend(source(2));
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
        offend(source(1));
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
        offend(source(1));
        offend(source(2));
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
    void holdsOffencesUntilTheNeverBlockListIsComplete() {
        never = Optional.empty();
        offend(source(1));
        offend(source(2));
        run(5_000);
        assertEquals(Set.of(), stored());
        assertEquals(List.of(), told);
        never = Optional.of(never(source(2).toString()));
        run(100);
        assertEquals(Set.of(source(1)), stored());
        assertEquals(1, count(Outcome.NEVER_BLOCK));
    }

    @Test
    void offencesWaitUntilItIsKnownWhetherLoggedPacketsAreDenied() {
        clearance = EnforcementGate.PENDING;
        offend(source(1));
        run(5_000);
        assertEquals(Set.of(), stored());
        clearance = EnforcementGate.GRANTED;
        run(100);
        assertEquals(Set.of(source(1)), stored());
        assertEquals(0, enforcer.status().missedOffences());
    }

    @Test
    void nobodyIsNewlyBlockedForPacketsThatMayNotBeDeniedAndBansStillEnd() {
        offend(source(1));
        run(1_000);
        clearance = new EnforcementGate.Refused("log-may-not-be-denied: policy web, rule 1");
        offend(source(2));
        offend(source(3));
        run(1_000);
        assertEquals(Set.of(source(1)), stored());
        assertEquals(2, enforcer.status().missedOffences());
        assertEquals(
                "nobody is newly blocked: log-may-not-be-denied: policy web, rule 1",
                enforcer.status().problem());

        run(SCAN.banFor().toMillis() + 60_000);
        assertEquals(Set.of(), stored());

        clearance = EnforcementGate.GRANTED;
        offend(source(4));
        run(1_000);
        assertEquals(Set.of(source(4)), stored(), "what offended meanwhile is forgotten");
        assertEquals("", enforcer.status().problem());
    }

    @Test
    void offencesThatHadToWaitForTooLongBlockNobodyAndAreCounted() {
        never = Optional.empty();
        offend(source(1));
        run(1_000);
        offend(source(2));
        millis = START.plusSeconds(Detections.AGE_SECONDS_MAX + 1).toEpochMilli();
        run(900);
        never = Optional.of(NOBODY);
        run(100);
        assertEquals(Set.of(source(2)), stored());
        assertEquals(1, enforcer.status().missedOffences());
    }

    @Test
    void offencesThatWaitedForTheFirstAnswerOfTheClusterBlockNobody() {
        fail(100);
        offend(source(1));
        run(Duration.ofSeconds(Detections.AGE_SECONDS_MAX + 1).toMillis());
        store.fates.clear();
        run(100_000);
        assertEquals("", enforcer.status().problem());
        assertEquals(Set.of(), stored());
        assertEquals(1, enforcer.status().missedOffences());
        offend(source(1));
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
    void countsOffencesThatCameTooFast() {
        for (int i = 0; i < Detections.RECENT_MAX + 5; i++) {
            offend(source(1));
        }
        run(100);
        assertEquals(5, enforcer.status().missedOffences());
    }

    @Test
    void takesBackWithinASecondWhatBecomesNeverBlocked() {
        offend(source(1));
        run(1_000);
        never = Optional.of(never(source(1).toString()));
        run(1_000);
        assertEquals(Set.of(), stored());
        assertTrue(told.getLast() instanceof Decision.TakenBack);
    }

    @Test
    void expiryIsWrittenAndCounted() {
        offend(source(1));
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
        offend(source(1));
        run(100);
        assertEquals(1, count(Outcome.FAILED));
        assertEquals(List.of(), told);
        run(30_000);
        assertEquals(1, count(Outcome.FAILED));
        assertEquals(1, count(Outcome.APPLIED));
        assertEquals(Set.of(source(1)), stored());
        assertEquals(0, enforcer.status().repairs());
    }

    @Test
    void aWriteWhoseAnswerIsLostIsNoRepair() {
        run(1_000);
        store.fates.add(Fate.ANSWER_LOST);
        offend(source(1));
        run(60_000);
        assertEquals(1, count(Outcome.APPLIED));
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
        offend(source(1));
        enforcer.tick(millis);
        assertEquals(Set.of(source(1)), stored());
        assertEquals(0, count(Outcome.FAILED));
    }

    @Test
    void whatSomebodyElseChangedIsRepairedAndCounted() {
        offend(source(1));
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
    void anAllowanceIsFollowedAndIsNoRepair() {
        offend(source(1));
        run(1_000);
        store.remove(source(1));
        store.manual =
                new ManualList(List.of(), List.of(new ManualExemption(source(1), START.plus(Duration.ofMinutes(5)))));
        run(31_000);
        assertEquals(Set.of(), stored());
        assertEquals(0, enforcer.status().repairs());
        assertTrue(told.getLast() instanceof Decision.TakenBack);
        offend(source(1));
        run(100);
        assertEquals(Set.of(), stored());
    }

    @Test
    void anAllowanceThatComesWithAConflictIsFollowedBeforeAnythingIsWritten() {
        offend(source(1));
        run(1_000);
        store.remove(source(1));
        store.manual =
                new ManualList(List.of(), List.of(new ManualExemption(source(1), START.plus(Duration.ofMinutes(5)))));
        offend(source(2));
        enforcer.tick(millis);
        assertEquals(Set.of(source(2)), stored());
    }

    @Test
    void aBanThatEndsBeforeItCouldBeWrittenLeavesNoTrace() {
        run(1_000);
        offences.add(offence(1, source(1), FLOOD, START));
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
            offend(source(i));
            run(0);
        }
        assertTrue(store.writes - writes <= 21, "writes in ten seconds: " + (store.writes - writes));
        run(1_000);
        assertEquals(100, stored().size());
    }

    @Test
    void timeToBlockIsTakenAfterTheWrite() {
        run(1_000);
        offences.add(offence(1, source(1), SCAN, START));
        enforcer.tick(millis);
        assertEquals(Histogram.SECONDS, enforcer.status().timeToBlock());
        enforcer.tick(START.toEpochMilli() + 2_500);
        assertEquals(2.5, enforcer.status().timeToBlock().sum());
        assertEquals(1, enforcer.status().timeToBlock().counts().get(7));
    }

    @Test
    void dryRunDecidesAndStoresNothing() {
        enforcer = enforcer(BlocklistMode.DRY_RUN, new DryRunStore());
        offend(source(1));
        run(1_000);
        assertEquals(1, count(Outcome.DRY_RUN));
        assertEquals(0, count(Outcome.APPLIED));
        assertEquals(1, enforcer.status().wanted().entries().size());
        assertEquals(0, enforcer.status().storedEntries());
        assertEquals(Histogram.SECONDS, enforcer.status().timeToBlock());
        assertEquals(1, told.size());
    }

    @Test
    void everyRuleHasEveryOutcomeFromTheStart() {
        assertEquals(2 * Outcome.values().length, enforcer.status().promotions().size());
    }

    @Test
    void goesOnAtOnceWhereTheClockIsSetBack() {
        run(1_000);
        millis -= Duration.ofDays(1).toMillis();
        offend(source(1));
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
        offend(source(1));
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
        offend(source(1));
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
        offend(source(1));
        run(1_000);
        assertEquals(List.of(), enforcer.status().decisions());
    }
}

package io.denywatch.blocklist;

import static io.denywatch.blocklist.TestDetections.NOBODY;
import static io.denywatch.blocklist.TestDetections.facts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.PromotionPolicy.Ruling;
import io.denywatch.replay.Backtest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What it costs to turn the limits against those who rely on them, in packets and packets per second. Each abuse must fail
 * at what it once cost, and at what docs/abuse.md states.
 */
class AdversaryTest {
    private static final Path TABLE = Path.of("../docs/abuse.md");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @ParameterizedTest
    @EnumSource(Abuse.class)
    void noAbuseWorksAtTheStatedCost(Abuse abuse) throws IOException {
        for (double rate : new double[] {Math.min(abuse.before, abuse.fails), abuse.fails}) {
            for (long seed = 1; seed <= (rate < 1_000 ? 2 : 1); seed++) {
                assertFalse(abuse.works(rate, seed), abuse + " at " + rate + " packets/s, seed " + seed);
            }
        }
        assertStated(String.format(
                Locale.ROOT, "| %s | %s | more than %,d |", abuse.what, packetsPerSecond(abuse.before), (int)
                        abuse.fails));
    }

    private static String packetsPerSecond(double rate) {
        return rate < 2 ? "about 1" : String.format(Locale.ROOT, "%,d", (int) rate);
    }

    private static void assertStated(String row) throws IOException {
        System.out.println(row);
        assertTrue(Files.readString(TABLE).contains(row), row);
    }

    /** What only the block denies is no evidence: such a block would never end, however far the data plane is behind. */
    @Test
    void aBlockEndsThoughItsPacketsAreLoggedAndTheSourceNeverStops() {
        for (int seed = 0; seed < 30; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Duration lag = Duration.ofMillis(random.nextInt(3_000));
            double packetsPerSecond = 1 + random.nextInt(100);
            Siege siege = new Siege(seed).loggingBlocked(lag).with(Siege.client(packetsPerSecond));
            siege.run(MINUTE);
            assertEquals(0, siege.decisions.size(), "seed " + seed);
            Siege.TestSource scanner = Siege.scanner(20, 500);
            siege.with(scanner);
            assertTrue(siege.runUntil(siege::isAttackerBlocked, MINUTE), "seed " + seed);
            siege.without(scanner);
            assertTrue(siege.runUntil(() -> !siege.isAttackerBlocked(), MINUTE.multipliedBy(12)), "seed " + seed);
            siege.run(MINUTE.multipliedBy(5));
            assertFalse(siege.isAttackerBlocked(), "seed " + seed);
            assertEquals(2, siege.decisions.size(), "seed " + seed + ": " + siege.decisions);
            siege.with(Siege.scanner(20, 500));
            assertTrue(siege.runUntil(siege::isAttackerBlocked, MINUTE), "seed " + seed);
        }
    }

    /** Forging cannot be told from sending: what the limits bound is for how long it blocks somebody. */
    @Test
    void aNamedVictimIsBlockedForTenMinutesTheFirstTimeAndForADayAtMost() throws IOException {
        Siege siege = new Siege(1);
        long packets = 0;
        long blockedRounds = 0;
        long first = 0;
        for (int minute = 0; minute < 24 * 60; minute++) {
            if (!siege.isAttackerBlocked()) {
                Siege.TestSource forger = Siege.scanner(20, 20);
                siege.with(forger);
                siege.run(Duration.ofSeconds(1));
                siege.without(forger);
                packets += Siege.PORT_SCAN.threshold();
            }
            siege.run(MINUTE);
            blockedRounds += siege.isAttackerBlocked() ? 1 : 0;
            first = packets == Siege.PORT_SCAN.threshold() ? minute : first;
        }
        assertTrue(first >= 9 && first <= 12, "minutes of the first block: " + first);
        assertTrue(packets >= 7L * Siege.PORT_SCAN.threshold(), packets + " packets");
        assertStated(
                "| A victim of the forger's choice is blocked for a day | 100 packets | " + packets + " packets |");
        assertTrue(blockedRounds > 23 * 60, "what the page says it costs blocks him indeed: " + blockedRounds);
    }

    /** Where the list is full, a forger could push out the entry against himself. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whoIsPushedOutOfAFullListAndGoesOnComesBack(long seed) {
        Siege siege = new Siege(seed).full();
        siege.with(Siege.scanner(10, 500));
        assertTrue(siege.runUntil(siege::isAttackerBlocked, MINUTE), "seed " + seed);
        Siege.TestSource forgers = Siege.forgers(400, 100, seed);
        siege.with(forgers);
        int free = 0;
        for (int second = 0; second < 600; second++) {
            siege.run(Duration.ofSeconds(1));
            free += siege.isAttackerBlocked() ? 0 : 1;
            assertEquals(Siege.RAILS.entriesMax(), siege.store.content.entries().size());
        }
        assertTrue(free < 30, "seed " + seed + ": free for " + free + " s");
        long displacements = siege.enforcer.status().displacements();
        assertTrue(
                displacements > 0 && displacements <= 11L * Siege.RAILS.newEntriesPerMinuteMax(), "" + displacements);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whileTheApiServerIsSilentDetectionsOfJunkPushOutNoScanner(long seed) {
        Siege siege = new Siege(seed).with(Siege.scanner(10, 500));
        siege.stall(true);
        siege.with(Siege.forgers(4_000, 20, seed));
        siege.run(MINUTE);
        siege.stall(false);
        assertTrue(siege.runUntil(siege::isAttackerBlocked, MINUTE.multipliedBy(2)), "seed " + seed);
    }

    /** Of refusals only some are written to the log and as events: in each round those of the most evidence come first. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void refusalsOfARoundComeByEvidence(long seed) {
        Siege siege = new Siege(seed).full();
        for (int each : new int[] {20, 40, 80}) {
            siege.with(Siege.forgers(100, each, seed + each));
        }
        int[] told = {0};
        siege.runUntil(
                () -> {
                    List<Integer> packets = siege.decisions.subList(told[0], siege.decisions.size()).stream()
                            .filter(decision -> decision instanceof Decision.Refused)
                            .map(decision -> ((Decision.Refused) decision)
                                    .detection()
                                    .evidence()
                                    .packets())
                            .toList();
                    assertEquals(
                            packets.stream().sorted(Comparator.reverseOrder()).toList(), packets, "seed " + seed);
                    told[0] = siege.decisions.size();
                    return false;
                },
                MINUTE);
        assertTrue(told[0] > 300, "decisions: " + told[0]);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void nobodyIsBlockedWhoDidNotReachAThreshold(long seed) {
        for (int each : new int[] {1, 4, 19}) {
            Siege siege = new Siege(seed).with(Siege.forgers(3_000, each, seed));
            siege.run(MINUTE);
            assertEquals(0, siege.windows.detections().last(), each + " packets each, seed " + seed);
            assertEquals(Blocklist.EMPTY, siege.store.content);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theBacktestBlocksTheScannerWhomTheAgentBlocks(long seed) {
        PromotionPolicy policy =
                new PromotionPolicy(List.of(Siege.NOISY, Siege.PORT_SCAN), Siege.RAILS, Duration.ofDays(7));
        EnforcementState[] state = {EnforcementState.NONE};
        Backtest backtest = new Backtest(policy.rules(), 64, seed, (_, detections, signs, established, now) -> {
            Ruling ruling =
                    policy.decide(state[0], facts(detections, true, signs, NOBODY, List.of(), established), now);
            state[0] = ruling.state();
            return new Backtest.Decided(
                    ruling.state().blocklist(),
                    ruling.decisions(),
                    !ruling.state().waiting().isEmpty());
        });
        Siege siege = new Siege(seed).replayedTo(backtest).with(Siege.forgers(40, 20, seed));
        siege.run(MINUTE);
        siege.with(Siege.scanner(10, 500));
        assertTrue(siege.runUntil(siege::isAttackerBlocked, MINUTE), "seed " + seed);
        siege.run(MINUTE);
        Instant blocked = siege.store.content.entries().values().stream()
                .filter(entry -> entry.source().network().equals(Siege.ATTACKER))
                .map(BlockEntry::at)
                .findFirst()
                .orElseThrow();
        Instant replayed = backtest.result().promotions().stream()
                .filter(promotion -> promotion.source().network().equals(Siege.ATTACKER))
                .map(Backtest.Promotion::at)
                .findFirst()
                .orElseThrow();
        assertTrue(Duration.between(blocked, replayed).abs().toSeconds() <= 3, blocked + " and " + replayed);
    }

    @Test
    void oneNetworkIsManyForgedOnesOnlyTogetherWithOthers() {
        for (int networks : new int[] {1, 10, 60}) {
            Siege siege = new Siege(1).with(Siege.block48(2_000, 1, networks));
            boolean opens = siege.runUntil(siege::isBreakerOpen, MINUTE.dividedBy(4));
            assertEquals(networks == 60, opens, networks + " networks");
        }
    }
}

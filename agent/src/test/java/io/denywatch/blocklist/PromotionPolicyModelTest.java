package io.denywatch.blocklist;

import static io.denywatch.blocklist.TestDetections.FLOOD;
import static io.denywatch.blocklist.TestDetections.SCAN;
import static io.denywatch.blocklist.TestDetections.START;
import static io.denywatch.blocklist.TestDetections.detection;
import static io.denywatch.blocklist.TestDetections.facts;
import static io.denywatch.blocklist.TestDetections.never;
import static io.denywatch.blocklist.TestDetections.source;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.ManualList.ManualExemption;
import io.denywatch.blocklist.PromotionPolicy.Facts;
import io.denywatch.blocklist.PromotionPolicy.Ruling;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What holds whatever happens: random histories, each law checked after each decision. */
class PromotionPolicyModelTest {
    private static final int ENTRIES_MAX = 12;
    private static final int PER_MINUTE_MAX = 5;
    private static final int BREAKER_MAX = 100;
    private static final PromotionPolicy POLICY = new PromotionPolicy(
            List.of(SCAN, FLOOD), new BlocklistLimits(ENTRIES_MAX, PER_MINUTE_MAX, BREAKER_MAX), Duration.ofHours(6));

    /** Somebody was blocked. */
    private record Block(IpPrefix source, Instant at) {}

    /** One node's life. */
    private static final class History {
        final SplittableRandom random;
        final String seed;
        final Set<IpPrefix> detectedSources = new HashSet<>();
        final List<Block> blocked = new ArrayList<>();
        int blocks;
        int displacements;
        EnforcementState state = EnforcementState.NONE;
        NeverBlock never = never();
        List<ManualExemption> exemptions = List.of();
        int fewPacketSources;
        Instant restlessAt = Instant.MIN;
        boolean open;
        Instant now = START;

        History(int seed) {
            random = new SplittableRandom(seed);
            this.seed = "seed " + seed;
        }

        /** Something changes between two decisions. */
        void change() {
            switch (random.nextInt(12)) {
                case 0 -> now = now.plusSeconds(random.nextInt(1_000));
                case 1 -> never = never(source(random.nextInt(32) & ~3) + "", "203.0.0.16/30");
                case 2 -> never = never();
                case 3 -> exemptions = List.of(new ManualExemption(source(random.nextInt(32)), now.plusSeconds(120)));
                case 4 -> fewPacketSources = random.nextInt(3) == 0 ? BREAKER_MAX + 1 : random.nextInt(BREAKER_MAX);
                case 5 -> {
                    if (random.nextInt(8) == 0) {
                        state = EnforcementState.restored(state.blocklist(), now);
                        open = false;
                        blocked.removeIf(block -> !isStored(block)); // nobody knows of those any more
                    }
                }
                default -> now = now.plusMillis(random.nextInt(20_000));
            }
        }

        private SpoofingSigns signs() {
            return new SpoofingSigns(fewPacketSources, 0, 0);
        }

        private boolean isStored(Block block) {
            BlockEntry entry = state.blocklist().entries().get(block.source());
            return entry != null && entry.at().equals(PromotionPolicy.wholeSeconds(block.at()));
        }

        List<Detection> detections() {
            return IntStream.range(0, random.nextInt(4))
                    .mapToObj(i -> detection(i, source(random.nextInt(32)), random.nextBoolean() ? SCAN : FLOOD, now))
                    .toList();
        }

        void step() {
            List<Detection> detections = detections();
            detections.forEach(detection -> detectedSources.add(detection.source()));
            countForBreaker();
            EnforcementState before = state;
            Ruling ruling = POLICY.decide(before, facts(detections, true, signs(), never, exemptions, List.of()), now);
            state = ruling.state();
            assertEquals(open, state.breaker() instanceof Breaker.Open, seed);
            ruling.decisions().forEach(this::check);
            checkEntries(before.blocklist().entries());
            Ruling again = POLICY.decide(state, facts(List.of(), true, signs(), never, exemptions, List.of()), now);
            assertEquals(List.of(), again.decisions(), seed);
            assertSame(state.blocklist(), again.state().blocklist(), seed);
        }

        private void countForBreaker() {
            restlessAt = fewPacketSources * 2 >= BREAKER_MAX ? now : restlessAt;
            open = fewPacketSources > BREAKER_MAX || (open && now.isBefore(restlessAt.plus(Breaker.CALM)));
        }

        private void check(Decision decision) {
            switch (decision) {
                case Decision.Blocked(BlockEntry entry, Detection detection) -> {
                    assertFalse(open, seed);
                    assertEquals(entry, state.blocklist().entries().get(entry.source()), seed);
                    blocks++;
                    blocked.add(new Block(entry.source(), now));
                    long lastMinute = blocked.stream()
                            .filter(block -> block.at().isAfter(now.minusSeconds(60)))
                            .count();
                    assertTrue(lastMinute <= PER_MINUTE_MAX, seed + ": " + lastMinute + " in a minute");
                }
                case Decision.Refused refused ->
                    assertFalse(
                            state.blocklist()
                                            .entries()
                                            .containsKey(refused.detection().source())
                                    && refused.outcome() == DetectionOutcome.NEVER_BLOCK,
                            seed);
                case Decision.Expired(BlockEntry entry) -> assertFalse(now.isBefore(entry.until()), seed);
                case Decision.Displaced(BlockEntry entry, Detection by) -> {
                    Map<IpPrefix, BlockEntry> entries = state.blocklist().entries();
                    assertEquals(ENTRIES_MAX, entries.size(), seed);
                    assertFalse(entries.containsKey(entry.source()), seed);
                    assertTrue(entries.containsKey(by.source()), seed);
                    assertTrue(by.evidence().packets() >= entry.evidence().packets(), seed);
                    displacements++;
                }
                case Decision.Revoked(BlockEntry entry, var by) -> {
                    assertTrue(now.isBefore(entry.until()), seed);
                    assertTrue(by.addresses().overlaps(entry.source()), seed);
                }
            }
        }

        private void checkEntries(Map<IpPrefix, BlockEntry> before) {
            assertTrue(state.blocklist().entries().size() <= ENTRIES_MAX, seed);
            for (BlockEntry entry : state.blocklist().entries().values()) {
                IpPrefix source = entry.source();
                assertTrue(detectedSources.contains(source), seed);
                assertTrue(never.touching(source).isEmpty(), seed);
                assertTrue(
                        exemptions.stream()
                                .noneMatch(exemption ->
                                        exemption.addresses().overlaps(source) && now.isBefore(exemption.until())),
                        seed);
                assertTrue(now.isBefore(entry.until()), seed);
                DetectionRule rule = entry.rule().equals("scan") ? SCAN : FLOOD;
                assertFalse(entry.until().isAfter(entry.at().plus(rule.maxBlock())), seed);
                if (before.containsKey(source) && !entry.at().equals(PromotionPolicy.wholeSeconds(now))) {
                    assertEquals(before.get(source), entry, seed);
                }
            }
        }
    }

    @Test
    void everyLawHoldsInEveryHistory() {
        int blocks = 0;
        int displacements = 0;
        for (int seed = 0; seed < 200; seed++) {
            History history = new History(seed);
            for (int i = 0; i < 400; i++) {
                history.change();
                history.step();
            }
            blocks += history.blocks;
            displacements += history.displacements;
        }
        assertTrue(blocks > 4_000 && displacements > 100, blocks + " blocks, " + displacements + " displacements");
    }

    @Test
    void noJumpOfTheClockKeepsAnybodyBlockedLongerThanTheLongestBlockAndTheMargin() {
        Duration most = SCAN.maxBlock().plus(PromotionPolicy.AHEAD_MAX);
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            EnforcementState state = EnforcementState.NONE;
            Instant clock = START;
            for (int i = 0; i < 20; i++) {
                clock = clock.plusSeconds(random.nextLong(-40_000_000, 40_000_000));
                Facts facts = facts(
                        List.of(detection(i, source(random.nextInt(9)), SCAN, clock)),
                        true,
                        SpoofingSigns.NONE,
                        never(),
                        List.of(),
                        List.of());
                state = POLICY.decide(state, facts, clock).state();
            }
            Facts none = facts(List.of(), true, SpoofingSigns.NONE, never(), List.of(), List.of());
            state = POLICY.decide(state, none, clock).state(); // from here on the clock is right
            state = POLICY.decide(state, none, clock.plus(most)).state();
            assertEquals(Map.of(), state.blocklist().entries(), "seed " + seed);
        }
    }
}

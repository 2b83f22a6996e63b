package io.denywatch.blocklist;

import static io.denywatch.blocklist.TestDetections.FLOOD;
import static io.denywatch.blocklist.TestDetections.SCAN;
import static io.denywatch.blocklist.TestDetections.START;
import static io.denywatch.blocklist.TestDetections.detection;
import static io.denywatch.blocklist.TestDetections.never;
import static io.denywatch.blocklist.TestDetections.source;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.FakeStore.Fate;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Detections;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.detection.EvictedWindows;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Enforcers that die and start again over one store that fails and that others edit. */
class EnforcerModelTest {
    private static final int ENTRIES_MAX = 10;
    private static final PromotionPolicy POLICY =
            new PromotionPolicy(List.of(SCAN, FLOOD), new BlocklistLimits(ENTRIES_MAX, 100, 100), Duration.ofHours(6));

    /** One node, over many processes. */
    private static final class Node {
        final SplittableRandom random;
        final String seed;
        final boolean edited;
        final FakeStore store = new FakeStore();
        final Set<String> told = new HashSet<>();
        final Set<IpPrefix> detectedSources = new HashSet<>();
        final List<Detection> detections = new ArrayList<>();
        NeverBlock never = never();
        long millis = START.toEpochMilli();
        int process;
        int edits; // since the process started
        Enforcer enforcer = start();

        Node(int seed, boolean edited) {
            random = new SplittableRandom(seed);
            this.seed = "seed " + seed;
            this.edited = edited;
        }

        Enforcer start() {
            process++;
            edits = 0;
            detections.clear();
            store.restart();
            return new Enforcer(
                    BlocklistMode.ENFORCE,
                    POLICY,
                    store,
                    () -> new Detections(
                            detections.size(),
                            detections,
                            SpoofingSigns.NONE,
                            EvictedWindows.NONE,
                            EstablishedSources.NONE),
                    () -> new NeverBlock.Known(never, true),
                    () -> EnforcementGate.GRANTED,
                    () -> LogTrust.TRUSTED,
                    this::decided,
                    process);
        }

        private void decided(Decision decision, BlocklistMode mode, Instant now) {
            if (decision instanceof Decision.Blocked(BlockEntry entry, Detection detection)) {
                assertTrue(told.add(process + "/" + detection.number()), seed + " is told twice of " + entry);
                assertEquals(entry, store.content.entries().get(entry.source()), seed + ": told before it is stored");
            }
        }

        void tick() {
            try {
                enforcer.tick(millis);
            } catch (FakeStore.Crash e) {
                enforcer = start();
            }
            assertTrue(store.content.entries().size() <= ENTRIES_MAX, seed);
            assertTrue(detectedSources.containsAll(store.content.entries().keySet()), seed);
            assertTrue(enforcer.status().repairs() <= edits, seed + ": more repairs than edits");
        }

        void step() {
            millis += random.nextInt(4) == 0 ? random.nextInt(40_000) : 100;
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> {
                    IpPrefix source = source(random.nextInt(16));
                    detectedSources.add(source);
                    DetectionRule rule = random.nextBoolean() ? SCAN : FLOOD;
                    detections.add(detection(detections.size() + 1, source, rule, Instant.ofEpochMilli(millis)));
                }
                case 3 -> store.fates.add(Fate.values()[random.nextInt(Fate.values().length)]);
                case 4 -> never = random.nextBoolean() ? never() : never("203.0.0.4/30");
                case 5 -> enforcer = random.nextInt(10) == 0 ? start() : enforcer;
                case 6 -> edit();
                default -> {}
            }
            tick();
        }

        private void edit() {
            if (edited && random.nextInt(4) == 0) {
                edits++;
                switch (random.nextInt(3)) {
                    case 0 -> store.remove(source(random.nextInt(16)));
                    case 1 -> store.damage();
                    default -> store.delete();
                }
            }
        }

        /** Nothing more happens; all that was begun comes to its end. */
        void calm() {
            store.fates.clear();
            for (int i = 0; i < 200; i++) {
                millis += 500;
                tick();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void inTheEndTheStoreIsAsWantedWhateverHappened(boolean edited) {
        int blocks = 0;
        long repairs = 0;
        for (int seed = 0; seed < 100; seed++) {
            Node node = new Node(seed, edited);
            for (int round = 0; round < 4; round++) {
                for (int i = 0; i < 150; i++) {
                    node.step();
                }
                node.calm();
                Blocklist wanted = node.enforcer.status().wanted();
                assertTrue(wanted.sameBlocks(node.store.content), node.seed);
                assertTrue(node.store.intact, node.seed);
                assertEquals("", node.enforcer.status().problem(), node.seed);
                assertTrue(
                        wanted.entries().keySet().stream()
                                .noneMatch(source -> node.never.touching(source).isPresent()),
                        node.seed);
                repairs += node.enforcer.status().repairs();
            }
            blocks += node.told.size();
        }
        assertTrue(blocks > 500, "blocks: " + blocks);
        assertEquals(edited, repairs > 0);
    }

    @Test
    void aCrashAtAnyCallLosesNothingThatWasStored() {
        for (int call = 0; call < 12; call++) {
            for (Fate death : List.of(Fate.CRASH_BEFORE, Fate.CRASH_AFTER)) {
                Node node = new Node(call, false);
                for (int i = 0; i < call; i++) {
                    node.store.fates.add(Fate.WORKS);
                }
                node.store.fates.add(death);
                for (int i = 0; i < 10; i++) {
                    node.detectedSources.add(source(i));
                    node.detections.add(detection(node.detections.size() + 1, source(i), SCAN, START));
                    Set<IpPrefix> stored =
                            Set.copyOf(node.store.content.entries().keySet());
                    for (int round = 0; round < 10; round++) {
                        node.millis += 100;
                        node.tick();
                    }
                    String at = node.seed + ", " + death + ", offence " + i;
                    assertTrue(node.store.content.entries().keySet().containsAll(stored), at);
                    assertTrue(node.enforcer.status().wanted().sameBlocks(node.store.content), at);
                }
            }
        }
    }
}

package io.denywatch.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Blocklist;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.BlocklistStore;
import io.denywatch.blocklist.BlocklistStore.Stored;
import io.denywatch.blocklist.Decision;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.EnforcementGate;
import io.denywatch.blocklist.Enforcer;
import io.denywatch.blocklist.LogTrust;
import io.denywatch.blocklist.ManualList;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.blocklist.PromotionPolicy;
import io.denywatch.command.TestWorld;
import io.denywatch.denial.DenialSnapshot;
import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Detections;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.detection.EvictedWindows;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.ip.IpPrefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each source of exemptions, at the decision, at the write and at the reconcile. */
class ExemptionsTest {
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
    private static final Clock CLOCK = new Clock();

    /** What to exempt by each source, and the reason that is then given. */
    private static final Map<String, String> BY_SOURCE = Map.of(
            "203.0.113.1", "blocklist.neverBlock",
            "161.26.0.10", "blocklist.neverBlock preset:ibm-cloud",
            "192.168.7.7", "private addresses (RFC 1918)",
            "203.0.113.2", "node worker-2",
            "203.0.113.3", "allowed by policy vip ingress[0]",
            "203.0.113.4", Exemptions.COUNTED,
            "203.0.113.5", "resolver");

    @TempDir
    private Path root;

    private Optional<List<Range>> cluster = Optional.empty();
    private Optional<List<Range>> allowed = Optional.empty();
    private List<Range> counted = List.of();
    private Exemptions exemptions = exemptions("[]");

    private static final class Clock {
        private long millis = START.toEpochMilli();
    }

    /** In memory; holds every write to what is never to be blocked at that moment. */
    private final class Store implements BlocklistStore {
        private Blocklist content = Blocklist.EMPTY;

        @Override
        public Stored load() {
            return new Stored(content, content.entries().keySet(), true, ManualList.EMPTY);
        }

        @Override
        public void save(Blocklist wanted) {
            for (IpPrefix source : wanted.entries().keySet()) {
                assertEquals(Optional.empty(), exemptions.known().ranges().touching(source), "written: " + source);
            }
            content = wanted;
        }

        @Override
        public int removeOverdue(Instant now) {
            return 0;
        }
    }

    private Exemptions exemptions(String neverBlock) {
        Configuration configuration = ConfigurationReader.read(
                Settings.read(
                        null,
                        List.of(
                                "blocklist.mode=enforce",
                                "blocklist.neverBlock=" + neverBlock,
                                "blocklist.resolvConf=" + (root == null ? "/none" : root.resolve("resolv.conf")))),
                new TestWorld().world());
        return new Exemptions(
                configuration,
                List.of(() -> cluster, () -> allowed, () -> Optional.of(counted)),
                root == null ? Path.of("/none") : root,
                () -> Instant.ofEpochMilli(CLOCK.millis));
    }

    @BeforeEach
    void everythingIsKnown() throws IOException {
        CLOCK.millis = START.toEpochMilli();
        Files.writeString(root.resolve("resolv.conf"), "nameserver 203.0.113.5\n");
        cluster = Optional.of(List.of(range("203.0.113.2", "node worker-2")));
        allowed = Optional.of(List.of(range("203.0.113.3", "allowed by policy vip ingress[0]")));
        counted = Exemptions.counted(snapshot("203.0.113.4"));
        exemptions = exemptions("[203.0.113.1, \"preset:ibm-cloud\"]");
    }

    private static Range range(String source, String reason) {
        return new Range(IpPrefix.parse(source), reason);
    }

    private static DenialSnapshot snapshot(String... addresses) {
        List<LoadBalancerDenials> nlbs = Stream.of(addresses)
                .map(address -> new LoadBalancerDenials(address, "", "", 1, 1, 0, List.of(), 0, List.of(), List.of()))
                .toList();
        return new DenialSnapshot(
                nlbs,
                new LoadBalancerDenials("other", "", "", 0, 0, 0, List.of(), 0, List.of(), List.of()),
                600,
                0,
                0,
                0,
                0);
    }

    private static DetectionRule rule() {
        return configuration().blocklist().rules().getFirst();
    }

    private static Configuration configuration() {
        return ConfigurationReader.read(Settings.read(null, List.of()), new TestWorld().world());
    }

    private Enforcer enforcer(Store store, List<Detection> detections, List<Decision> decisions) {
        Configuration.BlocklistSettings blocklist = configuration().blocklist();
        return new Enforcer(
                BlocklistMode.ENFORCE,
                new PromotionPolicy(blocklist.rules(), blocklist.limits(), blocklist.rememberFor()),
                store,
                () -> new Detections(
                        detections.size(),
                        detections,
                        SpoofingSigns.NONE,
                        EvictedWindows.NONE,
                        EstablishedSources.NONE),
                exemptions::known,
                () -> EnforcementGate.GRANTED,
                () -> LogTrust.TRUSTED,
                (decision, mode, now) -> decisions.add(decision),
                7);
    }

    private static Detection detection(long number, IpPrefix source) {
        Instant at = Instant.ofEpochMilli(CLOCK.millis);
        return new Detection(
                number, source, rule(), new Evidence(300, List.of(), List.of(), at, at), at.toEpochMilli() * 1_000);
    }

    private void run(Enforcer enforcer, Duration span) {
        for (long end = CLOCK.millis + span.toMillis(); CLOCK.millis < end; CLOCK.millis += 100) {
            enforcer.tick(CLOCK.millis);
        }
    }

    @Test
    void refusesAtTheDecisionAndNamesTheSource() {
        List<Detection> detections = new ArrayList<>();
        BY_SOURCE.keySet().forEach(source -> detections.add(detection(detections.size() + 1, IpPrefix.parse(source))));
        detections.add(detection(detections.size() + 1, IpPrefix.parse("203.0.113.77")));
        Store store = new Store();
        List<Decision> decisions = new ArrayList<>();
        run(enforcer(store, detections, decisions), Duration.ofSeconds(2));

        assertEquals("[203.0.113.77/32]", store.content.entries().keySet().toString());
        Map<String, String> refused = new LinkedHashMap<>();
        for (Decision decision : decisions) {
            if (decision instanceof Decision.Refused(Detection detection, DetectionOutcome outcome, Range by)
                    && by != null) {
                assertEquals(DetectionOutcome.NEVER_BLOCK, outcome);
                refused.put(detection.source().compact(), by.reason().replaceAll(" \\(/.*", ""));
            }
        }
        assertEquals(BY_SOURCE, refused);
    }

    @Test
    void takesBackAtTheReconcileWhatBecomesExempt() throws IOException {
        cluster = Optional.of(List.of());
        allowed = Optional.of(List.of());
        counted = List.of();
        Files.delete(root.resolve("resolv.conf"));
        exemptions = exemptions("[]");
        Store store = new Store();
        Instant until = START.plus(Duration.ofHours(1));
        Map<IpPrefix, BlockEntry> listed = new LinkedHashMap<>();
        Stream.concat(BY_SOURCE.keySet().stream(), Stream.of("203.0.113.77"))
                .map(IpPrefix::parse)
                .forEach(source -> listed.put(source, new BlockEntry(source, START, until, "noisy", 0, evidence())));
        store.content = new Blocklist(listed, Map.of());
        List<Decision> decisions = new ArrayList<>();
        Enforcer enforcer = enforcer(store, List.of(), decisions);
        run(enforcer, Duration.ofSeconds(2));
        assertFalse(store.content.entries().containsKey(IpPrefix.parse("192.168.7.7")), "special at once");
        assertTrue(store.content.entries().containsKey(IpPrefix.parse("203.0.113.3")), "not allowed yet");

        cluster = Optional.of(List.of(range("203.0.113.2", "node worker-2")));
        allowed = Optional.of(List.of(range("203.0.113.3", "allowed by policy vip ingress[0]")));
        counted = Exemptions.counted(snapshot("203.0.113.4"));
        Files.writeString(root.resolve("resolv.conf"), "nameserver 203.0.113.5\n");
        run(enforcer, Duration.ofMillis(Exemptions.NODE_MILLIS).plusSeconds(2)); // the node's files are read seldom
        assertEquals(
                "[161.26.0.10/32, 203.0.113.1/32, 203.0.113.77/32]",
                store.content.entries().keySet().stream()
                        .map(IpPrefix::toString)
                        .sorted()
                        .toList()
                        .toString(),
                "what is configured is read at start");

        exemptions = exemptions("[203.0.113.1, \"preset:ibm-cloud\"]");
        run(enforcer(store, List.of(), decisions), Duration.ofSeconds(2));
        assertEquals("[203.0.113.77/32]", store.content.entries().keySet().toString());
        Map<String, String> revoked = new LinkedHashMap<>();
        decisions.forEach(decision -> {
            if (decision instanceof Decision.Revoked(BlockEntry entry, Range by)) {
                revoked.put(entry.source().compact(), by.reason().replaceAll(" \\(/.*", ""));
            }
        });
        assertEquals(BY_SOURCE, revoked);
    }

    private static Evidence evidence() {
        return new Evidence(300, List.of(), List.of(), START, START);
    }

    @Test
    void nobodyNewIsBlockedBeforeAllIsKnownAndWhatStandsStays() {
        for (boolean clusterLast : new boolean[] {true, false}) {
            Optional<List<Range>> known = Optional.of(List.of());
            cluster = clusterLast ? Optional.empty() : known;
            allowed = clusterLast ? known : Optional.empty();
            Store store = new Store();
            IpPrefix state = IpPrefix.parse("203.0.113.70");
            BlockEntry entry = new BlockEntry(state, START, START.plus(Duration.ofHours(1)), "noisy", 0, evidence());
            store.content = new Blocklist(Map.of(state, entry), Map.of());
            List<Detection> detections = List.of(detection(1, IpPrefix.parse("203.0.113.77")));
            Enforcer enforcer = enforcer(store, detections, new ArrayList<>());
            run(enforcer, Duration.ofSeconds(2));
            assertEquals("[203.0.113.70/32]", store.content.entries().keySet().toString());
            cluster = known;
            allowed = known;
            run(enforcer, Duration.ofSeconds(2));
            assertEquals(
                    "[203.0.113.70/32, 203.0.113.77/32]",
                    store.content.entries().keySet().toString());
        }
    }

    /** Whatever becomes known and unknown in whatever order: nothing exempt is ever written, and in the end nothing listed. */
    @Test
    void nothingExemptIsWrittenWhateverChanges() {
        for (int seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            CLOCK.millis = START.toEpochMilli();
            List<Detection> detections = new ArrayList<>();
            Store store = new Store();
            Enforcer enforcer = enforcer(store, detections, new ArrayList<>());
            for (int step = 0; step < 300; step++) {
                switch (random.nextInt(6)) {
                    case 0, 1 -> detections.add(detection(detections.size() + 1, some(random)));
                    case 2 -> cluster = Optional.of(List.of(new Range(some(random), "node")));
                    case 3 ->
                        allowed = random.nextBoolean()
                                ? Optional.empty()
                                : Optional.of(List.of(new Range(some(random), "policy")));
                    case 4 -> counted = List.of(new Range(some(random), "counted"));
                    default ->
                        enforcer = random.nextInt(8) == 0 ? enforcer(store, detections, new ArrayList<>()) : enforcer;
                }
                run(enforcer, Duration.ofMillis(random.nextInt(3_000)));
            }
            run(enforcer, Duration.ofSeconds(31));
            String listed = "seed " + seed + ": " + store.content.entries().keySet();
            assertTrue(
                    store.content.entries().keySet().stream()
                            .noneMatch(source ->
                                    exemptions.known().ranges().touching(source).isPresent()),
                    listed);
        }
    }

    private static IpPrefix some(SplittableRandom random) {
        return IpPrefix.parse("198.51.100." + random.nextInt(12));
    }
}

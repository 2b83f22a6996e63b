package io.denywatch.exposition;

import io.denywatch.api.Enforcement;
import io.denywatch.blocklist.Blocklist;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Blocklist.PriorBlock;
import io.denywatch.blocklist.BlocklistLimits;
import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.BlocklistStatus.RuleOutcome;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.ManualList;
import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.blocklist.ManualList.ManualExemption;
import io.denywatch.count.Histogram;
import io.denywatch.count.RequestCounts;
import io.denywatch.count.RequestCounts.VerbAndCode;
import io.denywatch.denial.Transport;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.EvictedWindows;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.Measure;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.doctor.Finding;
import io.denywatch.doctor.FindingKind;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** States of the blocklist and of the Kubernetes API, made by hand. */
final class Blocklists {
    private static final Instant NOW = Instant.ofEpochMilli(Snapshots.TAKEN_AT_MILLIS);
    private static final DetectionRule SCAN = new DetectionRule(
            "scan",
            Measure.DISTINCT_PORTS,
            10,
            60,
            Set.of(Transport.UDP, Transport.TCP),
            Duration.ofHours(1),
            Duration.ofDays(1));
    private static final DetectionRule FLOOD = new DetectionRule(
            "flood", Measure.PACKETS, 500, 10, Set.of(Transport.TCP), Duration.ofMinutes(10), Duration.ofHours(6));

    private Blocklists() {}

    /** A blocklist to which a bit of everything has happened. */
    static BlocklistStatus busy() {
        return busy(new ManualList(
                List.of(new ManualEntry(
                        IpPrefix.parse("192.0.2.66"),
                        NOW,
                        NOW.plusSeconds(7200),
                        "asked by \"legal\"",
                        "ada@example.com")),
                List.of(new ManualExemption(IpPrefix.parse("192.0.2.0/24"), NOW.plusSeconds(900)))));
    }

    /** The same, with what people decided. */
    static BlocklistStatus busy(ManualList manual) {
        BlockEntry v4 = new BlockEntry(
                IpPrefix.parse("198.51.100.7"),
                NOW.minusSeconds(600),
                NOW.plusSeconds(3000),
                "scan",
                0,
                new Evidence(
                        10,
                        List.of("tcp/22", "udp/53"),
                        List.of(Ip.parse("203.0.113.10"), Ip.parse("2001:db8:ffff::1")),
                        NOW.minusSeconds(630),
                        NOW.minusMillis(600_250)));
        BlockEntry v6 = new BlockEntry(
                IpPrefix.parse("2001:db8:1:2::/64"),
                NOW.minusSeconds(60),
                NOW.plusSeconds(2340),
                "flood",
                2,
                new Evidence(500, List.of(), List.of(), NOW.minusSeconds(65), NOW.minusSeconds(60)));
        PriorBlock repeat = new PriorBlock(IpPrefix.parse("198.51.100.99"), 3, NOW.plusSeconds(86_400));
        return new BlocklistStatus(
                BlocklistMode.ENFORCE,
                List.of(SCAN, FLOOD),
                1000,
                new Blocklist(keepingOrder(v4, v6), Map.of(repeat.source(), repeat)),
                1,
                4,
                manual,
                true,
                new SpoofingSigns(1_200, 3, Snapshots.TAKEN_AT_MILLIS / 1_000),
                promotions(Map.of(
                        new RuleOutcome("scan", DetectionOutcome.APPLIED),
                        5L,
                        new RuleOutcome("flood", DetectionOutcome.BREAKER),
                        70L)),
                3,
                5,
                new EvictedWindows(8, 9),
                2,
                new Histogram(
                        Histogram.SECONDS.bounds(),
                        List.of(0L, 1L, 4L, 0L, 2L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 1L),
                        305.75),
                Snapshots.TAKEN_AT_MILLIS - 750,
                6,
                List.of(),
                "");
    }

    /** A blocklist at its start: the objects have not been read yet. */
    static BlocklistStatus fresh(BlocklistMode mode) {
        return new BlocklistStatus(
                mode,
                List.of(SCAN, FLOOD),
                1000,
                Blocklist.EMPTY,
                0,
                0,
                ManualList.EMPTY,
                false,
                SpoofingSigns.NONE,
                promotions(Map.of()),
                0,
                0,
                EvictedWindows.NONE,
                0,
                Histogram.SECONDS,
                0,
                0,
                List.of(),
                "");
    }

    /** As large as it gets: as many entries as may be, each with as much evidence as is kept. */
    static BlocklistStatus full() {
        String rule = "a".repeat(24);
        Instant precise = NOW.plusNanos(123_456_000);
        Evidence evidence = new Evidence(
                Measure.PACKETS.thresholdMax(),
                Collections.nCopies(Evidence.PORTS_MAX, "other/65535"),
                Collections.nCopies(Evidence.LOAD_BALANCERS_MAX, Ip.parse("2001:db8:1111:2222:3333:4444:5555:6666")),
                precise,
                precise);
        Map<IpPrefix, BlockEntry> entries = new LinkedHashMap<>();
        for (long i = 0; i < BlocklistLimits.ENTRIES_MAX; i++) {
            IpPrefix source = new IpPrefix(new Ip(0x2001_0db8_1111_0000L + i, 0), 64);
            entries.put(source, new BlockEntry(source, precise, precise, rule, 1000, evidence));
        }
        return with(busy(), new Blocklist(entries, Map.of()), busy().manual(), "");
    }

    static BlocklistStatus with(BlocklistStatus status, Blocklist wanted, ManualList manual, String problem) {
        return new BlocklistStatus(
                status.mode(),
                status.rules(),
                status.entriesLimit(),
                wanted,
                status.storedEntries(),
                status.overdueEntries(),
                manual,
                status.breakerOpen(),
                status.signs(),
                status.promotions(),
                status.expirations(),
                status.displacements(),
                status.evicted(),
                status.repairs(),
                status.timeToBlock(),
                status.lastSyncMillis(),
                status.missedDetections(),
                status.decisions(),
                problem);
    }

    /** Some requests to the API. */
    static Diagnosis diagnosis() {
        return new Diagnosis(
                Snapshots.TAKEN_AT_MILLIS - 60_000,
                List.of(
                        new Finding(FindingKind.CALICO_API, "projectcalico.org/v3, Calico v3.31.7", "", "", List.of()),
                        new Finding(FindingKind.NO_HOST_ENDPOINT, "node a has none", "Why.", "What.", List.of()),
                        new Finding(
                                FindingKind.PERMISSION_MISSING, "missing: list on nodes", "Why.", "What.", List.of()),
                        new Finding(
                                FindingKind.PERMISSION_MISSING, "missing: list on tiers", "Why.", "What.", List.of())),
                Enforcement.ACTIVE);
    }

    static RequestCounts requests() {
        List<Double> bounds = List.of(0.1, 1.0);
        return new RequestCounts(
                Map.of(
                        new VerbAndCode("get", "200"), 40L,
                        new VerbAndCode("update", "200"), 5L,
                        new VerbAndCode("update", "409"), 1L,
                        new VerbAndCode("update", "error"), 0L),
                Map.of(
                        "get", new Histogram(bounds, List.of(38L, 2L, 0L), 1.5),
                        "update", new Histogram(bounds, List.of(0L, 5L, 1L), 8.25)));
    }

    private static Map<IpPrefix, BlockEntry> keepingOrder(BlockEntry... entries) {
        Map<IpPrefix, BlockEntry> bySource = new LinkedHashMap<>();
        Arrays.stream(entries).forEach(entry -> bySource.put(entry.source(), entry));
        return bySource;
    }

    private static Map<RuleOutcome, Long> promotions(Map<RuleOutcome, Long> counts) {
        Map<RuleOutcome, Long> all = new HashMap<>();
        for (DetectionRule rule : List.of(SCAN, FLOOD)) {
            for (DetectionOutcome outcome : DetectionOutcome.values()) {
                all.put(new RuleOutcome(rule.name(), outcome), 0L);
            }
        }
        all.putAll(counts);
        return all;
    }
}

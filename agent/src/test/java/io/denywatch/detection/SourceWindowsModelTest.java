package io.denywatch.detection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Sent;
import io.denywatch.blocklist.WindowsModel;
import io.denywatch.denial.Transport;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SourceWindowsModelTest {
    @Test
    void findsWhatListsOfAllPacketsFindAtTheVeryPacket() {
        long detections = 0;
        for (long seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<DetectionRule> rules = WindowsModel.rules(random);
            int ipv6PrefixLength = 1 + random.nextInt(128);
            int effective = Math.max(64, ipv6PrefixLength);
            WindowsModel model = new WindowsModel(rules, effective);
            List<Detection> found = new ArrayList<>();
            SourceWindows windows = new SourceWindows(rules, ipv6PrefixLength, seed, found::add);
            int step = 0;
            for (Sent sent : WindowsModel.packets(random, 600, 1 + random.nextInt(8))) {
                found.clear();
                sent.to(windows);
                assertEquals(model.packet(sent), found, "seed " + seed + ", packet " + step++ + ": " + sent);
                detections += found.size();
            }
        }
        assertTrue(detections > 10_000, "the test would prove little with " + detections + " offences");
    }

    /** A rule of a span from more than an hour to a week, and packets over some of its spans. */
    private static List<Sent> stretched(SplittableRandom random, DetectionRule rule) {
        long stretch = rule.withinSeconds() / (5 + random.nextInt(20));
        List<Sent> packets = WindowsModel.packets(random, 400, 1 + random.nextInt(4));
        long start = packets.getFirst().second();
        return packets.stream()
                .map(sent -> {
                    long second = start + Math.max(0, sent.second() - start) * stretch;
                    return sent.at((second + random.nextLong(stretch)) * Sent.SECOND);
                })
                .sorted(Comparator.comparingLong(Sent::micros))
                .map(sent ->
                        random.nextInt(4) > 0 ? sent : sent.at(sent.micros() - random.nextLong(1_000 * Sent.SECOND)))
                .toList();
    }

    private static DetectionRule longRule(SplittableRandom random) {
        Measure measure = Measure.values()[random.nextInt(3)];
        int within = 3_601 + random.nextInt(DetectionRule.WITHIN_SECONDS_MAX - 3_600);
        return WindowsModel.rule(measure, 2 + random.nextInt(9), within, Transport.values());
    }

    @Test
    void spansBeyondAnHourFindWhatListsOfAllPacketsFind() {
        long detections = 0;
        for (long seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            DetectionRule rule = longRule(random);
            WindowsModel model = new WindowsModel(List.of(rule), 64);
            List<Detection> found = new ArrayList<>();
            SourceWindows windows = new SourceWindows(List.of(rule), 64, seed, found::add);
            List<Sent> packets = stretched(random, rule);
            for (Sent sent : packets) {
                found.clear();
                sent.to(windows);
                assertEquals(model.packet(sent), found, "seed " + seed + ": " + sent);
                for (Detection detection : found) {
                    assertTrue(
                            WindowsModel.everReached(rule, packets, detection.source()),
                            "seed " + seed + ": " + detection);
                }
                detections += found.size();
            }
        }
        assertTrue(detections > 1_000, "the test would prove little with " + detections + " offences");
    }

    @Test
    void aPacketAnHourForAWeekIsSeenAndTheWindowTakesNoMoreNodesThanThatOfAnHour() {
        int hours = 7 * 24;
        DetectionRule rule =
                WindowsModel.rule(Measure.PACKETS, hours - 1, DetectionRule.WITHIN_SECONDS_MAX, Transport.TCP);
        List<Detection> found = new ArrayList<>();
        SourceWindows windows = new SourceWindows(List.of(rule), 64, 1, found::add);
        for (int hour = 0; hour < hours - 1; hour++) {
            assertEquals(List.of(), found, "before hour " + hour);
            Sent.tcp("198.51.100.7", 22, 1_000_000 + 3_600L * hour).to(windows);
        }
        assertEquals(
                Instant.ofEpochSecond(1_000_000), found.getFirst().evidence().firstSeen());
        DetectionRule most = WindowsModel.rule(
                Measure.PACKETS, Measure.PACKETS.thresholdMax(), DetectionRule.WITHIN_SECONDS_MAX, Transport.TCP);
        assertTrue(WindowPool.nodesPerSourceMax(most) <= WindowPool.GRAINS_MAX + 2);
        long bytes = 0;
        SourceWindows busy = new SourceWindows(List.of(most), 64, 1, found::add);
        for (int second = 0; second < 3 * DetectionRule.WITHIN_SECONDS_MAX; second += 7) {
            Sent.tcp("198.51.100.7", 22, 1_000_000L + second).to(busy);
            bytes = Math.max(bytes, busy.bytes());
        }
        assertTrue(bytes < 300_000, "bytes: " + bytes);
    }

    @Test
    void neverFindsWhatDidNotHappenHoweverLittleMemoryThereIs() {
        long detections = 0;
        long evicted = 0;
        for (long seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<DetectionRule> rules = WindowsModel.rules(random);
            int nodesMax = rules.stream().mapToInt(DetectionRule::threshold).sum();
            List<Detection> found = new ArrayList<>();
            SourceWindows windows = new SourceWindows(
                    rules,
                    new AggregationPrefix(64),
                    seed,
                    found::add,
                    1 << random.nextInt(4),
                    nodesMax + random.nextInt(9));
            List<Sent> sent = WindowsModel.packets(random, 300, 1 + random.nextInt(30));
            sent.forEach(packet -> packet.to(windows));
            for (Detection detection : found) {
                assertTrue(
                        WindowsModel.everReached(detection.rule(), sent, detection.source()),
                        "seed " + seed + ": " + detection);
            }
            windows.publish();
            detections += found.size();
            EvictedWindows gone = windows.detections().evicted();
            evicted += gone.sources() + gone.windows();
        }
        assertTrue(detections > 1_000 && evicted > 1_000, detections + " offences, " + evicted + " evicted");
    }

    @Test
    void floodOfOnePacketSourcesHidesNobodyWhoSendsSteadily() {
        DetectionRule rule = WindowsModel.rule(Measure.PACKETS, 30, 600, Transport.TCP);
        for (long seed = 0; seed < 10; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Detection> found = new ArrayList<>();
            SourceWindows windows =
                    new SourceWindows(List.of(rule), new AggregationPrefix(64), seed, found::add, 1_024, 4_096);
            Set<IpPrefix> steady = new HashSet<>();
            for (int i = 0; i < 200_000; i++) {
                // 50 sources send a tenth of all packets, each one about every 500 packets.
                boolean isSteady = random.nextInt(10) == 0;
                Ip source = Ip.ofIpv4(isSteady ? random.nextInt(50) : random.nextInt() | 0x8000_0000);
                if (isSteady) {
                    steady.add(new IpPrefix(source, 128));
                }
                new Sent(source, Transport.TCP, 22, Sent.LOAD_BALANCER, true, i * 1_000L).to(windows);
            }
            Set<IpPrefix> detectedSources = new HashSet<>();
            found.forEach(detection -> detectedSources.add(detection.source()));
            assertEquals(steady, detectedSources, "seed " + seed);
            // Each sent about 400 packets, so 13 times the threshold; a first packet alone may be forgotten.
            assertTrue(found.size() >= 50 * 11, "seed " + seed + ": " + found.size());
        }
    }

    @Test
    void memoryIsFixedUnderMillionSpoofedSources() {
        List<DetectionRule> rules = new ArrayList<>();
        for (int i = 0; i < SourceWindows.RULES_MAX; i++) {
            rules.add(WindowsModel.rule(Measure.values()[i % 3], 2 + i, 3_600 - i, Transport.TCP));
        }
        long bound = (long) SourceWindows.SOURCES_MAX
                        * (SourceWindows.BYTES_PER_SOURCE + rules.size() * WindowPool.BYTES_PER_WINDOW)
                + (SourceWindows.NODES_MAX + 1L) * WindowPool.BYTES_PER_NODE;
        SourceWindows windows = new SourceWindows(rules, 64, 1, DetectionListener.NONE);
        assertTrue(windows.bytes() < 64 << 10, "at first: " + windows.bytes());
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1_000_000; i++) {
            new Sent(new Ip(random.nextLong(), 0), Transport.TCP, i & 0xffff, Sent.LOAD_BALANCER, true, i * 20L)
                    .to(windows);
        }
        assertEquals(bound, windows.bytes());
        assertTrue(bound < 4 << 20, "a few megabytes: " + bound);
        windows.publish();
        assertTrue(windows.detections().evicted().sources() >= 1_000_000 - SourceWindows.SOURCES_MAX);
    }
}

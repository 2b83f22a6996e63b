package io.denywatch.detection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.denywatch.blocklist.Sent;
import io.denywatch.denial.ObservedPacket;
import io.denywatch.denial.Transport;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.sketch.SeededHash;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SubnetWindowsTest {
    private static final long START = 1_000_000;

    private static DetectionRule rule(int threshold, int within, SubnetLengths lengths) {
        return new DetectionRule(
                "botnet",
                Measure.DISTINCT_SOURCES,
                threshold,
                within,
                Set.of(Transport.values()),
                Duration.ofHours(1),
                Duration.ofDays(1),
                lengths);
    }

    private static String ipv4(int host) {
        return "45.1." + (host >> 8) + "." + (host & 0xff);
    }

    /** All packets that count, by subnet; the slow twin of the windows. */
    private static final class Lists {
        private record Member(IpPrefix source, long second) {}

        private final DetectionRule rule;
        private final Map<IpPrefix, Integer> packets = new HashMap<>();
        private final Map<IpPrefix, List<Member>> subnets = new HashMap<>();

        Lists(DetectionRule rule) {
            this.rule = rule;
        }

        /** How many sources there are when the threshold is reached; 0 if it is not. */
        int packet(IpPrefix source, long second) {
            if (packets.merge(source, 1, Integer::sum) < SubnetWindows.MEMBER_PACKETS_MIN) {
                return 0;
            }
            List<Member> members =
                    subnets.computeIfAbsent(rule.subnets().around(source.network()), _ -> new ArrayList<>());
            long newest = members.stream().mapToLong(Member::second).max().orElse(second);
            long before = Math.max(newest, second) - rule.withinSeconds();
            members.removeIf(member -> member.second <= before);
            if (second <= before) {
                return 0;
            }
            members.add(new Member(source, second));
            int distinct = (int) members.stream().map(Member::source).distinct().count();
            if (distinct < rule.threshold()) {
                return 0;
            }
            members.clear();
            return distinct;
        }
    }

    @Test
    void findsWhatListsOfAllPacketsFindAtTheVeryPacket() {
        long detections = 0;
        for (long seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            SubnetLengths lengths = new SubnetLengths(20 + random.nextInt(8), 48 + random.nextInt(12));
            DetectionRule rule = rule(2 + random.nextInt(8), 1 + random.nextInt(60), lengths);
            Lists twin = new Lists(rule);
            List<Detection> found = new ArrayList<>();
            SourceWindows windows = new SourceWindows(List.of(rule), 64, seed, found::add);
            long second = START;
            int spread = 1 + random.nextInt(4_000);
            for (int step = 0; step < 600; step++) {
                second += random.nextInt(4) == 0 ? random.nextInt(20) : 0;
                long at = random.nextInt(10) == 0 ? second - random.nextInt(30) : second;
                int host = random.nextInt(spread);
                String source = random.nextInt(3) > 0
                        ? ipv4(host % 60 + host)
                        : "2001:db8:" + (host & 3) + ":" + Integer.toHexString(host) + "::" + (1 + random.nextInt(9));
                found.clear();
                Sent.tcp(source, 22, at).to(windows);
                Ip address = Ip.parse(source);
                IpPrefix member =
                        address.isIpv4() ? IpPrefix.of(address) : new AggregationPrefix(64).prefix(address.high(), 0);
                int expected = twin.packet(member, at);
                String what = "seed " + seed + ", packet " + step + ": " + source + " at " + at;
                assertEquals(expected > 0 ? 1 : 0, found.size(), what);
                for (Detection detection : found) {
                    assertEquals(expected, detection.evidence().count(), what);
                    assertEquals(lengths.around(address), detection.source(), what);
                    List<IpPrefix> members = detection.evidence().members();
                    assertTrue(members.contains(member) || members.size() == Evidence.MEMBERS_MAX, what);
                    assertEquals(
                            Math.min(expected, Evidence.MEMBERS_MAX),
                            members.stream()
                                    .distinct()
                                    .filter(detection.source()::overlaps)
                                    .count(),
                            what);
                    detections++;
                }
            }
        }
        assertTrue(detections > 500, "the test would prove little with " + detections + " detections");
    }

    @Test
    void neverFindsWhatDidNotHappenHoweverLittleMemoryThereIs() {
        long detections = 0;
        long evicted = 0;
        for (long seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            DetectionRule rule = rule(3 + random.nextInt(4), 30, new SubnetLengths(24, 56));
            List<Detection> found = new ArrayList<>();
            SubnetWindows windows = new SubnetWindows(
                    List.of(rule),
                    new AggregationPrefix(64),
                    new SeededHash(seed),
                    found::add,
                    new RecentDetections(),
                    1 << random.nextInt(4),
                    rule.threshold() + random.nextInt(9));
            Map<IpPrefix, Map<IpPrefix, List<Long>>> all = new HashMap<>();
            PacketObserver counts = packet -> {
                long second = packet.micros() / Sent.SECOND;
                Ip address = new Ip(packet.sourceHigh(), packet.sourceLow());
                all.computeIfAbsent(rule.subnets().around(address), _ -> new HashMap<>())
                        .computeIfAbsent(IpPrefix.of(address), _ -> new ArrayList<>())
                        .add(second);
                windows.packet(packet, address.high(), address.low(), SubnetWindows.MEMBER_PACKETS_MIN, second);
            };
            for (int step = 0; step < 400; step++) {
                Sent.tcp(ipv4(random.nextInt(12) << 8 | random.nextInt(8)), 22, START + step / 4 + random.nextInt(5))
                        .to(counts);
            }
            for (Detection detection : found) {
                long first = detection.evidence().firstSeen().getEpochSecond();
                long members = all.getOrDefault(detection.source(), Map.of()).values().stream()
                        .filter(seconds ->
                                seconds.stream().anyMatch(at -> at >= first && at < first + rule.withinSeconds()))
                        .count();
                assertTrue(members >= rule.threshold(), "seed " + seed + ": " + detection);
            }
            detections += found.size();
            evicted += windows.evictedSubnets() + windows.evictedWindows();
        }
        assertTrue(detections > 300 && evicted > 1_000, detections + " detections, " + evicted + " evictions");
    }

    @Test
    void oneSourceNeverMakesASubnetHoweverMuchItSends() {
        List<Detection> found = new ArrayList<>();
        SourceWindows windows = new SourceWindows(List.of(rule(2, 600, new SubnetLengths(20, 48))), 64, 1, found::add);
        for (int i = 0; i < 100_000; i++) {
            Sent.tcp("45.1.1.1", i & 0xffff, START + i / 1_000).to(windows);
        }
        assertEquals(List.of(), found);
    }

    @Test
    void sourcesOfUpToThreePacketsAreNoEvidenceAgainstTheirNeighbours() {
        List<Detection> found = new ArrayList<>();
        SourceWindows windows = new SourceWindows(List.of(rule(20, 600, new SubnetLengths(24, 56))), 64, 1, found::add);
        for (int round = 0; round < SpoofingSigns.FEW_PACKETS; round++) {
            for (int host = 0; host < 256; host++) {
                Sent.tcp(ipv4(host), 22, START + round).to(windows);
            }
        }
        assertEquals(List.of(), found);
        for (int host = 0; host < 20; host++) {
            Sent.tcp(ipv4(host), 22, START + 9).to(windows);
        }
        assertEquals(IpPrefix.parse("45.1.0.0/24"), found.getFirst().source());
        assertEquals(1, found.size());
    }

    @Test
    void aSourceWithAnEstablishedConnectionEmptiesTheWindowAndDoesNotCount() {
        List<Detection> found = new ArrayList<>();
        SourceWindows windows = new SourceWindows(List.of(rule(3, 600, new SubnetLengths(24, 56))), 64, 1, found::add);
        Ip client = Ip.parse(ipv4(2));
        for (int host = 1; host <= 3; host++) {
            for (int i = 0; i < 4; i++) {
                Sent.tcp(ipv4(host), 22, START).to(windows);
            }
            if (host == 2) {
                windows.established(client.high(), client.low(), START * 1_000_000);
            }
        }
        assertEquals(List.of(), found);
    }

    @Test
    void allocatesNothingPerPacketOnceTheTablesAreAsLargeAsTheyGet() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        SourceWindows windows = new SourceWindows(
                List.of(rule(256, 600, new SubnetLengths(24, 56)), rule(256, 600, new SubnetLengths(20, 48))),
                64,
                1,
                _ -> {});
        ObservedPacket[] packets = new ObservedPacket[40_000];
        for (int i = 0; i < packets.length; i++) {
            String source = "45." + (i & 31) + "." + (i >> 5 & 127) + "." + (i % 3);
            packets[i] = Sent.tcp(source, 22, START + i / 500).observed();
        }
        long least = Long.MAX_VALUE; // the JVM itself allocates now and then, but not for each packet
        for (int round = 0; round < 12; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (ObservedPacket packet : packets) {
                windows.packet(packet);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least, "bytes for " + packets.length + " packets");
        windows.publish();
        assertTrue(windows.detections().evicted().sources() > 0, "tables were full");
    }
}

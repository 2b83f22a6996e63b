package io.denywatch.detection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.blocklist.Sent;
import io.denywatch.blocklist.WindowsModel;
import io.denywatch.denial.Transport;
import io.denywatch.ip.Ip;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecentSourcesTest {
    private static SourceWindows windows(int sourcesMax, int threshold) {
        DetectionRule rule = WindowsModel.rule(Measure.PACKETS, threshold, 10, Transport.values());
        return new SourceWindows(
                List.of(rule),
                new AggregationPrefix(64),
                1,
                DetectionListener.NONE,
                sourcesMax,
                SourceWindows.NODES_MAX);
    }

    /** Every source is in an IPv4 /16 of its own. */
    private static Ip source(int number) {
        return Ip.ofIpv4(number << 16);
    }

    @Test
    void countsThoseFirstSeenInTheLastMinuteThatSentAFewPackets() {
        for (long seed = 0; seed < 100; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            SourceWindows windows = windows(1_024, 1_000);
            Map<Integer, Integer> packets = new HashMap<>();
            Map<Integer, Long> firstSeen = new HashMap<>();
            long newest = 0;
            long time = 1_000_000;
            for (int step = 0; step < 1_500; step++) {
                time += random.nextInt(50) == 0 ? random.nextInt(200) : random.nextInt(2);
                long second = time - random.nextLong(3) * random.nextInt(60);
                int source = random.nextInt(500);
                newest = Math.max(newest, second);
                long after = newest - 60;
                packets.merge(source, 1, Integer::sum);
                // One that is not of the last minute at its first packet, which comes late, never counts.
                firstSeen.putIfAbsent(source, second > after ? second : 0);
                new Sent(source(source), Transport.UDP, 53, Sent.LOAD_BALANCER, true, second * Sent.SECOND).to(windows);
                long expected = packets.entrySet().stream()
                        .filter(sent -> sent.getValue() <= SpoofingSigns.FEW_PACKETS
                                && firstSeen.getOrDefault(sent.getKey(), 0L) > after)
                        .count();
                assertEquals(expected, windows.signs().fewPacketSources(), "seed " + seed + ", step " + step);
            }
        }
    }

    @Test
    void countsThoseThatReachedAThresholdInTheLastMinuteOnceHoweverOften() {
        for (long seed = 0; seed < 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            SourceWindows windows = windows(1_024, 3);
            Map<Integer, Integer> inWindow = new HashMap<>();
            Map<Integer, Long> detectedAt = new HashMap<>();
            long second = 1_000_000;
            for (int step = 0; step < 3_000; step++) {
                if (random.nextInt(40) == 0) {
                    second += 10 + random.nextInt(80);
                    inWindow.clear();
                }
                int source = random.nextInt(60);
                Sent.tcp(source(source).toString(), 53, second).to(windows);
                if (inWindow.merge(source, 1, Integer::sum) == 3) {
                    inWindow.remove(source);
                    detectedAt.put(source, second);
                }
                long after = second - RecentSources.WITHIN_SECONDS;
                long expected =
                        detectedAt.values().stream().filter(at -> at > after).count();
                assertEquals(expected, windows.signs().detectedSources(), "seed " + seed + ", step " + step);
            }
        }
    }

    @Test
    void thoseForgottenForWantOfRoomStayCounted() {
        SourceWindows windows = windows(16, 1_000);
        for (int i = 0; i < 1_000; i++) {
            new Sent(source(i), Transport.TCP, 22, Sent.LOAD_BALANCER, true, 100 * Sent.SECOND).to(windows);
        }
        assertEquals(1_000, windows.signs().fewPacketSources());
        Sent.tcp("203.0.113.1", 22, 159).to(windows);
        assertEquals(1_001, windows.signs().fewPacketSources());
        for (int i = 0; i < SpoofingSigns.FEW_PACKETS; i++) {
            Sent.tcp("203.0.113.1", 22, 160).to(windows);
        }
        assertEquals(0, windows.signs().fewPacketSources(), "a minute is over, and one has sent a fourth packet");
    }

    @Test
    void minuteBeginsAgainWhenTheClockWasSetBack() {
        SourceWindows windows = windows(16, 1_000);
        Sent.tcp("198.51.100.1", 22, 100_000).to(windows);
        Sent.tcp("198.51.100.2", 22, 50_000).to(windows);
        assertEquals(1, windows.signs().fewPacketSources());
        for (int i = 0; i < SpoofingSigns.FEW_PACKETS; i++) {
            Sent.tcp("198.51.100.1", 22, 50_001).to(windows);
        }
        assertEquals(1, windows.signs().fewPacketSources());
        for (int i = 0; i < SpoofingSigns.FEW_PACKETS; i++) {
            Sent.tcp("198.51.100.2", 22, 50_001).to(windows);
        }
        assertEquals(0, windows.signs().fewPacketSources());
    }

    @ParameterizedTest
    @CsvSource({
        "2001:db8::,  0,  50", // each in another /64 of one /48
        "2001:db8::,  16, 200", // in another /48 of one /32
        "2001:db8::,  32, 5000", // in another /32
        "32.0.0.0,    0,  200", // of 20 /24s of one /16
        "32.0.0.0,    8,  3936", // of 5,000 /24s: 200 of each of 19 /16s, and 136 of another
        "32.0.0.0,    16, 5000", // of another /16
    })
    void oneNetworkCountsForSomeOfItsSourcesAndManyCountForAll(String first, int step, int expected) {
        SourceWindows windows = windows(8_192, 1_000);
        Ip base = Ip.parse(first);
        for (int i = 0; i < 5_000; i++) {
            Ip source = base.isIpv4()
                    ? new Ip(base.high(), base.low() + ((long) i << step))
                    : new Ip(base.high() + ((long) i << step), 1);
            new Sent(source, Transport.TCP, 22, Sent.LOAD_BALANCER, true, 6_400 * Sent.SECOND).to(windows);
        }
        assertEquals(expected, windows.signs().fewPacketSources());
    }
}

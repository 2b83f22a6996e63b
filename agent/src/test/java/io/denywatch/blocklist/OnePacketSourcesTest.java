package io.denywatch.blocklist;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.denial.CurrentLine;
import io.denywatch.denial.Transport;
import io.denywatch.ip.Ip;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OnePacketSourcesTest {
    private static SourceWindows windows(int sourcesMax) {
        Rule rule = WindowsModel.rule(Measure.PACKETS, 1_000, 10, Transport.TCP);
        return new SourceWindows(
                List.of(rule),
                new SourceMask(64),
                1,
                new CurrentLine(),
                OffenceListener.NONE,
                sourcesMax,
                SourceWindows.NODES_MAX);
    }

    @Test
    void countsThoseFirstSeenInTheLastMinuteThatSentOnePacket() {
        for (long seed = 0; seed < 100; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            SourceWindows windows = windows(1_024);
            Map<Integer, Integer> packets = new HashMap<>();
            Map<Integer, Long> firstSeen = new HashMap<>();
            long newest = 0;
            long time = 1_000_000;
            for (int step = 0; step < 1_000; step++) {
                time += random.nextInt(50) == 0 ? random.nextInt(200) : random.nextInt(2);
                long second = time - random.nextLong(3) * random.nextInt(60);
                int source = random.nextInt(900);
                newest = Math.max(newest, second);
                packets.merge(source, 1, Integer::sum);
                firstSeen.putIfAbsent(source, second);
                new Sent(Ip.ofIpv4(source), Transport.UDP, 53, Sent.LOAD_BALANCER, true, second * Sent.SECOND)
                        .to(windows);
                long after = newest - 60;
                long expected = packets.entrySet().stream()
                        .filter(sent -> sent.getValue() == 1 && firstSeen.getOrDefault(sent.getKey(), 0L) > after)
                        .count();
                assertEquals(expected, windows.onePacketSources(), "seed " + seed + ", step " + step);
            }
        }
    }

    @Test
    void thoseForgottenForWantOfRoomStayCounted() {
        SourceWindows windows = windows(16);
        for (int i = 0; i < 1_000; i++) {
            Sent.tcp("198.51." + i / 250 + "." + i % 250, 22, 100).to(windows);
        }
        assertEquals(1_000, windows.onePacketSources());
        Sent.tcp("203.0.113.1", 22, 159).to(windows);
        assertEquals(1_001, windows.onePacketSources());
        Sent.tcp("203.0.113.1", 22, 160).to(windows);
        assertEquals(0, windows.onePacketSources(), "a minute is over, and one has sent a second packet");
    }

    @Test
    void minuteBeginsAnewWhenTheClockWasSetBack() {
        SourceWindows windows = windows(16);
        Sent.tcp("198.51.100.1", 22, 100_000).to(windows);
        Sent.tcp("198.51.100.2", 22, 50_000).to(windows);
        assertEquals(1, windows.onePacketSources());
        Sent.tcp("198.51.100.1", 22, 50_001).to(windows);
        assertEquals(1, windows.onePacketSources());
        Sent.tcp("198.51.100.2", 22, 50_001).to(windows);
        assertEquals(0, windows.onePacketSources());
    }
}

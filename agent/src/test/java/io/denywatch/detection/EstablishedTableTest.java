package io.denywatch.detection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.denywatch.blocklist.Sent;
import io.denywatch.blocklist.WindowsModel;
import io.denywatch.denial.Transport;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.sketch.SeededHash;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EstablishedTableTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long HOUR = EstablishedSources.VALID_FOR.toSeconds() * Sent.SECOND;
    private static final long T = 1_700_000_000 * Sent.SECOND;

    private static EstablishedTable table(long seed) {
        return new EstablishedTable(new SeededHash(seed), AggregationPrefix.atLeast(64));
    }

    private static List<IpPrefix> sources(EstablishedSources established, long micros) {
        return established.validAt(Instant.ofEpochMilli(micros / 1_000)).stream()
                .map(EstablishedSource::source)
                .toList();
    }

    @Test
    void sourceAnsweredWithinTheHourBeforeIsNeverAnDetection() {
        long detections = 0;
        long prevented = 0;
        for (long seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<DetectionRule> rules = WindowsModel.rules(random);
            List<Detection> found = new ArrayList<>();
            List<Detection> unanswered = new ArrayList<>();
            int ipv6PrefixLength = 64 + random.nextInt(65);
            SourceWindows windows = new SourceWindows(rules, ipv6PrefixLength, seed, found::add);
            SourceWindows without = new SourceWindows(rules, ipv6PrefixLength, seed, unanswered::add);
            Map<IpPrefix, List<Long>> established = new HashMap<>();
            List<Sent> packets = WindowsModel.packets(random, 600, 1 + random.nextInt(8));
            for (Sent sent : packets) {
                if (random.nextInt(40) == 0) { // of any age, so that it also comes late or has been over for long
                    Ip client = packets.get(random.nextInt(packets.size())).source();
                    long at = sent.micros() - random.nextLong(2 * HOUR);
                    windows.established(client.high(), client.low(), at);
                    established
                            .computeIfAbsent(WindowsModel.prefix(client, ipv6PrefixLength), _ -> new ArrayList<>())
                            .add(at);
                }
                sent.to(windows);
                sent.to(without);
                for (Detection detection : found) {
                    assertEquals(
                            List.of(),
                            established.getOrDefault(detection.source(), List.of()).stream()
                                    .filter(at -> at > detection.reachedMicros() - HOUR)
                                    .toList(),
                            "seed " + seed + ": " + detection);
                }
                detections += found.size();
                found.clear();
            }
            prevented += unanswered.size();
        }
        prevented -= detections;
        assertTrue(detections > 1_000 && prevented > 1_000, detections + " offences, " + prevented + " prevented");
    }

    @Test
    void answerEmptiesTheWindowsAndVouchesUntilTheVeryMicrosecond() {
        List<Detection> found = new ArrayList<>();
        DetectionRule rule = WindowsModel.rule(Measure.PACKETS, 2, 3_600, Transport.TCP);
        SourceWindows windows = new SourceWindows(List.of(rule), 64, 1, found::add);
        Sent first = Sent.tcp("198.51.100.7", 22, 100_000);
        Ip source = first.source();
        first.to(windows);
        windows.established(source.high(), source.low(), first.micros() + 1);
        assertEquals(0, windows.signs().fewPacketSources() - 1, "the packet itself was seen");
        Sent last = new Sent(source, Transport.TCP, 22, Sent.LOAD_BALANCER, true, first.micros() + HOUR);
        last.to(windows);
        last.to(windows);
        assertEquals(List.of(), found);
        Sent after = new Sent(source, Transport.TCP, 22, Sent.LOAD_BALANCER, true, first.micros() + 1 + HOUR);
        after.to(windows);
        assertEquals(List.of(), found, "windows began anew");
        after.to(windows);
        assertEquals(1, found.size());
        Sent.tcp("198.51.100.8", 22, 100_000).to(windows);
        Sent.tcp("198.51.100.8", 22, 100_000).to(windows);
        assertEquals(2, found.size(), "nobody vouched for the neighbour");
    }

    @Test
    void whereAnswersAreNotBelievedWindowsGoOnAndAnswersAreKeptForOthers() {
        List<Detection> found = new ArrayList<>();
        DetectionRule rule = WindowsModel.rule(Measure.PACKETS, 2, 10, Transport.TCP);
        SourceWindows windows = new SourceWindows(List.of(rule), 64, 1, found::add);
        windows.believeEstablished(false);
        Sent packet = Sent.tcp("198.51.100.7", 22, 100_000);
        packet.to(windows);
        windows.established(packet.source().high(), packet.source().low(), packet.micros());
        packet.to(windows);
        assertEquals(1, found.size());
        windows.publish();
        assertEquals(
                1,
                windows.detections()
                        .established()
                        .validAt(Instant.ofEpochMilli(packet.micros() / 1_000))
                        .size());
    }

    @Test
    void anAnswerOfLongAgoDoesNotEmptyWindows() {
        List<Detection> found = new ArrayList<>();
        DetectionRule rule = WindowsModel.rule(Measure.PACKETS, 2, 10, Transport.TCP);
        SourceWindows windows = new SourceWindows(List.of(rule), 64, 1, found::add);
        Sent packet = Sent.tcp("198.51.100.7", 22, 100_000);
        packet.to(windows);
        windows.established(packet.source().high(), packet.source().low(), packet.micros() - 2 * HOUR);
        packet.to(windows);
        assertEquals(1, found.size());
    }

    @Test
    void ipv6HostVouchesForItsBlock() {
        DetectionRule rule = WindowsModel.rule(Measure.PACKETS, 2, 10, Transport.TCP);
        for (int length : new int[] {1, 64, 128}) {
            List<Detection> found = new ArrayList<>();
            SourceWindows windows = new SourceWindows(List.of(rule), length, 1, found::add);
            Ip established = Ip.parse("2001:db8::1");
            windows.established(established.high(), established.low(), 100 * Sent.SECOND);
            for (String source : List.of("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")) {
                Sent.tcp(source, 22, 100).to(windows);
                Sent.tcp(source, 22, 100).to(windows);
            }
            assertEquals(length == 128 ? 2 : 1, found.size(), "/" + length);
        }
    }

    @Test
    void withoutRulesOnlyAnswersAreRemembered() {
        SourceWindows windows = new SourceWindows(List.of(), 64, 1, DetectionListener.NONE);
        Sent packet = Sent.tcp("198.51.100.7", 22, 100_000);
        packet.to(windows);
        windows.established(0, packet.source().low(), T);
        windows.publish();
        assertEquals(0, windows.detections().signs().fewPacketSources());
        assertEquals(
                List.of(IpPrefix.of(packet.source())),
                sources(windows.detections().established(), T));
        Detections published = windows.detections();
        windows.publish();
        assertSame(published, windows.detections(), "nothing changed");
        windows.established(0, packet.source().low(), T - 1);
        windows.publish();
        assertSame(published, windows.detections(), "an earlier answer changes nothing");
    }

    @Test
    void theOneAnsweredLongestAgoMakesRoom() {
        for (long seed = 0; seed < 3; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            EstablishedTable table = table(seed);
            Map<Long, Long> model = new HashMap<>();
            long forgotten = 0;
            long newest = 0;
            for (int i = 0; i < 3 * EstablishedTable.SOURCES_MAX; i++) {
                long low = Ip.IPV4_MAPPED_LOW | random.nextInt(2 * EstablishedTable.SOURCES_MAX);
                long micros = T + i * (HOUR / EstablishedTable.SOURCES_MAX / 8) - random.nextLong(HOUR) + i % 7;
                boolean known = model.containsKey(low);
                model.merge(low, micros, Math::max);
                table.add(0, low, micros);
                if (!known && model.size() > EstablishedTable.SOURCES_MAX) {
                    Map.Entry<Long, Long> first = model.entrySet().stream()
                            .min(Map.Entry.comparingByValue())
                            .orElseThrow();
                    model.remove(first.getKey());
                    forgotten += first.getValue() > newest - HOUR ? 1 : 0;
                }
                newest = Math.max(newest, micros);
            }
            EstablishedSources established = table.snapshot();
            assertEquals(
                    model.entrySet().stream()
                            .sorted(Map.Entry.<Long, Long>comparingByValue(Comparator.reverseOrder()))
                            .map(entry -> IpPrefix.of(new Ip(0, entry.getKey())))
                            .toList(),
                    sources(established, 0),
                    "seed " + seed);
            assertEquals(forgotten, established.forgotten(), "seed " + seed);
            assertTrue(forgotten > 100, "seed " + seed + " forgets but " + forgotten);
        }
    }

    @Test
    void memoryIsFixedAndNothingIsAllocatedPerAnswerOrPacket() {
        EstablishedTable table = table(1);
        assertTrue(table.bytes() < 4 << 10, "at first: " + table.bytes());
        for (int i = 0; i < 20_000; i++) {
            table.add(i, 0, T + i);
        }
        assertEquals((long) EstablishedTable.SOURCES_MAX * EstablishedTable.BYTES_PER_SOURCE, table.bytes());
        assertEquals(128 << 10, table.bytes());
        boolean exempt = false;
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 20_000; i < 40_000; i++) {
            table.add(i, 0, T + i);
            exempt |= table.isExempt(i - 1, 0, T + i);
        }
        assertEquals(0, THREADS.getCurrentThreadAllocatedBytes() - before, "bytes for 20,000 answers");
        assertTrue(exempt);
        assertFalse(table.isExempt(20_000, 0, T + 40_000), "forgotten");
    }

    @Test
    void aSnapshotDoesNotChangeAndIsTakenAgainOnlyAfterAChange() {
        EstablishedTable table = table(1);
        assertSame(EstablishedSources.NONE, table.snapshot());
        table.add(1, 0, T);
        EstablishedSources one = table.snapshot();
        assertSame(one, table.snapshot());
        table.add(2, 0, T + 1_000);
        assertNotSame(one, table.snapshot());
        assertEquals(1, sources(one, T).size());
        assertEquals(2, sources(table.snapshot(), T).size());
        assertEquals(List.of(), sources(table.snapshot(), T + 1_000 + HOUR));
        assertEquals(1, sources(table.snapshot(), T + HOUR).size());
    }
}

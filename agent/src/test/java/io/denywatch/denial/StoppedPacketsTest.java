package io.denywatch.denial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.denial.BlockedPrefixes.BlockedPrefix;
import io.denywatch.denial.ObservedPacket.EventTime;
import io.denywatch.denial.StoppedSources.StoppedSource;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StoppedPacketsTest {
    private static final long SECOND = 1_000_000;

    private BlockedPrefixes published = BlockedPrefixes.NONE;
    private final StoppedPackets stopped = StoppedPackets.of(() -> published, 64, 1);

    private void block(BlockOrigin origin, String... addresses) {
        published = BlockedPrefixes.of(
                Stream.of(addresses)
                        .map(one -> new BlockedPrefix(IpPrefix.parse(one), origin))
                        .toList(),
                7);
        stopped.begin();
    }

    private ObservedPacket packet(String source, long second, EventTime time) {
        Ip from = Ip.parse(source);
        ObservedPacket packet = new ObservedPacket()
                .from(from.high(), from.low())
                .with(Transport.TCP, 40_000, 443, 2)
                .times(2, 60)
                .at(second * SECOND, time);
        stopped.packet(packet);
        return packet;
    }

    @Test
    void countsPacketsOfABlockedSourceAndNoOthers() {
        block(BlockOrigin.MANUAL, "192.0.2.1");
        ObservedPacket first = packet("192.0.2.1", 100, EventTime.CURRENT);
        ObservedPacket other = packet("192.0.2.2", 100, EventTime.CURRENT);
        packet("192.0.2.1", 130, EventTime.CURRENT);

        assertEquals(BlockOrigin.MANUAL, first.stoppedBy());
        assertFalse(first.mayLeadToBlock());
        assertTrue(other.mayLeadToBlock());
        assertEquals(
                List.of(new StoppedSource(IpPrefix.parse("192.0.2.1"), BlockOrigin.MANUAL, 4, 240, 100, 130)),
                stopped.snapshot().all());
        assertTrue(stopped.snapshot().counting());
        assertSame(stopped.snapshot(), stopped.snapshot());
    }

    @Test
    void addressesOfOneIpv6SourceCountTogether() {
        block(BlockOrigin.PROMOTION, "2001:db8::/64", "2001:db8:1::5");
        packet("2001:db8::1", 100, EventTime.CURRENT);
        packet("2001:db8::2", 101, EventTime.CURRENT);
        packet("2001:db8:1::5", 102, EventTime.CURRENT);
        block(BlockOrigin.PROMOTION, "2001:db8::/64", "2001:db8:1::5", "192.0.2.1");

        assertEquals(
                List.of(
                        new StoppedSource(IpPrefix.parse("2001:db8::/64"), BlockOrigin.PROMOTION, 4, 240, 100, 101),
                        new StoppedSource(IpPrefix.parse("2001:db8:1::/64"), BlockOrigin.PROMOTION, 2, 120, 102, 102)),
                stopped.snapshot().all());
    }

    /** What the blocklist contained when they were sent is not known. */
    @Test
    void latePacketsAreNotStoppedAndLeadToNoBlockEither() {
        block(BlockOrigin.FEED, "192.0.2.0/24");
        ObservedPacket late = packet("192.0.2.1", 100, EventTime.LATE);

        assertEquals(null, late.stoppedBy());
        assertFalse(late.mayLeadToBlock());
        assertEquals(List.of(), stopped.snapshot().all());
    }

    @Test
    void aSourceThatIsBlockedAgainBeginsAtZero() {
        block(BlockOrigin.PROMOTION, "192.0.2.1", "192.0.2.2");
        packet("192.0.2.1", 100, EventTime.CURRENT);
        packet("192.0.2.2", 101, EventTime.CURRENT);
        block(BlockOrigin.PROMOTION, "192.0.2.2");
        packet("192.0.2.2", 102, EventTime.CURRENT);
        assertEquals(
                List.of(new StoppedSource(IpPrefix.parse("192.0.2.2"), BlockOrigin.PROMOTION, 4, 240, 101, 102)),
                stopped.snapshot().all());
        block(BlockOrigin.PROMOTION, "192.0.2.1", "192.0.2.2");
        packet("192.0.2.1", 200, EventTime.CURRENT);
        assertEquals(
                List.of(101L, 200L),
                stopped.snapshot().all().stream()
                        .map(StoppedSource::firstSeconds)
                        .toList());
        block(BlockOrigin.PROMOTION);
        assertEquals(List.of(), stopped.snapshot().all());
    }

    @Test
    void aFullTableKeepsTheSourcesWithTheMostPackets() {
        block(BlockOrigin.FEED, "198.51.0.0/16");
        for (int round = 0; round < 20; round++) {
            for (int noisy = 0; noisy < 10; noisy++) {
                packet("198.51.255." + noisy, 100 + round, EventTime.CURRENT);
            }
        }
        for (int i = 0; i < StoppedPackets.SOURCES_MAX + 500; i++) {
            packet("198.51." + i / 250 + "." + i % 250, 200, EventTime.CURRENT);
        }
        StoppedSources full = stopped.snapshot();
        assertEquals(StoppedPackets.SOURCES_MAX, full.all().size());
        assertEquals(510, full.evicted());
        assertEquals(
                10, full.all().stream().filter(source -> source.packets() == 40).count());
        block(BlockOrigin.FEED, "198.51.255.0/24");
        assertEquals(10, stopped.snapshot().all().size());
        assertEquals(510, stopped.snapshot().evicted());
    }

    @Test
    void countsAsAMapDoesWhileThereIsRoom() {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            StoppedPackets tested = StoppedPackets.of(() -> published, 64, seed);
            Map<String, Long> model = new HashMap<>();
            List<Integer> on = new ArrayList<>();
            for (int step = 0; step < 500; step++) {
                if (random.nextInt(20) == 0) {
                    on = IntStream.range(0, 100)
                            .filter(_ -> random.nextBoolean())
                            .boxed()
                            .toList();
                    published = BlockedPrefixes.of(
                            on.stream()
                                    .map(i -> new BlockedPrefix(
                                            IpPrefix.of(Ip.parse("192.0.2." + i)), BlockOrigin.PROMOTION))
                                    .toList(),
                            step);
                    tested.begin();
                    List<Integer> now = on;
                    model.keySet()
                            .removeIf(source ->
                                    !now.contains(Integer.parseInt(source.substring(source.lastIndexOf('.') + 1))));
                }
                int host = random.nextInt(100);
                int count = 1 + random.nextInt(3);
                Ip from = Ip.parse("192.0.2." + host);
                tested.packet(new ObservedPacket()
                        .from(from.high(), from.low())
                        .times(count, 60)
                        .at(step * SECOND, EventTime.CURRENT));
                if (on.contains(host)) {
                    model.merge(from.toString(), (long) count, Long::sum);
                }
            }
            Map<String, Long> counted = new HashMap<>();
            tested.snapshot().all().forEach(one -> counted.put(one.source().compact(), one.packets()));
            assertEquals(model, counted, "seed " + seed);
        }
    }

    @Test
    void recognizesNothingWhenOff() {
        StoppedPackets off = StoppedPackets.off();
        off.begin();
        ObservedPacket packet = packet("192.0.2.1", 100, EventTime.CURRENT);
        off.packet(packet);
        assertTrue(packet.mayLeadToBlock());
        assertEquals(StoppedSources.OFF, off.snapshot());
    }
}

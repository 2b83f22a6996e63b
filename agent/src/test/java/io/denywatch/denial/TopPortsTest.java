package io.denywatch.denial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.count.CheckedInput;
import io.denywatch.denial.DenialSnapshot.PortCount;
import io.denywatch.sketch.SeededHash;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TopPortsTest {
    @Test
    void isExactWhileEachPortFits() {
        SplittableRandom random = new SplittableRandom(1);
        isExact(new TopPorts(new SeededHash(1), 131_072 + 8), random);
        isExact(PortCounter.of(new SeededHash(1), limits(DenialLimits.EVERY_PORT)), random);
    }

    private static DenialLimits limits(int portsMax) {
        return new DenialLimits(1, 1, 20, 64, portsMax);
    }

    private static void isExact(PortCounter table, SplittableRandom random) {
        Map<List<Object>, Long> truth = new HashMap<>();
        for (int i = 0; i < 200_000; i++) {
            Transport transport = Transport.at(random.nextInt(Transport.COUNT));
            int port = random.nextInt(8) == 0 ? 65_535 - random.nextInt(3) : random.nextInt(20_000) - 1;
            table.record(transport, port, 1 + i % 3);
            truth.merge(List.of(transport, port), 1L + i % 3, Long::sum);
        }
        List<PortCount> all = table.top(Integer.MAX_VALUE);
        assertEquals(truth.size(), all.size());
        for (PortCount count : all) {
            assertEquals(truth.get(List.of(count.transport(), count.port())), count.packets(), count.toString());
        }
        List<Long> packets = all.stream().map(PortCount::packets).toList();
        assertEquals(packets.stream().sorted(Comparator.reverseOrder()).toList(), packets);
        assertEquals(all.subList(0, 20), table.top(20));
    }

    @Test
    void eitherKindGoesOnFromWhatTheOtherSaved() throws IOException {
        SplittableRandom random = new SplittableRandom(4);
        for (int portsMax : new int[] {64, 5_000, DenialLimits.EVERY_PORT}) {
            PortCounter saved = PortCounter.of(new SeededHash(4), limits(portsMax));
            for (int i = 0; i < 20_000; i++) {
                saved.record(Transport.at(random.nextInt(Transport.COUNT)), random.nextInt(5_000) - 1, 1 + i % 3);
            }
            for (int restoredMax : new int[] {64, 20_000, DenialLimits.EVERY_PORT}) {
                PortCounter restored = restored(saved, PortCounter.of(new SeededHash(5), limits(restoredMax)));
                if (restoredMax >= portsMax) {
                    assertEquals(
                            Set.copyOf(saved.top(Integer.MAX_VALUE)),
                            Set.copyOf(restored.top(Integer.MAX_VALUE)),
                            portsMax + " ports restored to " + restoredMax);
                } else {
                    assertEquals(
                            restoredMax,
                            Math.max(
                                    restoredMax, restored.top(Integer.MAX_VALUE).size()));
                }
            }
        }
    }

    private static PortCounter restored(PortCounter from, PortCounter to) throws IOException {
        ByteArrayOutputStream state = new ByteArrayOutputStream();
        from.save(new DataOutputStream(state));
        to.restore(new CheckedInput(new ByteArrayInputStream(state.toByteArray())));
        return to;
    }

    @Test
    void nothingCountedIsEmpty() {
        for (int portsMax : new int[] {64, DenialLimits.EVERY_PORT}) {
            PortCounter ports = PortCounter.of(new SeededHash(6), limits(portsMax));
            assertTrue(ports.isEmpty());
            assertEquals(List.of(), ports.top(5));
            ports.record(Transport.OTHER, -1, 1);
            assertFalse(ports.isEmpty());
            assertEquals(List.of(new PortCount(Transport.OTHER, -1, 1)), ports.top(5));
        }
    }

    @Test
    void sortsByPacketsAndNeverOverstatesThem() {
        SplittableRandom random = new SplittableRandom(2);
        TopPorts table = new TopPorts(new SeededHash(2), 64);
        long[] truth = new long[65_536];
        for (int i = 0; i < 100_000; i++) {
            int port = random.nextInt(3) == 0 ? random.nextInt(10) : random.nextInt(65_536);
            table.record(Transport.UDP, port, 1);
            truth[port]++;
        }
        List<PortCount> top = table.top(10);
        long last = Long.MAX_VALUE;
        for (PortCount count : top) {
            assertTrue(count.port() < 10, count + " is not one of the ten ports that are hit often");
            assertTrue(count.packets() <= truth[count.port()], count + " of " + truth[count.port()]);
            assertTrue(count.packets() <= last, count + " after one with " + last);
            last = count.packets();
        }
        assertEquals(10, top.size());
        assertEquals(64L * TopPorts.BYTES_PER_PORT, table.bytes());
    }

    @Test
    void countsOnWhereTheRankingStops() {
        TopPorts table = new TopPorts(new SeededHash(3), 4);
        for (int i = 0; i < 3; i++) {
            table.record(Transport.TCP, 443, Integer.MAX_VALUE);
        }
        assertEquals(List.of(new PortCount(Transport.TCP, 443, 3L * Integer.MAX_VALUE)), table.top(4));
    }
}

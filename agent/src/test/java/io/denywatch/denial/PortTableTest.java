package io.denywatch.denial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.denial.DenialSnapshot.PortCount;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PortTableTest {
    @Test
    void isExactWhileEachPortFits() {
        SplittableRandom random = new SplittableRandom(1);
        PortTable table = new PortTable(new SeededHash(1), 131_072 + 8);
        Map<List<Object>, Long> truth = new HashMap<>();
        for (int i = 0; i < 200_000; i++) {
            Transport transport = Transport.at(random.nextInt(Transport.COUNT));
            int port = random.nextInt(20_000) - 1;
            table.record(transport, port, 1 + i % 3);
            truth.merge(List.of(transport, port), 1L + i % 3, Long::sum);
        }
        List<PortCount> all = table.top(Integer.MAX_VALUE);
        assertEquals(truth.size(), all.size());
        for (PortCount count : all) {
            assertEquals(truth.get(List.of(count.transport(), count.port())), count.packets(), count.toString());
        }
    }

    @Test
    void sortsByPacketsAndNeverOverstatesThem() {
        SplittableRandom random = new SplittableRandom(2);
        PortTable table = new PortTable(new SeededHash(2), 64);
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
        assertEquals(64L * PortTable.BYTES_PER_PORT, table.bytes());
    }

    @Test
    void countsOnWhereTheRankingStops() {
        PortTable table = new PortTable(new SeededHash(3), 4);
        for (int i = 0; i < 3; i++) {
            table.record(Transport.TCP, 443, Integer.MAX_VALUE);
        }
        assertEquals(List.of(new PortCount(Transport.TCP, 443, 3L * Integer.MAX_VALUE)), table.top(4));
    }
}

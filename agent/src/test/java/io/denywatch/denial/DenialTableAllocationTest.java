package io.denywatch.denial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.denywatch.ip.Ip;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DenialTableAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final DenialTable table =
            new DenialTable(new DenialLimits(8, 256, 20, 64, 64), List.of(), Destinations.ANY, 1, PacketObserver.NONE);
    private final SplittableRandom random = new SplittableRandom(1);

    private void flood() {
        for (int i = 0; i < 50_000; i++) {
            long bits = random.nextLong();
            table.record(
                    0,
                    Ip.IPV4_MAPPED_LOW | (bits & 15),
                    0,
                    Ip.IPV4_MAPPED_LOW | bits >>> 32,
                    (bits & 16) == 0 ? 6 : 17,
                    (int) (bits >>> 5) & 0xffff,
                    1,
                    60,
                    false,
                    i);
        }
    }

    @Test
    void allocatesNothingOnceTheTablesAreAsLargeAsTheyGet() {
        flood();
        long before = THREADS.getCurrentThreadAllocatedBytes();
        flood();
        long after = THREADS.getCurrentThreadAllocatedBytes();
        assertEquals(0, after - before, "bytes for 50,000 packets, each from a new source");
    }

    @Test
    void allocatesNothingWhenTheWindowTurnsUnderAFlood() {
        table.advance(0);
        flood();
        table.advance(120);
        flood();
        long before = THREADS.getCurrentThreadAllocatedBytes();
        table.advance(240);
        flood();
        long after = THREADS.getCurrentThreadAllocatedBytes();
        assertEquals(0, after - before);
    }
}

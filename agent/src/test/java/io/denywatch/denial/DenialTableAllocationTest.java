package io.denywatch.denial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.denywatch.denial.ObservedPacket.EventTime;
import io.denywatch.ip.Ip;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DenialTableAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final DenialTable table =
            new DenialTable(new DenialLimits(8, 256, 20, 64, 64), List.of(), Destinations.ANY, 1);
    private final ObservedPacket packet = new ObservedPacket();
    private final SplittableRandom random = new SplittableRandom(1);

    private void flood() {
        for (int i = 0; i < 50_000; i++) {
            long bits = random.nextLong();
            table.record(packet.from(0, Ip.IPV4_MAPPED_LOW | bits >>> 32)
                    .to(0, Ip.IPV4_MAPPED_LOW | (bits & 15))
                    .with((bits & 16) == 0 ? Transport.TCP : Transport.UDP, 0, (int) (bits >>> 5) & 0xffff, 0)
                    .at(i * Cluster.SECOND, EventTime.CURRENT));
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

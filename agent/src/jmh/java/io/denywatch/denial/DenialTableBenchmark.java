package io.denywatch.denial;

import io.denywatch.denial.ObservedPacket.EventTime;
import io.denywatch.ip.Ip;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One packet into the table. {@code tracked}: 1,000 sources at one load balancer, all with an entry; {@code scattered}:
 * the same at 256 load balancers; {@code flood}: each packet from a new source to a new port; the baseline counts in a
 * map of boxed addresses, which bounds nothing. At the end each packet must be in the totals.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DenialTableBenchmark {
    private static final long MICROS = 1_000_000;
    private static final int PACKETS = 1 << 14;

    private final long[] destinations = new long[PACKETS];
    private final long[] sources = new long[PACKETS];
    private final int[] ports = new int[PACKETS];
    private final Map<Ip, long[]> map = new HashMap<>();
    private DenialTable table = newTable();
    private final ObservedPacket packet = new ObservedPacket();
    private long flooded;
    private long recorded;
    private int next;

    private static DenialTable newTable() {
        return new DenialTable(DenialLimits.DEFAULTS, List.of(), Destinations.ANY, 1);
    }

    /** Packets drawn once, so that no benchmark pays for their randomness. */
    @Setup
    public void draw() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < PACKETS; i++) {
            destinations[i] = Ip.IPV4_MAPPED_LOW | random.nextInt(256);
            sources[i] = Ip.IPV4_MAPPED_LOW | random.nextInt(1000) * 7919L;
            ports[i] = random.nextInt(4) == 0 ? random.nextInt(60) : 443;
        }
        table = newTable();
        map.clear();
        recorded = 0;
    }

    /** Compares what the table counted with what it was given. */
    @TearDown
    public void check() {
        DenialSnapshot counted = table.snapshot();
        long packets = counted.other().packets();
        for (DenialSnapshot.LoadBalancerDenials nlb : counted.loadBalancers()) {
            packets += nlb.packets();
        }
        for (long[] count : map.values()) {
            packets += count[0];
        }
        if (packets != recorded) {
            throw new IllegalStateException("counted " + packets + " packets, not " + recorded);
        }
    }

    private void record(long destination, long source, int port, int second) {
        table.record(packet.from(0, source)
                .to(0, destination)
                .with(Transport.TCP, ObservedPacket.NO_PORT, port, 0)
                .times(1, 60)
                .at(second * MICROS, EventTime.CURRENT));
    }

    private int step() {
        next = (next + 1) & (PACKETS - 1);
        return next;
    }

    /** Sources with an entry, at one load balancer. */
    @Benchmark
    public void tracked() {
        int i = step();
        recorded++;
        record(Ip.IPV4_MAPPED_LOW | 1, sources[i], ports[i], i);
    }

    /** Sources with an entry, at any of 256 load balancers. */
    @Benchmark
    public void scattered() {
        int i = step();
        recorded++;
        record(destinations[i], sources[i], ports[i], i);
    }

    /** Each packet displaces a source and a port. */
    @Benchmark
    public void flood() {
        long source = Ip.IPV4_MAPPED_LOW | (flooded & 0xffff_ffffL);
        recorded++;
        record(Ip.IPV4_MAPPED_LOW | 1, source, (int) flooded & 0xffff, 0);
        flooded += 0x9e37_79b1; // odd: comes round after 2^32
    }

    /** The sources of {@link #tracked} in a map, and nothing else. */
    @Benchmark
    public long baselineHashMap() {
        recorded++;
        long[] count = map.computeIfAbsent(new Ip(0, sources[step()]), ip -> new long[1]);
        return ++count[0];
    }
}

package io.denywatch.detection;

import io.denywatch.denial.ObservedPacket;
import io.denywatch.denial.ObservedPacket.EventTime;
import io.denywatch.denial.Transport;
import io.denywatch.ip.Ip;
import io.denywatch.packet.PacketHeader;
import java.time.Duration;
import java.util.List;
import java.util.Set;
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
 * One packet into the windows of three rules, one for each measure, at 50,000 packets a second of event time. {@code
 * background}: 1,000 sources, some ports, 16 load balancers, hardly any detection; {@code flood}: each packet from a new
 * source, so that each displaces one; {@code scan}: a source walks through as many ports as a rule can keep. At the end a new
 * source must be noticed at the very packet that reaches its threshold.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SourceWindowsBenchmark {
    private static final int PACKETS = 1 << 14;
    private static final long MICROS_PER_PACKET = 20;
    private static final int PORTS = 255; // one less than the threshold
    private static final long NEW_SOURCE = 0x2001_0db8_0000_0000L; // the others are IPv4

    private static final int CLIENT_PORT_MIN = 40_000;

    private final ObservedPacket packet = new ObservedPacket();
    private final long[] sources = new long[PACKETS];
    private final int[] ports = new int[PACKETS];
    private final long[] loadBalancers = new long[PACKETS];
    private SourceWindows windows = newWindows();
    private long sent;
    private long detections;

    private static DetectionRule rule(Measure measure, int withinSeconds) {
        return new DetectionRule(
                measure.label(),
                measure,
                measure.thresholdMax(),
                withinSeconds,
                Set.of(Transport.TCP, Transport.UDP),
                Duration.ofMinutes(10),
                Duration.ofDays(1));
    }

    private SourceWindows newWindows() {
        List<DetectionRule> rules = List.of(
                rule(Measure.PACKETS, 60), rule(Measure.DISTINCT_PORTS, 60), rule(Measure.DISTINCT_LOAD_BALANCERS, 60));
        return new SourceWindows(rules, 64, 1, detection -> detections++);
    }

    /** Packets drawn once, so that no benchmark pays for their randomness. */
    @Setup
    public void draw() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < PACKETS; i++) {
            sources[i] = Ip.IPV4_MAPPED_LOW | random.nextInt(1000) * 7919L;
            ports[i] = random.nextInt(4) == 0 ? random.nextInt(60) : 443;
            loadBalancers[i] = Ip.IPV4_MAPPED_LOW | random.nextInt(16);
        }
        windows = newWindows();
        sent = 0;
    }

    /** Sends packets of one source to one port, until the rule for packets must have detected it. */
    @TearDown
    public void check() {
        long before = detections;
        int threshold = Measure.PACKETS.thresholdMax();
        for (int i = 1; i <= threshold; i++) {
            if (detections != before) {
                throw new IllegalStateException("a detection after " + (i - 1) + " packets, not " + threshold);
            }
            send(NEW_SOURCE, 0, 443, Ip.IPV4_MAPPED_LOW | 2);
        }
        if (detections != before + 1) {
            throw new IllegalStateException(
                    detections - before + " detections after " + threshold + " packets, not one");
        }
    }

    private void send(long high, long low, int port, long loadBalancer) {
        windows.packet(packet.from(high, low)
                .with(Transport.TCP, CLIENT_PORT_MIN + (int) (sent & 0xfff), port, PacketHeader.SYN)
                .countedAt(0, loadBalancer, true, false)
                .at(sent * MICROS_PER_PACKET, EventTime.CURRENT));
    }

    /** Sources that are known. */
    @Benchmark
    public void background() {
        int i = (int) ++sent & PACKETS - 1;
        send(0, sources[i], ports[i], loadBalancers[i]);
    }

    /** Each packet displaces a source. */
    @Benchmark
    public void flood() {
        int i = (int) ++sent & PACKETS - 1;
        long source = Ip.IPV4_MAPPED_LOW | (sent * 0x9e37_79b1L & 0xffff_ffffL); // comes round after 2^32
        send(0, source, ports[i], loadBalancers[i]);
    }

    /** The longest list of ports is walked through for each packet. */
    @Benchmark
    public void scan() {
        int port = (int) (++sent % PORTS);
        send(0, Ip.IPV4_MAPPED_LOW | 1, port, Ip.IPV4_MAPPED_LOW | 2);
    }
}

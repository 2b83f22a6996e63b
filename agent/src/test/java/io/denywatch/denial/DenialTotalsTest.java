package io.denywatch.denial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.denial.DenialSnapshot.PortTotal;
import io.denywatch.denial.LoadBalancer.ServicePort;
import io.denywatch.denial.ObservedPacket.EventTime;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DenialTotalsTest {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final DenialLimits LIMITS = new DenialLimits(3, 16, 5, 64, 8);
    private static final LoadBalancer KNOWN = new LoadBalancer(
            List.of(IpPrefix.parse("192.0.2.10")),
            "shop",
            "web",
            List.of(new ServicePort(Transport.TCP, 443)),
            List.of());

    private final Map<String, long[]> truth = new HashMap<>(); // packets, bytes, late packets
    private final Set<String> registered = new HashSet<>(Set.of("192.0.2.10"));
    private final Map<String, Long> before = new HashMap<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void totalsAreExactAndNeverFall(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        DenialTable table = new DenialTable(LIMITS, List.of(KNOWN), Destinations.ANY, seed);
        for (int step = 0; step < 20_000; step++) {
            Ip to = Ip.ofIpv4(0xc000020a + random.nextInt(5));
            long source = Ip.IPV4_MAPPED_LOW | random.nextInt(1000);
            int protocol = random.nextBoolean() ? TCP : UDP;
            int port = random.nextBoolean() ? 443 : random.nextInt(65_536);
            int packets = 1 + random.nextInt(5);
            long bytesEach = 40L + random.nextInt(1400);
            boolean late = random.nextInt(4) == 0;
            table.record(Cluster.packet(to, new Ip(0, source), protocol, port)
                    .times(packets, bytesEach)
                    .at(step * Cluster.SECOND, late ? EventTime.LATE : EventTime.CURRENT));
            if (registered.size() < LIMITS.loadBalancersMax()) {
                registered.add(to.toString());
            }
            String nlb = registered.contains(to.toString()) ? to.toString() : "other";
            long[] counts = truth.computeIfAbsent(nlb, name -> new long[3]);
            counts[0] += packets;
            counts[1] += packets * bytesEach;
            counts[2] += late ? packets : 0;
            if (step % 500 == 0) {
                table.advance(step);
                check(table.snapshot(), "seed " + seed + ", step " + step);
            }
        }
    }

    private void check(DenialSnapshot now, String when) {
        assertEquals(registered.size(), now.loadBalancers().size(), when);
        assertEquals("192.0.2.10", now.loadBalancers().getFirst().nlb(), when);
        List<LoadBalancerDenials> all = new ArrayList<>(now.loadBalancers());
        all.add(now.other());
        for (LoadBalancerDenials nlb : all) {
            long[] counts = truth.getOrDefault(nlb.nlb(), new long[3]);
            long packets = 0;
            long bytes = 0;
            for (PortTotal total : nlb.totals()) {
                neverFalls(nlb.nlb() + total.transport() + total.port(), total.packets(), when);
                packets += total.packets();
                bytes += total.bytes();
            }
            assertEquals(counts[0], nlb.packets(), when);
            assertEquals(counts[0], packets, when);
            assertEquals(counts[1], nlb.bytes(), when);
            assertEquals(counts[1], bytes, when);
            assertEquals(counts[2], nlb.latePackets(), when);
        }
        neverFalls("evictedForCapacity", now.evictedForCapacity(), when);
        neverFalls("evictedIdle", now.evictedIdle(), when);
        assertEquals(4 * 16, now.trackedSourcesLimit(), when);
        assertTrue(now.trackedSources() <= now.trackedSourcesLimit(), when);
    }

    private void neverFalls(String counter, long value, String when) {
        assertTrue(value >= before.getOrDefault(counter, 0L), when + ": " + counter + " fell");
        before.put(counter, value);
    }
}

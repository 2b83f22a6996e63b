package io.denywatch.denial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.denywatch.count.CheckedInput;
import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.denial.DenialSnapshot.PortCount;
import io.denywatch.denial.DenialSnapshot.PortTotal;
import io.denywatch.denial.LoadBalancer.ServicePort;
import io.denywatch.denial.ObservedPacket.EventTime;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Saving and restoring: a table that was restarted against one that never was. */
class DenialStateTest {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ICMP = 1;
    private static final DenialLimits LIMITS = new DenialLimits(4, 16, 5, 64, 8);
    private static final ServicePort HTTPS = new ServicePort(Transport.TCP, 443);
    private static final ServicePort DNS = new ServicePort(Transport.UDP, 53);
    private static final LoadBalancer FIRST = loadBalancer("192.0.2.10", HTTPS, DNS);
    private static final LoadBalancer SECOND = loadBalancer("192.0.2.11", HTTPS);
    private static final List<LoadBalancer> KNOWN = List.of(FIRST, SECOND);

    private static LoadBalancer loadBalancer(String addresses, ServicePort... ports) {
        return new LoadBalancer(List.of(IpPrefix.parse(addresses)), "shop", "web", List.of(ports), List.of());
    }

    private static byte[] save(DenialTable table) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            table.save(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new AssertionError("memory does not fail", e);
        }
        return bytes.toByteArray();
    }

    private static DataInput input(byte[] state) {
        return new DataInputStream(new ByteArrayInputStream(state));
    }

    private static DenialTable restored(byte[] state, DenialTable into) throws IOException {
        into.restore(input(state));
        return into;
    }

    private static void packet(DenialTable table, String to, int protocol, int port) {
        Ip destination = Ip.parse(to);
        Ip source = Ip.parse("198.51.100.1");
        table.record(Cluster.packet(destination, source, protocol, port).times(1, 60));
    }

    /** What is left of a snapshot without the window. */
    private static List<LoadBalancerDenials> sinceStart(DenialSnapshot snapshot) {
        List<LoadBalancerDenials> all = new ArrayList<>(snapshot.loadBalancers());
        all.add(snapshot.other());
        return all.stream()
                .map(nlb -> new LoadBalancerDenials(
                        nlb.nlb(),
                        nlb.namespace(),
                        nlb.service(),
                        nlb.packets(),
                        nlb.bytes(),
                        nlb.latePackets(),
                        nlb.totals(),
                        0,
                        List.of(),
                        nlb.topPorts()))
                .toList();
    }

    /** More destinations than load balancers, more ports than are tracked: also what was forgotten must survive. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void countsAsIfThereHadBeenNoRestart(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        DenialTable model = new DenialTable(LIMITS, KNOWN, Destinations.ANY, seed);
        DenialTable table = new DenialTable(LIMITS, KNOWN, Destinations.ANY, seed);
        for (int step = 0; step < 20_000; step++) {
            Ip to = Ip.ofIpv4(0xc000020a + random.nextInt(6));
            long source = Ip.IPV4_MAPPED_LOW | random.nextInt(1000);
            int protocol = random.nextInt(4) == 0 ? ICMP : random.nextBoolean() ? TCP : UDP;
            int port = protocol == ICMP ? -1 : random.nextInt(3) == 0 ? 443 : 45 + random.nextInt(16);
            int packets = random.nextInt(1000) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(3);
            long bytes = random.nextInt(100_000);
            boolean late = random.nextInt(4) == 0;
            for (DenialTable each : List.of(model, table)) {
                each.record(Cluster.packet(to, new Ip(0, source), protocol, port)
                        .times(packets, bytes)
                        .at(step * Cluster.SECOND, late ? EventTime.LATE : EventTime.CURRENT));
                each.advance(step);
            }
            if (random.nextInt(400) == 0) {
                String when = "seed " + seed + ", step " + step;
                DenialSnapshot before = table.snapshot();
                table = restored(save(table), new DenialTable(LIMITS, KNOWN, Destinations.ANY, random.nextLong()));
                DenialSnapshot after = table.snapshot();
                assertEquals(sinceStart(model.snapshot()), sinceStart(after), when);
                assertEquals(before.evictedForCapacity(), after.evictedForCapacity(), when);
                assertEquals(before.evictedIdle(), after.evictedIdle(), when);
                assertEquals(0, after.trackedSources(), when + ": the window begins anew");
            }
        }
        assertTrue(table.snapshot().evictedForCapacity() > 0 && table.snapshot().evictedIdle() > 0, "seed " + seed);
    }

    @Test
    void dropsLoadBalancersThatAreNoneAnyMore() throws IOException {
        DenialTable before = new DenialTable(LIMITS, KNOWN, Destinations.CONFIGURED, 1);
        packet(before, "192.0.2.10", TCP, 443);
        packet(before, "192.0.2.11", TCP, 443);
        packet(before, "192.0.2.99", TCP, 443);
        DenialSnapshot after = restored(
                        save(before), new DenialTable(LIMITS, List.of(SECOND), Destinations.CONFIGURED, 2))
                .snapshot();
        assertEquals(
                List.of("192.0.2.11"),
                after.loadBalancers().stream().map(LoadBalancerDenials::nlb).toList());
        assertEquals(1, after.loadBalancers().getFirst().packets());
        assertEquals(1, after.other().packets());
    }

    @Test
    void dropsLoadBalancersBeyondAsmallerLimitThoseMetLastFirst() throws IOException {
        DenialTable before = new DenialTable(LIMITS, List.of(), Destinations.ANY, 1);
        for (String to : List.of("192.0.2.1", "192.0.2.2", "2001:db8::3", "192.0.2.4", "192.0.2.5")) {
            packet(before, to, UDP, 53);
        }
        DenialLimits smaller = new DenialLimits(3, 16, 5, 64, 8);
        DenialSnapshot after = restored(save(before), new DenialTable(smaller, List.of(), Destinations.ANY, 2))
                .snapshot();
        assertEquals(
                List.of("192.0.2.1", "192.0.2.2", "2001:db8::3"),
                after.loadBalancers().stream().map(LoadBalancerDenials::nlb).toList());
        assertEquals(1, after.other().packets(), "192.0.2.5, which went there before");
    }

    @Test
    void forgetsLoadBalancersThatNothingWasSentTo() throws IOException {
        DenialTable before = new DenialTable(LIMITS, KNOWN, Destinations.CONFIGURED, 1);
        DenialTable after = restored(save(before), new DenialTable(LIMITS, List.of(), Destinations.ANY, 2));
        assertEquals(List.of(), after.snapshot().loadBalancers());
    }

    @Test
    void dropsTotalsOfPortsNoLongerExposedAndKeepsTheRest() throws IOException {
        DenialTable before = new DenialTable(LIMITS, List.of(FIRST), Destinations.CONFIGURED, 1);
        packet(before, "192.0.2.10", TCP, 443);
        packet(before, "192.0.2.10", UDP, 53);
        packet(before, "192.0.2.10", UDP, 54);
        LoadBalancer now = loadBalancer("192.0.2.10", DNS, new ServicePort(Transport.UDP, 54));
        LoadBalancerDenials after = restored(
                        save(before), new DenialTable(LIMITS, List.of(now), Destinations.CONFIGURED, 2))
                .snapshot()
                .loadBalancers()
                .getFirst();
        assertEquals(
                List.of(
                        new PortTotal("shop", "web", Transport.UDP, 53, 1, 60),
                        new PortTotal("shop", "web", Transport.UDP, 54, 0, 0),
                        new PortTotal("shop", "web", Transport.TCP, 0, 0, 0),
                        new PortTotal("shop", "web", Transport.UDP, 0, 1, 60),
                        new PortTotal("shop", "web", Transport.ICMP, 0, 0, 0),
                        new PortTotal("shop", "web", Transport.OTHER, 0, 0, 0)),
                after.totals());
        assertEquals(
                List.of(
                        new PortCount(Transport.TCP, 443, 1),
                        new PortCount(Transport.UDP, 53, 1),
                        new PortCount(Transport.UDP, 54, 1)),
                after.topPorts());
    }

    @Test
    void keepsThePortsThatFitASmallerTable() throws IOException {
        DenialTable before = new DenialTable(LIMITS, List.of(FIRST), Destinations.CONFIGURED, 1);
        for (int port = 1; port <= 6; port++) {
            packet(before, "192.0.2.10", TCP, port);
        }
        DenialLimits smaller = new DenialLimits(4, 16, 5, 64, 3);
        DenialTable after =
                restored(save(before), new DenialTable(smaller, List.of(FIRST), Destinations.CONFIGURED, 2));
        packet(after, "192.0.2.10", TCP, 1);
        LoadBalancerDenials nlb = after.snapshot().loadBalancers().getFirst();
        assertEquals(
                List.of(
                        new PortCount(Transport.TCP, 1, 2),
                        new PortCount(Transport.TCP, 2, 1),
                        new PortCount(Transport.TCP, 3, 1)),
                nlb.topPorts());
        assertEquals(7, nlb.packets());
    }

    private static DenialTable full(DenialLimits limits, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        DenialTable table = new DenialTable(
                limits, List.of(FIRST, loadBalancer("192.0.2.0/24", HTTPS)), Destinations.CONFIGURED, seed);
        for (int i = 0; i < 500 * limits.loadBalancersMax(); i++) {
            int to = 0xc0000200 + i % (limits.loadBalancersMax() + 1);
            long low = Ip.ofIpv4(to).low();
            table.record(Cluster.packet(new Ip(0, low), new Ip(0, i), 99, random.nextInt(65_536)));
        }
        return table;
    }

    @Test
    void takesNoMoreBytesThanItSays() {
        int length = save(full(LIMITS, 1)).length;
        long bound = DenialTable.stateBytesMax(
                LIMITS, List.of(FIRST, loadBalancer("192.0.2.0/24", HTTPS)), Destinations.CONFIGURED);
        assertTrue(length <= bound);
        assertTrue(bound < 2L * length, "a bound, and not a wild guess");
        long few = DenialTable.stateBytesMax(LIMITS, KNOWN, Destinations.CONFIGURED);
        assertTrue(few < bound * 2 / 3, "no room for those that cannot come");
    }

    /** Cut or altered anywhere, a state is refused or taken, but never brings the agent down. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void refusesWhatNoTableSaves(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] state = save(full(LIMITS, seed));
        int refused = 0;
        for (int i = 0; i < 3_000; i++) {
            byte[] damaged = state.clone();
            int at = random.nextInt(damaged.length);
            damaged[at] = (byte) (random.nextBoolean() ? -1 : random.nextInt(256));
            try {
                DenialTable table = restored(damaged, new DenialTable(LIMITS, KNOWN, Destinations.ANY, seed));
                packet(table, "192.0.2.10", TCP, 443);
                packet(table, "192.0.2.10", TCP, 444);
                save(table);
            } catch (IOException e) {
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", byte " + at + " of " + damaged.length, e);
            }
        }
        assertTrue(refused > 300, "seed " + seed + ": refused " + refused);
        for (int length = 0; length < state.length; length++) {
            byte[] cut = new byte[length];
            System.arraycopy(state, 0, cut, 0, length);
            assertThrows(
                    IOException.class,
                    () -> new DenialTable(LIMITS, KNOWN, Destinations.ANY, seed).restore(input(cut)));
        }
    }

    @Test
    void leavesOutANumberThatCannotBeAndSaysSo() throws IOException {
        byte[] state = new byte[1_000];
        state[7 + 8] = 1; // one idle source evicted
        state[16] = -1; // the sign of the late packets
        CheckedInput in = new CheckedInput(new ByteArrayInputStream(state));
        DenialTable table = new DenialTable(LIMITS, KNOWN, Destinations.ANY, 1);
        table.restore(in);
        assertEquals("late packets (" + (-1L << 56) + ")", in.dropped());
        assertEquals(0, table.snapshot().other().latePackets());
        assertEquals(1, table.snapshot().evictedIdle());
    }

    @Test
    void savingAllocatesNothingThatGrowsWithTheTable() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        DenialTable table = full(new DenialLimits(200, 16, 5, 64, 64), 1);
        DataOutputStream out = new DataOutputStream(OutputStream.nullOutputStream());
        table.save(out);
        long before = threads.getCurrentThreadAllocatedBytes();
        table.save(out);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated <= 256, allocated + " bytes to save 200 load balancers");
    }
}

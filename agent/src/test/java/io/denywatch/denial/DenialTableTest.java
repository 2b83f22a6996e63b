package io.denywatch.denial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.denial.DenialSnapshot.NlbDenials;
import io.denywatch.denial.DenialSnapshot.PortCount;
import io.denywatch.denial.DenialSnapshot.PortTotal;
import io.denywatch.denial.DenialSnapshot.SourceCount;
import io.denywatch.denial.LoadBalancer.ServicePort;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DenialTableTest {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final long START = 1_800_000_000L;
    private static final LoadBalancer WEB = new LoadBalancer(
            IpPrefix.parse("192.0.2.10"),
            "shop",
            "web",
            List.of(new ServicePort(Transport.TCP, 443), new ServicePort(Transport.TCP, 80)));

    private static DenialTable table(DenialLimits limits, LoadBalancer... known) {
        return new DenialTable(limits, List.of(known), false, 1);
    }

    private static void record(DenialTable table, String to, String from, int port, int packets, boolean late) {
        Ip destination = Ip.parse(to);
        Ip source = Ip.parse(from);
        table.record(
                destination.high(),
                destination.low(),
                source.high(),
                source.low(),
                TCP,
                port,
                packets,
                60L * packets,
                late,
                START);
    }

    private static void record(DenialTable table, String to, String from) {
        record(table, to, from, 443, 1, false);
    }

    private static NlbDenials web(DenialTable table) {
        return table.snapshot().loadBalancers().getFirst();
    }

    @Test
    void showsAKnownLoadBalancerWithZerosBeforeAnyPacket() {
        NlbDenials web = web(table(DenialLimits.DEFAULTS, WEB));
        assertEquals("192.0.2.10 shop web", web.nlb() + " " + web.namespace() + " " + web.service());
        assertEquals(
                List.of(
                        new PortTotal(Transport.TCP, 80, 0, 0),
                        new PortTotal(Transport.TCP, 443, 0, 0),
                        new PortTotal(Transport.TCP, 0, 0, 0),
                        new PortTotal(Transport.UDP, 0, 0, 0),
                        new PortTotal(Transport.ICMP, 0, 0, 0),
                        new PortTotal(Transport.OTHER, 0, 0, 0)),
                web.totals());
        assertEquals(List.of(), web.topSources());
        assertEquals(0, web.sources());
    }

    @Test
    void namesNoPortThatTheLoadBalancerDoesNotExpose() {
        DenialTable table = table(DenialLimits.DEFAULTS, WEB);
        record(table, "192.0.2.10", "198.51.100.1", 443, 2, false);
        record(table, "192.0.2.10", "198.51.100.1", 22, 3, false);
        record(table, "192.0.2.10", "198.51.100.1", -1, 4, false);
        record(table, "192.0.2.10", "198.51.100.1", 0, 5, false);
        Map<Integer, Long> tcp = new TreeMap<>();
        for (PortTotal total : web(table).totals()) {
            if (total.transport() == Transport.TCP) {
                tcp.put(total.port(), total.packets());
            }
        }
        assertEquals(Map.of(0, 12L, 80, 0L, 443, 2L), tcp);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void totalsAreExactAndNeverFall(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        DenialLimits limits = new DenialLimits(3, 16, 5, 64, 8);
        DenialTable table = new DenialTable(limits, List.of(WEB), true, seed);
        Map<String, long[]> truth = new HashMap<>();
        Map<String, Long> before = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            int host = 10 + random.nextInt(5);
            Ip to = Ip.ofIpv4(0xc0000200 | host);
            int packets = 1 + random.nextInt(5);
            boolean late = random.nextInt(4) == 0;
            int protocol = random.nextBoolean() ? TCP : UDP;
            int port = random.nextBoolean() ? 443 : random.nextInt(65_536);
            long source = Ip.IPV4_MAPPED_LOW | random.nextInt(1000);
            long bytes = packets * (40L + random.nextInt(1400));
            table.record(to.high(), to.low(), 0, source, protocol, port, packets, bytes, late, START + step);
            boolean own = truth.containsKey(to.toString()) || host == 10 || truth.size() < 3;
            String nlb = own && (host == 10 || registers(truth, to)) ? to.toString() : "other";
            long[] counts = truth.computeIfAbsent(nlb, name -> new long[3]);
            counts[0] += packets;
            counts[1] += bytes;
            counts[2] += late ? packets : 0;
            if (step % 500 == 0) {
                table.advance(START + step);
                check(table.snapshot(), truth, before, "seed " + seed + ", step " + step);
            }
        }
    }

    /** Whether one of the two places beside the known one is, or can become, this address's. */
    private static boolean registers(Map<String, long[]> truth, Ip to) {
        long others = truth.keySet().stream()
                .filter(name -> !name.equals("192.0.2.10") && !name.equals("other"))
                .count();
        return truth.containsKey(to.toString()) || others < 2;
    }

    private static void check(DenialSnapshot now, Map<String, long[]> truth, Map<String, Long> before, String when) {
        assertTrue(now.loadBalancers().size() <= 3, when);
        assertEquals("192.0.2.10", now.loadBalancers().getFirst().nlb(), when);
        List<NlbDenials> all = new ArrayList<>(now.loadBalancers());
        all.add(now.other());
        for (NlbDenials nlb : all) {
            long[] counts = truth.getOrDefault(nlb.nlb(), new long[3]);
            assertEquals(counts[0], nlb.packets(), when);
            assertEquals(counts[1], nlb.bytes(), when);
            assertEquals(counts[2], nlb.latePackets(), when);
            assertEquals(
                    nlb.packets(),
                    nlb.totals().stream().mapToLong(PortTotal::packets).sum(),
                    when);
            assertEquals(
                    nlb.bytes(),
                    nlb.totals().stream().mapToLong(PortTotal::bytes).sum(),
                    when);
            for (PortTotal total : nlb.totals()) {
                String row = nlb.nlb() + total.transport() + total.port();
                assertTrue(total.packets() >= before.getOrDefault(row, 0L), when + ": " + row + " fell");
                before.put(row, total.packets());
            }
        }
        long evicted = now.evictedForCapacity() + now.evictedIdle();
        assertTrue(evicted >= before.getOrDefault("evicted", 0L), when + ": evictions fell");
        before.put("evicted", evicted);
        assertEquals(4 * 16, now.trackedSourcesLimit(), when);
        assertTrue(now.trackedSources() <= now.trackedSourcesLimit(), when);
    }

    @Test
    void countsLatePacketsInTheTotalsButNotInTheWindow() {
        DenialTable table = table(DenialLimits.DEFAULTS, WEB);
        record(table, "192.0.2.10", "198.51.100.1", 443, 7, true);
        record(table, "192.0.2.10", "198.51.100.2", 443, 2, false);
        NlbDenials web = web(table);
        assertEquals(9, web.packets());
        assertEquals(7, web.latePackets());
        assertEquals(1, web.sources());
        assertEquals(
                List.of("198.51.100.2"),
                web.topSources().stream().map(s -> s.source().toString()).toList());
        assertEquals(List.of(new PortCount(Transport.TCP, 443, 9)), web.topPorts());
    }

    @Test
    void countsElsewhereWhatGoesToNoKnownLoadBalancer() {
        DenialTable table = table(DenialLimits.DEFAULTS, WEB);
        record(table, "192.0.2.11", "198.51.100.1", 22, 3, false);
        DenialSnapshot snapshot = table.snapshot();
        assertEquals(1, snapshot.loadBalancers().size());
        assertEquals(0, web(table).packets());
        assertEquals("other", snapshot.other().nlb());
        assertEquals(3, snapshot.other().packets());
        assertEquals(1, snapshot.other().sources());
        assertEquals(
                List.of(new PortCount(Transport.TCP, 22, 3)), snapshot.other().topPorts());
    }

    @Test
    void setsUpEachAddressOfABlockOnItsFirstPacket() {
        LoadBalancer pool = new LoadBalancer(IpPrefix.parse("203.0.113.0/24"), "pool", "", WEB.ports());
        DenialTable table = table(DenialLimits.DEFAULTS, pool, WEB);
        assertEquals(1, table.snapshot().loadBalancers().size());
        record(table, "203.0.113.7", "198.51.100.1");
        record(table, "203.0.114.7", "198.51.100.1");
        record(table, "203.0.113.9", "198.51.100.1");
        record(table, "203.0.113.7", "198.51.100.1");
        DenialSnapshot snapshot = table.snapshot();
        assertEquals(
                List.of("192.0.2.10 0", "203.0.113.7 2", "203.0.113.9 1"),
                snapshot.loadBalancers().stream()
                        .map(n -> n.nlb() + " " + n.packets())
                        .toList());
        assertEquals("pool", snapshot.loadBalancers().get(1).namespace());
        assertEquals(1, snapshot.other().packets());
    }

    @Test
    void countsUnderOtherWhatIsBeyondTheLimit() {
        DenialLimits limits = new DenialLimits(2, 16, 5, 64, 8);
        DenialTable table = new DenialTable(limits, List.of(WEB), true, 1);
        record(table, "2001:db8::1", "198.51.100.1");
        record(table, "2001:db8::2", "198.51.100.1");
        record(table, "2001:db8::1", "198.51.100.1");
        DenialSnapshot snapshot = table.snapshot();
        assertEquals(
                List.of("192.0.2.10", "2001:db8::1"),
                snapshot.loadBalancers().stream().map(NlbDenials::nlb).toList());
        assertEquals(1, snapshot.other().packets());
    }

    @Test
    void takesTheUnspecifiedAddressForADestinationLikeAnyOther() {
        DenialTable table = new DenialTable(DenialLimits.DEFAULTS, List.of(), true, 1);
        record(table, "::", "198.51.100.1");
        assertEquals("::", web(table).nlb());
    }

    @ParameterizedTest
    @CsvSource({"64, 2001:db8::", "48, 2001:db8::", "128, 2001:db8::1", "1, ::"})
    void countsIpv6SourcesByPrefixAndIpv4SourcesWhole(int length, String first) {
        DenialTable table = table(new DenialLimits(4, 16, 5, length, 8), WEB);
        record(table, "192.0.2.10", "2001:db8::1");
        record(table, "192.0.2.10", "198.51.100.255", 443, 2, false);
        assertEquals(
                List.of(
                        new SourceCount(Ip.parse("198.51.100.255"), 128, 2, 2, START, START),
                        new SourceCount(Ip.parse(first), length, 1, 1, START, START)),
                web(table).topSources());
        record(table, "192.0.2.10", "2001:db8::2");
        assertEquals(length == 128 ? 3 : 2, web(table).sources());
    }

    @Test
    void forgetsSourcesTenMinutesLaterAndKeepsTheTotals() {
        DenialTable table = table(DenialLimits.DEFAULTS, WEB);
        table.advance(START);
        record(table, "192.0.2.10", "198.51.100.1");
        table.advance(START + 599);
        assertEquals(1, web(table).sources());
        assertEquals(0, table.snapshot().evictedIdle());
        table.advance(START + 600);
        assertEquals(0, web(table).sources());
        assertEquals(List.of(), web(table).topSources());
        assertEquals(1, web(table).packets());
        assertEquals(1, table.snapshot().evictedIdle());
        assertEquals(0, table.snapshot().trackedSources());
        assertEquals(600, table.snapshot().windowSeconds());
    }

    @Test
    void keepsTheWindowWhenTheClockIsSetBackAndEmptiesItAfterALongGap() {
        DenialTable table = table(DenialLimits.DEFAULTS, WEB);
        table.advance(START);
        record(table, "192.0.2.10", "198.51.100.1");
        table.advance(START - 86_400);
        assertEquals(1, web(table).sources());
        table.advance(START - 86_400 + 600);
        assertEquals(0, web(table).sources());
        record(table, "192.0.2.10", "198.51.100.1");
        table.advance(Long.MAX_VALUE / 2);
        assertEquals(0, web(table).sources());
    }

    @Test
    void sharesWhatDidNotChangeWithTheSnapshotBefore() {
        LoadBalancer idle = LoadBalancer.at(IpPrefix.parse("192.0.2.11"));
        DenialTable table = table(DenialLimits.DEFAULTS, WEB, idle);
        table.advance(START);
        record(table, "192.0.2.10", "198.51.100.1");
        DenialSnapshot first = table.snapshot();
        record(table, "192.0.2.10", "198.51.100.1");
        table.advance(START + 120);
        DenialSnapshot second = table.snapshot();
        assertNotSame(first.loadBalancers().get(0), second.loadBalancers().get(0));
        assertSame(first.loadBalancers().get(1), second.loadBalancers().get(1));
        assertSame(first.other(), second.other());
        assertSame(second.loadBalancers().get(0), web(table));
        table.advance(START + 240);
        assertNotSame(second.loadBalancers().get(0), web(table), "the window moved on");
    }

    @Test
    void aSnapshotStaysAsItWasTaken() {
        DenialTable table = table(DenialLimits.DEFAULTS, WEB);
        record(table, "192.0.2.10", "198.51.100.1");
        DenialSnapshot snapshot = table.snapshot();
        NlbDenials web = snapshot.loadBalancers().getFirst();
        String before = snapshot.toString();
        record(table, "192.0.2.10", "198.51.100.2");
        record(table, "192.0.2.12", "198.51.100.2");
        table.snapshot();
        assertEquals(before, snapshot.toString());
        for (List<?> list : List.of(snapshot.loadBalancers(), web.totals(), web.topSources(), web.topPorts())) {
            assertThrows(UnsupportedOperationException.class, list::removeFirst);
        }
    }

    @Test
    void aBlankTableOfManyLoadBalancersTakesLittle() {
        DenialTable table = new DenialTable(DenialLimits.DEFAULTS, List.of(), true, 1);
        for (int i = 0; i < 256; i++) {
            record(table, Ip.ofIpv4(i).toString(), "198.51.100.1");
        }
        assertEquals(256, table.snapshot().loadBalancers().size());
        assertTrue(table.bytes() <= 257 * 2_200, table.bytes() + " bytes");
    }
}

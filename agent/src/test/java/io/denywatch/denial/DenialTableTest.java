package io.denywatch.denial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.denial.DenialSnapshot.PortCount;
import io.denywatch.denial.DenialSnapshot.PortTotal;
import io.denywatch.denial.DenialSnapshot.SourceCount;
import io.denywatch.denial.LoadBalancer.ServicePort;
import io.denywatch.denial.ObservedPacket.EventTime;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DenialTableTest {
    private static final int TCP = 6;
    private static final long START = 1_800_000_000L;
    private static final LoadBalancer WEB = new LoadBalancer(
            List.of(IpPrefix.parse("192.0.2.10")),
            "shop",
            "web",
            List.of(new ServicePort(Transport.TCP, 443), new ServicePort(Transport.TCP, 80)),
            List.of());

    private static DenialTable table(DenialLimits limits, LoadBalancer... known) {
        return new DenialTable(limits, List.of(known), Destinations.CONFIGURED, 1);
    }

    private static void record(DenialTable table, String to, String from, int port, int packets, boolean late) {
        Ip destination = Ip.parse(to);
        Ip source = Ip.parse(from);
        table.record(Cluster.packet(destination, source, TCP, port)
                .times(packets, 60)
                .at(START * Cluster.SECOND, late ? EventTime.LATE : EventTime.CURRENT));
    }

    private static void record(DenialTable table, String to, String from) {
        record(table, to, from, 443, 1, false);
    }

    private static LoadBalancerDenials web(DenialTable table) {
        return table.snapshot().loadBalancers().getFirst();
    }

    @Test
    void showsAKnownLoadBalancerWithZerosBeforeAnyPacket() {
        LoadBalancerDenials web = web(table(DenialLimits.DEFAULTS, WEB));
        assertEquals("192.0.2.10 shop web", web.nlb() + " " + web.namespace() + " " + web.service());
        assertEquals(
                List.of(
                        new PortTotal("shop", "web", Transport.TCP, 80, 0, 0),
                        new PortTotal("shop", "web", Transport.TCP, 443, 0, 0),
                        new PortTotal("shop", "web", Transport.TCP, 0, 0, 0),
                        new PortTotal("shop", "web", Transport.UDP, 0, 0, 0),
                        new PortTotal("shop", "web", Transport.ICMP, 0, 0, 0),
                        new PortTotal("shop", "web", Transport.OTHER, 0, 0, 0)),
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

    @Test
    void countsLatePacketsInTheTotalsButNotInTheWindow() {
        DenialTable table = table(DenialLimits.DEFAULTS, WEB);
        record(table, "192.0.2.10", "198.51.100.1", 443, 7, true);
        record(table, "192.0.2.10", "198.51.100.2", 443, 2, false);
        LoadBalancerDenials web = web(table);
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
        LoadBalancer pool =
                new LoadBalancer(List.of(IpPrefix.parse("203.0.113.0/24")), "pool", "", WEB.ports(), List.of());
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
        DenialTable table = new DenialTable(limits, List.of(WEB), Destinations.ANY, 1);
        record(table, "2001:db8::1", "198.51.100.1");
        record(table, "2001:db8::2", "198.51.100.1");
        record(table, "2001:db8::1", "198.51.100.1");
        DenialSnapshot snapshot = table.snapshot();
        assertEquals(
                List.of("192.0.2.10", "2001:db8::1"),
                snapshot.loadBalancers().stream().map(LoadBalancerDenials::nlb).toList());
        assertEquals(1, snapshot.other().packets());
    }

    @Test
    void takesTheUnspecifiedAddressForADestinationLikeAnyOther() {
        DenialTable table = new DenialTable(DenialLimits.DEFAULTS, List.of(), Destinations.ANY, 1);
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
        LoadBalancerDenials web = snapshot.loadBalancers().getFirst();
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
        DenialTable table = new DenialTable(DenialLimits.DEFAULTS, List.of(), Destinations.ANY, 1);
        for (int i = 0; i < 256; i++) {
            record(table, Ip.ofIpv4(i).toString(), "198.51.100.1");
        }
        assertEquals(256, table.snapshot().loadBalancers().size());
        assertTrue(table.bytes() <= 257 * 2_400, table.bytes() + " bytes");
    }

    @Test
    void aMillionSpoofedSourcesAtEachPortTakeNoMoreThanTheFormulaSays() {
        DenialTable table = new DenialTable(new DenialLimits(32, 1024, 20, 64, 64), List.of(), Destinations.ANY, 1);
        for (int i = 0; i < 1_000_000; i++) {
            table.record(Cluster.packet(new Ip(0, i % 40), new Ip(0, Ip.IPV4_MAPPED_LOW | i), TCP, i * 31 & 0xffff));
        }
        long perLoadBalancer = 69 * 1024 + 61 * 64 + 48 * 4 + 5 * 4096;
        assertEquals(33 * perLoadBalancer + 32 * 24, table.bytes());
        assertEquals(33 * 1024, table.snapshot().trackedSources());
        assertEquals(1_000_000 - 33 * 1024, table.snapshot().evictedForCapacity());
    }
}

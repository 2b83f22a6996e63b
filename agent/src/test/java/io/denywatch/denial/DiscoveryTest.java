package io.denywatch.denial;

import static io.denywatch.denial.Cluster.NODE;
import static io.denywatch.denial.Cluster.NODE_IPV6;
import static io.denywatch.denial.Cluster.counted;
import static io.denywatch.denial.Cluster.packet;
import static io.denywatch.denial.Cluster.restored;
import static io.denywatch.denial.Cluster.service;
import static io.denywatch.denial.Cluster.totals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.ip.Ip;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Load balancers that come, change and go while packets are counted. */
class DiscoveryTest {
    private static final String IP = "203.0.113.7";
    private static final String IPV6 = "2001:db8::7";
    private static final LoadBalancer WEB = service("web", IP, "tcp/443", "tcp/30443");
    private static final LoadBalancer DNS = service("dns", IP, "udp/53", "udp/30053");

    private final DenialTable table = Cluster.table(DenialLimits.DEFAULTS);

    private void packets(String to, int... tcpPorts) {
        for (int port : tcpPorts) {
            packet(table, to, Transport.TCP, port);
        }
    }

    private LoadBalancerDenials first() {
        return table.snapshot().loadBalancers().getFirst();
    }

    @Test
    void showsWhatIsAssignedWithZerosBeforeAnyPacket() {
        table.assign(Cluster.of(WEB));
        assertEquals(0, totals(table).get(IP + " web tcp/443"));
        assertEquals(0, totals(table).get(IP + " web tcp/30443"));
        assertEquals("shop web", first().namespace() + " " + first().service());
    }

    @Test
    void aSharedAddressGoesByPortAndNamesNobodyAtOtherPorts() {
        table.assign(Cluster.of(WEB, DNS));
        packets(IP, 443, 53);
        packet(table, IP, Transport.UDP, 53);
        packet(table, IP, Transport.ICMP, -1);
        assertEquals(
                Map.of(
                        IP + " web tcp/443",
                        1L,
                        IP + " dns udp/53",
                        1L,
                        IP + " - tcp/other",
                        1L,
                        IP + " - icmp/other",
                        1L),
                counted(table));
        assertEquals("", first().service());
    }

    @Test
    void anAddressThatIsSharedNoMoreNamesItsOnlyServiceAgain() {
        table.assign(Cluster.of(WEB));
        packets(IP, 22);
        table.assign(Cluster.of(WEB, DNS));
        packets(IP, 22, 22);
        table.assign(Cluster.of(WEB));
        packets(IP, 22);
        assertEquals(Map.of(IP + " web tcp/other", 2L, IP + " - tcp/other", 2L), counted(table));
        assertEquals("web", first().service());
    }

    @Test
    void countsBothFamiliesOfADualStackServiceAndEachAtItsOwnNodePort() {
        table.assign(Cluster.of(service("web", IPV6 + " " + IP, "tcp/443", "tcp/30443")));
        packets(IP, 443);
        packets(IPV6, 443, 443);
        packets(NODE, 30443);
        packets(NODE_IPV6, 30443, 30443);
        assertEquals(
                Map.of(
                        IP + " web tcp/443", 1L,
                        IPV6 + " web tcp/443", 2L,
                        IP + " web tcp/30443", 1L,
                        IPV6 + " web tcp/30443", 2L),
                counted(table));
    }

    @Test
    void aNodePortOfAServiceWithoutAnAddressOfItsFamilyGoesToTheFirstThereIs() {
        table.assign(Cluster.of(WEB));
        packets(NODE_IPV6, 30443);
        packets(NODE, 30443);
        assertEquals(Map.of(IP + " web tcp/30443", 2L), counted(table));
    }

    @Test
    void aServiceWithOnlyAHostNameIsCountedUnderItsNameAmongOthers() {
        table.assign(Cluster.of(service("hosted", "", "tcp/443", "tcp/30443")));
        packets(NODE, 30443, 443);
        packets("203.0.113.99", 30443);
        assertEquals(Map.of("other hosted tcp/30443", 1L, "other - tcp/other", 2L), counted(table));
    }

    @Test
    void aNodePortIsNoneOnOtherNodesNorAtTheLoadBalancersAddress() {
        table.assign(Cluster.of(WEB));
        packets("10.0.0.2", 30443);
        packets(IP, 30443);
        packet(table, NODE, Transport.UDP, 30443);
        assertEquals(
                Map.of("other - tcp/other", 1L, "other - udp/other", 1L, IP + " web tcp/other", 1L), counted(table));
    }

    @Test
    void whereTheNodesAddressIsTheLoadBalancersExposedPortsComeFirst() {
        table.assign(Cluster.of(service("web", NODE, "tcp/443", "tcp/30443")));
        packets(NODE, 443, 30443, 22);
        assertEquals(
                Map.of(NODE + " web tcp/443", 1L, NODE + " web tcp/30443", 1L, NODE + " web tcp/other", 1L),
                counted(table));
    }

    @Test
    void aServiceThatIsDeletedKeepsItsTotalsAndGoesOnWhenItIsBack() {
        table.assign(Cluster.of(WEB));
        packets(IP, 443, 443, 22);
        packets(NODE, 30443);
        table.assign(DiscoveredLoadBalancers.NONE);
        packets(IP, 443);
        packets(NODE, 30443);
        assertEquals(2L, counted(table).get(IP + " web tcp/443"));
        assertEquals(2L, counted(table).get("other - tcp/other"));
        assertEquals("web", first().service());
        table.assign(Cluster.of(WEB));
        packets(IP, 443);
        packets(NODE, 30443);
        assertEquals(
                Map.of(
                        IP + " web tcp/443",
                        3L,
                        IP + " web tcp/other",
                        1L,
                        IP + " web tcp/30443",
                        2L,
                        "other - tcp/other",
                        2L),
                counted(table));
    }

    @Test
    void aPortThatIsRemovedKeepsItsTotalAndGoesOnWhenItIsBack() {
        LoadBalancer both = service("web", IP, "tcp/80 tcp/443", "");
        table.assign(Cluster.of(both));
        packets(IP, 80, 443);
        table.assign(Cluster.of(WEB));
        packets(IP, 80, 443);
        table.assign(Cluster.of(both));
        packets(IP, 80, 443);
        assertEquals(
                Map.of(IP + " web tcp/80", 2L, IP + " web tcp/443", 3L, IP + " web tcp/other", 1L), counted(table));
    }

    @Test
    void anAddressThatAnotherServiceGetsBeginsAnewUnderItsName() {
        table.assign(Cluster.of(WEB));
        packets(IP, 443, 22);
        table.assign(Cluster.of(service("next", IP, "tcp/443", "")));
        packets(IP, 443, 443, 22);
        assertEquals(
                Map.of(
                        IP + " web tcp/443", 1L,
                        IP + " web tcp/other", 1L,
                        IP + " next tcp/443", 2L,
                        IP + " next tcp/other", 1L),
                counted(table));
        assertEquals("next", first().service());
    }

    @Test
    void aRestartBeforeTheFirstAnswerGoesOnUnderTheLastKnownNames() throws IOException {
        table.assign(Cluster.of(WEB, DNS, service("old", "203.0.113.9", "tcp/80", "")));
        packets("203.0.113.9", 80);
        table.assign(Cluster.of(WEB, DNS, service("hosted", "", "tcp/80", "tcp/30080")));
        DenialTable after = Cluster.table(DenialLimits.DEFAULTS);
        assertTrue(after.isAwaitingLoadBalancers());
        after = restored(table, after);
        assertFalse(after.isAwaitingLoadBalancers());
        assertEquals(totals(table), totals(after));
        for (DenialTable each : List.of(table, after)) {
            for (String to : List.of(IP, NODE, NODE_IPV6, "203.0.113.9")) {
                for (int port : new int[] {443, 30443, 30080, 80, 53}) {
                    packet(each, to, Transport.TCP, port);
                }
            }
            packet(each, IP, Transport.UDP, 53);
            packet(each, NODE, Transport.UDP, 30053);
        }
        assertEquals(totals(table), totals(after));
        after.assign(DiscoveredLoadBalancers.NONE);
        assertEquals(totals(table), totals(after), "what is gone meanwhile stays");
    }

    @Test
    void configuredLoadBalancersStayBesideDiscoveredOnes() throws IOException {
        LoadBalancer configured = service("fixed", "192.0.2.1 198.51.100.0/24", "tcp/25", "");
        DenialTable both = Cluster.table(DenialLimits.DEFAULTS, configured);
        packet(both, "192.0.2.1", Transport.TCP, 25);
        packet(both, "198.51.100.9", Transport.TCP, 25);
        both.assign(Cluster.of(WEB));
        both = restored(both, Cluster.table(DenialLimits.DEFAULTS, configured));
        both.assign(DiscoveredLoadBalancers.NONE);
        packet(both, "192.0.2.1", Transport.TCP, 25);
        packet(both, "198.51.100.9", Transport.TCP, 25);
        assertEquals(Map.of("192.0.2.1 fixed tcp/25", 2L, "198.51.100.9 fixed tcp/25", 2L), counted(both));
    }

    @Test
    void theOrderInWhichServicesAreListedMeansNothing() {
        List<LoadBalancer> services = List.of(WEB, DNS, service("also", IP, "tcp/443 tcp/22", "tcp/30443"));
        DenialTable reversed = Cluster.table(DenialLimits.DEFAULTS);
        table.assign(Cluster.of(services.toArray(LoadBalancer[]::new)));
        reversed.assign(Cluster.of(services.reversed().toArray(LoadBalancer[]::new)));
        for (DenialTable each : List.of(table, reversed)) {
            packet(each, IP, Transport.TCP, 443);
            packet(each, NODE, Transport.TCP, 30443);
        }
        assertEquals(Map.of(IP + " also tcp/443", 1L, IP + " also tcp/30443", 1L), counted(table));
        assertEquals(totals(table), totals(reversed));
    }

    @Test
    void theLoadBalancerRetiredLongestMakesRoomAndNoneThatIsInUse() throws IOException {
        DenialTable small = Cluster.table(new DenialLimits(2, 16, 5, 64, 8));
        LoadBalancer a = service("a", "192.0.2.1", "tcp/80", "");
        LoadBalancer b = service("b", "192.0.2.2", "tcp/80", "");
        LoadBalancer c = service("c", "192.0.2.3", "tcp/80", "tcp/30080");
        small.assign(Cluster.of(a, b));
        packet(small, "192.0.2.1", Transport.TCP, 80);
        packet(small, "192.0.2.2", Transport.TCP, 80);
        small.assign(Cluster.of(a, b, c));
        packet(small, "192.0.2.3", Transport.TCP, 80);
        packet(small, NODE, Transport.TCP, 30080);
        assertEquals(
                Map.of(
                        "192.0.2.1 a tcp/80",
                        1L,
                        "192.0.2.2 b tcp/80",
                        1L,
                        "other - tcp/other",
                        1L,
                        "other c tcp/30080",
                        1L),
                counted(small));
        small.assign(Cluster.of(a));
        small.assign(DiscoveredLoadBalancers.NONE);
        small = restored(small, Cluster.table(new DenialLimits(2, 16, 5, 64, 8)));
        small.assign(Cluster.of(c));
        assertNull(totals(small).get("192.0.2.2 b tcp/80"));
        assertEquals(1L, totals(small).get("192.0.2.1 a tcp/80"));
        assertEquals(0L, totals(small).get("192.0.2.3 c tcp/80"));
        assertEquals(1L, totals(small).get("other c tcp/30080"));
    }

    private static String ports(int from, int count) {
        return IntStream.range(from, from + count)
                .mapToObj(port -> "tcp/" + port)
                .collect(Collectors.joining(" "));
    }

    @Test
    void portsBeyondTheBoundAreCountedTogetherAndThoseRetiredMakeRoom() {
        table.assign(Cluster.of(service("web", IP, ports(1, 65), "")));
        packets(IP, 1, 64, 65);
        assertEquals(Map.of(IP + " web tcp/1", 1L, IP + " web tcp/64", 1L, IP + " web tcp/other", 1L), counted(table));
        table.assign(Cluster.of(service("web", IP, ports(2, 64), "")));
        packets(IP, 1, 64, 65);
        assertEquals(Map.of(IP + " web tcp/64", 2L, IP + " web tcp/65", 1L, IP + " web tcp/other", 2L), counted(table));
        table.assign(Cluster.of(service("next", IP, ports(1, 64), "")));
        packets(IP, 1, 99);
        assertEquals(1L, totals(table).get(IP + " next tcp/1"));
        assertEquals(1L, totals(table).get(IP + " next tcp/other"));
    }

    /** Names as long as they get, every row taken, everywhere. */
    private static DiscoveredLoadBalancers longest(int addresses, String prefix) {
        List<LoadBalancer> all = new ArrayList<>();
        for (int i = 0; i < addresses; i++) {
            for (int port = 1; port <= 68; port++) {
                String name = (prefix + port + "-").concat("x".repeat(63)).substring(0, 63);
                LoadBalancer one = service(name, "192.0.2." + i, "tcp/" + port, "");
                all.add(new LoadBalancer(one.addresses(), "n".repeat(63), name, one.ports(), one.nodePorts()));
            }
        }
        for (int port = 1; port <= 1_100; port++) {
            String name = (prefix + "h" + port + "-").concat("x".repeat(63)).substring(0, 63);
            LoadBalancer one = service(name, "", "", "tcp/" + port);
            all.add(new LoadBalancer(List.of(), "n".repeat(63), name, one.ports(), one.nodePorts()));
        }
        return new DiscoveredLoadBalancers(all, List.of(Ip.parse(NODE)));
    }

    @Test
    void aStateNeverOutgrowsItsBoundAndTheDefaultsTakeAFewMebibytes() throws IOException {
        DenialLimits limits = new DenialLimits(3, 16, 5, 64, 64);
        DenialTable full = Cluster.table(limits);
        long bound = DenialTable.stateBytesMax(limits, List.of(), Destinations.DISCOVERED);
        for (String prefix : List.of("a", "b", "c")) {
            full.assign(longest(5, prefix));
            for (int i = 0; i < 5; i++) {
                for (int port = 0; port < 100; port++) {
                    packet(full, "192.0.2." + i, Transport.UDP, port);
                }
            }
        }
        int length = Cluster.save(full).length;
        assertTrue(length <= bound && length > bound * 9 / 10, length + " of " + bound);
        long defaults = DenialTable.stateBytesMax(DenialLimits.DEFAULTS, List.of(), Destinations.DISCOVERED);
        assertTrue(defaults < 4 << 20, defaults + " bytes");
    }

    @Test
    void takesNoNameThatNoServiceHas() {
        for (String name : List.of("x".repeat(64), "z\u00fcrich", "a\nb")) {
            assertThrows(IllegalArgumentException.class, () -> service(name, IP, "", ""), name);
        }
    }
}

package io.denywatch.denial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.denial.LoadBalancer.ServicePort;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random assignments, packets and restarts against the law of attribution and a map. */
class DiscoveryModelTest {
    private static final List<String> ADDRESSES = List.of(
            "192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2", Cluster.NODE, Cluster.NODE_IPV6);
    private static final List<Transport> TRANSPORTS = List.of(Transport.TCP, Transport.UDP, Transport.ICMP);
    private static final int STEPS = 2_000;

    private final Map<String, Long> model = new HashMap<>();
    private List<LoadBalancer> assigned = List.of();
    private boolean known;

    private static List<ServicePort> ports(Random random) {
        return Stream.generate(() -> new ServicePort(TRANSPORTS.get(random.nextInt(2)), 1 + random.nextInt(5)))
                .limit(random.nextInt(4))
                .distinct()
                .toList();
    }

    private static List<LoadBalancer> services(Random random) {
        List<LoadBalancer> services = new ArrayList<>();
        for (String name : List.of("a", "b", "c", "d")) {
            if (random.nextInt(3) > 0) {
                List<String> shuffled = new ArrayList<>(ADDRESSES);
                Collections.shuffle(shuffled, random);
                List<IpPrefix> addresses = shuffled.subList(0, random.nextInt(3)).stream()
                        .map(IpPrefix::parse)
                        .toList();
                services.add(new LoadBalancer(addresses, "shop", name, ports(random), ports(random)));
            }
        }
        Collections.shuffle(services, random);
        return services;
    }

    /** The law, in words of the cluster: which series a packet is counted in. */
    private String series(String to, Transport transport, int port) {
        List<LoadBalancer> byName = assigned.stream()
                .sorted(Comparator.comparing(LoadBalancer::service))
                .toList();
        List<LoadBalancer> here = byName.stream()
                .filter(one -> one.addresses().contains(IpPrefix.parse(to)))
                .toList();
        for (LoadBalancer one : here) {
            if (has(one.ports(), transport, port)) {
                return Cluster.label(to, one.service(), transport, port);
            }
        }
        if (known && (to.equals(Cluster.NODE) || to.equals(Cluster.NODE_IPV6))) {
            for (LoadBalancer one : byName) {
                if (has(one.nodePorts(), transport, port)) {
                    return Cluster.label(nlb(one, to.indexOf(':') < 0), one.service(), transport, port);
                }
            }
        }
        if (here.isEmpty()) {
            return Cluster.label("other", "", transport, 0);
        }
        return Cluster.label(to, here.size() == 1 ? here.getFirst().service() : "", transport, 0);
    }

    private static boolean has(List<ServicePort> ports, Transport transport, int port) {
        return ports.stream().anyMatch(one -> one.transport() == transport && one.port() == port);
    }

    private static String nlb(LoadBalancer one, boolean ipv4) {
        List<Ip> addresses = one.addresses().stream().map(IpPrefix::network).toList();
        return addresses.stream()
                .filter(address -> address.isIpv4() == ipv4)
                .findFirst()
                .or(() -> addresses.stream().findFirst())
                .map(Ip::toString)
                .orElse("other");
    }

    private void packet(DenialTable table, Random random) {
        String to = random.nextInt(10) == 0 ? "198.51.100.1" : ADDRESSES.get(random.nextInt(ADDRESSES.size()));
        Transport transport = TRANSPORTS.get(random.nextInt(3));
        int port = transport == Transport.ICMP ? -1 : random.nextInt(7);
        Cluster.packet(table, to, transport, port);
        model.merge(series(to, transport, port), 1L, Long::sum);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void countsByTheLawAndForgetsNothing(long seed) throws IOException {
        Random random = new Random(seed);
        DenialLimits limits = new DenialLimits(ADDRESSES.size(), 16, 5, 64, 8);
        DenialTable table = Cluster.table(limits);
        for (int step = 0; step < STEPS; step++) {
            String when = "seed " + seed + ", step " + step;
            switch (random.nextInt(40)) {
                case 0, 1 -> {
                    assigned = services(random);
                    known = true;
                    table.assign(Cluster.of(assigned.toArray(LoadBalancer[]::new)));
                }
                case 2 -> {
                    Map<String, Long> before = Cluster.totals(table);
                    table = Cluster.restored(table, Cluster.table(limits));
                    assertEquals(before, Cluster.totals(table), when);
                }
                default -> packet(table, random);
            }
            if (step % 10 == 0) {
                assertEquals(new TreeMap<>(model), Cluster.counted(table), when);
            }
        }
    }

    private Set<String> inUse() {
        return assigned.stream()
                .flatMap(LoadBalancer::singles)
                .map(Ip::toString)
                .collect(Collectors.toSet());
    }

    /** With fewer places than addresses: what is in use and has a place keeps it, and no series falls while it is there. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void dropsOnlyWhatIsOutOfUseAndOnlyForRoom(long seed) throws IOException {
        Random random = new Random(seed);
        DenialLimits limits = new DenialLimits(3, 16, 5, 64, 8);
        DenialTable table = Cluster.table(limits);
        Map<String, Long> before = Cluster.totals(table);
        int dropped = 0;
        long total = 0;
        for (int step = 0; step < STEPS; step++) {
            String when = "seed " + seed + ", step " + step;
            Set<String> usedBefore = inUse();
            switch (random.nextInt(20)) {
                case 0 -> {
                    assigned = services(random);
                    table.assign(Cluster.of(assigned.toArray(LoadBalancer[]::new)));
                }
                case 1 -> table = Cluster.restored(table, Cluster.table(limits));
                default -> {
                    packet(table, random);
                    total++;
                }
            }
            Map<String, Long> now = Cluster.totals(table);
            Set<String> used = inUse();
            for (Map.Entry<String, Long> entry : before.entrySet()) {
                String nlb = entry.getKey().substring(0, entry.getKey().indexOf(' '));
                Long value = now.get(entry.getKey());
                if (value == null) {
                    dropped++;
                    assertTrue(!usedBefore.contains(nlb) || !used.contains(nlb), when + ": " + entry.getKey());
                    assertEquals(3, table.snapshot().loadBalancers().size(), when);
                } else {
                    assertTrue(value >= entry.getValue(), when + ": " + entry.getKey());
                }
            }
            assertTrue(now.values().stream().mapToLong(Long::longValue).sum() <= total, when);
            before = now;
        }
        assertTrue(dropped > 0, "seed " + seed);
    }
}

package io.denywatch.agent;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.cluster.ClusterLoadBalancer;
import io.denywatch.cluster.ClusterLoadBalancer.PortMapping;
import io.denywatch.denial.LoadBalancer;
import io.denywatch.denial.LoadBalancer.ServicePort;
import io.denywatch.denial.Transport;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClusterLinkTest {
    private static ClusterLoadBalancer service(
            String namespace, String name, List<String> addresses, List<String> external, PortMapping... ports) {
        return new ClusterLoadBalancer(
                namespace, name, ips(addresses), ips(external), List.of(), List.of(), List.of(ports), true);
    }

    private static List<Ip> ips(List<String> texts) {
        return texts.stream().map(Ip::parse).toList();
    }

    @Test
    void aServiceOfBothIpVersionsKeepsItsAddressesInOrderEachOnce() {
        LoadBalancer web = ClusterLink.loadBalancer(
                service("shop", "web", List.of("203.0.113.1", "2001:db8::1"), List.of("198.51.100.1", "203.0.113.1")));

        assertEquals(
                List.of("203.0.113.1/32", "2001:db8::1/128", "198.51.100.1/32"),
                web.addresses().stream().map(IpPrefix::toString).toList());
    }

    @Test
    void portsAndNodePortsAreToldApartByProtocol() {
        LoadBalancer dns = ClusterLink.loadBalancer(service(
                "kube",
                "dns",
                List.of(),
                List.of(),
                new PortMapping(Transport.TCP, 53, 30_053),
                new PortMapping(Transport.UDP, 53, 30_054),
                new PortMapping(Transport.TCP, 9_153, 0)));

        assertEquals(
                List.of(
                        new ServicePort(Transport.TCP, 53),
                        new ServicePort(Transport.UDP, 53),
                        new ServicePort(Transport.TCP, 9_153)),
                dns.ports());
        assertEquals(
                List.of(new ServicePort(Transport.TCP, 30_053), new ServicePort(Transport.UDP, 30_054)),
                dns.nodePorts());
    }

    @Test
    void aPortThatCannotBeIsLeftOut() {
        LoadBalancer odd = ClusterLink.loadBalancer(service(
                "shop",
                "odd",
                List.of(),
                List.of(),
                new PortMapping(Transport.TCP, 0, 65_536),
                new PortMapping(Transport.UDP, -1, Integer.MAX_VALUE),
                new PortMapping(Transport.UDP, 65_535, 1)));

        assertEquals(List.of(new ServicePort(Transport.UDP, 65_535)), odd.ports());
        assertEquals(List.of(new ServicePort(Transport.UDP, 1)), odd.nodePorts());
    }

    @Test
    void aNameThatIsTooLongIsCutAndOneThatIsNotAsciiIsMarked() {
        LoadBalancer long63 = ClusterLink.loadBalancer(service("n".repeat(64), "s".repeat(253), List.of(), List.of()));
        LoadBalancer umlaut = ClusterLink.loadBalancer(service("böse", "a\nb\t\u0000", List.of(), List.of()));

        assertEquals("n".repeat(63), long63.namespace());
        assertEquals("s".repeat(63), long63.service());
        assertEquals("b?se", umlaut.namespace());
        assertEquals("a?b??", umlaut.service());
    }

    @Test
    void nothingThatAServiceMayBeThrows() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            ClusterLoadBalancer any = service(
                    text(random),
                    text(random),
                    List.of(),
                    List.of(),
                    new PortMapping(Transport.TCP, random.nextInt() >> random.nextInt(32), random.nextInt()));
            assertDoesNotThrow(() -> ClusterLink.loadBalancer(any), () -> "seed " + seed + ": " + any);
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        random.ints(random.nextInt(300), 0, 0x1_1000).forEach(text::appendCodePoint);
        return text.toString();
    }
}

package io.denywatch.denial;

import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.denial.DenialSnapshot.PortTotal;
import io.denywatch.denial.LoadBalancer.ServicePort;
import io.denywatch.denial.ObservedPacket.EventTime;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Load balancers, packets and totals in words. */
final class Cluster {
    /** In microseconds. */
    static final long SECOND = 1_000_000;

    static final String NODE = "10.0.0.1";
    static final String NODE_IPV6 = "2001:db8:a::1";

    private Cluster() {}

    /** Ports as in {@code "tcp/443 udp/53"}, addresses likewise; either may be empty. */
    static LoadBalancer service(String name, String addresses, String ports, String nodePorts) {
        return new LoadBalancer(
                words(addresses).stream().map(IpPrefix::parse).toList(), "shop", name, ports(ports), ports(nodePorts));
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : Arrays.asList(text.split(" "));
    }

    private static List<ServicePort> ports(String ports) {
        return words(ports).stream()
                .map(port -> new ServicePort(
                        Transport.valueOf(port.substring(0, 3).toUpperCase(Locale.ROOT)),
                        Integer.parseInt(port.substring(4))))
                .toList();
    }

    static DiscoveredLoadBalancers of(LoadBalancer... services) {
        return new DiscoveredLoadBalancers(List.of(services), List.of(Ip.parse(NODE), Ip.parse(NODE_IPV6)));
    }

    static DenialTable table(DenialLimits limits, LoadBalancer... configured) {
        return new DenialTable(limits, List.of(configured), Destinations.DISCOVERED, 1);
    }

    static void packet(DenialTable table, String to, Transport transport, int port) {
        Ip destination = Ip.parse(to);
        int protocol = transport == Transport.TCP ? 6 : transport == Transport.UDP ? 17 : 1;
        table.record(packet(destination, new Ip(0, 1), protocol, port));
    }

    /** One packet of 60 bytes, read in time. */
    static ObservedPacket packet(Ip destination, Ip source, int protocol, int port) {
        return new ObservedPacket()
                .from(source.high(), source.low())
                .to(destination.high(), destination.low())
                .with(Transport.of(protocol), ObservedPacket.NO_PORT, port, 0)
                .times(1, 60)
                .at(1_000 * SECOND, EventTime.CURRENT);
    }

    /** Totals by the labels of their metric; fails on two of the same. */
    static Map<String, Long> totals(DenialTable table) {
        Map<String, Long> totals = new TreeMap<>();
        DenialSnapshot snapshot = table.snapshot();
        List<LoadBalancerDenials> all = new ArrayList<>(snapshot.loadBalancers());
        all.add(snapshot.other());
        for (LoadBalancerDenials nlb : all) {
            for (PortTotal total : nlb.totals()) {
                String labels = label(nlb.nlb(), total.service(), total.transport(), total.port());
                if (totals.put(labels, total.packets()) != null) {
                    throw new AssertionError("two samples of " + labels);
                }
            }
        }
        return totals;
    }

    static String label(String nlb, String service, Transport transport, int port) {
        return nlb + " " + (service.isEmpty() ? "-" : service) + " " + transport.label() + "/"
                + (port == 0 ? "other" : Integer.toString(port));
    }

    /** Those that are not 0. */
    static Map<String, Long> counted(DenialTable table) {
        Map<String, Long> counted = totals(table);
        counted.values().removeIf(packets -> packets == 0);
        return counted;
    }

    static byte[] save(DenialTable table) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        table.save(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    static DenialTable restored(DenialTable from, DenialTable into) throws IOException {
        into.restore(new DataInputStream(new ByteArrayInputStream(save(from))));
        return into;
    }
}

package io.denywatch.simulate;

import io.denywatch.api.TrafficDocument;
import io.denywatch.count.Count;
import io.denywatch.denial.Transport;
import io.denywatch.ip.IpPrefix;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Exact counts of what a simulation wrote, counted while writing and not read back. Confined to the simulating thread.
 */
final class GroundTruth {
    /** Number of sources, and of ports, reported for each load balancer. */
    static final int TOP = 20;

    private final SourceAddresses addresses;
    private final List<NlbTruth> nlbs = new ArrayList<>();
    private long lines;
    private long packets;
    private long bytes;
    private long fromMicros = -1;
    private long toMicros = -1;

    /**
     * Creates counts of zero.
     *
     * @param spoofed counts the first load balancer's sources if they take turns; null to count each source
     */
    GroundTruth(SourceAddresses addresses, SourceTally.@Nullable InTurn spoofed) {
        this.addresses = addresses;
        for (int i = 0; i < SimulatedLoadBalancer.ALL.size(); i++) {
            nlbs.add(new NlbTruth(i == 0 && spoofed != null ? spoofed : new SourceTally.ExactTally()));
        }
    }

    /** Counts a line of any kind. */
    void line() {
        lines = Count.sum(lines, 1);
    }

    /** Counts a packet; {@link #line} counts its line. */
    void packet(SimulatedPacket packet, long unixMicros) {
        packets = Count.sum(packets, packet.repeat);
        bytes = Count.sum(bytes, (long) packet.length * packet.repeat);
        nlbs.get(packet.nlb).add(packet);
        if (fromMicros < 0) {
            fromMicros = unixMicros;
        }
        toMicros = unixMicros;
    }

    /** Packets so far. */
    long packets() {
        return packets;
    }

    /** A report with all counts, and the parameters of the simulation. */
    TrafficDocument report(long millis, long seed, String scenario) {
        List<TrafficDocument.LoadBalancerTraffic> reported = new ArrayList<>();
        for (int i = 0; i < nlbs.size(); i++) {
            if (nlbs.get(i).packets > 0) {
                reported.add(nlbs.get(i).report(SimulatedLoadBalancer.ALL.get(i), addresses));
            }
        }
        // The sort is stable, so equal ones stay in the order of their addresses.
        reported.sort(Comparator.comparingLong(TrafficDocument.LoadBalancerTraffic::packets)
                .reversed());
        return new TrafficDocument(
                lines,
                packets,
                bytes,
                0,
                Map.of(),
                Map.of(),
                instant(fromMicros),
                instant(toMicros),
                BigDecimal.valueOf(millis, 3),
                reported,
                null,
                null,
                null,
                seed,
                scenario);
    }

    private static @Nullable Instant instant(long unixMicros) {
        return unixMicros < 0 ? null : Instant.EPOCH.plus(unixMicros, ChronoUnit.MICROS);
    }

    /** The counts of one load balancer. */
    private static final class NlbTruth {
        private static final int PORTS = 1 << 16;

        private final SourceTally sources;
        /** Packets by port; the last element is for packets without a port. */
        private final Map<Transport, long[]> ports = new EnumMap<>(Transport.class);

        private long packets;
        private long bytes;

        NlbTruth(SourceTally sources) {
            this.sources = sources;
        }

        void add(SimulatedPacket packet) {
            packets = Count.sum(packets, packet.repeat);
            bytes = Count.sum(bytes, (long) packet.length * packet.repeat);
            sources.add(packet.source, packet.repeat);
            long[] counts = ports.computeIfAbsent(packet.transport, transport -> new long[PORTS + 1]);
            int place = packet.port == SimulatedPacket.NO_PORT ? PORTS : packet.port;
            counts[place] = Count.sum(counts[place], packet.repeat);
        }

        TrafficDocument.LoadBalancerTraffic report(SimulatedLoadBalancer nlb, SourceAddresses addresses) {
            return new TrafficDocument.LoadBalancerTraffic(
                    nlb.address().toString(),
                    packets,
                    bytes,
                    sources.distinct(),
                    topSources(nlb, addresses),
                    topPorts());
        }

        private record Ranked(IpPrefix block, long packets) {
            /** The first to be left out comes first: the fewest packets, then the highest address. */
            static final Comparator<Ranked> WORST_FIRST = Comparator.comparingLong(Ranked::packets)
                    .thenComparing(ranked -> ranked.block.network(), Comparator.reverseOrder());
        }

        private List<TrafficDocument.SourceTraffic> topSources(SimulatedLoadBalancer nlb, SourceAddresses addresses) {
            PriorityQueue<Ranked> top = new PriorityQueue<>(TOP + 1, Ranked.WORST_FIRST);
            for (int source = 0; source < sources.end(); source++) {
                long count = sources.packets(source);
                Ranked worst = top.peek();
                if (count == 0 || (worst != null && top.size() == TOP && count < worst.packets)) {
                    continue;
                }
                top.add(new Ranked(addresses.reported(source, nlb.isIpv6()), count));
                if (top.size() > TOP) {
                    top.remove();
                }
            }
            return top.stream()
                    .sorted(Ranked.WORST_FIRST.reversed())
                    .map(ranked -> new TrafficDocument.SourceTraffic(ranked.block.compact(), ranked.packets, null))
                    .toList();
        }

        private List<TrafficDocument.PortTraffic> topPorts() {
            List<TrafficDocument.PortTraffic> counted = new ArrayList<>();
            ports.forEach((transport, counts) -> {
                for (int port = 0; port <= PORTS; port++) {
                    if (counts[port] > 0) {
                        int number = port == PORTS ? SimulatedPacket.NO_PORT : port;
                        counted.add(TrafficDocument.PortTraffic.of(number, transport.label(), counts[port]));
                    }
                }
            });
            counted.sort(TrafficDocument.PortTraffic.ORDER);
            return List.copyOf(counted.subList(0, Math.min(TOP, counted.size())));
        }
    }
}

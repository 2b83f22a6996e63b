package io.denywatch.detection;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.List;

/**
 * Why a source was detected, to be shown to operators. Immutable. Lists are samples; counts are complete.
 *
 * @param count the amount of the rule's measure within its span: at least the threshold
 * @param ports the latest ports, as {@code tcp/22}, at most {@link #PORTS_MAX}
 * @param loadBalancers the latest load balancers, at most {@link #LOAD_BALANCERS_MAX}
 * @param firstSeen event time of the first packet in the span
 * @param lastSeen event time of the packet that reached the threshold
 * @param line the log's line about that packet, as {@link io.denywatch.packet.DeniedPacket#lineText} returns it; empty
 *     if it is not known, because only the agent that saw the line keeps it, in memory
 * @param packets of the source in the last one or two minutes, whatever the rule measures, at least {@code count}: as
 *     many had to be sent if the source is forged. Like the line, it is not stored: after a restart it is {@code count}
 * @param hint another explanation of the packets, from {@link ConnectionAttempts#hint}; empty if there is none. Not
 *     stored
 * @param members of a subnet, the latest first, at most {@link #MEMBERS_MAX}; empty for a single source
 */
public record Evidence(
        int count,
        List<String> ports,
        List<Ip> loadBalancers,
        Instant firstSeen,
        Instant lastSeen,
        String line,
        int packets,
        String hint,
        List<IpPrefix> members) {
    /** The most members kept. */
    public static final int MEMBERS_MAX = 16;

    /** The most ports kept. */
    public static final int PORTS_MAX = 8;

    /** The most load balancers kept. */
    public static final int LOAD_BALANCERS_MAX = 4;

    /** Copies the lists. */
    public Evidence {
        ports = List.copyOf(ports);
        loadBalancers = List.copyOf(loadBalancers);
        members = List.copyOf(members);
    }

    /** Evidence against a single source. */
    public Evidence(
            int count,
            List<String> ports,
            List<Ip> loadBalancers,
            Instant firstSeen,
            Instant lastSeen,
            String line,
            int packets,
            String hint) {
        this(count, ports, loadBalancers, firstSeen, lastSeen, line, packets, hint, List.of());
    }

    /** Evidence without a hint. */
    public Evidence(
            int count,
            List<String> ports,
            List<Ip> loadBalancers,
            Instant firstSeen,
            Instant lastSeen,
            String line,
            int packets) {
        this(count, ports, loadBalancers, firstSeen, lastSeen, line, packets, "");
    }

    /** Evidence whose number of packets is not known; {@code count} stands in for it. */
    public Evidence(
            int count, List<String> ports, List<Ip> loadBalancers, Instant firstSeen, Instant lastSeen, String line) {
        this(count, ports, loadBalancers, firstSeen, lastSeen, line, count);
    }

    /** The same, without the line. */
    public Evidence(int count, List<String> ports, List<Ip> loadBalancers, Instant firstSeen, Instant lastSeen) {
        this(count, ports, loadBalancers, firstSeen, lastSeen, "");
    }
}

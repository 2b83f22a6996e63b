package io.denywatch.detection;

import io.denywatch.denial.CurrentLine;
import io.denywatch.ip.Ip;
import java.time.Instant;
import java.util.List;

/**
 * Why a source was blocked, for those who must explain it. What is listed is a sample: the counts are whole.
 *
 * @param count how much of the rule's measure there was within its span: at least the threshold
 * @param ports the latest ports, as {@code tcp/22}, at most {@link #PORTS_MAX}
 * @param loadBalancers the latest load balancers, at most {@link #LOAD_BALANCERS_MAX}
 * @param firstSeen event time of the first packet in the span
 * @param lastSeen event time of the packet that reached the threshold
 * @param line the log's line about that packet, as {@link CurrentLine#text} gives it; empty where it is not known: it stays
 *     in the memory of the agent that saw it, and is not stored
 * @param packets by which the source is known, at least {@code count}: those in the last one or two minutes count, whatever
 *     the rule's measure. They are what forging the source would have cost. As with the line, they are not stored: then this
 *     is {@code count}
 * @param hint what else the source may be, as {@link ConnectionAttempts#hint} says; empty where it looks like nothing else.
 *     It is not stored
 */
public record Evidence(
        int count,
        List<String> ports,
        List<Ip> loadBalancers,
        Instant firstSeen,
        Instant lastSeen,
        String line,
        int packets,
        String hint) {
    /** Ports kept, at most. */
    public static final int PORTS_MAX = 8;

    /** Load balancers kept, at most. */
    public static final int LOAD_BALANCERS_MAX = 4;

    /** Copies the lists. */
    public Evidence {
        ports = List.copyOf(ports);
        loadBalancers = List.copyOf(loadBalancers);
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

    /** Evidence of which no more packets are known than count. */
    public Evidence(
            int count, List<String> ports, List<Ip> loadBalancers, Instant firstSeen, Instant lastSeen, String line) {
        this(count, ports, loadBalancers, firstSeen, lastSeen, line, count);
    }

    /** The same, without the line. */
    public Evidence(int count, List<String> ports, List<Ip> loadBalancers, Instant firstSeen, Instant lastSeen) {
        this(count, ports, loadBalancers, firstSeen, lastSeen, "");
    }
}

package io.denywatch.api;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Denied traffic as a whole: what a replay counted, or what a simulation wrote. Packets and bytes include repeats.
 *
 * @param lines of any kind
 * @param packets denied
 * @param bytes of the packets
 * @param unrecognized lines with one of our prefixes that are not understood
 * @param malformed lines by reason
 * @param suppressed lines that never reached the log, by the program that dropped them
 * @param from time of the first packet; null without packets that have a time
 * @param to time of the last packet; null likewise
 * @param seconds that the run took
 * @param nlbs the load balancers by descending packets, then in the order of their addresses
 * @param promotions of a replay: sources that its rules would have blocked
 * @param backtest of a replay: what blocking them would have done
 * @param seed of a simulation
 * @param scenario of a simulation
 */
public record TrafficDocument(
        long lines,
        long packets,
        long bytes,
        long unrecognized,
        Map<String, Long> malformed,
        Map<String, Long> suppressed,
        @Nullable Instant from,
        @Nullable Instant to,
        BigDecimal seconds,
        List<LoadBalancerTraffic> nlbs,
        @JsonInclude(Include.NON_NULL) @Nullable List<WouldBlock> promotions,
        @JsonInclude(Include.NON_NULL) @Nullable BacktestTotals backtest,
        @JsonInclude(Include.NON_NULL) @Nullable Long seed,
        @JsonInclude(Include.NON_NULL) @Nullable String scenario) {

    /**
     * Traffic to one load balancer.
     *
     * @param nlb its address, or {@code other}
     * @param sources distinct
     * @param topSources by descending packets
     * @param topPorts by descending packets
     */
    public record LoadBalancerTraffic(
            String nlb,
            long packets,
            long bytes,
            long sources,
            List<SourceTraffic> topSources,
            List<PortTraffic> topPorts) {}

    /**
     * Traffic from one source.
     *
     * @param source an address, or the block of an IPv6 address
     * @param packets no fewer
     * @param atMost no more; null where the number of packets is exact
     */
    public record SourceTraffic(
            String source,
            long packets,
            @JsonInclude(Include.NON_NULL) @Nullable Long atMost) {
        /** The most packets that it may have sent. */
        @JsonIgnore
        public long upperBound() {
            return atMost == null ? packets : atMost;
        }
    }

    /**
     * Traffic to one port.
     *
     * @param port 0 to 65535; null for packets without one
     * @param protocol {@code tcp}, {@code udp}, {@code icmp} or {@code other}
     */
    public record PortTraffic(
            @JsonInclude(Include.NON_NULL) @Nullable Integer port, String protocol, long packets) {
        /** Most packets first, then by protocol, then by port. */
        public static final Comparator<PortTraffic> ORDER = Comparator.comparingLong(PortTraffic::packets)
                .reversed()
                .thenComparing(PortTraffic::protocol)
                .thenComparingInt(PortTraffic::number);

        private static final int NONE = -1;

        /** The port at this number; a negative one is none. */
        public static PortTraffic of(int number, String protocol, long packets) {
            return new PortTraffic(number < 0 ? null : number, protocol, packets);
        }

        private int number() {
            return port == null ? NONE : port;
        }
    }

    /**
     * A source that would have been blocked.
     *
     * @param at when the block would have begun
     * @param until when it would have ended
     * @param rule that the source reached
     * @param repeats how often it was blocked before
     * @param packetsKeptOut packets that the block would have kept out
     */
    public record WouldBlock(
            String source,
            String rule,
            Instant at,
            Instant until,
            int repeats,
            BlocklistDocument.EvidenceSample evidence,
            long packetsKeptOut) {}

    /**
     * What blocking would have done.
     *
     * @param packets denied in all
     * @param packetsKeptOut those of them that would not have come
     * @param entriesPeak blocked at the same time, at most
     * @param promotionsLeftOut that are not listed
     * @param refusals promotions that were refused, by reason
     */
    public record BacktestTotals(
            long packets, long packetsKeptOut, long entriesPeak, long promotionsLeftOut, Map<String, Long> refusals) {}
}

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
 * Total denied traffic: what {@code replay} counted, or what {@code simulate} wrote. Packets and bytes include repeats.
 *
 * @param lines of any kind
 * @param packets denied packets
 * @param bytes bytes of these packets
 * @param unrecognized lines with a configured prefix that are not understood
 * @param malformed malformed lines, by reason
 * @param suppressed lines that never reached the log, by the program that dropped them
 * @param from time of the first packet; null if no packet has a time
 * @param to time of the last packet; null if no packet has a time
 * @param seconds duration of the run
 * @param nlbs the load balancers by descending packets, then by address
 * @param promotions for a replay: sources that the rules would have blocked
 * @param backtest for a replay: the effect that these blocks would have had
 * @param feed for a replay with a feed: what the feed would have matched
 * @param seed for a simulation: its seed
 * @param scenario for a simulation: its scenario
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
        @JsonInclude(Include.NON_NULL) @Nullable FeedMatch feed,
        @JsonInclude(Include.NON_NULL) @Nullable Long seed,
        @JsonInclude(Include.NON_NULL) @Nullable String scenario) {

    /**
     * What a feed would have matched.
     *
     * @param nets size of the feed after merging
     * @param sources of the log that are in it
     * @param letIn those of them to which the log contains an established response
     * @param packets denied packets of these sources
     * @param allPackets denied packets of all sources
     * @param topSources those that were let in first, then by descending packets; at most 1,000
     */
    public record FeedMatch(
            int nets, long sources, long letIn, long packets, long allPackets, List<MatchedSource> topSources) {}

    /**
     * A source that is in a feed.
     *
     * @param source its address
     * @param packets its denied packets
     * @param established established responses to it
     */
    public record MatchedSource(String source, long packets, long established) {}

    /**
     * Traffic to one load balancer.
     *
     * @param nlb its address, or {@code other}
     * @param sources number of distinct sources
     * @param topSources sources by descending packets
     * @param topPorts ports by descending packets
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
     * @param source an address, or an IPv6 prefix
     * @param packets lower bound of its packets
     * @param atMost upper bound of its packets; null if {@code packets} is exact
     */
    public record SourceTraffic(
            String source,
            long packets,
            @JsonInclude(Include.NON_NULL) @Nullable Long atMost) {
        /** The upper bound of its packets. */
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

        /** The traffic to a port; a negative number means no port. */
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
     * @param rule the rule that the source reached
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
     * The effect that blocking would have had.
     *
     * @param packets all denied packets
     * @param packetsKeptOut packets that the blocks would have kept out
     * @param entriesPeak the largest number of sources blocked at the same time
     * @param promotionsLeftOut promotions that are not listed
     * @param refusals refused promotions, by reason
     * @param subnets the subnets blocked as a whole; left out if there are none
     */
    public record BacktestTotals(
            long packets,
            long packetsKeptOut,
            long entriesPeak,
            long promotionsLeftOut,
            Map<String, Long> refusals,
            @JsonInclude(Include.NON_EMPTY) List<BlockedSubnet> subnets) {}

    /**
     * A subnet that would have been blocked as a whole. Sources in it that were never denied are not in the log.
     *
     * @param denied sources in it whose packets were denied
     * @param addresses IPv4 addresses in it, or IPv6 blocks that count as a source
     * @param established sources in it that received a reply
     */
    public record BlockedSubnet(String subnet, long denied, long addresses, long established) {}
}

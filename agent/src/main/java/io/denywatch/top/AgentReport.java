package io.denywatch.top;

import io.denywatch.api.BlocklistDocument;
import io.denywatch.api.DecisionDocument;
import io.denywatch.api.Enforcement;
import io.denywatch.api.SourceDocument;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.denial.Transport;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.Measure;
import io.denywatch.detection.RuleScope;
import io.denywatch.detection.SubnetLengths;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The report of one agent about the requested addresses.
 *
 * @param node of the agent; its URL if the node is not known
 * @param mode of its blocklist
 * @param enforcement whether a policy of its node denies the stored sources: a label of {@link Enforcement}; empty if
 *     the agent does not say
 * @param breakerOpen whether so many sources may be forged that only overwhelming evidence leads to a block
 * @param problem why it cannot write or blocks no new source; empty if there is no problem
 * @param rules the rules by which it decides
 * @param entries the sources that it wants to block
 * @param decisions its latest decisions, the earliest first
 * @param answered when it last saw an established response to one of the addresses
 * @param traffic packets that it counted for them in the window
 * @param stopped packets of them that the blocklist stopped on its node
 */
public record AgentReport(
        String node,
        String mode,
        String enforcement,
        boolean breakerOpen,
        String problem,
        List<DetectionRule> rules,
        List<BlockEntry> entries,
        List<AgentDecision> decisions,
        Optional<Instant> answered,
        List<WindowTraffic> traffic,
        List<StoppedTraffic> stopped) {

    /**
     * A decision.
     *
     * @param at when it took effect
     * @param decision as in {@link DecisionDocument}
     * @param because why it was refused or ended, in one word
     * @param range the exempt range that forbids the block, and why; empty if there is none
     * @param blockedAt when the block began; {@code at} for a refusal
     */
    public record AgentDecision(
            Instant at,
            String decision,
            String because,
            String range,
            IpPrefix source,
            String rule,
            Instant blockedAt,
            Evidence evidence) {}

    /**
     * Packets in the last ten minutes.
     *
     * @param nlb the load balancer's address, or {@code other}
     */
    public record WindowTraffic(IpPrefix source, String nlb, long packets, Instant lastSeen) {}

    /** Packets of a blocked source that were stopped since a time. */
    public record StoppedTraffic(IpPrefix source, long packets, Instant since, Instant last) {}

    /**
     * Extracts what overlaps the addresses from an agent's document, which may cover all sources.
     *
     * @throws IllegalArgumentException if the document has another form; also {@link java.time.DateTimeException}
     */
    static AgentReport of(SourceDocument document, IpPrefix asked, String url) {
        return new AgentReport(
                document.node().isEmpty() ? url : document.node(),
                document.mode(),
                document.enforcement(),
                document.breakerOpen(),
                document.problem(),
                document.rules().stream().map(AgentReport::rule).toList(),
                touching(document.entries(), BlocklistDocument.BlockedSource::source, asked)
                        .map(AgentReport::entry)
                        .toList(),
                touching(document.decisions(), SourceDocument.RecordedDecision::source, asked)
                        .map(AgentReport::decision)
                        .toList(),
                touching(document.answered(), BlocklistDocument.Answered::source, asked) // the latest first
                        .map(BlocklistDocument.Answered::at)
                        .findFirst(),
                touching(document.traffic(), SourceDocument.CountedTraffic::source, asked)
                        .map(traffic -> new WindowTraffic(
                                IpPrefix.parse(traffic.source()), traffic.nlb(), traffic.packets(), traffic.lastSeen()))
                        .toList(),
                touching(document.stopped(), BlocklistDocument.Stopped::source, asked)
                        .map(stopped -> new StoppedTraffic(
                                IpPrefix.parse(stopped.source()), stopped.packets(), stopped.since(), stopped.last()))
                        .toList());
    }

    private static <T> Stream<T> touching(List<T> list, Function<T, String> source, IpPrefix asked) {
        return list.stream().filter(element -> asked.overlaps(IpPrefix.parse(source.apply(element))));
    }

    private static DetectionRule rule(BlocklistDocument.Threshold rule) {
        return new DetectionRule(
                rule.name(),
                Arrays.stream(Measure.values())
                        .filter(known -> known.label().equals(rule.measure()))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("measure: " + rule.measure())),
                rule.threshold(),
                rule.withinSeconds(),
                Arrays.stream(Transport.values())
                        .filter(transport -> rule.protocols().contains(transport.label()))
                        .collect(Collectors.toSet()),
                Duration.ofSeconds(rule.banForSeconds()),
                Duration.ofSeconds(rule.maxBanSeconds()),
                rule.prefixLength() == null || rule.prefixLength6() == null
                        ? SubnetLengths.NONE
                        : new SubnetLengths(rule.prefixLength(), rule.prefixLength6()),
                rule.scope().equals(RuleScope.ClusterScope.LABEL)
                        ? new RuleScope.ClusterScope(rule.nodesMin())
                        : RuleScope.NODE);
    }

    private static BlockEntry entry(BlocklistDocument.BlockedSource entry) {
        return new BlockEntry(
                IpPrefix.parse(entry.source()),
                entry.at(),
                entry.until(),
                entry.rule(),
                entry.repeats(),
                evidence(entry.evidence(), entry.at()));
    }

    private static AgentDecision decision(SourceDocument.RecordedDecision told) {
        return new AgentDecision(
                told.decidedAt(),
                told.decision(),
                text(told.because()),
                text(told.neverBlock()).isEmpty() ? "" : told.neverBlock() + " (" + text(told.reason()) + ")",
                IpPrefix.parse(told.source()),
                told.rule(),
                told.at() == null ? told.decidedAt() : told.at(),
                evidence(told.evidence(), told.decidedAt()));
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static Evidence evidence(BlocklistDocument.@Nullable EvidenceSample evidence, Instant at) {
        return evidence == null
                ? new Evidence(0, List.of(), List.of(), at, at)
                : new Evidence(
                        evidence.count(),
                        evidence.ports(),
                        evidence.loadBalancers().stream().map(Ip::parse).toList(),
                        evidence.firstSeen(),
                        evidence.lastSeen(),
                        text(evidence.line()),
                        evidence.count(),
                        text(evidence.hint()),
                        evidence.members().stream().map(IpPrefix::parse).toList());
    }
}

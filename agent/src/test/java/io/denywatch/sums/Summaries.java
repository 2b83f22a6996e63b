package io.denywatch.sums;

import io.denywatch.denial.Transport;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.EstablishedSource;
import io.denywatch.detection.Measure;
import io.denywatch.detection.NodeSummary;
import io.denywatch.detection.NodeSummary.RuleSums;
import io.denywatch.detection.NodeSummary.SourceSum;
import io.denywatch.detection.RuleScope;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Rules and summaries for tests. */
final class Summaries {
    static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    static final String SCANNER = "198.51.100.7";

    private Summaries() {}

    static DetectionRule rule(Measure measure, int threshold, int nodesMin) {
        return new DetectionRule(
                "everywhere",
                measure,
                threshold,
                600,
                Set.of(Transport.TCP, Transport.UDP),
                Duration.ofMinutes(10),
                Duration.ofHours(1),
                new RuleScope.ClusterScope(nodesMin));
    }

    static SourceSum packets(String source, int packets) {
        return new SourceSum(
                IpPrefix.parse(source),
                packets,
                List.of(),
                List.of("tcp/22"),
                List.of(Ip.parse("192.0.2.1")),
                NOW.minusSeconds(60),
                NOW.minusSeconds(2));
    }

    static SourceSum ports(String source, int from, int to) {
        List<String> keys =
                IntStream.range(from, to).mapToObj(port -> "tcp/" + port).toList();
        return new SourceSum(
                IpPrefix.parse(source),
                keys.size(),
                keys,
                keys.stream().limit(8).toList(),
                List.of(),
                NOW.minusSeconds(60),
                NOW.minusSeconds(2));
    }

    static NodeSummary summary(DetectionRule rule, SourceSum... sources) {
        return at(NOW, rule, sources);
    }

    static NodeSummary at(Instant at, DetectionRule rule, SourceSum... sources) {
        return new NodeSummary(at, List.of(new RuleSums(rule, Arrays.asList(sources), 0)), List.of(), "");
    }

    static NodeSummary established(NodeSummary summary, String source) {
        return new NodeSummary(
                summary.at(),
                summary.rules(),
                List.of(new EstablishedSource(IpPrefix.parse(source), NOW)),
                summary.withheld());
    }
}

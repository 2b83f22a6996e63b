package io.denywatch.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class SummaryDocumentTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final DetectionRule PORTS = rule("ports", Measure.DISTINCT_PORTS, 256);
    private static final DetectionRule TARGETS = rule("targets", Measure.DISTINCT_LOAD_BALANCERS, 256);
    private static final List<DetectionRule> RULES = List.of(PORTS, TARGETS);

    private static DetectionRule rule(String name, Measure measure, int threshold) {
        return new DetectionRule(
                name,
                measure,
                threshold,
                600,
                Set.of(Transport.TCP),
                Duration.ofMinutes(10),
                Duration.ofHours(1),
                new RuleScope.ClusterScope(2));
    }

    private static String json(NodeSummary summary) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ApiJson.write(SummaryDocument.of(summary), out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private static NodeSummary read(String json) {
        return ApiJson.read(JsonMapper.shared().readTree(json), SummaryDocument.class)
                .summary(RULES);
    }

    private static SourceSum source(IpPrefix source, List<String> keys) {
        return new SourceSum(
                source,
                keys.size(),
                keys,
                List.of("tcp/22"),
                List.of(Ip.parse("192.0.2.1")),
                NOW.minusSeconds(30),
                NOW.minusSeconds(1));
    }

    private static NodeSummary small() {
        return new NodeSummary(
                NOW,
                List.of(new RuleSums(
                        PORTS, List.of(source(IpPrefix.parse("198.51.100.7"), List.of("tcp/1", "udp/2"))), 3)),
                List.of(new EstablishedSource(IpPrefix.parse("2001:db8::/64"), NOW)),
                "");
    }

    @Test
    void whatIsReadIsWhatWasWritten() {
        assertEquals(small(), read(json(small())));
        assertEquals(
                NodeSummary.withheld(NOW, "the log is not trusted"),
                read(json(NodeSummary.withheld(NOW, "the log is not trusted"))));
    }

    @Test
    void theLongestSummaryFitsTheLimit() {
        String network = "2001:db8:1234:5678:9abc:def0:1234:";
        List<String> ports =
                IntStream.range(0, 8).mapToObj(i -> "other/6553" + i).toList();
        List<Ip> loadBalancers = IntStream.range(0, 4)
                .mapToObj(i -> Ip.parse(network + "abc" + i))
                .toList();
        List<String> keys = IntStream.range(0, RuleScope.ClusterScope.KEYS_MAX)
                .mapToObj(
                        i -> Ip.parse(network + Integer.toHexString(0xab00 + i)).toString())
                .toList();
        List<SourceSum> sources = IntStream.range(0, NodeSummary.SOURCES_MAX)
                .mapToObj(i -> new SourceSum(
                        IpPrefix.of(Ip.parse(network + (1000 + i))),
                        keys.size(),
                        keys,
                        ports,
                        loadBalancers,
                        NOW.minusSeconds(30),
                        NOW))
                .toList();
        List<EstablishedSource> established = IntStream.range(0, NodeSummary.ESTABLISHED_MAX)
                .mapToObj(i -> new EstablishedSource(IpPrefix.of(Ip.parse(network + (1000 + i))), NOW))
                .toList();
        String longest = json(new NodeSummary(NOW, List.of(new RuleSums(TARGETS, sources, 9)), established, ""));
        System.out.printf("longest summary: %,d bytes%n", longest.length());
        assertTrue(longest.length() < NodeSummary.BYTES_MAX, () -> "bytes: " + longest.length());
    }

    /** An agent may be hostile: nothing may count twice, reach a terminal or widen a block. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "198.51.100.7"   | "198.51.0.0/16"
            "198.51.100.7"   | "2001:db8::/48"
            "198.51.100.7"   | "not an address"
            "tcp/1"          | "tcp/01"
            "tcp/1"          | "udp/2"
            "tcp/1"          | "tcp/1\\u001b[2J"
            "tcp/22"         | "tcp/22, and more"
            "192.0.2.1"      | "::ffff:192.0.2.1"
            "amount":2       | "amount":3
            "amount":2       | "amount":-1
            09:59:30         | 09:30:00
            09:59:59         | 10:00:01
            09:59:59         | 09:59:29
            "at":"2026       | "at":"x
            2001:db8::/64    | 2001:db8::/32
            """)
    void refusesWhatNoAgentWrites(String part, String instead) {
        String json = json(small());
        assertTrue(json.contains(part), json);
        assertThrows(IllegalArgumentException.class, () -> read(json.replace(part, instead)), instead);
    }

    @Test
    void refusesASourceOrARuleTwice() {
        SourceSum source = source(IpPrefix.parse("198.51.100.7"), List.of("tcp/1"));
        RuleSums sums = new RuleSums(PORTS, List.of(source), 0);
        NodeSummary twice =
                new NodeSummary(NOW, List.of(new RuleSums(PORTS, List.of(source, source), 0)), List.of(), "");
        assertThrows(IllegalArgumentException.class, () -> read(json(twice)));
        assertThrows(
                IllegalArgumentException.class,
                () -> read(json(new NodeSummary(NOW, List.of(sums, sums), List.of(), ""))));
    }

    @Test
    void leavesOutRulesThatAreNotConfiguredHere() {
        DetectionRule other = rule("ports", Measure.DISTINCT_PORTS, 20);
        SourceSum source = source(IpPrefix.parse("198.51.100.7"), List.of("tcp/1"));
        NodeSummary summary = new NodeSummary(NOW, List.of(new RuleSums(other, List.of(source), 0)), List.of(), "");
        assertEquals(List.of(), read(json(summary)).rules());
    }
}

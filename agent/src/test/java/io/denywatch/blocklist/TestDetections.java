package io.denywatch.blocklist;

import io.denywatch.blocklist.ManualList.ManualExemption;
import io.denywatch.blocklist.PromotionPolicy.Facts;
import io.denywatch.denial.Transport;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.EstablishedSource;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.Measure;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Rules, sources and offences for tests. */
final class TestDetections {
    static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    static final DetectionRule SCAN = new DetectionRule(
            "scan", Measure.DISTINCT_PORTS, 10, 60, Set.of(Transport.TCP), Duration.ofMinutes(10), Duration.ofHours(1));

    static final DetectionRule FLOOD = new DetectionRule(
            "flood",
            Measure.PACKETS,
            100,
            10,
            Set.of(Transport.TCP, Transport.UDP),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1));

    static final NeverBlock NOBODY = new NeverBlock(List.of());

    private TestDetections() {}

    /** The n-th of many. */
    static IpPrefix source(int n) {
        return new IpPrefix(Ip.ofIpv4(0xcb00_0000 + n), 128);
    }

    static Detection detection(long number, IpPrefix source, DetectionRule rule, Instant reached) {
        Evidence evidence = new Evidence(rule.threshold(), List.of("tcp/22"), List.of(), reached, reached);
        return new Detection(number, source, rule, evidence, reached.toEpochMilli() * 1_000);
    }

    /** Facts from a trusted log. */
    static Facts facts(
            List<Detection> detections,
            boolean mayBlock,
            SpoofingSigns signs,
            NeverBlock never,
            List<ManualExemption> exemptions,
            List<EstablishedSource> established) {
        return new Facts(
                detections,
                mayBlock ? EnforcementGate.GRANTED : EnforcementGate.PENDING,
                LogTrust.TRUSTED,
                signs,
                new NeverBlock.Known(never, true),
                new ManualList(List.of(), exemptions),
                established);
    }

    static NeverBlock never(String... blocks) {
        return NeverBlock.of(
                List.of(blocks).stream().map(IpPrefix::parse).toList(),
                List.of(),
                List.of(IpPrefix.parse("::/0")),
                List.of());
    }
}

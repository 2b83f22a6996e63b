package io.denywatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.Decision;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.denial.BlockOrigin;
import io.denywatch.denial.StoppedSources;
import io.denywatch.denial.StoppedSources.StoppedSource;
import io.denywatch.denial.Transport;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.Measure;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DecisionLogTest {
    private static final Instant AT = Instant.parse("2026-03-01T10:00:00Z");
    private static final DetectionRule RULE = new DetectionRule(
            "noisy",
            Measure.PACKETS,
            100,
            60,
            EnumSet.allOf(Transport.class),
            Duration.ofHours(1),
            Duration.ofHours(2));
    private static final Evidence EVIDENCE =
            new Evidence(100, List.of("tcp/22"), List.of(Ip.parse("203.0.113.7")), AT.minusSeconds(9), AT);
    private static final Detection OFFENCE = new Detection(1, IpPrefix.parse("198.51.100.9"), RULE, EVIDENCE, 0);
    private static final BlockEntry ENTRY =
            new BlockEntry(IpPrefix.parse("2001:db8:0:9::/64"), AT, AT.plusSeconds(3_600), "noisy", 2, EVIDENCE);
    private static final NeverBlock.Range RANGE =
            new NeverBlock.Range(IpPrefix.parse("198.51.100.0/24"), "blocklist.neverBlock");

    private StoppedSources stopped = StoppedSources.OFF;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final DecisionLog log = new DecisionLog(out, "worker-1", () -> stopped);

    private List<JsonNode> lines() {
        return out.toString(StandardCharsets.UTF_8)
                .lines()
                .map(JsonMapper.shared()::readTree)
                .toList();
    }

    @Test
    void saysWhatABlockStoppedWhenItEnds() {
        stopped = new StoppedSources(
                true, List.of(new StoppedSource(ENTRY.source(), BlockOrigin.PROMOTION, 41_200, 2_472_000, 1, 2)), 0);
        log.decided(new Decision.Blocked(ENTRY, OFFENCE), BlocklistMode.ENFORCE, AT);
        log.decided(new Decision.Expired(ENTRY), BlocklistMode.ENFORCE, AT);
        stopped = new StoppedSources(true, List.of(), 0);
        log.decided(new Decision.Expired(ENTRY), BlocklistMode.ENFORCE, AT);

        assertFalse(lines().getFirst().has("stoppedPackets"));
        assertEquals(41_200, lines().get(1).path("stoppedPackets").asLong());
        assertEquals(0, lines().get(2).path("stoppedPackets").asLong(-1));
    }

    @Test
    void writesEachKindOfDecisionAsOneLine() {
        log.decided(new Decision.Blocked(ENTRY, OFFENCE), BlocklistMode.ENFORCE, AT);
        log.decided(new Decision.Refused(OFFENCE, DetectionOutcome.NEVER_BLOCK, RANGE), BlocklistMode.DRY_RUN, AT);
        log.decided(new Decision.Expired(ENTRY), BlocklistMode.ENFORCE, AT);
        log.decided(new Decision.Revoked(ENTRY, RANGE), BlocklistMode.ENFORCE, AT);

        String evidence = "\"evidence\":{\"count\":100,\"ports\":[\"tcp/22\"],\"loadBalancers\":[\"203.0.113.7\"],"
                + "\"firstSeen\":\"2026-03-01T09:59:51Z\",\"lastSeen\":\"2026-03-01T10:00:00Z\"}";
        String term = "\"at\":\"2026-03-01T10:00:00Z\",\"until\":\"2026-03-01T11:00:00Z\",\"repeats\":2";
        String range = "\"neverBlock\":\"198.51.100.0/24\",\"reason\":\"blocklist.neverBlock\"";
        String time = "{\"time\":\"2026-03-01T10:00:00Z\",\"decision\":";
        String block = "\"node\":\"worker-1\",\"source\":\"2001:db8:0:9::/64\",\"rule\":\"noisy\",";
        assertEquals(
                time + "\"blocked\",\"mode\":\"enforce\"," + block + term + "," + evidence + "}\n"
                        + time + "\"refused\",\"mode\":\"dry-run\",\"node\":\"worker-1\",\"source\":\"198.51.100.9\","
                        + "\"rule\":\"noisy\",\"because\":\"never_block\"," + range + "," + evidence + "}\n"
                        + time + "\"unblocked\",\"mode\":\"enforce\"," + block + "\"because\":\"expired\"," + term
                        + "}\n"
                        + time + "\"unblocked\",\"mode\":\"enforce\"," + block + "\"because\":\"never_block\"," + range
                        + "," + term + "}\n",
                out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void refusalsAreBoundedAndWhatIsLeftOutIsCounted() {
        Decision refused = new Decision.Refused(OFFENCE, DetectionOutcome.RATE, null);
        int burst = 10 * DecisionLog.REFUSALS_PER_MINUTE_MAX;
        for (int i = 0; i < burst; i++) {
            log.decided(refused, BlocklistMode.ENFORCE, AT);
        }
        log.decided(new Decision.Expired(ENTRY), BlocklistMode.ENFORCE, AT);
        log.decided(refused, BlocklistMode.ENFORCE, AT.plusSeconds(60));

        List<JsonNode> lines = lines();
        assertEquals(DecisionLog.REFUSALS_PER_MINUTE_MAX + 2, lines.size());
        JsonNode expired = lines.get(DecisionLog.REFUSALS_PER_MINUTE_MAX);
        assertEquals(
                burst - DecisionLog.REFUSALS_PER_MINUTE_MAX,
                expired.get("refusalsNotWritten").asInt());
        assertFalse(lines.getLast().has("refusalsNotWritten"));
    }
}

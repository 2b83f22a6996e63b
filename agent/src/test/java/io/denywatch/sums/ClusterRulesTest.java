package io.denywatch.sums;

import static io.denywatch.sums.Summaries.NOW;
import static io.denywatch.sums.Summaries.SCANNER;
import static io.denywatch.sums.Summaries.packets;
import static io.denywatch.sums.Summaries.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Detections;
import io.denywatch.detection.Measure;
import io.denywatch.detection.NodeSummary;
import io.denywatch.detection.NodeSummary.SourceSum;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClusterRulesTest {
    private static final DetectionRule RULE = rule(Measure.PACKETS, 100, 2);

    private Instant now = NOW;
    private boolean leads = true;
    private int rounds;
    private int unreachable;
    private SourceSum[] sources = {packets(SCANNER, 50)};
    private final ClusterRules rules = agent("a");

    private NodeSummary summary() {
        SourceSum[] moved = new SourceSum[sources.length];
        for (int i = 0; i < sources.length; i++) {
            SourceSum sum = sources[i];
            moved[i] =
                    new SourceSum(sum.source(), sum.amount(), sum.keys(), sum.ports(), sum.loadBalancers(), now, now);
        }
        return Summaries.at(now, RULE, moved);
    }

    private ClusterRules agent(String node) {
        SummarySource others = new SummarySource() {
            @Override
            public Round collect(long nowMillis) {
                rounds++;
                return new Round(new TreeMap<>(Map.of("other", summary())), unreachable, 0, "");
            }

            @Override
            public void close() {
                // nothing was opened
            }
        };
        return new ClusterRules(List.of(RULE), node, () -> leads, this::summary, others, () -> now, 20);
    }

    private void pass(int seconds) {
        now = now.plusSeconds(seconds);
        rules.poll(now.toEpochMilli());
    }

    private List<String> found() {
        return rules.detections().recent().stream()
                .map(detection -> detection.number() + " " + detection.source().compact())
                .toList();
    }

    @Test
    void onlyTheLeaderAsksAndDecides() {
        leads = false;
        pass(0);
        assertEquals(0, rounds);
        assertEquals(List.of(), found());
        assertEquals(new ClusterRulesStatus(true, false, Map.of(), 0, 0, ""), rules.status());

        leads = true;
        unreachable = 3;
        pass(5);
        assertEquals(List.of("1 " + SCANNER), found());
        assertEquals(
                Map.of(AgentState.COUNTED, 2, AgentState.UNREACHABLE, 3, AgentState.INVALID, 0),
                rules.status().agents());

        leads = false;
        pass(5);
        assertFalse(rules.status().leads());
        assertEquals(Map.of(), rules.status().agents());
    }

    @Test
    void asksEveryFewSecondsAndAfterTheClockWasSetBack() {
        pass(0);
        pass(4);
        assertEquals(1, rounds);
        pass(1);
        assertEquals(2, rounds);
        pass(-3_600);
        assertEquals(3, rounds);
    }

    @Test
    void aSourceIsNotPassedOnAgainWhileADecisionMayWait() {
        for (int round = 0; round < 23; round++) {
            pass(5);
        }
        assertEquals(List.of("1 " + SCANNER), found());
        pass(5 + (int) Detections.AGE_SECONDS_MAX);
        assertEquals(List.of("1 " + SCANNER, "2 " + SCANNER), found());
    }

    @Test
    void mayUseHalfOfTheNewEntriesPerMinute() {
        sources = IntStream.range(1, 100)
                .mapToObj(i -> packets("198.51.100." + i, 50))
                .toArray(SourceSum[]::new);
        pass(0);
        assertEquals(10, found().size());
        pass(30);
        assertEquals(15, found().size());
    }

    @Test
    void twoLeadersFindTheSame() {
        ClusterRules twin = agent("b");
        pass(0);
        twin.poll(now.toEpochMilli());
        assertEquals(
                rules.detections().recent().stream().map(Detection::source).toList(),
                twin.detections().recent().stream().map(Detection::source).toList());
    }

    @Test
    void aLeadershipLostDuringARoundDecidesNothing() {
        ClusterRules late = new ClusterRules(
                List.of(RULE),
                "a",
                () -> rounds == 0,
                this::summary,
                new SummarySource() {
                    @Override
                    public Round collect(long nowMillis) {
                        rounds++;
                        return new Round(new TreeMap<>(Map.of("other", summary())), 0, 0, "");
                    }

                    @Override
                    public void close() {
                        // nothing was opened
                    }
                },
                () -> now,
                20);
        late.poll(now.toEpochMilli());
        assertEquals(1, rounds);
        assertEquals(List.of(), late.detections().recent());
    }

    @Test
    void whatWasNotSentLatelyIsNotPassedOn() {
        ClusterRules late = new ClusterRules(
                List.of(RULE),
                "a",
                () -> true,
                () -> Summaries.at(now, RULE, packets(SCANNER, 50)),
                new SummarySource() {
                    @Override
                    public Round collect(long nowMillis) {
                        return new Round(
                                new TreeMap<>(Map.of("b", Summaries.at(now, RULE, packets(SCANNER, 50)))), 0, 0, "");
                    }

                    @Override
                    public void close() {
                        // nothing was opened
                    }
                },
                () -> now,
                20);
        now = NOW.plusSeconds(1 + Detections.AGE_SECONDS_MAX);
        late.poll(now.toEpochMilli());
        assertTrue(late.detections().recent().isEmpty());
    }
}

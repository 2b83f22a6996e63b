package io.denywatch.blocklist;

import static io.denywatch.blocklist.TestDetections.SCAN;
import static io.denywatch.blocklist.TestDetections.START;
import static io.denywatch.blocklist.TestDetections.detection;
import static io.denywatch.blocklist.TestDetections.source;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.Decision.RecentDecision;
import io.denywatch.blocklist.DecisionRecorder.RecentDecisions;
import io.denywatch.detection.Detection;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecentDecisionsTest {
    private final RecentDecisions recent = new RecentDecisions();

    private static Decision.Refused refused(int n) {
        return new Decision.Refused(detection(n + 1, source(n), SCAN, START), DetectionOutcome.RATE, null);
    }

    private static Decision.Expired expired(int n) {
        Detection detection = detection(n + 1, source(n), SCAN, START);
        return new Decision.Expired(
                new BlockEntry(source(n), START, START.plusSeconds(60), SCAN.name(), 0, detection.evidence()));
    }

    private RecentDecision add(Decision decision, long second) {
        RecentDecision added = new RecentDecision(decision, START.plusSeconds(second));
        recent.add(added);
        return added;
    }

    @Test
    void ofEachKindAndSourceTheLatestIsKeptInTheOrderOfTime() {
        add(refused(1), 1);
        RecentDecision ended = add(expired(1), 2);
        RecentDecision other = add(refused(2), 3);
        RecentDecision again = add(refused(1), 4);
        assertEquals(List.of(ended, other, again), recent.list());
        assertSame(recent.list(), recent.list());
    }

    @Test
    void refusalsOfManyPushOutTheOldestRefusalsAndNoEndOfABlock() {
        RecentDecision ended = add(expired(1), 0);
        for (int i = 0; i < RecentDecisions.SOURCES_MAX + 10; i++) {
            add(refused(i), i);
        }
        List<RecentDecision> list = recent.list();
        assertEquals(RecentDecisions.SOURCES_MAX + 1, list.size());
        assertEquals(ended, list.getFirst());
        Instant oldest = START.plusSeconds(10);
        assertEquals(oldest, list.get(1).at());
    }
}

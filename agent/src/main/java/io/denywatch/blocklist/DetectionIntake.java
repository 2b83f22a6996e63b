package io.denywatch.blocklist;

import io.denywatch.count.Count;
import io.denywatch.detection.Detection;
import io.denywatch.detection.Detections;
import io.denywatch.process.LogOnce;
import java.time.Instant;
import java.util.List;

/** Takes each published detection once. Confined to the enforcer thread. */
final class DetectionIntake {
    private long last;
    private long missed;
    private final LogOnce gateRefusal =
            new LogOnce(System.getLogger(DetectionIntake.class.getName()), "sources are blocked again");

    /**
     * Returns the new detections by ascending number, without those that are too old. While the gate is pending,
     * nothing is taken; while it is refused, all are dropped and count as missed.
     */
    List<Detection> take(Detections published, EnforcementGate gate, Instant now) {
        return switch (gate) {
            case EnforcementGate.Pending() -> List.of();
            case EnforcementGate.Granted _ -> {
                gateRefusal.worked();
                yield take(published, now);
            }
            case EnforcementGate.Refused(String why) -> {
                gateRefusal.failed("nobody is newly blocked: " + why);
                missed = Count.sum(missed, published.last() - last);
                last = published.last();
                yield List.of();
            }
        };
    }

    private List<Detection> take(Detections published, Instant now) {
        if (published.last() == last) {
            return List.of();
        }
        List<Detection> fresh = published.recent().stream()
                .filter(detection -> detection.number() > last && Detections.isTimely(detection, now))
                .toList();
        missed = Count.sum(missed, published.last() - last - fresh.size());
        last = published.last();
        return fresh;
    }

    /** Why all detections are dropped, in one line; empty if they are not. */
    String refusal() {
        return gateRefusal.problem();
    }

    /** The number of detections that were overwritten, too old, or dropped. */
    long missed() {
        return missed;
    }
}

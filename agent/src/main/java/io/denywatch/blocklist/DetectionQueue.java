package io.denywatch.blocklist;

import io.denywatch.count.Count;
import io.denywatch.detection.Detection;
import io.denywatch.detection.Detections;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/** Takes each published detection once, by ascending number. Confined to the enforcer thread. */
final class DetectionQueue {
    private final Supplier<Detections> published;
    private long last; // the number of the newest one taken
    private long missed;

    /** @param published what another thread published last */
    DetectionQueue(Supplier<Detections> published) {
        this.published = published;
    }

    /** What is published now. */
    Detections published() {
        return published.get();
    }

    /** Takes those that are new, without those that are too old. */
    List<Detection> take(Instant now) {
        Detections all = published.get();
        List<Detection> fresh = all.last() == last
                ? List.of()
                : all.recent().stream()
                        .filter(detection -> detection.number() > last && Detections.isTimely(detection, now))
                        .toList();
        miss(all, fresh.size());
        return fresh;
    }

    /** Drops those that are new; they count as missed. */
    void drop() {
        miss(published.get(), 0);
    }

    private void miss(Detections all, int taken) {
        missed = Count.sum(missed, all.last() - last - taken);
        last = all.last();
    }

    /** Detections that were not taken, since start. */
    long missed() {
        return missed;
    }
}

package io.denywatch.detection;

import java.util.ArrayDeque;
import java.util.List;

/** The newest detections and their published snapshot. Confined to one thread, except {@link #published}. */
public final class RecentDetections {
    private final ArrayDeque<Detection> recent = new ArrayDeque<>();
    private long last;

    private volatile Detections published = Detections.NONE;

    /** The number of the next detection. */
    public long next() {
        return last + 1;
    }

    /** Adds the next detection, with the number {@link #next}. */
    public void add(Detection detection) {
        last = detection.number();
        recent.addLast(detection);
        if (recent.size() > Detections.RECENT_MAX) {
            recent.removeFirst();
        }
    }

    /** Publishes what has changed. */
    public void publish(SpoofingSigns signs, EvictedWindows evicted, EstablishedSources established) {
        Detections before = published;
        boolean added = last != before.last();
        if (added
                || !signs.equals(before.signs())
                || !evicted.equals(before.evicted())
                || established != before.established()) {
            List<Detection> newest = added ? List.copyOf(recent) : before.recent();
            published = new Detections(last, newest, signs, evicted, established);
        }
    }

    /** As of the last {@link #publish}; any thread may ask. */
    public Detections published() {
        return published;
    }
}

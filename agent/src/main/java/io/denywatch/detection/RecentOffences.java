package io.denywatch.detection;

import java.util.ArrayDeque;
import java.util.List;

/** The newest offences, and what of them is published. Confined to the ingest thread, but for {@link #published}. */
final class RecentOffences {
    private final ArrayDeque<Offence> recent = new ArrayDeque<>();
    private long last;

    private volatile Offences published = Offences.NONE;

    /** The number of the next offence. */
    long next() {
        return last + 1;
    }

    void add(Offence offence) {
        last = offence.number();
        recent.addLast(offence);
        if (recent.size() > Offences.RECENT_MAX) {
            recent.removeFirst();
        }
    }

    void publish(Signs signs, Evicted evicted, Answers answers) {
        Offences before = published;
        boolean added = last != before.last();
        if (added
                || !signs.equals(before.signs())
                || !evicted.equals(before.evicted())
                || answers != before.answers()) {
            List<Offence> newest = added ? List.copyOf(recent) : before.recent();
            published = new Offences(last, newest, signs, evicted, answers);
        }
    }

    /** As of the last {@link #publish}; any thread may ask. */
    Offences published() {
        return published;
    }
}

package io.denywatch.blocklist;

import java.time.Instant;
import java.util.List;

/** Takes each published offence once. Confined to the enforcer thread. */
final class OffenceIntake {
    private long last;
    private long missed;

    /** Those that are new, by ascending number; what has waited for too long, nobody is blocked for. */
    List<Offence> take(Offences published, Instant now) {
        if (published.last() == last) {
            return List.of();
        }
        List<Offence> fresh = published.recent().stream()
                .filter(offence -> offence.number() > last && Offences.isTimely(offence, now))
                .toList();
        missed += published.last() - last - fresh.size();
        last = published.last();
        return fresh;
    }

    /** How many were gone, or too old, before they were looked at. */
    long missed() {
        return missed;
    }
}

package io.denywatch.blocklist;

import java.util.List;

/** Takes each published offence once. Confined to the enforcer thread. */
final class OffenceIntake {
    private long last;
    private long missed;

    /** Those that are new, by ascending number. */
    List<Offence> take(Offences published) {
        if (published.last() == last) {
            return List.of();
        }
        List<Offence> fresh = published.recent().stream()
                .filter(offence -> offence.number() > last)
                .toList();
        missed += published.last() - last - fresh.size();
        last = published.last();
        return fresh;
    }

    /** How many were gone before they were looked at. */
    long missed() {
        return missed;
    }
}

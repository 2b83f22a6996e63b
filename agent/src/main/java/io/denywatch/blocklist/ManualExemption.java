package io.denywatch.blocklist;

import io.denywatch.ip.IpPrefix;
import java.time.Instant;

/**
 * Somebody took addresses out of the blocklist: until then, no agent blocks them.
 *
 * @param addresses whom
 * @param until when it ends
 */
public record ManualExemption(IpPrefix addresses, Instant until) {
    /** Whether it holds now; none does that nobody can have made, for it would last longer than one may. */
    public boolean holds(Instant now) {
        return now.isBefore(until)
                && !until.isAfter(now.plus(ManualEntry.LONGEST).plus(PromotionPolicy.AHEAD_MAX));
    }
}

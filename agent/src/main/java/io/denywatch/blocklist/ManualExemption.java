package io.denywatch.blocklist;

import io.denywatch.ip.IpPrefix;
import java.time.Instant;

/**
 * Addresses that no agent may block until a given time, exempted by hand. Immutable.
 *
 * @param addresses that are exempt
 * @param until when it ends
 */
public record ManualExemption(IpPrefix addresses, Instant until) {
    /** Whether it holds now. One that ends later than is allowed is invalid and never holds. */
    public boolean holds(Instant now) {
        return now.isBefore(until)
                && !until.isAfter(now.plus(ManualEntry.LONGEST).plus(PromotionPolicy.AHEAD_MAX));
    }
}

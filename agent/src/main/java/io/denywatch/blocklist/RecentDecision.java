package io.denywatch.blocklist;

import java.time.Instant;

/**
 * A decision that took effect. Immutable.
 *
 * @param decision what was decided
 * @param at when it was known to have taken effect: for a block in {@code enforce}, when it was known to be stored
 */
public record RecentDecision(Decision decision, Instant at) {}

package io.denywatch.blocklist;

import java.time.Instant;

/** Receives decisions as they take effect. Called on the enforcer thread; must not block for long. */
@FunctionalInterface
public interface DecisionListener {
    /** A decision took effect: it is stored, or would be in mode enforce. */
    void decided(Decision decision, BlocklistMode mode, Instant now);
}

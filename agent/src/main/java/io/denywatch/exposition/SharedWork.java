package io.denywatch.exposition;

import java.util.Optional;

/**
 * The work that one agent does for all. Immutable.
 *
 * @param leads whether this agent is the elected one; empty if it takes no part
 * @param loadBalancers addresses of load balancers that this agent has published
 * @param syncMillis when they were last known to be published, in Unix milliseconds; 0 if this agent does not lead
 */
public record SharedWork(Optional<Boolean> leads, int loadBalancers, long syncMillis) {
    /** Takes no part. */
    public static final SharedWork NONE = new SharedWork(Optional.empty(), 0, 0);
}

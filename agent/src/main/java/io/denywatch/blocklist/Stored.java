package io.denywatch.blocklist;

import io.denywatch.ip.IpPrefix;
import java.util.Set;

/**
 * What was found in the store. Immutable.
 *
 * @param own this agent's blocklist: what it wrote, deadlines and all
 * @param listed what is really in force of this agent's objects, whoever wrote it
 * @param intact whether the objects are all there and as this agent would write them: names, labels, owner, and exactly
 *     the entries listed
 * @param manual what people decided
 */
public record Stored(Blocklist own, Set<IpPrefix> listed, boolean intact, ManualList manual) {
    /** Copies the set. */
    public Stored {
        listed = Set.copyOf(listed);
    }
}

package io.denywatch.blocklist;

import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What was found in the store. Immutable.
 *
 * @param own this agent's blocklist: what it wrote, deadlines and all
 * @param listed the sources that this agent's objects really contain, regardless of their author
 * @param intact whether all objects exist as this agent would write them: names, labels, owner, and exactly the entries
 *     listed
 * @param manual the manual decisions
 */
public record Stored(Blocklist own, Set<IpPrefix> listed, boolean intact, ManualList manual) {
    /** Copies the set. */
    public Stored {
        listed = Set.copyOf(listed);
    }

    /**
     * The blocklist that a restarted agent continues with: the entries whose sources are really listed. An attacker who
     * can only edit annotations therefore cannot add a source.
     */
    Blocklist inForce() {
        Map<IpPrefix, BlockEntry> entries = new LinkedHashMap<>(own.entries());
        entries.keySet().retainAll(listed);
        return new Blocklist(entries, own.priorBlocks());
    }

    /** The number of entries past their deadlines, by this agent and by hand. */
    public int overdue(Instant now) {
        long ours = own.entries().values().stream()
                .filter(entry -> entry.isOver(now))
                .count();
        long byHand = manual.entries().stream()
                .filter(entry -> !now.isBefore(entry.lastsUntil()))
                .count();
        return (int) (ours + byHand);
    }
}

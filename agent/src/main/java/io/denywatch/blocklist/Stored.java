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

    /**
     * What an agent goes on with that has just started: an entry whose source is not listed is none. So who can change no more
     * than what is written beside a set cannot have its agent list a source.
     */
    Blocklist inForce() {
        Map<IpPrefix, BlockEntry> entries = new LinkedHashMap<>(own.entries());
        entries.keySet().retainAll(listed);
        return new Blocklist(entries, own.priorBlocks());
    }

    /** How many entries are past their deadlines, this agent's and people's. */
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

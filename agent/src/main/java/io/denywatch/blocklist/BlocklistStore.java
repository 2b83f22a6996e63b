package io.denywatch.blocklist;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The place where the blocklist is stored and takes effect. Confined to the enforcer thread. */
public interface BlocklistStore {
    /** Reads what is there now. */
    Stored load() throws StoreException;

    /**
     * Writes this agent's objects, each of them atomically. An object that already is as wanted is not written. After
     * success the store holds everything that is wanted.
     */
    void save(Blocklist wanted) throws StoreException;

    /**
     * Removes overdue entries from objects that no running agent owns: the manual set, and the sets of stopped agents.
     * Agents do this without coordination: in each round, about one of them removes a given entry.
     *
     * @return the number of entries removed
     */
    int removeOverdue(Instant now) throws StoreException;

    /**
     * What was found in the store. Immutable.
     *
     * @param own this agent's blocklist as it was written, with its deadlines
     * @param listed the sources that this agent's objects contain, no matter who added them
     * @param intact whether all objects exist as this agent would write them: names, labels, owner, and exactly the
     *     entries listed
     * @param manual the manual decisions
     */
    record Stored(Blocklist own, Set<IpPrefix> listed, boolean intact, ManualList manual) {
        /** Copies the set. */
        public Stored {
            listed = Set.copyOf(listed);
        }

        /**
         * The blocklist that a restarted agent continues with: the entries whose sources are really listed. An attacker
         * who can only edit annotations therefore cannot add a source.
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

    /**
     * A store in memory for mode dry-run: nothing takes effect, and a restart begins with an empty list. Confined to
     * the enforcer thread.
     */
    static final class DryRunStore implements BlocklistStore {
        private Blocklist kept = Blocklist.EMPTY;

        /** Returns what was saved last, without manual decisions. */
        @Override
        public Stored load() {
            return new Stored(kept, kept.entries().keySet(), true, ManualList.EMPTY);
        }

        @Override
        public void save(Blocklist wanted) {
            kept = wanted;
        }

        /** Does nothing: the enforcer removes overdue entries itself. */
        @Override
        public int removeOverdue(Instant now) {
            return 0;
        }
    }
}

package io.denywatch.blocklist;

import java.time.Instant;

/** The place where the blocklist is stored and takes effect. Confined to the enforcer thread. */
public interface BlocklistStore {
    /** Reads what is there now. */
    Stored load() throws StoreException;

    /**
     * Writes this agent's objects, each of them atomically. An object that is as wanted is not written. After success
     * the store holds everything that is wanted.
     */
    void save(Blocklist wanted) throws StoreException;

    /**
     * Removes overdue entries from objects that no running agent owns: the manual set, and the sets of stopped agents.
     * Agents do this without coordination; about one of them removes each entry per round.
     *
     * @return the number of entries removed
     */
    int removeOverdue(Instant now) throws StoreException;
}

package io.denywatch.blocklist;

import java.time.Instant;

/** Where the blocklist is kept and takes effect. Confined to the enforcer thread. */
public interface BlocklistStore {
    /** Reads what is there now. */
    Stored load() throws StoreException;

    /**
     * Makes this agent's objects be what is wanted: whole, or not at all for each object. Writes nothing where nothing
     * differs from what was read last. On success everything wanted is in force as far as the store knows.
     */
    void save(Blocklist wanted) throws StoreException;

    /**
     * Helps to take out what is overdue in objects that no agent looks after: those of people, and those of agents that
     * have stopped. All agents do this without agreeing; each overdue entry is taken out by about one of them per round.
     *
     * @return how many entries were taken out
     */
    int removeOverdue(Instant now) throws StoreException;
}

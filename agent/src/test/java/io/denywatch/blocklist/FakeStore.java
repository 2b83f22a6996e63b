package io.denywatch.blocklist;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.BlocklistStore.Stored;
import io.denywatch.blocklist.StoreException.Reason;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A store in memory that outlives its enforcers, fails as told, and can be edited by others. Like the real one it notices
 * when somebody wrote since it was last read.
 */
final class FakeStore implements BlocklistStore {
    /** What becomes of a call. */
    enum Fate {
        WORKS,
        /** Nothing happens. */
        FAILS,
        /** The write happens, and its answer is lost. */
        ANSWER_LOST,
        /** The process dies before anything happens. */
        CRASH_BEFORE,
        /** The process dies when it has happened. */
        CRASH_AFTER
    }

    /** The process is dead. */
    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    final Deque<Fate> fates = new ArrayDeque<>();
    Blocklist content = Blocklist.EMPTY;
    ManualList manual = ManualList.EMPTY;
    final Set<IpPrefix> unlisted = new HashSet<>(); // though there are entries of them
    boolean intact;
    int loads;
    int writes;
    int rounds;
    private boolean read;
    private boolean changedSince;

    private Fate next() {
        Fate fate = fates.poll();
        if (fate == Fate.CRASH_BEFORE) {
            throw new Crash();
        }
        return fate == null ? Fate.WORKS : fate;
    }

    @Override
    public Stored load() throws StoreException {
        loads++;
        if (next() == Fate.FAILS) {
            throw new StoreException(Reason.UNAVAILABLE, "GET: no answer");
        }
        read = true;
        changedSince = false;
        Set<IpPrefix> listed = new HashSet<>(content.entries().keySet());
        listed.removeAll(unlisted);
        return new Stored(content, listed, intact, manual);
    }

    @Override
    public void save(Blocklist wanted) throws StoreException {
        assertTrue(read, "written before anything was read");
        if (!changedSince && intact && wanted.equals(content)) {
            return;
        }
        Fate fate = next();
        if (fate == Fate.FAILS) {
            throw new StoreException(Reason.UNAVAILABLE, "PUT: no answer");
        }
        if (changedSince) {
            throw new StoreException(Reason.CONFLICT, "PUT: 409");
        }
        writes++;
        content = wanted;
        intact = true;
        if (fate == Fate.CRASH_AFTER) {
            throw new Crash();
        }
        if (fate == Fate.ANSWER_LOST) {
            changedSince = true; // its version is not known here
            throw new StoreException(Reason.UNAVAILABLE, "PUT: no answer");
        }
    }

    @Override
    public int removeOverdue(Instant now) throws StoreException {
        rounds++;
        if (next() == Fate.FAILS) {
            throw new StoreException(Reason.UNAVAILABLE, "LIST: no answer");
        }
        return 0;
    }

    /** A new process has read nothing. */
    void restart() {
        read = false;
    }

    /** Somebody else takes a source out. */
    void remove(IpPrefix source) {
        Map<IpPrefix, BlockEntry> entries = new LinkedHashMap<>(content.entries());
        entries.remove(source);
        content = new Blocklist(entries, content.priorBlocks());
        changedSince = true;
    }

    /** Somebody else edits what cannot be an entry: a net, a label. */
    void damage() {
        intact = false;
        changedSince = true;
    }

    /** Somebody deletes it all. */
    void delete() {
        content = Blocklist.EMPTY;
        damage();
    }
}

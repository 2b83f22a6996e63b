package io.denywatch.blocklist;

import io.denywatch.blocklist.Decision.Refused;
import io.denywatch.blocklist.PromotionPolicy.Facts;
import io.denywatch.blocklist.PromotionPolicy.Ruling;
import io.denywatch.count.Count;
import io.denywatch.detection.Detection;
import io.denywatch.detection.Detections;
import io.denywatch.detection.EstablishedSource;
import io.denywatch.detection.SpoofingSigns;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The slow loop: decides on offences and keeps the stored blocklist as decided. All state is confined to the thread that
 * calls {@link #tick}; other threads see it through {@link #status} alone.
 *
 * <p>What is wanted is held whole in memory, and whatever the store holds instead is replaced by it. After a write that
 * succeeded, and only then, a difference is known to be somebody else's: undoing it counts as a repair.
 *
 * <p>What is stored is all that outlives the process. The first load takes it over, deadlines and all, and nothing is
 * decided or written before that; so a restart changes nothing, and each ban ends by its deadline.
 */
public final class Enforcer {
    /** How often the stored objects are read and compared with what is wanted, in milliseconds. */
    static final long RECONCILE_MILLIS = 30_000;

    /** How often something is decided though there is no offence, in milliseconds: bans end at most so much too late. */
    public static final long DECIDE_MILLIS = 1_000;

    /** Shortest time between two writes, in milliseconds: each goes to every node of the cluster. */
    static final long SAVE_MILLIS = 500;

    /** How often a write is tried at once where somebody else wrote in between. */
    static final int CONFLICT_TRIES = 3;

    private final BlocklistMode mode;
    private final PromotionPolicy policy;
    private final BlocklistStore store;
    private final Supplier<Detections> detections;
    private final Supplier<NeverBlock.Known> neverBlock;
    private final Supplier<EnforcementGate> gate;
    private final Supplier<LogTrust> trust;
    private final DetectionIntake intake = new DetectionIntake();
    private final DecisionRecorder ledger;
    private final BackOff backOff;
    private final LogOnce syncProblem = new LogOnce("blocklist");
    private final OverdueRounds overdueRounds;
    private final BreakerLog breakerLog = new BreakerLog();

    private EnforcementState state = EnforcementState.NONE;
    private boolean loaded; // whatever is in the store before that must not be touched
    private @Nullable Blocklist known; // what the store holds of ours; null where it was not read, or a write failed
    private boolean unsaved; // something decided may not be in the store
    private boolean damaged; // the store was found to hold something else than what is wanted
    private boolean foreign; // somebody else made it so
    private ManualList manual = ManualList.EMPTY;
    private SpoofingSigns signs = SpoofingSigns.NONE;

    private long tickedAtMillis = Long.MIN_VALUE;
    private long retryAtMillis; // until then the store is left alone, for it failed
    private long reconcileAtMillis;
    private long decideAtMillis;
    private long saveAtMillis;

    private long repairs;
    private int storedEntries;
    private int overdueEntries;
    private long lastSyncMillis;
    private volatile BlocklistStatus status;

    /**
     * Publishes a first status at once; touches nothing before the first {@link #tick}.
     *
     * @param mode dry-run or enforce; which of them the store is for
     * @param store not closed by this
     * @param detections what the ingest thread published last
     * @param neverBlock what is known of it ends bans at once; until it is complete offences wait, as many as are
     *     published and no longer than {@link Detections#AGE_SECONDS_MAX}
     * @param gate whether offences are a reason to block; while it is pending they wait as above, while it is refused
     *     they are dropped, and count as missed
     * @param trust of the log that the offences are from
     * @param listener told once of each decision that takes effect; of what a crash came in between, not at all
     * @param seed of the spread of retries
     * @throws IllegalArgumentException in mode off, in which there is nothing to do
     */
    public Enforcer(
            BlocklistMode mode,
            PromotionPolicy policy,
            BlocklistStore store,
            Supplier<Detections> detections,
            Supplier<NeverBlock.Known> neverBlock,
            Supplier<EnforcementGate> gate,
            Supplier<LogTrust> trust,
            DecisionListener listener,
            long seed) {
        if (mode == BlocklistMode.OFF) {
            throw new IllegalArgumentException("mode must be dry-run or enforce: " + mode.label());
        }
        this.mode = mode;
        this.policy = policy;
        this.store = store;
        this.detections = detections;
        this.neverBlock = neverBlock;
        this.gate = gate;
        this.trust = trust;
        ledger = new DecisionRecorder(mode, policy.rules(), listener);
        backOff = new BackOff(seed);
        overdueRounds = new OverdueRounds(store);
        status = newStatus();
    }

    /** What is wanted and what became of it, as of the last {@link #tick} that did something. For any thread. */
    public BlocklistStatus status() {
        return status;
    }

    /**
     * One round. To be called about every 100 ms, and at once after a round that did something.
     *
     * @return 0 if there was nothing to do
     */
    public int tick(long nowMillis) {
        if (nowMillis < tickedAtMillis) { // the clock was set back, and these times with it
            retryAtMillis = nowMillis;
            reconcileAtMillis = nowMillis;
            decideAtMillis = nowMillis;
            saveAtMillis = nowMillis;
            overdueRounds.dueAt(nowMillis);
        }
        tickedAtMillis = nowMillis;
        boolean worked = ledger.time(nowMillis);
        Stored found = null;
        if (nowMillis >= retryAtMillis && (known == null || nowMillis >= reconcileAtMillis)) {
            found = reconcile(nowMillis);
            worked = true;
        }
        if (loaded) {
            worked |= decide(nowMillis);
            if (found != null) {
                compare(found, nowMillis);
            }
            if (nowMillis >= retryAtMillis && (damaged || (unsaved && nowMillis >= saveAtMillis))) {
                save(nowMillis);
                worked = true;
            }
            worked |= nowMillis >= retryAtMillis && overdueRounds.tick(nowMillis);
        }
        if (worked) {
            status = newStatus();
        }
        return worked ? 1 : 0;
    }

    /** Reads the store; null if that failed. */
    private @Nullable Stored reconcile(long nowMillis) {
        try {
            return load(nowMillis);
        } catch (StoreException e) {
            failed(e, nowMillis);
            return null;
        }
    }

    private Stored load(long nowMillis) throws StoreException {
        Instant now = Instant.ofEpochMilli(nowMillis);
        Stored stored = store.load();
        if (!loaded) {
            loaded = true;
            state = EnforcementState.restored(stored.inForce(), now);
            overdueRounds.dueAt(nowMillis + OverdueRounds.MILLIS);
        }
        foreign |= known != null && !(stored.intact() && stored.own().sameBlocks(known));
        known = stored.own();
        manual = stored.manual();
        overdueEntries = stored.overdue(now);
        reconcileAtMillis = nowMillis + RECONCILE_MILLIS;
        decideAtMillis = nowMillis; // for people may have decided something meanwhile
        return stored;
    }

    private boolean decide(long nowMillis) {
        NeverBlock.Known never = neverBlock.get();
        Detections published = detections.get();
        Instant now = Instant.ofEpochMilli(nowMillis);
        EnforcementGate cleared = gate.get();
        List<Detection> fresh = never.complete() ? intake.take(published, cleared, now) : List.of();
        if (cleared instanceof EnforcementGate.Refused) {
            state = state.withoutWaiting();
        }
        if (fresh.isEmpty() && nowMillis < decideAtMillis) {
            return false;
        }
        decideAtMillis = nowMillis + DECIDE_MILLIS;
        signs = published.signs().at(now);
        LogTrust log = trust.get();
        List<EstablishedSource> established = published.established().validAt(now);
        Facts facts = new Facts(
                log.believed(fresh, established, cleared, refused -> ledger.decided(refused, now)),
                never.complete() && cleared instanceof EnforcementGate.Granted,
                signs,
                never.ranges(),
                manual.exemptions(),
                log.believesEstablished() ? established : List.of());
        Ruling ruling = policy.decide(state, facts, now);
        state = ruling.state();
        breakerLog.tell(state.breaker(), signs, policy.limits());
        for (Decision decision : ruling.decisions()) {
            unsaved |= !(decision instanceof Refused);
            ledger.decided(decision, now);
        }
        return true;
    }

    /** Compares what was found with what is wanted now. */
    private void compare(Stored found, long nowMillis) {
        Blocklist wanted = state.blocklist();
        damaged = !(found.intact() && found.own().sameBlocks(wanted));
        storedEntries = (int) wanted.entries().keySet().stream()
                .filter(found.listed()::contains)
                .count();
        if (!damaged) {
            foreign = false; // what somebody changed is what is wanted
            if (!unsaved) {
                synced(nowMillis);
            }
        }
    }

    private void save(long nowMillis) {
        saveAtMillis = nowMillis + SAVE_MILLIS;
        for (int tries = 1; ; tries++) {
            try {
                if (known == null) {
                    load(nowMillis);
                    decide(nowMillis);
                }
                store.save(state.blocklist());
                saved(nowMillis);
                return;
            } catch (StoreException e) {
                known = null; // nobody knows how much of it was written
                if (e.reason() != StoreException.Reason.CONFLICT || tries == CONFLICT_TRIES) {
                    failed(e, nowMillis);
                    return;
                }
            }
        }
    }

    private void saved(long nowMillis) {
        known = state.blocklist();
        storedEntries = known.entries().size();
        repairs = Count.sum(repairs, foreign ? 1 : 0);
        foreign = false;
        damaged = false;
        unsaved = false;
        ledger.stored(Instant.ofEpochMilli(nowMillis));
        synced(nowMillis);
    }

    private void synced(long nowMillis) {
        lastSyncMillis = nowMillis;
        backOff.worked();
        syncProblem.worked();
    }

    private void failed(StoreException e, long nowMillis) {
        retryAtMillis = nowMillis + backOff.failed();
        ledger.notStored();
        syncProblem.failed(String.valueOf(e.getMessage()));
    }

    private BlocklistStatus newStatus() {
        return new BlocklistStatus(
                mode,
                policy.rules(),
                policy.limits().entriesMax(),
                state.blocklist(),
                mode == BlocklistMode.ENFORCE ? storedEntries : 0,
                overdueEntries,
                manual,
                state.breaker() instanceof Breaker.Open,
                signs,
                ledger.promotions(),
                ledger.expirations(),
                ledger.displacements(),
                detections.get().evicted(),
                repairs,
                ledger.timeToBlock(),
                lastSyncMillis,
                intake.missed(),
                ledger.decisions(),
                LogOnce.first(syncProblem.problem(), trust.get().problem(), intake.refusal(), overdueRounds.problem()));
    }
}

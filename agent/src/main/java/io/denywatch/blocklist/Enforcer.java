package io.denywatch.blocklist;

import io.denywatch.blocklist.BlocklistStore.Stored;
import io.denywatch.blocklist.Decision.Refused;
import io.denywatch.blocklist.PromotionPolicy.Facts;
import io.denywatch.blocklist.PromotionPolicy.Ruling;
import io.denywatch.count.Count;
import io.denywatch.detection.Detection;
import io.denywatch.detection.Detections;
import io.denywatch.detection.EstablishedSource;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.process.BackOff;
import io.denywatch.process.LogOnce;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides about detections and keeps the stored blocklist as decided. Confined to the enforcer thread, which calls
 * {@link #tick}; other threads may only call {@link #status}.
 *
 * <p>The wanted blocklist is held in memory and replaces whatever the store holds. Only after a successful write is a
 * difference known to be a foreign change; undoing it counts as a repair.
 *
 * <p>Only the stored blocklist outlives the process. The first load takes it over, deadlines included, and nothing is
 * decided or written before that; so a restart changes nothing, and each block ends by its deadline.
 */
public final class Enforcer {
    private static final System.Logger LOG = System.getLogger(Enforcer.class.getName());

    /** How often the stored objects are read and compared with what is wanted, in milliseconds. */
    static final long RECONCILE_MILLIS = 30_000;

    /** How often decisions are made without a detection, in milliseconds; blocks end at most this much late. */
    public static final long DECIDE_MILLIS = 1_000;

    /** Shortest time between two writes, in milliseconds: each goes to every node of the cluster. */
    static final long SAVE_MILLIS = 500;

    /** The longest wait before the first retry, in milliseconds; it doubles with each failure. */
    private static final long RETRY_MILLIS = 2_000;

    /** The longest wait before any retry, in milliseconds. */
    private static final long RETRY_MILLIS_MAX = 15_000;

    /** How often overdue entries of others are removed, in milliseconds. */
    static final long REMOVE_OVERDUE_MILLIS = 30_000;

    /** How often a write is tried in a row if other writers keep changing the object first. */
    static final int CONFLICT_TRIES = 3;

    private final BlocklistMode mode;
    private final PromotionPolicy policy;
    private final BlocklistStore store;
    private final DetectionQueue detections; // of this node
    private final DetectionQueue clusterDetections; // of all nodes together
    private final Supplier<NeverBlock.Known> neverBlock;
    private final Supplier<EnforcementGate> gate;
    private final Supplier<LogTrust> trust;
    private final DecisionRecorder recorder;
    private final BackOff backOff;
    private final LogOnce sync = new LogOnce(LOG, "blocklist: works again");
    private final LogOnce spoofing = new LogOnce(
            LOG, "no more signs of spoofing for " + Breaker.CALM.toMinutes() + " minutes: sources are blocked again");

    private final LogOnce refusal = new LogOnce(LOG, "sources are blocked again");
    private final LogOnce overdueRemoval = new LogOnce(LOG, "overdue blocklist entries: works again");

    private EnforcementState state = EnforcementState.NONE;
    private boolean loaded; // before that, the store must not be changed
    private @Nullable Blocklist known; // what the store holds of this node; null if not read, or after a failed write
    private boolean unsaved; // some decision may not be stored
    private boolean damaged; // the store differs from what is wanted
    private boolean foreign; // because of a foreign change
    private ManualList manual = ManualList.EMPTY;
    private SpoofingSigns signs = SpoofingSigns.NONE;

    private long tickedAtMillis = Long.MIN_VALUE;
    private long retryAtMillis; // the store is not used before this time, because it failed
    private long reconcileAtMillis;
    private long decideAtMillis;
    private long saveAtMillis;
    private long removeOverdueAtMillis = Long.MAX_VALUE; // not before the first load

    private long repairs;
    private int storedEntries;
    private int overdueEntries;
    private long lastSyncMillis;
    private volatile BlocklistStatus status;

    /**
     * Publishes a first status at once; touches nothing before the first {@link #tick}.
     *
     * @param mode dry-run or enforce, matching the store
     * @param store not closed by this
     * @param detections what the ingest thread published last
     * @param clusterDetections sources that reached a threshold on all nodes together, as published last
     * @param neverBlock exemptions known so far, which end blocks at once. Until they are complete, detections wait
     *     while they are published, for at most {@link Detections#AGE_SECONDS_MAX}
     * @param gate whether detections may lead to blocks. While it is pending, they wait as above; while it is withheld,
     *     they are dropped and count as missed
     * @param trust trust in the log that the detections come from
     * @param listener called once for each decision that takes effect; a crash may lose the call
     * @param seed of the random spread of retries
     * @throws IllegalArgumentException in mode off, which decides nothing
     */
    public Enforcer(
            BlocklistMode mode,
            PromotionPolicy policy,
            BlocklistStore store,
            Supplier<Detections> detections,
            Supplier<Detections> clusterDetections,
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
        this.detections = new DetectionQueue(detections);
        this.clusterDetections = new DetectionQueue(clusterDetections);
        this.neverBlock = neverBlock;
        this.gate = gate;
        this.trust = trust;
        recorder = new DecisionRecorder(mode, policy.rules(), listener);
        backOff = new BackOff(RETRY_MILLIS, RETRY_MILLIS_MAX, new SplittableRandom(seed));
        status = newStatus();
    }

    /** An enforcer of a node that decides alone. */
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
        this(mode, policy, store, detections, () -> Detections.NONE, neverBlock, gate, trust, listener, seed);
    }

    /** The status after the last {@link #tick} that did something. For any thread. */
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
            removeOverdueAtMillis = nowMillis;
        }
        tickedAtMillis = nowMillis;
        boolean worked = recorder.time(nowMillis);
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
            if (nowMillis >= retryAtMillis && nowMillis >= removeOverdueAtMillis) {
                removeOverdue(nowMillis);
                worked = true;
            }
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
            removeOverdueAtMillis = nowMillis + REMOVE_OVERDUE_MILLIS;
        }
        foreign |= known != null && !(stored.intact() && stored.own().sameBlocks(known));
        known = stored.own();
        manual = stored.manual();
        overdueEntries = stored.overdue(now);
        reconcileAtMillis = nowMillis + RECONCILE_MILLIS;
        decideAtMillis = nowMillis; // there may be new manual decisions
        return stored;
    }

    private boolean decide(long nowMillis) {
        NeverBlock.Known never = neverBlock.get();
        Detections published = detections.published();
        Instant now = Instant.ofEpochMilli(nowMillis);
        EnforcementGate open = gate.get();
        List<Detection> fresh = never.complete() ? take(open, now) : List.of();
        if (fresh.isEmpty() && nowMillis < decideAtMillis) {
            return false;
        }
        decideAtMillis = nowMillis + DECIDE_MILLIS;
        signs = published.signs().at(now);
        List<EstablishedSource> established = published.established().validAt(now);
        Ruling ruling =
                policy.decide(state, new Facts(fresh, open, trust.get(), signs, never, manual, established), now);
        state = ruling.state();
        logBreaker();
        for (Decision decision : ruling.decisions()) {
            unsaved |= !(decision instanceof Refused);
            recorder.decided(decision, now);
        }
        return true;
    }

    /**
     * Takes each published detection once, without those that are too old. While the gate is pending, nothing is taken;
     * while it is withheld, all are dropped and count as missed.
     */
    private List<Detection> take(EnforcementGate open, Instant now) {
        if (open instanceof EnforcementGate.Pending) {
            return List.of();
        }
        if (open instanceof EnforcementGate.Withheld(String why)) {
            refusal.failed("no new source is blocked: " + why);
            detections.drop();
            clusterDetections.drop();
            return List.of();
        }
        refusal.worked();
        return Stream.concat(detections.take(now).stream(), clusterDetections.take(now).stream())
                .toList();
    }

    private void logBreaker() {
        if (!(state.breaker() instanceof Breaker.Open)) {
            spoofing.worked();
        } else if (!spoofing.isFailing()) { // later signs are not those that opened it
            spoofing.failed(Breaker.reason(signs, policy.limits()));
        }
    }

    /** Compares what was found with what is wanted now. */
    private void compare(Stored found, long nowMillis) {
        Blocklist wanted = state.blocklist();
        damaged = !(found.intact() && found.own().sameBlocks(wanted));
        storedEntries = (int) wanted.entries().keySet().stream()
                .filter(found.listed()::contains)
                .count();
        if (!damaged) {
            foreign = false; // the foreign change is what is wanted
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
                known = null; // the outcome of the write is unknown
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
        recorder.stored(Instant.ofEpochMilli(nowMillis));
        synced(nowMillis);
    }

    private void synced(long nowMillis) {
        lastSyncMillis = nowMillis;
        backOff.worked();
        sync.worked();
    }

    private void failed(StoreException e, long nowMillis) {
        retryAtMillis = nowMillis + backOff.failed();
        recorder.notStored();
        sync.failed("blocklist: " + e.getMessage(), "; trying again");
    }

    private void removeOverdue(long nowMillis) {
        removeOverdueAtMillis = nowMillis + REMOVE_OVERDUE_MILLIS;
        try {
            store.removeOverdue(Instant.ofEpochMilli(nowMillis));
            overdueRemoval.worked();
        } catch (StoreException e) {
            overdueRemoval.failed("overdue blocklist entries: " + e.getMessage(), "; trying again");
        }
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
                recorder.promotions(),
                recorder.expirations(),
                recorder.displacements(),
                detections.published().evicted(),
                repairs,
                recorder.timeToBlock(),
                lastSyncMillis,
                Count.sum(detections.missed(), clusterDetections.missed()),
                recorder.decisions(),
                Stream.of(sync.problem(), trust.get().problem(), refusal.problem(), overdueRemoval.problem())
                        .filter(problem -> !problem.isEmpty())
                        .findFirst()
                        .orElse(""));
    }
}

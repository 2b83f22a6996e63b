package io.denywatch.ingest;

import io.denywatch.count.CheckedInput;
import io.denywatch.denial.DiscoveredLoadBalancers;
import io.denywatch.ingest.Checkpoint.Opened;
import io.denywatch.process.LogOnce;
import io.denywatch.tail.LogSource;
import io.denywatch.tail.TailSnapshot;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads, parses and counts, and once a second writes the checkpoint and publishes the counts. Confined to the ingest
 * thread, except {@link #snapshot}.
 *
 * <p>Only numbers that are on disk are published, so that a crash cannot make a counter decrease: Prometheus would take
 * a decrease for a restart from zero and add the whole counter again. If checkpoints fail for {@link #STALE_MILLIS},
 * newer numbers are published anyway, because they are better than old ones. A restart then begins with lower numbers
 * than were published, so nothing is published after a start until the backlog has been read or a minute has passed.
 */
public final class Ingest implements AutoCloseable {
    /** Time between two checkpoints, and between two snapshots. */
    static final long PUBLISH_INTERVAL_MILLIS = 1_000;

    /** How long checkpoints may fail before counts are published that are not on disk. */
    static final long STALE_MILLIS = 30_000;

    /** The longest time for which the backlog at a start may delay publishing. */
    static final long CATCH_UP_MILLIS_MAX = 60_000;

    /** The longest time for which reading waits for the load balancers to be discovered. */
    static final long AWAIT_MILLIS_MAX = 5_000;

    /** Chooses a log and opens it. */
    @FunctionalInterface
    public interface SourceOpener {
        /**
         * A log from which nothing has been read yet.
         *
         * @param savedKind the kind of log that was read before the restart, if it is known
         */
        LogSource open(Optional<String> savedKind);
    }

    private final LogOnce opening = new LogOnce(System.getLogger(Ingest.class.getName()), "the wait is over");
    private final CheckpointRecord checkpoint;
    private final SourceOpener sources;
    private final Supplier<IngestState> zero;
    private final Supplier<Optional<DiscoveredLoadBalancers>> loadBalancers;
    private @Nullable DiscoveredLoadBalancers assigned;
    private IngestState counts;
    private @Nullable LogSource source;

    private long sinceMillis;
    private long openedAtMillis;
    private long turnedAtMillis;
    private long polledAtMillis;
    private long turnsSeen;
    private boolean wasAtEnd;
    private boolean caughtUp;
    private boolean inRound; // stays true after an error: counts and position then no longer match

    private volatile IngestSnapshot snapshot;

    /**
     * Publishes a first, empty snapshot at once. Opens neither the checkpoint nor a log before the first {@link #poll}.
     *
     * @param checkpoint owned: closed with this
     * @param zero creates empty counts
     * @param loadBalancers called at each poll; returns the load balancers discovered so far: empty until they are
     *     known, and preferably the same object until they change. If the checkpoint holds none, reading waits for the
     *     first answer
     */
    public Ingest(
            Checkpoint checkpoint,
            SourceOpener sources,
            Supplier<IngestState> zero,
            Supplier<Optional<DiscoveredLoadBalancers>> loadBalancers,
            long startedAtMillis) {
        this.checkpoint = new CheckpointRecord(checkpoint);
        this.sources = sources;
        this.zero = zero;
        this.loadBalancers = loadBalancers;
        counts = zero.get();
        sinceMillis = startedAtMillis;
        turnedAtMillis = startedAtMillis - PUBLISH_INTERVAL_MILLIS;
        snapshot = withoutSource(startedAtMillis, "");
    }

    /**
     * One round: reads what was written since the last, and for each line parses, counts and detects
     * ({@link LineCounter}); then publishes what was detected and, when it is time, what was counted.
     *
     * @param nowMillis Unix time
     * @return bytes read; 0 means that there is nothing to do right now
     */
    public int poll(long nowMillis) {
        LogSource from = source != null || !isDue(nowMillis) ? source : open(nowMillis);
        if (from == null || isAwaitingLoadBalancers(from, nowMillis)) {
            return 0;
        }
        counts.begin(nowMillis, wasAtEnd && Math.abs(nowMillis - polledAtMillis) < PUBLISH_INTERVAL_MILLIS);
        polledAtMillis = nowMillis;
        inRound = true;
        int bytes = from.poll(counts.counter(), nowMillis);
        inRound = false;
        wasAtEnd = from.atEnd() && from.isReadable();
        counts.detection().publish();
        counts.detection().summarize(nowMillis);
        boolean catchesUpNow =
                !caughtUp && (from.atEnd() || Math.abs(nowMillis - openedAtMillis) >= CATCH_UP_MILLIS_MAX);
        caughtUp |= catchesUpNow;
        if (isDue(nowMillis) || catchesUpNow || from.turns() != turnsSeen) {
            turnOver(from, nowMillis);
        }
        return bytes;
    }

    /**
     * Assigns the load balancers. Returns whether reading must still wait for them, because packets counted without a
     * load balancer's name never get one.
     */
    private boolean isAwaitingLoadBalancers(LogSource from, long nowMillis) {
        DiscoveredLoadBalancers now = loadBalancers.get().orElse(null);
        if (now != null && !now.equals(assigned)) { // fast for the same object
            counts.table().assign(now);
            assigned = now;
        }
        if (!counts.table().isAwaitingLoadBalancers() || Math.abs(nowMillis - openedAtMillis) >= AWAIT_MILLIS_MAX) {
            return false;
        }
        from.begin(nowMillis);
        if (isDue(nowMillis)) {
            turnedAtMillis = nowMillis;
            snapshot = snapshot.unchanged(snapshot.tail(), nowMillis, checkpoint.status());
        }
        return true;
    }

    /** The last published snapshot; any thread may call this. */
    public IngestSnapshot snapshot() {
        return snapshot;
    }

    private boolean isDue(long nowMillis) {
        return Math.abs(nowMillis - turnedAtMillis) >= PUBLISH_INTERVAL_MILLIS; // also if the clock was set back
    }

    private @Nullable LogSource open(long nowMillis) {
        turnedAtMillis = nowMillis;
        Opened opened = checkpoint.open(nowMillis);
        if (opened instanceof Opened.Held(String problem)) {
            opening.failed("waiting: " + problem);
            snapshot = withoutSource(nowMillis, problem);
            return null;
        }
        opening.worked();
        LogSource chosen = opened instanceof Opened.Intact(byte[] payload, long _)
                ? restore(payload, nowMillis)
                : sources.open(Optional.empty());
        source = chosen;
        openedAtMillis = nowMillis;
        turnsSeen = chosen.turns();
        return chosen;
    }

    private LogSource restore(byte[] payload, long openedMillis) {
        CheckedInput in = new CheckedInput(new ByteArrayInputStream(payload));
        LogSource restored = null;
        try {
            long savedSinceMillis = in.count("time of the first count");
            counts.restore(in);
            String kind = in.readUTF();
            restored = sources.open(Optional.of(kind));
            if (restored.kind().equals(kind)) {
                restored.restore(in);
            } else {
                restored.replacesAnotherKind();
            }
            counts.restoreStopped(CheckpointRecord.stopped(payload));
            sinceMillis = savedSinceMillis == 0 ? openedMillis : savedSinceMillis;
            checkpoint.mended(in.dropped());
            return restored;
        } catch (IOException e) {
            // The checksum is right, so another release wrote it.
            checkpoint.lose("the checkpoint has another format: " + e.getMessage());
            counts = zero.get();
            if (restored != null) {
                restored.close();
            }
            return sources.open(Optional.empty());
        }
    }

    private void turnOver(LogSource from, long nowMillis) {
        turnedAtMillis = nowMillis;
        turnsSeen = from.turns(); // If this fails, the next attempt is made when it is due, not at the next poll.
        boolean durable = checkpoint.write(sinceMillis, counts, from, nowMillis);
        boolean mayShow = durable || checkpoint.isStale(nowMillis, STALE_MILLIS);
        if (caughtUp && mayShow) {
            snapshot = takeSnapshot(from, nowMillis);
        } else {
            // The reason for not showing counts must still be shown.
            TailSnapshot tail = caughtUp
                    ? snapshot.tail()
                    : TailSnapshot.unopened(from.snapshot().problem());
            snapshot = snapshot.unchanged(tail, nowMillis, checkpoint.status());
        }
    }

    private IngestSnapshot takeSnapshot(LogSource from, long nowMillis) {
        TailSnapshot read = from.snapshot();
        return new IngestSnapshot(
                nowMillis,
                sinceMillis,
                true,
                from.kind(),
                from.path(),
                read,
                counts.counter().results(read.oversizedLines()),
                counts.counter().malformed(),
                counts.counter().suppressed(),
                !from.atEnd() && counts.counter().isLate(),
                counts.offset().seconds(),
                counts.table().snapshot(),
                counts.counter().stopped(),
                checkpoint.status());
    }

    private IngestSnapshot withoutSource(long nowMillis, String problem) {
        return new IngestSnapshot(
                nowMillis,
                sinceMillis,
                false,
                "",
                "",
                TailSnapshot.unopened(problem),
                counts.counter().results(0),
                counts.counter().malformed(),
                counts.counter().suppressed(),
                false,
                counts.offset().seconds(),
                counts.table().snapshot(),
                counts.counter().stopped(),
                checkpoint.status());
    }

    /**
     * Writes a last checkpoint and closes log and checkpoint. If an error ended a round, the previous checkpoint stays:
     * otherwise every process that is killed by the same line would count the lines before it again.
     */
    @Override
    public void close() {
        LogSource from = source;
        if (from != null) {
            if (!inRound) {
                checkpoint.write(sinceMillis, counts, from, turnedAtMillis);
            }
            from.close();
        }
        checkpoint.close();
    }
}

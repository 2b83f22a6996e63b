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
 * The hot loop's body: read, parse, count, and once a second make that durable and publish it. All state is confined to
 * the ingest thread; other threads see it through {@link #snapshot} alone.
 *
 * <p>Published is what is on the disk, so that no counter which anybody has seen goes back over a crash: Prometheus
 * would take that for a restart from zero and add the whole counter once more. Where checkpoints fail for long, numbers
 * that are not durable are better than old ones, and after a restart nothing is published until everything is read that
 * was read before, or a minute has passed; what was seen then is less than that.
 */
public final class Ingest implements AutoCloseable {
    /** How often what was counted is made durable and published, in milliseconds. */
    static final long PUBLISH_INTERVAL_MILLIS = 1_000;

    /** How long checkpoints may fail before what they lack is published all the same. */
    static final long STALE_MILLIS = 30_000;

    /** How long reading the backlog of a start may keep everything from being published. */
    static final long CATCH_UP_MILLIS_MAX = 60_000;

    /** How long the first line waits for the load balancers to be known, in milliseconds. */
    static final long AWAIT_MILLIS_MAX = 5_000;

    private static final System.Logger LOG = System.getLogger(Ingest.class.getName());

    /** Chooses a log and makes a source of it. */
    @FunctionalInterface
    public interface SourceOpener {
        /**
         * A source that nothing has been read from.
         *
         * @param savedKind the kind of source that counting stopped at, if it is known
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
    private boolean inRound; // left true by an error: then counts and position are not of the same moment

    private volatile IngestSnapshot snapshot;

    /**
     * Counts what is read from a source on top of what a checkpoint holds. Publishes a first, empty snapshot at once;
     * touches neither before the first {@link #poll}.
     *
     * @param checkpoint owned: closed with this
     * @param zero counts of nothing, each time new
     * @param loadBalancers that were discovered: best the same object for as long as they are the same; none while they
     *     are not known. Asked at each poll; a first answer is waited for where nothing is known from a checkpoint
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
        boolean catchesUpNow =
                !caughtUp && (from.atEnd() || Math.abs(nowMillis - openedAtMillis) >= CATCH_UP_MILLIS_MAX);
        caughtUp |= catchesUpNow;
        if (isDue(nowMillis) || catchesUpNow || from.turns() != turnsSeen) {
            turnOver(from, nowMillis);
        }
        return bytes;
    }

    /** Assigns the load balancers. Without them nothing is read for a while: what is counted without names keeps none. */
    private boolean isAwaitingLoadBalancers(LogSource from, long nowMillis) {
        DiscoveredLoadBalancers now = loadBalancers.get().orElse(null);
        if (now != null && !now.equals(assigned)) { // at once for the same object
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

    /** What was known when it was last published; any thread may ask. */
    public IngestSnapshot snapshot() {
        return snapshot;
    }

    private boolean isDue(long nowMillis) {
        return Math.abs(nowMillis - turnedAtMillis) >= PUBLISH_INTERVAL_MILLIS; // also where the clock was set back
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
            sinceMillis = savedSinceMillis == 0 ? openedMillis : savedSinceMillis;
            checkpoint.mended(in.dropped());
            return restored;
        } catch (IOException e) {
            // Its checksum was right, so another release wrote it.
            checkpoint.lose("the checkpoint is of another form: " + e.getMessage());
            counts = zero.get();
            if (restored != null) {
                restored.close();
            }
            return sources.open(Optional.empty());
        }
    }

    private void turnOver(LogSource from, long nowMillis) {
        turnedAtMillis = nowMillis;
        turnsSeen = from.turns(); // What fails now is tried again when it is due, not at each poll.
        boolean durable = checkpoint.write(sinceMillis, counts, from, nowMillis);
        boolean mayShow = durable || checkpoint.isStale(nowMillis, STALE_MILLIS);
        if (caughtUp && mayShow) {
            snapshot = takeSnapshot(from, nowMillis);
        } else {
            // What keeps the counts from being shown had better be.
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
                checkpoint.status());
    }

    /**
     * Makes all that was counted durable, and lets go of log and checkpoint. After a round that an error ended, what was
     * durable before it stays: half a round would be counted again, by each process that dies of the same line.
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

package io.denywatch.ingest;

import io.denywatch.denial.DenialTable;
import io.denywatch.packet.SyslogTime;
import io.denywatch.tail.LogSource;
import io.denywatch.tail.TailSnapshot;

/**
 * The hot loop's body: read, parse, count, and once a second publish. All state is confined to the ingest thread; other
 * threads see it through {@link #snapshot} alone.
 */
public final class Ingest implements AutoCloseable {
    /** How often what was counted is published, in milliseconds. */
    static final long PUBLISH_INTERVAL_MILLIS = 1_000;

    private static final long MICROS_PER_MILLI = 1_000;

    private final LogSource tail;
    private final SyslogTime time;
    private final YearlessOffset offset;
    private final LineTally tally;
    private final DenialTable table;
    private final long startedAtMillis;
    private long publishedAtMillis;
    private boolean wasAtEnd;

    private volatile IngestSnapshot snapshot;

    /**
     * Counts what the tail reads into the table. Publishes a first, empty snapshot at once.
     *
     * @param tail owned: closed with this
     * @param time what the tally's parser reads stamps with
     */
    public Ingest(
            LogSource tail,
            SyslogTime time,
            YearlessOffset offset,
            LineTally tally,
            DenialTable table,
            long startedAtMillis) {
        this.tail = tail;
        this.time = time;
        this.offset = offset;
        this.tally = tally;
        this.table = table;
        this.startedAtMillis = startedAtMillis;
        publishedAtMillis = startedAtMillis;
        snapshot = takeSnapshot(startedAtMillis);
    }

    /**
     * One round: reads and counts what was written since the last, and publishes when it is time.
     *
     * @param nowMillis Unix time
     * @return bytes read; 0 means that there is nothing to do right now
     */
    public int poll(long nowMillis) {
        time.reference(nowMillis * MICROS_PER_MILLI);
        tally.now(nowMillis, wasAtEnd);
        table.advance(Math.floorDiv(nowMillis, 1_000L));
        int bytes = tail.poll(tally, nowMillis);
        wasAtEnd = tail.atEnd();
        if (nowMillis - publishedAtMillis >= PUBLISH_INTERVAL_MILLIS || nowMillis < publishedAtMillis) {
            publishedAtMillis = nowMillis;
            snapshot = takeSnapshot(nowMillis);
        }
        return bytes;
    }

    /** What was known when it was last published; any thread may ask. */
    public IngestSnapshot snapshot() {
        return snapshot;
    }

    private IngestSnapshot takeSnapshot(long nowMillis) {
        TailSnapshot read = tail.snapshot();
        return new IngestSnapshot(
                nowMillis,
                startedAtMillis,
                read,
                tally.results(read.oversizedLines()),
                tally.malformed(),
                tally.suppressed(),
                !tail.atEnd() && tally.isLate(),
                offset.seconds(),
                table.snapshot());
    }

    @Override
    public void close() {
        tail.close();
    }
}

package io.denywatch.kmsg;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads the kernel's log into a ring, on a thread that does nothing else: the kernel holds a fraction of a second of a
 * storm, and what counts the records may have to wait for a disk. When our ring is full as well, this waits, the kernel
 * overwrites, and the sequence numbers tell how much.
 *
 * <p>{@link #readAll} is confined to the thread {@code kmsg}, all else to the ingest thread. Nobody may interrupt the
 * former: that would close the log under it.
 */
final class KmsgReader implements AutoCloseable {
    /** Room for the longest record: the kernel skips what does not fit, and writes 8 KiB at most. */
    static final int RECORD_BYTES_MAX = 16 * 1024;

    /**
     * So many failures without a record in between mean that the log cannot be read any more. Being overrun and a
     * skipped record are one failure each; they are not told from others by the system's texts, which it translates.
     */
    static final int FAILURES_IN_A_ROW_MAX = 1_000;

    private final KernelLog.Records records;
    private final RecordRing ring;
    private final InstantSource clock;
    private final Thread thread;
    private final ByteBuffer record = ByteBuffer.allocateDirect(RECORD_BYTES_MAX);

    private volatile long readsBegun;
    private volatile boolean ended;
    private volatile boolean closed;
    private volatile @Nullable IOException failure;

    private KmsgReader(KernelLog.Records records, RecordRing ring, InstantSource clock) {
        this.records = records;
        this.ring = ring;
        this.clock = clock;
        thread = Thread.ofPlatform().name("kmsg").daemon().unstarted(this::run);
    }

    /** A reader that {@link #readAll} drives. */
    static KmsgReader of(KernelLog.Records records, RecordRing ring, InstantSource clock) {
        return new KmsgReader(records, ring, clock);
    }

    /** Begins to read on a new thread. */
    static KmsgReader start(KernelLog.Records records, RecordRing ring, InstantSource clock) {
        KmsgReader reader = of(records, ring, clock);
        reader.thread.start();
        return reader;
    }

    private void run() {
        try {
            failure = readAll();
        } finally {
            ended = true;
        }
    }

    /** Reads until the log fails or is closed; returns the failure. */
    @Nullable
    IOException readAll() {
        int failures = 0;
        for (long reads = 1; awaitRoom(); reads++) {
            readsBegun = reads;
            record.clear();
            try {
                int length = records.read(record);
                if (length <= 0) {
                    throw new EOFException("ends, which the kernel's log never does");
                }
                ring.put(record, length, clock.millis());
                failures = 0;
            } catch (ClosedChannelException e) {
                return closed ? null : e;
            } catch (IOException e) {
                failures++;
                if (failures >= FAILURES_IN_A_ROW_MAX) {
                    return e;
                }
            }
        }
        return null;
    }

    private boolean awaitRoom() {
        while (!closed && !ring.hasRoom(RECORD_BYTES_MAX)) {
            LockSupport.park(this);
        }
        return !closed;
    }

    /** Says that records were taken from the ring. */
    void roomMade() {
        LockSupport.unpark(thread);
    }

    /** How many reads were begun so far: while it stays the same, the thread waits for the kernel. */
    long readsBegun() {
        return readsBegun;
    }

    /** Whether no further record will come. */
    boolean ended() {
        return ended;
    }

    /**
     * Why no further record will come.
     *
     * @throws IllegalStateException if the log was not the reason
     */
    IOException failure() {
        IOException why = failure;
        if (why == null) {
            throw new IllegalStateException("the thread kmsg ended by an error of its own");
        }
        return why;
    }

    /** Closes the log, and returns when the thread has ended. */
    @Override
    public void close() {
        closed = true;
        try {
            records.close();
        } catch (IOException _) {
            // Nothing was written to it.
        }
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}

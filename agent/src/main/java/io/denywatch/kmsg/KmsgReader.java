package io.denywatch.kmsg;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads the kernel's log into a ring, on a thread that does nothing else. Under a flood, the kernel's own buffer holds
 * a fraction of a second, but the ingest thread may have to wait for a disk. If the ring is full as well, this thread
 * waits, the kernel overwrites records, and their sequence numbers show how many.
 *
 * <p>{@link #readAll} is confined to the thread {@code kmsg}, everything else to the ingest thread. Never interrupt the
 * thread {@code kmsg}: an interrupt closes the log that it reads.
 */
final class KmsgReader implements AutoCloseable {
    /** Room for the longest record: the kernel writes at most 8 KiB, and skips what does not fit. */
    static final int RECORD_BYTES_MAX = 16 * 1024;

    /**
     * After this many failures without a record in between, the log counts as unreadable. An overrun and a skipped
     * record are one failure each: the system's messages are translated, so they do not reliably distinguish these two
     * from other failures.
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

    /** Creates a reader; {@link #readAll} does the reading. */
    static KmsgReader of(KernelLog.Records records, RecordRing ring, InstantSource clock) {
        return new KmsgReader(records, ring, clock);
    }

    /** Creates a reader and starts its thread. */
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

    /** Called after records were taken from the ring. */
    void roomMade() {
        LockSupport.unpark(thread);
    }

    /** The number of reads begun so far. While it does not change, the thread waits for the kernel or for room. */
    long readsBegun() {
        return readsBegun;
    }

    /** Whether reading has ended, so that no further record will come. */
    boolean ended() {
        return ended;
    }

    /**
     * Why reading has ended.
     *
     * @throws IllegalStateException if the log did not cause it
     */
    IOException failure() {
        IOException why = failure;
        if (why == null) {
            throw new IllegalStateException("the thread kmsg ended because of an unexpected error");
        }
        return why;
    }

    /** Closes the log and waits until the thread has ended. */
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

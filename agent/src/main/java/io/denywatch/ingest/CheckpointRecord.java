package io.denywatch.ingest;

import io.denywatch.ingest.Checkpoint.Opened;
import io.denywatch.process.LogOnce;
import io.denywatch.tail.LogSource;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.util.zip.CRC32C;

/**
 * Counts, and how far the log was read for them, as one record: after a crash both are as they were at the same moment.
 * It is written only if it differs from the one before, so an idle node writes nothing. Confined to the ingest thread.
 */
final class CheckpointRecord {
    private static final System.Logger LOG = System.getLogger(CheckpointRecord.class.getName());
    private static final long NEVER = 0;
    private static final int BYTES_INITIAL = 64 * 1024;

    /** Keeps its array from one record to the next, and shows it. */
    private static final class RecordBytes extends ByteArrayOutputStream {
        RecordBytes() {
            super(BYTES_INITIAL);
        }

        byte[] array() {
            return buf;
        }
    }

    private final Checkpoint checkpoint;
    private final RecordBytes record = new RecordBytes();
    private final DataOutputStream out = new DataOutputStream(record);
    private final CRC32C crc = new CRC32C();
    private int writtenLength = -1;
    private long writtenCrc;
    private long durableAtMillis = NEVER;
    private boolean stateLost;
    private final LogOnce failures = new LogOnce(LOG, "the state is written again");

    CheckpointRecord(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    /** Reads what is there; says in the log what an operator should know of it. */
    Opened open(long nowMillis) {
        Opened opened = checkpoint.open();
        switch (opened) {
            case Opened.Intact _ -> durableAtMillis = nowMillis;
            case Opened.Lost(String problem) -> lose(problem);
            case Opened.Held _, Opened.New _ -> {}
        }
        logFailure("");
        return opened;
    }

    /** Says that a record was there and is of no use. */
    void lose(String problem) {
        stateLost = true;
        durableAtMillis = NEVER;
        LOG.log(Level.ERROR, "counting begins anew: {0}", problem);
    }

    /** Says that the record was of use, but for these numbers. */
    void mended(String dropped) {
        if (!dropped.isEmpty()) {
            LOG.log(Level.WARNING, "counting goes on; of what was saved, no valid number, and left out: {0}", dropped);
        }
    }

    /**
     * Writes the record.
     *
     * @param sinceMillis when counting began, Unix time in milliseconds
     * @return whether all that is counted now is on the disk
     */
    boolean write(long sinceMillis, IngestState counts, LogSource source, long nowMillis) {
        record.reset();
        try {
            out.writeLong(sinceMillis);
            counts.save(out);
            out.writeUTF(source.kind());
            source.save(out);
        } catch (IOException e) {
            throw new UncheckedIOException("a buffer in memory takes everything", e);
        }
        crc.reset();
        crc.update(record.array(), 0, record.size());
        boolean changed = record.size() != writtenLength || crc.getValue() != writtenCrc;
        if (changed || !checkpoint.exists()) {
            if (!checkpoint.write(record.array(), record.size(), nowMillis)) {
                logFailure("; until that succeeds, a restart goes back to what was written last");
                return false;
            }
            failures.worked();
            source.saved();
            writtenLength = record.size();
            writtenCrc = crc.getValue();
        }
        durableAtMillis = nowMillis;
        return true;
    }

    private void logFailure(String consequence) {
        if (!checkpoint.lastFailure().isEmpty()) {
            failures.failed(checkpoint.lastFailure(), consequence);
        }
    }

    /** Whether nothing was durable for so long that what is not had better be shown, too. */
    boolean isStale(long nowMillis, long staleMillis) {
        return durableAtMillis == NEVER || Math.abs(nowMillis - durableAtMillis) >= staleMillis;
    }

    Checkpoint.Status status() {
        return new Checkpoint.Status(checkpoint.failures(), durableAtMillis, stateLost);
    }

    void close() {
        checkpoint.close();
    }
}

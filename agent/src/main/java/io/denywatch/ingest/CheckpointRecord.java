package io.denywatch.ingest;

import io.denywatch.count.CheckedInput;
import io.denywatch.ingest.Checkpoint.Opened;
import io.denywatch.process.LogOnce;
import io.denywatch.tail.LogSource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Writes counts and the position in the log as one record, so that a crash returns both to the same moment. Confined to
 * the ingest thread. A record is written only if it differs from the previous one, so an idle node writes nothing.
 */
final class CheckpointRecord {
    private static final System.Logger LOG = System.getLogger(CheckpointRecord.class.getName());
    private static final long NEVER = 0;

    /** The last bytes of a record with packets that the blocklist stopped. */
    private static final long STOPPED_MARK = 0x73746f_70706564_01L; // "stopped", 1

    private static final int BYTES_INITIAL = 64 * 1024;

    /** A stream whose array is reused and can be read without a copy. */
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
    private final LogOnce failures = new LogOnce(LOG, "the state can be written again");

    CheckpointRecord(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    /** Opens the checkpoint, and logs what an operator should know about it. */
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

    /** Called if a record exists but cannot be used. */
    void lose(String problem) {
        stateLost = true;
        durableAtMillis = NEVER;
        LOG.log(Level.ERROR, "counting starts from zero: {0}", problem);
    }

    /** Logs which numbers of a record were left out. */
    void mended(String dropped) {
        if (!dropped.isEmpty()) {
            LOG.log(Level.WARNING, "counting continues; saved numbers that are not valid were left out: {0}", dropped);
        }
    }

    /**
     * Writes the record.
     *
     * @param sinceMillis when counting began, Unix time in milliseconds
     * @return whether everything counted so far is on disk
     */
    boolean write(long sinceMillis, IngestState counts, LogSource source, long nowMillis) {
        record.reset();
        try {
            out.writeLong(sinceMillis);
            counts.save(out);
            out.writeUTF(source.kind());
            source.save(out);
            int before = record.size();
            counts.saveStopped(out);
            if (record.size() > before) {
                out.writeInt(record.size() - before);
                out.writeLong(STOPPED_MARK);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory cannot fail", e);
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

    /**
     * The part about packets that the blocklist stopped; empty if the record has none. It is found from the end: it
     * follows the position in the log, which an agent that reads another log skips, and earlier releases ignore it.
     */
    static Optional<DataInput> stopped(byte[] payload) {
        int end = payload.length - Integer.BYTES - Long.BYTES;
        ByteBuffer bytes = ByteBuffer.wrap(payload);
        if (end < 0 || bytes.getLong(end + Integer.BYTES) != STOPPED_MARK) {
            return Optional.empty();
        }
        int length = bytes.getInt(end);
        return length < 0 || length > end
                ? Optional.empty()
                : Optional.of(new CheckedInput(new ByteArrayInputStream(payload, end - length, length)));
    }

    private void logFailure(String consequence) {
        if (!checkpoint.lastFailure().isEmpty()) {
            failures.failed(checkpoint.lastFailure(), consequence);
        }
    }

    /** Whether the last durable record is so old that newer counts should be shown although they are not on disk. */
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

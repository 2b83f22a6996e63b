package io.denywatch.ingest;

import io.denywatch.count.Count;
import io.denywatch.ingest.CheckpointFile.Contents;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record of bytes that outlives the process. Confined to the ingest thread.
 *
 * <p>A lock on a separate file keeps a second process out. If the directory is not writable, the file cannot be locked
 * either; the record is read nevertheless, and each write tries again to create, lock and write.
 */
public final class Checkpoint implements AutoCloseable {
    /** The smallest room for a record and its header. */
    public static final int SLOT_BYTES_MIN = 1 << 20;

    /** The largest room that is allocated for a record in advance. */
    public static final int SLOT_BYTES_MAX = CheckpointFile.SLOT_BYTES_MAX;

    /** What was found at opening. */
    public sealed interface Opened {
        /**
         * The newest record.
         *
         * @param payload as it was passed to {@link #write}
         * @param takenAtMillis as it was passed to {@link #write}, Unix time
         */
        @SuppressWarnings("ArrayRecordComponent") // read once, by the caller of open
        record Intact(byte[] payload, long takenAtMillis) implements Opened {}

        /** No file: this is the first start. */
        record New() implements Opened {}

        /**
         * A file without a readable record: earlier counts are lost.
         *
         * @param problem for an operator
         */
        record Lost(String problem) implements Opened {}

        /**
         * Another process holds the lock, so nothing was read and nothing may be written. Open it again later.
         *
         * @param problem for an operator
         */
        record Held(String problem) implements Opened {}
    }

    private static final String LOCK_FILE = "checkpoint.lock";

    /** Names of all files that a checkpoint may create in its directory. */
    public static final List<String> FILES = List.of(CheckpointFile.NAME, CheckpointFile.UNFINISHED_NAME, LOCK_FILE);

    /**
     * How durable the counts are.
     *
     * @param failures checkpoints that could not be written or read, since the process began
     * @param durableAtMillis Unix time in milliseconds at which everything counted was last known to be on disk; 0 if
     *     never
     * @param stateLost whether counts of an earlier process could not be read
     */
    public record Status(long failures, long durableAtMillis, boolean stateLost) {}

    private final Path directory;
    private final Path lockFile;
    private final int slotBytesWanted;
    private final CheckpointFile.Opener opener;
    private final CheckpointFile file;

    private boolean opened;
    private @Nullable FileLock lock;
    private boolean growthFailed;

    private long failures;
    private String lastFailure = "";

    /**
     * A checkpoint in a directory, which is created if it is missing. Call {@link #open} first.
     *
     * @param slotBytes room for a record, at least {@link #SLOT_BYTES_MIN}; the file takes twice that. A longer record
     *     moves the checkpoint to a larger file
     */
    public Checkpoint(Path directory, int slotBytes) {
        this(directory, slotBytes, FileChannel::open);
        if (slotBytes < SLOT_BYTES_MIN || slotBytes > CheckpointFile.SLOT_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "slotBytes must be " + SLOT_BYTES_MIN + " to " + CheckpointFile.SLOT_BYTES_MAX + ": " + slotBytes);
        }
    }

    Checkpoint(Path directory, int slotBytes, CheckpointFile.Opener opener) {
        this.directory = directory;
        this.opener = opener;
        slotBytesWanted = slotBytes;
        lockFile = directory.resolve(LOCK_FILE);
        file = new CheckpointFile(directory, opener);
    }

    /** Reads the record. Call this until it returns anything but {@link Opened.Held}. */
    public Opened open() {
        boolean mayGoOn = true;
        try {
            mayGoOn = lock();
        } catch (IOException _) {
            // Nothing can be written here now. The first write will fail too, and will be counted.
        }
        if (!mayGoOn) {
            return new Opened.Held(heldProblem());
        }
        opened = true;
        try (FileChannel reading = file.openToRead()) {
            Contents contents = file.scan(reading);
            contents.damage().forEach(damage -> fail(file.path() + ": " + damage));
            if (contents.newest() != null) {
                byte[] payload = file.payload(reading, contents.newest());
                return new Opened.Intact(payload, contents.newest().takenAtMillis());
            }
            String problem = file.path() + ": no record can be read: "
                    + (contents.damage().isEmpty() ? "both slots are blank" : String.join(", ", contents.damage()));
            if (contents.damage().isEmpty()) {
                fail(problem);
            }
            return new Opened.Lost(problem);
        } catch (NoSuchFileException _) {
            return new Opened.New();
        } catch (IOException e) {
            fail("cannot read " + file.path() + ": " + reason(e));
            return new Opened.Lost(lastFailure);
        }
    }

    /** Tries to take the lock; returns whether this process holds it. */
    private boolean lock() throws IOException {
        if (lock != null) {
            return true;
        }
        Files.createDirectories(directory);
        FileChannel locking = opener.openRegular(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            lock = locking.tryLock();
        } catch (OverlappingFileLockException _) {
            lock = null; // held by another checkpoint of this process
        } finally {
            if (lock == null) {
                locking.close();
            }
        }
        return lock != null;
    }

    private String heldProblem() {
        return lockFile + ": held by another process; each agent needs a checkpoint.directory of its own";
    }

    /**
     * Writes a record. It replaces the previous one only once it is certain to be on disk.
     *
     * @return whether it is on disk; if not, a failure was counted and the next write tries again
     * @throws IllegalStateException if this is not open, or is held by another process
     */
    public boolean write(byte[] payload, int length, long takenAtMillis) {
        if (!opened) {
            throw new IllegalStateException("not open: " + file.path());
        }
        try {
            commit(payload, length, takenAtMillis);
            return true;
        } catch (IOException e) {
            fail("cannot write " + file.path() + ": " + reason(e));
            letGo(e);
            return false;
        }
    }

    private void commit(byte[] payload, int length, long takenAtMillis) throws IOException {
        if (lock == null) {
            lockLate();
        }
        boolean fits = CheckpointFile.HEADER_BYTES + length <= file.slotBytes();
        if (fits && (growthFailed || file.slotBytes() >= slotBytesWanted)) {
            file.overwrite(payload, length, takenAtMillis);
            return;
        }
        try {
            file.create(payload, length, takenAtMillis, slotBytesWanted);
        } catch (IOException e) {
            if (!fits) {
                throw e;
            }
            growthFailed = true; // small slots are better than no checkpoint
            fail("cannot enlarge " + file.path() + ": " + reason(e));
            file.overwrite(payload, length, takenAtMillis);
        }
    }

    /** Takes the lock and scans the file again, because another process may have written to it meanwhile. */
    private void lockLate() throws IOException {
        if (!lock()) {
            throw new IOException(heldProblem());
        }
        try (FileChannel reading = file.openToRead()) {
            file.scan(reading);
        } catch (NoSuchFileException _) {
            // The next write creates one.
        }
    }

    /** Whether the file still exists; it may have been deleted. */
    public boolean exists() {
        return Files.isRegularFile(file.path(), LinkOption.NOFOLLOW_LINKS);
    }

    /** The number of failed writes and damaged slots. */
    public long failures() {
        return failures;
    }

    /** The last failure, with its path; empty if there was none. */
    public String lastFailure() {
        return lastFailure;
    }

    private void fail(String problem) {
        failures = Count.sum(failures, 1);
        lastFailure = problem;
    }

    private static String reason(IOException exception) {
        return switch (exception) {
            case AccessDeniedException e -> "permission denied: " + e.getFile();
            case FileAlreadyExistsException e -> e.getFile() + " is in the way";
            case FileSystemException e when e.getReason() != null -> e.getReason() + ": " + e.getFile();
            case NoSuchFileException e -> "no such file: " + e.getFile();
            default -> String.valueOf(exception.getMessage());
        };
    }

    private void letGo(IOException cause) {
        try {
            file.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** Closes the file and releases the lock. Writes nothing. */
    @Override
    public void close() {
        opened = false;
        FileLock held = lock;
        lock = null;
        try {
            file.close();
            if (held != null) {
                held.acquiredBy().close();
            }
        } catch (IOException e) {
            fail("cannot close " + file.path() + ": " + reason(e)); // what was written is on disk nevertheless
        }
    }
}

package io.denywatch.ingest;

import io.denywatch.ingest.CheckpointSlots.Contents;
import io.denywatch.ingest.CheckpointSlots.Header;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The file of a {@link Checkpoint}, and which of its two slots holds the newest record that is sure to be on the disk.
 * That changes only when a write has succeeded to its end, so one that fails is simply done again. Confined to the
 * ingest thread.
 *
 * <p>A record is written in place over the slot that is not the newest: whatever interrupts that, the other is whole. It
 * takes no new room, so on most file systems it succeeds on a full disk. A file comes to be under another name, with its
 * first record in it, and is then renamed: one without an intact record is always a damaged one, never a first start
 * that was interrupted.
 */
final class CheckpointFile {
    static final String NAME = "checkpoint";
    static final String UNFINISHED_NAME = "checkpoint.new";

    private static final int SLOT_BYTES_STEP = 1 << 20; // a record that has outgrown its slot will grow on

    /** How files are opened. */
    interface Opener {
        FileChannel open(Path path, OpenOption... options) throws IOException;

        /** The same, but only for a regular file: opening a pipe waits for its other end, and a link leads elsewhere. */
        default FileChannel openRegular(Path path, OpenOption... options) throws IOException {
            if (isInTheWay(path)) {
                throw new FileSystemException(path.toString(), null, "not a regular file");
            }
            OpenOption[] all = Arrays.copyOf(options, options.length + 1);
            all[options.length] = LinkOption.NOFOLLOW_LINKS;
            return open(path, all);
        }
    }

    private static boolean isInTheWay(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    }

    private final Path directory;
    private final Path path;
    private final Path unfinished;
    private final Opener opener;
    private final CheckpointSlots slots = new CheckpointSlots();

    private @Nullable FileChannel channel; // for writing
    private int slotBytes; // 0 if there is no file that can be written in place
    private int newest = 1; // slot
    private long generation; // of the newest record
    private boolean nameForced = true;

    CheckpointFile(Path directory, Opener opener) {
        this.directory = directory;
        this.opener = opener;
        path = directory.resolve(NAME);
        unfinished = directory.resolve(UNFINISHED_NAME);
    }

    Path path() {
        return path;
    }

    /** Room for a header and a payload; 0 if no file can be written in place. */
    int slotBytes() {
        return slotBytes;
    }

    FileChannel openToRead() throws IOException {
        return opener.openRegular(path, StandardOpenOption.READ);
    }

    /** Looks at both slots, to write on from there. */
    Contents scan(FileChannel reading) throws IOException {
        Contents contents = slots.scan(reading);
        slotBytes = contents.slotBytes();
        if (contents.newest() != null) {
            newest = contents.newest().slot();
            generation = contents.newest().generation();
        }
        return contents;
    }

    byte[] payload(FileChannel reading, Header header) throws IOException {
        return slots.payload(reading, header);
    }

    /** Writes a record over the older one; it must fit. */
    void overwrite(byte[] payload, int length, long takenAtMillis) throws IOException {
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            close(); // Somebody has deleted it: who writes on in what is open writes for nobody.
        }
        FileChannel writing = channel == null ? reopen() : channel;
        Header header = new Header(1 - newest, slotBytes, generation + 1, takenAtMillis, length);
        slots.write(writing, header, payload);
        writing.force(false);
        if (!nameForced) {
            forceName();
        }
        newest = header.slot();
        generation = header.generation();
    }

    private FileChannel reopen() throws IOException {
        try {
            FileChannel writing = opener.openRegular(path, StandardOpenOption.WRITE);
            channel = writing;
            if (writing.size() != 2L * slotBytes) {
                throw new NoSuchFileException(path.toString(), null, "replaced by another file");
            }
            // What was read may be in memory only, and must not be the sole record while the other is written over.
            writing.force(false);
            return writing;
        } catch (FileSystemException e) {
            if (e instanceof NoSuchFileException || isInTheWay(path)) {
                slotBytes = 0; // so the next write makes another
            }
            throw e;
        }
    }

    /** Replaces the file, if there is one, by one with a first record and room for at least {@code slotBytesMin}. */
    void create(byte[] payload, int length, long takenAtMillis, int slotBytesMin) throws IOException {
        int needed = CheckpointSlots.HEADER_BYTES + length;
        int bytes = needed <= slotBytesMin ? slotBytesMin : Math.ceilDiv(needed, SLOT_BYTES_STEP) * SLOT_BYTES_STEP;
        Header header = new Header(0, bytes, generation + 1, takenAtMillis, length);
        close();
        Files.createDirectories(directory);
        if (isInTheWay(unfinished) && !Files.isDirectory(unfinished, LinkOption.NOFOLLOW_LINKS)) {
            Files.delete(unfinished);
        }
        FileChannel writing = opener.openRegular(
                unfinished, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        channel = writing;
        try {
            slots.blank(writing, 2L * bytes);
            slots.write(writing, header, payload);
            writing.force(true);
            Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            discard(e);
            throw e;
        }
        slotBytes = bytes;
        newest = header.slot();
        generation = header.generation();
        nameForced = false;
        forceName();
    }

    /** Gives back the room that half a file takes on what may be a full disk. */
    private void discard(IOException cause) {
        try {
            close();
            Files.deleteIfExists(unfinished);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private void forceName() throws IOException {
        try (FileChannel entries = opener.open(directory, StandardOpenOption.READ)) {
            entries.force(true);
        }
        nameForced = true;
    }

    /** Lets go of the file; the next write opens it anew. */
    void close() throws IOException {
        FileChannel closing = channel;
        channel = null;
        if (closing != null) {
            closing.close();
        }
    }
}

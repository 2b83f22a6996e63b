package io.denywatch.ingest;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The file of a {@link Checkpoint}. Confined to the ingest thread. It has two slots and knows which of them holds the
 * newest record that is certain to be on disk. That changes only once a write has completed, so a failed write is
 * simply repeated.
 *
 * <p>A record overwrites the older slot in place, so an interruption leaves the newer one intact. This takes no new
 * space, so on most file systems it succeeds on a full disk. A new file is written under another name with its first
 * record in it and then renamed; a file without an intact record is therefore always damaged, never an interrupted
 * first start.
 *
 * <p>The slots are of equal size, each a header and a payload. The header holds, big-endian, magic (8 bytes), version
 * (4), bytes of a slot (4), generation (8), Unix milliseconds (8), bytes of the payload (4), and a CRC-32C (4) over all
 * that and the payload. The size of a slot is in the header so that an intact record can be found in a file that was
 * cut short.
 */
final class CheckpointFile {
    static final String NAME = "checkpoint";
    static final String UNFINISHED_NAME = "checkpoint.new";

    static final int HEADER_BYTES = 40;

    /** More than any record needs. A header that claims more is damaged. */
    static final int SLOT_BYTES_MAX = 1 << 28;

    private static final long MAGIC = 0x6465_6e79_7761_7463L; // "denywatc"
    private static final int CHECKSUM_BYTES = Integer.BYTES;
    private static final int CHUNK_BYTES = 64 * 1024;

    /** Version of header and payload. Raise it when a payload changes in a way that older releases would misread. */
    private static final int VERSION = 2;

    private static final int SLOT_BYTES_STEP = 1 << 20; // a record that has outgrown its slot is likely to grow further

    /** How files are opened. */
    interface Opener {
        FileChannel open(Path path, OpenOption... options) throws IOException;

        /** Opens a regular file only: opening a pipe would wait for its other end, and a link leads elsewhere. */
        default FileChannel openRegular(Path path, OpenOption... options) throws IOException {
            if (isInTheWay(path)) {
                throw new FileSystemException(path.toString(), null, "not a regular file");
            }
            OpenOption[] all = Arrays.copyOf(options, options.length + 1);
            all[options.length] = LinkOption.NOFOLLOW_LINKS;
            return open(path, all);
        }
    }

    /** What a slot holds. */
    private sealed interface Slot {
        /** Zeros: never written. */
        record Blank() implements Slot {}

        record Damaged(String problem) implements Slot {}

        record Written(SlotHeader header) implements Slot {}
    }

    /** The header of an intact record, and its slot. */
    record SlotHeader(int slot, int slotBytes, long generation, long takenAtMillis, int payloadBytes) {
        private long payloadAt() {
            return (long) slot * slotBytes + HEADER_BYTES;
        }
    }

    /**
     * What a file holds.
     *
     * @param newest the intact record of the highest generation, or null
     * @param damage in words, one for each slot that is neither intact nor blank
     */
    record Contents(@Nullable SlotHeader newest, List<String> damage) {}

    private static boolean isInTheWay(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    }

    private final Path directory;
    private final Path path;
    private final Path unfinished;
    private final Opener opener;
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    private final CRC32C checksum = new CRC32C();

    private @Nullable FileChannel channel; // for writing
    private int slotBytes; // 0 unless the file has exactly two slots and so can be written in place
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

    /** Examines both slots, and notes where the next record goes. */
    Contents scan(FileChannel reading) throws IOException {
        long size = reading.size();
        Slot first = read(reading, 0, 0, size);
        long bytes = size / 2;
        if (first instanceof Slot.Written(SlotHeader header)) {
            bytes = header.slotBytes();
        } else {
            // It may be blank, so it is examined again without the second slot.
            first = read(reading, 0, 0, bytes);
        }
        Slot second = read(reading, 1, bytes, size);
        SlotHeader found = null;
        List<String> damage = new ArrayList<>();
        for (Slot slot : List.of(first, second)) {
            switch (slot) {
                case Slot.Blank _ -> {}
                case Slot.Damaged(String problem) -> damage.add(problem);
                case Slot.Written(SlotHeader header) ->
                    found = found == null || header.generation() > found.generation() ? header : found;
            }
        }
        slotBytes = size == 2 * bytes && bytes <= SLOT_BYTES_MAX ? (int) bytes : 0;
        if (found != null) {
            newest = found.slot();
            generation = found.generation();
        }
        return new Contents(found, List.copyOf(damage));
    }

    /** Overwrites the older record; the new one must fit. */
    void overwrite(byte[] payload, int length, long takenAtMillis) throws IOException {
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            close(); // The file was deleted, so writing to the open one would be useless.
        }
        FileChannel writing = channel == null ? reopen() : channel;
        SlotHeader header = new SlotHeader(1 - newest, slotBytes, generation + 1, takenAtMillis, length);
        write(writing, header, payload);
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
            // The newest record may be in memory only, and it will be the only one while the other is overwritten.
            writing.force(false);
            return writing;
        } catch (FileSystemException e) {
            if (e instanceof NoSuchFileException || isInTheWay(path)) {
                slotBytes = 0; // so that the next write creates another file
            }
            throw e;
        }
    }

    /** Creates the file with a first record and slots of at least {@code slotBytesMin}; replaces an existing one. */
    void create(byte[] payload, int length, long takenAtMillis, int slotBytesMin) throws IOException {
        int needed = HEADER_BYTES + length;
        int bytes = needed <= slotBytesMin ? slotBytesMin : Math.ceilDiv(needed, SLOT_BYTES_STEP) * SLOT_BYTES_STEP;
        SlotHeader header = new SlotHeader(0, bytes, generation + 1, takenAtMillis, length);
        close();
        Files.createDirectories(directory);
        if (isInTheWay(unfinished) && !Files.isDirectory(unfinished, LinkOption.NOFOLLOW_LINKS)) {
            Files.delete(unfinished);
        }
        FileChannel writing = opener.openRegular(
                unfinished, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        channel = writing;
        try {
            blank(writing, 2L * bytes);
            write(writing, header, payload);
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

    /** Deletes the unfinished file, because the disk may be full. */
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

    /** Closes the file; the next write opens it again. */
    void close() throws IOException {
        FileChannel closing = channel;
        channel = null;
        if (closing != null) {
            closing.close();
        }
    }

    private Slot read(FileChannel channel, int number, long from, long end) throws IOException {
        String name = number == 0 ? "first slot" : "second slot";
        long bytes = end - from;
        if (bytes < HEADER_BYTES) {
            return new Slot.Damaged(name + " is cut off");
        }
        fill(channel, from, HEADER_BYTES);
        long magic = chunk.getLong();
        int version = chunk.getInt();
        SlotHeader header = new SlotHeader(number, chunk.getInt(), chunk.getLong(), chunk.getLong(), chunk.getInt());
        int expected = chunk.getInt();
        Slot damaged = new Slot.Damaged(name + " is damaged");
        if (magic != MAGIC) {
            return isBlank(channel, from, end) ? new Slot.Blank() : damaged;
        }
        if (version != VERSION) {
            return new Slot.Damaged(name + " has format version " + version + ", this release reads " + VERSION);
        }
        long payloadMax = Math.min(bytes, header.slotBytes()) - HEADER_BYTES;
        boolean placed = number == 0 ? header.slotBytes() <= SLOT_BYTES_MAX : header.slotBytes() == from;
        if (!placed || header.payloadBytes() < 0 || header.payloadBytes() > payloadMax) {
            return damaged;
        }
        checksum.reset();
        checksum.update(chunk.position(0).limit(HEADER_BYTES - CHECKSUM_BYTES));
        for (int at = 0; at < header.payloadBytes(); at += CHUNK_BYTES) {
            fill(channel, header.payloadAt() + at, Math.min(header.payloadBytes() - at, CHUNK_BYTES));
            checksum.update(chunk);
        }
        return (int) checksum.getValue() == expected ? new Slot.Written(header) : damaged;
    }

    private boolean isBlank(FileChannel channel, long from, long end) throws IOException {
        if (end - from > SLOT_BYTES_MAX) {
            return false;
        }
        for (long at = from; at < end; at += CHUNK_BYTES) {
            fill(channel, at, (int) Math.min(end - at, CHUNK_BYTES));
            while (chunk.hasRemaining()) {
                if (chunk.get() != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Fills {@code chunk} with bytes from the file. */
    private void fill(FileChannel channel, long from, int count) throws IOException {
        chunk.clear().limit(count);
        while (chunk.hasRemaining()) {
            if (channel.read(chunk, from + chunk.position()) < 0) {
                throw new EOFException("cut while it was read");
            }
        }
        chunk.flip();
    }

    /** The payload of a record that {@link #scan} found. */
    byte[] payload(FileChannel channel, SlotHeader header) throws IOException {
        byte[] payload = new byte[header.payloadBytes()];
        for (int at = 0; at < payload.length; at += CHUNK_BYTES) {
            fill(channel, header.payloadAt() + at, Math.min(payload.length - at, CHUNK_BYTES));
            chunk.get(payload, at, chunk.remaining());
        }
        return payload;
    }

    /** Writes a record to a slot, in order, so that the checksum exposes an interrupted write. */
    private void write(FileChannel channel, SlotHeader header, byte[] payload) throws IOException {
        int bytes = header.payloadBytes();
        chunk.clear();
        chunk.putLong(MAGIC).putInt(VERSION).putInt(header.slotBytes()).putLong(header.generation());
        chunk.putLong(header.takenAtMillis()).putInt(bytes).flip();
        checksum.reset();
        checksum.update(chunk);
        checksum.update(payload, 0, bytes);
        chunk.limit(CHUNK_BYTES).putInt((int) checksum.getValue());
        long at = header.payloadAt() - HEADER_BYTES;
        int from = 0;
        do {
            int count = Math.min(bytes - from, chunk.remaining());
            chunk.put(payload, from, count).flip();
            from += count;
            at += drain(channel, at);
        } while (from < bytes);
    }

    /** Writes zeros, so that the space for records is allocated. */
    private void blank(FileChannel channel, long bytes) throws IOException {
        for (long at = 0; at < bytes; ) {
            chunk.clear();
            while (chunk.hasRemaining()) {
                chunk.putLong(0);
            }
            chunk.flip().limit((int) Math.min(bytes - at, CHUNK_BYTES));
            at += drain(channel, at);
        }
    }

    /** Writes the contents of {@code chunk} and clears it. Returns the number of bytes. */
    private int drain(FileChannel channel, long position) throws IOException {
        int count = chunk.remaining();
        while (chunk.hasRemaining()) {
            channel.write(chunk, position + chunk.position());
        }
        chunk.clear();
        return count;
    }
}

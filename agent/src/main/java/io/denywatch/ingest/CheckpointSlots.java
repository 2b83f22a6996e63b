package io.denywatch.ingest;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How records lie in a checkpoint: two slots of equal size, each a header and a payload. The header holds, big-endian,
 * magic (8 bytes), version (4), bytes of a slot (4), generation (8), Unix milliseconds (8), bytes of the payload (4), and
 * a CRC-32C (4) over all that and the payload. Confined to the ingest thread.
 *
 * <p>A file that was cut is shorter than two slots; the size of a slot is in the header for its sake, so that a record
 * that is still whole is found in it.
 */
final class CheckpointSlots {
    static final int HEADER_BYTES = 40;

    /** More than any record needs; what claims to be larger is none of ours. */
    static final int SLOT_BYTES_MAX = 1 << 28;

    private static final long MAGIC = 0x6465_6e79_7761_7463L; // "denywatc"
    private static final int CHECKSUM_BYTES = Integer.BYTES;
    private static final int CHUNK_BYTES = 64 * 1024;

    /** Of all that is in the file: to be raised when payloads change in a way that older releases would misread. */
    private static final int VERSION = 2;

    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    private final CRC32C checksum = new CRC32C();

    /** What a slot holds. */
    private sealed interface Slot {
        /** Zeros: never written. */
        record Blank() implements Slot {}

        record Damaged(String problem) implements Slot {}

        record Written(Header header) implements Slot {}
    }

    /** The header of an intact record, and where it stands. */
    record Header(int slot, int slotBytes, long generation, long takenAtMillis, int payloadBytes) {
        private long payloadAt() {
            return (long) slot * slotBytes + HEADER_BYTES;
        }
    }

    /**
     * What a file holds.
     *
     * @param slotBytes 0 if the file has not the length of two slots, and cannot be written in place
     * @param newest the intact record of the highest generation, or null
     * @param damage in words, one for each slot that is neither intact nor blank
     */
    record Contents(int slotBytes, @Nullable Header newest, List<String> damage) {}

    /** Looks at both slots. */
    Contents scan(FileChannel channel) throws IOException {
        long size = channel.size();
        Slot first = read(channel, 0, 0, size);
        long slotBytes = size / 2;
        if (first instanceof Slot.Written(Header header)) {
            slotBytes = header.slotBytes();
        } else {
            first = read(channel, 0, 0, slotBytes); // it may be blank, of which the second slot is no part
        }
        Slot second = read(channel, 1, slotBytes, size);
        Header newest = null;
        List<String> damage = new ArrayList<>();
        for (Slot slot : List.of(first, second)) {
            switch (slot) {
                case Slot.Blank _ -> {}
                case Slot.Damaged(String problem) -> damage.add(problem);
                case Slot.Written(Header header) ->
                    newest = newest == null || header.generation() > newest.generation() ? header : newest;
            }
        }
        boolean whole = size == 2 * slotBytes && slotBytes <= SLOT_BYTES_MAX;
        return new Contents(whole ? (int) slotBytes : 0, newest, List.copyOf(damage));
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
        Header header = new Header(number, chunk.getInt(), chunk.getLong(), chunk.getLong(), chunk.getInt());
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

    /** Reads bytes to where {@code chunk} begins. */
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
    byte[] payload(FileChannel channel, Header header) throws IOException {
        byte[] payload = new byte[header.payloadBytes()];
        for (int at = 0; at < payload.length; at += CHUNK_BYTES) {
            fill(channel, header.payloadAt() + at, Math.min(payload.length - at, CHUNK_BYTES));
            chunk.get(payload, at, chunk.remaining());
        }
        return payload;
    }

    /** Writes a record to a slot: in order, so that what is interrupted leaves a part that the checksum exposes. */
    void write(FileChannel channel, Header header, byte[] payload) throws IOException {
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

    /** Writes zeros, which take the room that records will need. */
    void blank(FileChannel channel, long bytes) throws IOException {
        for (long at = 0; at < bytes; ) {
            chunk.clear();
            while (chunk.hasRemaining()) {
                chunk.putLong(0);
            }
            chunk.flip().limit((int) Math.min(bytes - at, CHUNK_BYTES));
            at += drain(channel, at);
        }
    }

    /** Writes what is in {@code chunk} and empties it; the number of bytes. */
    private int drain(FileChannel channel, long position) throws IOException {
        int count = chunk.remaining();
        while (chunk.hasRemaining()) {
            channel.write(chunk, position + chunk.position());
        }
        chunk.clear();
        return count;
    }
}

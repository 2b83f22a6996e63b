package io.denywatch.kmsg;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * Records on their way from the thread that reads them to the thread that counts them, each with the time at which it
 * was read: a ring of bytes with one producer and one consumer (Lamport, "Specifying Concurrent Program Modules",
 * 1983). Each index has one writer. Setting the index publishes what the writer did to the bytes before it.
 *
 * <p>{@link #hasRoom} and {@link #put} are confined to the producer's thread, everything else to the consumer's.
 */
final class RecordRing {
    /** A record's length and time. A power of two, so that no header lies across the ring's end. */
    private static final int HEADER_BYTES = 16;

    private static final int TIME_AT = 8;

    private static final VarHandle PUT = index("putIndex");
    private static final VarHandle TAKEN = index("takenIndex");

    private final ByteBuffer bytes; // accessed by index: both threads would share its position
    private final int capacityBytes;

    @SuppressWarnings("UnusedVariable") // used through PUT
    private long putIndex;

    @SuppressWarnings("UnusedVariable") // used through TAKEN
    private long takenIndex;

    private long takenAtMillis;

    /** An empty ring; its size must be a power of two. */
    RecordRing(int capacityBytes) {
        if (Integer.bitCount(capacityBytes) != 1 || capacityBytes < 2 * HEADER_BYTES) {
            throw new IllegalArgumentException(
                    "capacityBytes must be a power of two, " + 2 * HEADER_BYTES + " or more: " + capacityBytes);
        }
        this.capacityBytes = capacityBytes;
        bytes = ByteBuffer.allocateDirect(capacityBytes);
    }

    private static VarHandle index(String name) {
        try {
            return MethodHandles.lookup().findVarHandle(RecordRing.class, name, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Whether there is room for a record of this length. */
    boolean hasRoom(int length) {
        long used = (long) PUT.get(this) - (long) TAKEN.getAcquire(this);
        return frameBytes(length) <= capacityBytes - used;
    }

    /** Puts the first bytes of a buffer; there must be room for them. */
    void put(ByteBuffer record, int length, long atMillis) {
        assert hasRoom(length) : length;
        long index = (long) PUT.get(this);
        int header = offset(index);
        bytes.putInt(header, length);
        bytes.putLong(header + TIME_AT, atMillis);
        int start = offset(index + HEADER_BYTES);
        int first = Math.min(length, capacityBytes - start);
        bytes.put(start, record, 0, first);
        bytes.put(0, record, first, length - first);
        PUT.setRelease(this, index + frameBytes(length));
    }

    /** Where the record that is put next will be, in bytes since the ring was made. */
    long end() {
        return (long) PUT.getAcquire(this);
    }

    /** Where the record that is taken next is, in bytes since the ring was made. */
    long position() {
        return (long) TAKEN.get(this);
    }

    /** Takes the record at {@link #position}, which must be before {@link #end}, and returns its length in bytes. */
    int take(byte[] into) {
        long index = (long) TAKEN.get(this);
        int header = offset(index);
        int length = bytes.getInt(header);
        takenAtMillis = bytes.getLong(header + TIME_AT);
        int start = offset(index + HEADER_BYTES);
        int first = Math.min(length, capacityBytes - start);
        bytes.get(start, into, 0, first);
        bytes.get(0, into, first, length - first);
        TAKEN.setRelease(this, index + frameBytes(length));
        return length;
    }

    /** The time that was put with the record taken last. */
    long takenAtMillis() {
        return takenAtMillis;
    }

    private int offset(long index) {
        return (int) index & (capacityBytes - 1);
    }

    private static int frameBytes(int length) {
        return HEADER_BYTES + (length + HEADER_BYTES - 1 & -HEADER_BYTES);
    }
}

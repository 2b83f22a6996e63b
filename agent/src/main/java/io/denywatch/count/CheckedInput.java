package io.denywatch.count;

import java.io.DataInput;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidObjectException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads saved counts and checks each, because another release may have written them. Confined to one thread. An
 * impossible value is dropped and remembered, so that one bad number does not affect others. A size out of range, or a
 * premature end, is an {@link IOException}, so that no unchecked number decides how much is allocated.
 */
public final class CheckedInput extends DataInputStream {
    private static final int DROPPED_NAMED_MAX = 3;

    private final List<String> dropped = new ArrayList<>();
    private long droppedCount;

    /** Reads from the current position of the input. */
    public CheckedInput(InputStream in) {
        super(in);
    }

    /** The input itself if it is checked already, so that one object knows everything dropped from a record. */
    public static CheckedInput of(DataInput in) {
        return in instanceof CheckedInput checked ? checked : new CheckedInput((DataInputStream) in);
    }

    /** A count, or 0 if no counter can have that value. */
    public long count(String what) throws IOException {
        long count = readLong();
        if (count == Count.nearest(count)) {
            return count;
        }
        drop(what, count);
        return 0;
    }

    /** A value from {@code min} to {@code max}, or else {@code otherwise}. */
    public int value(String what, int min, int max, int otherwise) throws IOException {
        int value = readInt();
        if (value >= min && value <= max) {
            return value;
        }
        drop(what, value);
        return otherwise;
    }

    /** The same for 64 bits; {@code otherwise} is valid as well. */
    public long longValue(String what, long min, long max, long otherwise) throws IOException {
        long value = readLong();
        if ((value >= min && value <= max) || value == otherwise) {
            return value;
        }
        drop(what, value);
        return otherwise;
    }

    /** The number of items that follow. */
    public int size(String what, int max) throws IOException {
        int size = readInt();
        check(size >= 0 && size <= max, what, size);
        return size;
    }

    /** Any 64 bits. */
    public long bits() throws IOException {
        return readLong();
    }

    /** A name, which the caller checks. */
    public String label() throws IOException {
        return readUTF();
    }

    /** Records that a value was read and dropped. */
    public void drop(String what, Object value) {
        droppedCount = Count.sum(droppedCount, 1);
        if (dropped.size() < DROPPED_NAMED_MAX) {
            dropped.add(what + " (" + value + ")");
        }
    }

    /** What was dropped so far, in one line; empty if nothing was. */
    public String dropped() {
        long more = droppedCount - dropped.size();
        return String.join(", ", dropped) + (more > 0 ? " and " + more + " more" : "");
    }

    /** Fails unless the value is valid. */
    public static void check(boolean valid, String what, Object value) throws IOException {
        if (!valid) {
            throw new InvalidObjectException("the saved state has no valid " + what + ": " + value);
        }
    }
}

package io.denywatch.count;

import java.io.DataInput;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidObjectException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads saved counts and takes none for granted: another release may have written them. A count or another value that
 * cannot be is dropped, alone, and remembered; so one bad number costs no other. What the structure depends on, how many
 * of a thing follow, is an {@link IOException} if it is out of range, and so is a premature end: nothing is allocated by a
 * number that was read. Confined to one thread.
 */
public final class CheckedInput extends DataInputStream {
    private static final int DROPPED_NAMED_MAX = 3;

    private final List<String> dropped = new ArrayList<>();
    private long droppedCount;

    /** Reads from where the input stands. */
    public CheckedInput(InputStream in) {
        super(in);
    }

    /** The input itself if it is checked already: then all that is dropped from one record is known in one place. */
    public static CheckedInput of(DataInput in) {
        return in instanceof CheckedInput checked ? checked : new CheckedInput((DataInputStream) in);
    }

    /** A count; one that no counter can have begins at 0 again. */
    public long count(String what) throws IOException {
        long count = readLong();
        if (count == Count.nearest(count)) {
            return count;
        }
        drop(what, count);
        return 0;
    }

    /** A value from {@code min} to {@code max}, or {@code otherwise} in place of one that is not. */
    public int value(String what, int min, int max, int otherwise) throws IOException {
        int value = readInt();
        if (value >= min && value <= max) {
            return value;
        }
        drop(what, value);
        return otherwise;
    }

    /** The same of 64 bits; {@code otherwise} may be saved, too. */
    public long longValue(String what, long min, long max, long otherwise) throws IOException {
        long value = readLong();
        if ((value >= min && value <= max) || value == otherwise) {
            return value;
        }
        drop(what, value);
        return otherwise;
    }

    /** How many of a thing follow. */
    public int size(String what, int max) throws IOException {
        int size = readInt();
        check(size >= 0 && size <= max, what, size);
        return size;
    }

    /** Any 64 bits. */
    public long bits() throws IOException {
        return readLong();
    }

    /** A name; whoever asks for it knows which there are. */
    public String label() throws IOException {
        return readUTF();
    }

    /** Remembers that something that was read is left out. */
    public void drop(String what, Object value) {
        droppedCount = Count.sum(droppedCount, 1);
        if (dropped.size() < DROPPED_NAMED_MAX) {
            dropped.add(what + " (" + value + ")");
        }
    }

    /** What was left out so far, in one line; empty if nothing was. */
    public String dropped() {
        long more = droppedCount - dropped.size();
        return String.join(", ", dropped) + (more > 0 ? " and " + more + " more" : "");
    }

    /** Goes on if the value may be so. */
    public static void check(boolean valid, String what, Object value) throws IOException {
        if (!valid) {
            throw new InvalidObjectException("the saved state has no valid " + what + ": " + value);
        }
    }
}

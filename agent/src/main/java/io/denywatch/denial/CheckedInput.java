package io.denywatch.denial;

import java.io.DataInput;
import java.io.IOException;
import java.io.InvalidObjectException;

/**
 * Reads saved counts and takes none for granted: another release may have written them. What is out of range is an
 * {@link IOException} that says what, and so is a premature end; nothing is allocated by a number that was read. Confined
 * to one thread.
 */
public final class CheckedInput {
    private final DataInput in;

    /** Reads from where the input stands. */
    public CheckedInput(DataInput in) {
        this.in = in;
    }

    /** A number of at least 0. */
    public long count(String what) throws IOException {
        long count = in.readLong();
        check(count >= 0, what, count);
        return count;
    }

    /** A number from {@code min} to {@code max}. */
    public int number(String what, int min, int max) throws IOException {
        int number = in.readInt();
        check(number >= min && number <= max, what, number);
        return number;
    }

    /** Any 64 bits. */
    public long bits() throws IOException {
        return in.readLong();
    }

    /** A name; whoever asks for it knows which there are. */
    public String label() throws IOException {
        return in.readUTF();
    }

    /** Goes on if the value may be so. */
    public static void check(boolean valid, String what, Object value) throws IOException {
        if (!valid) {
            throw new InvalidObjectException("the saved state has no valid " + what + ": " + value);
        }
    }
}

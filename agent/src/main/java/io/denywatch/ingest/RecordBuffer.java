package io.denywatch.ingest;

import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Where a record is put together before it is written: one array, used again for each record, and grown to the longest
 * that there was. Confined to the ingest thread.
 */
final class RecordBuffer extends OutputStream {
    private static final int BYTES_INITIAL = 64 * 1024;

    private final DataOutputStream data = new DataOutputStream(this);
    private byte[] bytes = new byte[BYTES_INITIAL];
    private int length;

    /** Begins another record. */
    DataOutput begin() {
        length = 0;
        return data;
    }

    /** The record from 0 to {@link #length}; not a copy. */
    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    @Override
    public void write(int value) {
        ensure(1);
        bytes[length++] = (byte) value;
    }

    @Override
    public void write(byte[] from, int offset, int count) {
        ensure(count);
        System.arraycopy(from, offset, bytes, length, count);
        length += count;
    }

    private void ensure(int more) {
        int needed = Math.addExact(length, more);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(needed, bytes.length + (bytes.length >> 1)));
        }
    }
}

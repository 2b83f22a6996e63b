package io.denywatch.tail;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** A source that begins anew after a restart. Confined to the ingest thread. */
abstract class UnsavedSource implements LogSource {
    @Override
    public void save(DataOutput out) {}

    @Override
    public void saved() {}

    @Override
    public void restore(DataInput in, long savedAtMillis) throws IOException {
        throw new IOException("the position in a " + kind() + " cannot be restored yet");
    }
}

package io.denywatch.tail;

import java.io.IOException;
import java.io.InputStream;

/** Stub until its room is merged: delete. */
public final class LineFramer {
    public int fill(InputStream in) throws IOException {
        throw new UnsupportedOperationException();
    }

    public void drain(LineHandler handler) {}

    public void finish(LineHandler handler) {}

    public long offset() {
        return 0;
    }

    public FramingCounts counts() {
        return new FramingCounts();
    }
}

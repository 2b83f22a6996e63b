package io.denywatch.tail;

/** Stub until its room is merged: delete. */
public final class FramingCounts {
    public long oversizedLines() {
        return 0;
    }
}

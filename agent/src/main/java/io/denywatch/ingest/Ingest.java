package io.denywatch.ingest;

import io.denywatch.denial.DenialTable;
import io.denywatch.packet.SyslogTime;
import io.denywatch.tail.FileTail;

/** Stub until its room is merged: delete. */
public final class Ingest implements AutoCloseable {
    public Ingest(
            FileTail tail,
            SyslogTime time,
            YearlessOffset offset,
            LineTally tally,
            DenialTable table,
            long startedAtMillis) {}

    public int poll(long nowMillis) {
        return 0;
    }

    public IngestSnapshot snapshot() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}

package io.denywatch.packet;

import java.time.ZoneId;

/** Turns time stamps into instants. Confined to the thread that parses. */
public final class SyslogTime {
    public SyslogTime(ZoneId zone) {}

    /** Sets what year-less stamps are read against: now for a live file, its modification time for an old one. */
    public void reference(long unixMicros) {}
}

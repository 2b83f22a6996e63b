package io.denywatch.ingest;

import io.denywatch.denial.DenialLimits;
import io.denywatch.denial.DenialTable;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import java.time.ZoneOffset;
import java.util.List;

/** Counts of nothing, for any destination and a zone that is learned. */
final class Zero {
    private Zero() {}

    static Counts counts() {
        SyslogTime time = new SyslogTime(ZoneOffset.UTC);
        YearlessOffset offset = YearlessOffset.learned(time);
        DenialTable table = new DenialTable(DenialLimits.DEFAULTS, List.of(), true, 7);
        LineTally tally = new LineTally(PacketLogParser.withPrefixes(List.of("calico-packet"), time), table, offset);
        return new Counts(time, offset, tally, table);
    }
}

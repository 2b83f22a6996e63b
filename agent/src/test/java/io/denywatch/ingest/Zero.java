package io.denywatch.ingest;

import io.denywatch.denial.DenialLimits;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.Destinations;
import io.denywatch.denial.DiscoveredLoadBalancers;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** Counts of nothing, for any destination and a zone that is learned. */
final class Zero {
    private Zero() {}

    static IngestState counts() {
        SyslogTime time = new SyslogTime(ZoneOffset.UTC);
        ZoneOffsetEstimator offset = ZoneOffsetEstimator.learned(time);
        DenialTable table = new DenialTable(DenialLimits.DEFAULTS, List.of(), Destinations.ANY, 7);
        LineCounter tally =
                new LineCounter(PacketLogParser.withPrefixes(List.of("calico-packet"), time), table, offset);
        return new IngestState(time, offset, tally, table);
    }

    static Optional<DiscoveredLoadBalancers> discovered() {
        return Optional.of(DiscoveredLoadBalancers.NONE);
    }
}

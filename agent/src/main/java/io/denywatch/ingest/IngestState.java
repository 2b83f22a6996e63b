package io.denywatch.ingest;

import io.denywatch.denial.DenialLimits;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.Destinations;
import io.denywatch.denial.LoadBalancer;
import io.denywatch.packet.SyslogTime;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/**
 * What is known from the lines read so far. The parts belong together: the tally counts into the table, with times read
 * by the time. Confined to the ingest thread.
 *
 * @param time what the tally's parser reads stamps with
 * @param offset what the tally teaches the time
 * @param tally of the lines
 * @param table of the denials
 */
public record IngestState(SyslogTime time, ZoneOffsetEstimator offset, LineCounter tally, DenialTable table) {
    /** Room for what is neither in the table nor in a log source's state, in bytes. */
    private static final long OTHER_BYTES_MAX = 16 * 1024;

    void save(DataOutput out) throws IOException {
        offset.save(out);
        tally.save(out);
        table.save(out);
    }

    /** Goes on from what was saved; if that fails, these counts are of no use any more. */
    void restore(DataInput in) throws IOException {
        offset.restore(in);
        tally.restore(in);
        table.restore(in);
    }

    /** The most that saving can take, with these limits and this configuration of the table. */
    public static long stateBytesMax(DenialLimits limits, List<LoadBalancer> configured, Destinations destinations) {
        return DenialTable.stateBytesMax(limits, configured, destinations) + OTHER_BYTES_MAX;
    }
}

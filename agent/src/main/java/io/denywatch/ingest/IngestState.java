package io.denywatch.ingest;

import io.denywatch.denial.DenialLimits;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.Destinations;
import io.denywatch.denial.LoadBalancer;
import io.denywatch.detection.PacketObserver;
import io.denywatch.packet.SyslogTime;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What is known from the lines read so far. Confined to the ingest thread. The parts belong together: the counter's
 * parser reads time stamps with {@code time} and corrects it through {@code offset}, and the counter passes each packet
 * to the table and to the detection.
 *
 * @param detection not owned; it keeps nothing that is saved
 */
public record IngestState(
        SyslogTime time, ZoneOffsetEstimator offset, LineCounter counter, DenialTable table, PacketObserver detection) {
    private static final long MICROS_PER_MILLI = 1_000;
    private static final long MILLIS_PER_SECOND = 1_000;

    /** Room for everything that belongs neither to the table nor to the log. */
    private static final long OTHER_BYTES_MAX = 16 * 1024;

    /** State without a detection. */
    public IngestState(SyslogTime time, ZoneOffsetEstimator offset, LineCounter counter, DenialTable table) {
        this(time, offset, counter, table, PacketObserver.NONE);
    }

    /**
     * Begins a round of reading. The time enters here, and nowhere else.
     *
     * @param justWritten whether what is read now was written since the last round
     */
    void begin(long nowMillis, boolean justWritten) {
        time.reference(nowMillis * MICROS_PER_MILLI);
        counter.begin(nowMillis, justWritten);
        table.advance(Math.floorDiv(nowMillis, MILLIS_PER_SECOND));
    }

    void save(DataOutput out) throws IOException {
        offset.save(out);
        counter.save(out);
        table.save(out);
    }

    /** Restores what was saved. If this fails, the whole state must be discarded. */
    void restore(DataInput in) throws IOException {
        offset.restore(in);
        counter.restore(in);
        table.restore(in);
    }

    /** Writes what follows the log's position in the record; nothing if the blocklist stopped no packet. */
    void saveStopped(DataOutput out) throws IOException {
        table.saveStopped(out);
    }

    /** Restores that, if the record has it. */
    void restoreStopped(Optional<DataInput> saved) throws IOException {
        if (saved.isPresent()) {
            table.restoreStopped(saved.get());
        }
    }

    /** The most bytes that {@link #save} and {@link #saveStopped} can write with these limits and this configuration. */
    public static long stateBytesMax(DenialLimits limits, List<LoadBalancer> configured, Destinations destinations) {
        return DenialTable.stateBytesMax(limits, configured, destinations)
                + DenialTable.stoppedBytesMax(limits)
                + OTHER_BYTES_MAX;
    }
}

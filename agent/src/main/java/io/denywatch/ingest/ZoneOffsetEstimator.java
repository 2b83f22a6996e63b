package io.denywatch.ingest;

import io.denywatch.count.CheckedInput;
import io.denywatch.packet.SyslogTime;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Learns the offset from UTC of time stamps without a zone. Confined to the ingest thread. A line that was read right
 * after it was written shows the difference between its clock and ours. The difference is rounded to quarters of an
 * hour, because the offset of every time zone is a multiple of that. The estimate follows daylight saving.
 */
public final class ZoneOffsetEstimator {
    private static final int SAMPLES = 20;
    private static final int QUARTER_HOUR_SECONDS = 900;
    private static final int OFFSET_SECONDS_MAX = 18 * 3_600;
    private static final int NOT_AN_OFFSET = Integer.MIN_VALUE;
    private static final long MICROS = 1_000_000;

    private final SyslogTime time;
    private final boolean learning;
    private final int[] samples = new int[SAMPLES];
    private final int[] sorted = new int[SAMPLES];
    private int count;
    private int next;

    private ZoneOffsetEstimator(SyslogTime time, boolean learning) {
        this.time = time;
        this.learning = learning;
    }

    /**
     * An estimator that learns the offset from live lines and sets it.
     *
     * @throws IllegalStateException if the zone has rules of its own, which an offset cannot replace
     */
    public static ZoneOffsetEstimator learned(SyslogTime time) {
        time.offsetSeconds(time.offsetSeconds());
        return new ZoneOffsetEstimator(time, true);
    }

    /** An estimator that leaves the configured zone as it is. */
    public static ZoneOffsetEstimator configured(SyslogTime time) {
        return new ZoneOffsetEstimator(time, false);
    }

    /** Seconds from UTC. */
    int seconds() {
        return time.offsetSeconds();
    }

    /** Learns from a live line without a zone. */
    void sample(long micros, long nowSeconds) {
        if (!learning) {
            return;
        }
        long distance = Math.floorDiv(micros, MICROS) + time.offsetSeconds() - nowSeconds;
        long quarters = Math.floorDiv(distance + QUARTER_HOUR_SECONDS / 2, QUARTER_HOUR_SECONDS);
        long seconds = quarters * QUARTER_HOUR_SECONDS;
        if (Math.abs(seconds) > OFFSET_SECONDS_MAX) {
            return; // no zone is that far off, so the line or a clock is wrong
        }
        learn((int) seconds);
    }

    private void learn(int seconds) {
        samples[next] = seconds;
        next = (next + 1) % SAMPLES;
        count = Math.min(count + 1, SAMPLES);
        System.arraycopy(samples, 0, sorted, 0, count);
        Arrays.sort(sorted, 0, count);
        time.offsetSeconds(sorted[count / 2]);
    }

    /** Writes the offset and whether it was learned. */
    void save(DataOutput out) throws IOException {
        out.writeBoolean(learning && count > 0);
        out.writeInt(time.offsetSeconds());
    }

    /**
     * Restores a learned offset as if one line had shown it: it is used at once, and soon replaced if the zone has
     * changed.
     *
     * @throws IOException if that is not what {@link #save} writes
     */
    void restore(DataInput in) throws IOException {
        boolean learned = in.readBoolean();
        int seconds = CheckedInput.of(in)
                .value("offset of time stamps", -OFFSET_SECONDS_MAX, OFFSET_SECONDS_MAX, NOT_AN_OFFSET);
        if (learning && learned && seconds != NOT_AN_OFFSET) {
            learn(seconds);
        }
    }
}

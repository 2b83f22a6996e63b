package io.denywatch.tail;

import io.denywatch.count.Count;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a tail counts over all of its files. Confined to the ingest thread. */
final class TailCounts {
    final FramingCounts framing = new FramingCounts();
    long readBytes;
    long renamed;
    long truncated;
    long lostRecords; // of the kernel's log
    long lastLineMillis;

    private final Map<ReadFailure, Long> readErrors = new EnumMap<>(ReadFailure.class);
    private final Map<Gap, Long> gaps = new EnumMap<>(Gap.class);

    void read(long bytes) {
        readBytes = Count.sum(readBytes, bytes);
    }

    void rename() {
        renamed = Count.sum(renamed, 1);
    }

    void truncation() {
        truncated = Count.sum(truncated, 1);
    }

    void lost(long records) {
        lostRecords = Count.sum(lostRecords, records);
    }

    void readError(ReadFailure reason) {
        readErrors.merge(reason, 1L, Count::sum);
    }

    void gap(Gap reason) {
        gaps.merge(reason, 1L, Count::sum);
    }

    /** Grows with each new generation of the log. */
    long turns() {
        return Count.sum(renamed, truncated);
    }

    /** All reasons, those that never happened at 0. */
    Map<String, Long> readErrors() {
        Map<String, Long> byLabel = new LinkedHashMap<>();
        for (ReadFailure reason : ReadFailure.values()) {
            byLabel.put(reason.label(), readErrors.getOrDefault(reason, 0L));
        }
        return Collections.unmodifiableMap(byLabel);
    }

    /** All reasons, those that never happened at 0. */
    Map<String, Long> gaps() {
        Map<String, Long> byLabel = new LinkedHashMap<>();
        for (Gap reason : Gap.values()) {
            byLabel.put(reason.label(), gaps.getOrDefault(reason, 0L));
        }
        byLabel.put(Gap.TORN_LINE.label(), framing.tornLines);
        return Collections.unmodifiableMap(byLabel);
    }

    /** Writes all counts, but without what was met behind the last lines of files: that will be met again. */
    void save(DataOutput out, long bytesAgain, long nulBytesAgain, long tornLinesAgain) throws IOException {
        out.writeLong(readBytes - bytesAgain);
        out.writeLong(renamed);
        out.writeLong(truncated);
        out.writeLong(lastLineMillis);
        out.writeLong(framing.lines);
        out.writeLong(framing.oversizedLines);
        out.writeLong(framing.nulBytes - nulBytesAgain);
        out.writeLong(framing.tornLines - tornLinesAgain);
        save(readErrors(), out);
        save(gaps(), out);
    }

    /** Goes on from what {@link #save} wrote. */
    void restore(DataInput in) throws IOException {
        readBytes = count(in);
        renamed = count(in);
        truncated = count(in);
        lastLineMillis = count(in);
        framing.lines = count(in);
        framing.oversizedLines = count(in);
        framing.nulBytes = count(in);
        framing.tornLines = count(in);
        Map<String, Long> errorsByLabel = restoreCounts(in);
        for (ReadFailure reason : ReadFailure.values()) {
            readErrors.put(reason, errorsByLabel.getOrDefault(reason.label(), 0L));
        }
        Map<String, Long> gapsByLabel = restoreCounts(in);
        for (Gap reason : Gap.values()) {
            gaps.put(reason, gapsByLabel.getOrDefault(reason.label(), 0L));
        }
    }

    /** By label, so that a later version may know more reasons. */
    private static void save(Map<String, Long> byLabel, DataOutput out) throws IOException {
        out.writeByte(byLabel.size());
        for (Map.Entry<String, Long> entry : byLabel.entrySet()) {
            out.writeUTF(entry.getKey());
            out.writeLong(entry.getValue());
        }
    }

    private static Map<String, Long> restoreCounts(DataInput in) throws IOException {
        Map<String, Long> byLabel = new HashMap<>();
        for (int left = in.readUnsignedByte(); left > 0; left--) {
            String label = in.readUTF();
            byLabel.put(label, count(in));
        }
        return byLabel;
    }

    private static long count(DataInput in) throws IOException {
        long count = in.readLong();
        if (count < 0) {
            throw new IOException("a count must not be negative: " + count);
        }
        return count;
    }
}

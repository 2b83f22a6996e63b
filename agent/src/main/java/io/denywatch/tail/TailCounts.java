package io.denywatch.tail;

import io.denywatch.count.CheckedInput;
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
public final class TailCounts {
    final FramingCounts framing = new FramingCounts();
    public long readBytes;
    long renamed;
    long truncated;
    public long lostRecords; // of the kernel's log
    public long lastLineMillis;

    private final Map<ReadFailure, Long> readErrors = new EnumMap<>(ReadFailure.class);
    private final Map<Gap, Long> gaps = new EnumMap<>(Gap.class);

    public void read(long bytes) {
        readBytes = Count.sum(readBytes, bytes);
    }

    void rename() {
        renamed = Count.sum(renamed, 1);
    }

    void truncation() {
        truncated = Count.sum(truncated, 1);
    }

    public void lost(long records) {
        lostRecords = Count.sum(lostRecords, records);
    }

    public void readError(ReadFailure reason) {
        readErrors.merge(reason, 1L, Count::sum);
    }

    public void gap(Gap reason) {
        gaps.merge(reason, 1L, Count::sum);
    }

    /** Grows with each new generation of the log. */
    long turns() {
        return Count.sum(renamed, truncated);
    }

    /** All reasons, those that never happened at 0. */
    public Map<String, Long> readErrors() {
        Map<String, Long> byLabel = new LinkedHashMap<>();
        for (ReadFailure reason : ReadFailure.values()) {
            byLabel.put(reason.label(), readErrors.getOrDefault(reason, 0L));
        }
        return Collections.unmodifiableMap(byLabel);
    }

    /** All reasons, those that never happened at 0. */
    public Map<String, Long> gaps() {
        Map<String, Long> byLabel = new LinkedHashMap<>();
        for (Gap reason : Gap.values()) {
            byLabel.put(reason.label(), gaps.getOrDefault(reason, 0L));
        }
        byLabel.put(Gap.TORN_LINE.label(), framing.tornLines);
        return Collections.unmodifiableMap(byLabel);
    }

    /** Writes all counts, but without what was met behind the last lines of files: that will be met again. */
    public void save(DataOutput out, long bytesAgain, long nulBytesAgain, long tornLinesAgain) throws IOException {
        out.writeLong(Math.max(0, readBytes - bytesAgain));
        out.writeLong(renamed);
        out.writeLong(truncated);
        out.writeLong(lastLineMillis);
        out.writeLong(framing.lines);
        out.writeLong(framing.oversizedLines);
        out.writeLong(Math.max(0, framing.nulBytes - nulBytesAgain));
        out.writeLong(Math.max(0, framing.tornLines - tornLinesAgain));
        save(readErrors(), out);
        save(gaps(), out);
    }

    /** Goes on from what {@link #save} wrote. */
    public void restore(DataInput state) throws IOException {
        CheckedInput in = CheckedInput.of(state);
        readBytes = in.count("bytes read");
        renamed = in.count("renamed logs");
        truncated = in.count("truncated logs");
        lastLineMillis = in.count("time of the last line");
        framing.lines = in.count("lines");
        framing.oversizedLines = in.count("oversized lines");
        framing.nulBytes = in.count("NUL bytes");
        framing.tornLines = in.count("torn lines");
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

    private static Map<String, Long> restoreCounts(CheckedInput in) throws IOException {
        Map<String, Long> byLabel = new HashMap<>();
        for (int left = in.readUnsignedByte(); left > 0; left--) {
            String label = in.readUTF();
            byLabel.put(label, in.count(label));
        }
        return byLabel;
    }
}

package io.denywatch.tail;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a tail counts over all of its files. Confined to the ingest thread. */
final class TailCounts {
    final FramingCounts framing = new FramingCounts();
    long readBytes;
    long renamed;
    long truncated;
    long lastLineMillis;

    private final Map<ReadFailure, Long> readErrors = new EnumMap<>(ReadFailure.class);
    private final Map<Gap, Long> gaps = new EnumMap<>(Gap.class);

    void readError(ReadFailure reason) {
        readErrors.merge(reason, 1L, Long::sum);
    }

    void gap(Gap reason) {
        gaps.merge(reason, 1L, Long::sum);
    }

    /** Grows with each new generation of the log. */
    long turns() {
        return renamed + truncated;
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
        out.writeByte(ReadFailure.values().length);
        for (ReadFailure reason : ReadFailure.values()) {
            out.writeUTF(reason.label());
            out.writeLong(readErrors.getOrDefault(reason, 0L));
        }
        out.writeByte(Gap.values().length);
        for (Gap reason : Gap.values()) {
            out.writeUTF(reason.label());
            out.writeLong(gaps.getOrDefault(reason, 0L));
        }
    }

    /** Takes over the counts of an earlier tail. */
    void restore(DataInput in) throws IOException {
        readBytes = in.readLong();
        renamed = in.readLong();
        truncated = in.readLong();
        lastLineMillis = in.readLong();
        framing.lines = in.readLong();
        framing.oversizedLines = in.readLong();
        framing.nulBytes = in.readLong();
        framing.tornLines = in.readLong();
        Map<String, Long> savedErrors = readCounts(in);
        for (ReadFailure reason : ReadFailure.values()) {
            readErrors.put(reason, savedErrors.getOrDefault(reason.label(), 0L));
        }
        Map<String, Long> savedGaps = readCounts(in);
        for (Gap reason : Gap.values()) {
            gaps.put(reason, savedGaps.getOrDefault(reason.label(), 0L));
        }
    }

    private static Map<String, Long> readCounts(DataInput in) throws IOException {
        Map<String, Long> byLabel = new LinkedHashMap<>();
        for (int count = in.readUnsignedByte(); count > 0; count--) {
            byLabel.put(in.readUTF(), in.readLong());
        }
        return byLabel;
    }
}

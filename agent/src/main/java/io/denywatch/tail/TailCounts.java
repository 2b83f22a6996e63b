package io.denywatch.tail;

import io.denywatch.count.CheckedInput;
import io.denywatch.count.Count;
import io.denywatch.count.EnumCounts;
import io.denywatch.tail.Unreadable.ReadFailure;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;

/** The counts of one stream or of all files of a tail. Confined to the thread that reads. */
public final class TailCounts {
    long lines;
    long oversizedLines;
    long nulBytes;
    public long readBytes;
    long renamed;
    long truncated;
    public long lostRecords; // of the kernel's log
    public long lastLineMillis;

    private final EnumCounts<ReadFailure> readErrors =
            new EnumCounts<>("read errors", ReadFailure.values(), ReadFailure::label);
    private final EnumCounts<Gap> gaps = new EnumCounts<>("gaps", Gap.values(), Gap::label);

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
        readErrors.add(reason, 1);
    }

    public void gap(Gap reason) {
        gaps.add(reason, 1);
    }

    /** Lines longer than {@link LineFramer#LINE_MAX_BYTES}, skipped. */
    public long oversizedLines() {
        return oversizedLines;
    }

    /** Beginnings of lines whose ends are lost because of NULs, a truncation or the final end of a file. */
    long tornLines() {
        return gaps.get(Gap.TORN_LINE);
    }

    /** Grows with each rotation. */
    long turns() {
        return Count.sum(renamed, truncated);
    }

    /** Counts by reason, including reasons that never occurred. */
    public Map<String, Long> readErrors() {
        return readErrors.byLabel();
    }

    /** Counts by reason, including reasons that never occurred. */
    public Map<String, Long> gaps() {
        return gaps.byLabel();
    }

    /**
     * Writes all counts except those from after the last complete line of each file, which will be counted again.
     */
    public void save(DataOutput out, long bytesAgain, long nulBytesAgain, long tornLinesAgain) throws IOException {
        out.writeLong(Math.max(0, readBytes - bytesAgain));
        out.writeLong(renamed);
        out.writeLong(truncated);
        out.writeLong(lastLineMillis);
        out.writeLong(lines);
        out.writeLong(oversizedLines);
        out.writeLong(Math.max(0, nulBytes - nulBytesAgain));
        out.writeLong(Math.max(0, tornLines() - tornLinesAgain));
        out.writeByte(readErrors.size());
        readErrors.save(out);
        out.writeByte(gaps.size());
        gaps.save(out);
    }

    /** Restores what {@link #save} wrote. */
    public void restore(DataInput state) throws IOException {
        CheckedInput in = CheckedInput.of(state);
        readBytes = in.count("bytes read");
        renamed = in.count("renamed logs");
        truncated = in.count("truncated logs");
        lastLineMillis = in.count("time of the last line");
        lines = in.count("lines");
        oversizedLines = in.count("oversized lines");
        nulBytes = in.count("NUL bytes");
        long tornLines = in.count("torn lines");
        readErrors.restore(in, in.readUnsignedByte());
        gaps.restore(in, in.readUnsignedByte());
        gaps.set(Gap.TORN_LINE, tornLines); // without what will be counted again
    }
}

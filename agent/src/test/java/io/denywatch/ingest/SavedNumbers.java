package io.denywatch.ingest;

import io.denywatch.count.CheckedInput;
import io.denywatch.tail.LogSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Where a checkpoint's record has its numbers, found out by restoring it: no test needs to know its form. */
public final class SavedNumbers {
    private final Supplier<IngestState> counts;
    private final Supplier<LogSource> source;

    /**
     * Restores records into these.
     *
     * @param counts new ones
     * @param source a new one
     */
    public SavedNumbers(Supplier<IngestState> counts, Supplier<LogSource> source) {
        this.counts = counts;
        this.source = source;
    }

    /**
     * What a record was restored to.
     *
     * @param counts of it
     * @param dropped what was left out, as {@link CheckedInput#dropped} says it
     * @param longs where longs were read
     * @param ints where ints were read
     * @param countsEnd where the counts end and the positions in the log begin
     */
    public record Restored(
            IngestState counts, String dropped, List<Integer> longs, List<Integer> ints, int countsEnd) {}

    /** Remembers where it was read in pieces of which size. */
    private static final class Recording extends ByteArrayInputStream {
        private final List<Integer> longs = new ArrayList<>();
        private final List<Integer> ints = new ArrayList<>();

        Recording(byte[] bytes) {
            super(bytes);
        }

        int position() {
            return pos;
        }

        @Override
        public synchronized int read(byte[] into, int from, int length) {
            if (length == Long.BYTES) {
                longs.add(pos);
            } else if (length == Integer.BYTES) {
                ints.add(pos);
            }
            return super.read(into, from, length);
        }
    }

    /** Restores a record. */
    public Restored restore(byte[] payload) throws IOException {
        Recording recording = new Recording(payload);
        CheckedInput in = new CheckedInput(recording);
        in.count("time of the first count");
        IngestState restored = counts.get();
        restored.restore(in);
        int countsEnd = recording.position();
        in.readUTF();
        source.get().restore(in);
        return new Restored(
                restored, in.dropped(), List.copyOf(recording.longs), List.copyOf(recording.ints), countsEnd);
    }
}

package io.denywatch.count;

import java.io.DataOutput;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A counter for each constant of an enum. They are saved by label, so that releases may know different ones. Confined to
 * the thread that counts.
 */
public final class EnumCounts<E extends Enum<E>> {
    private final String what;
    private final List<String> labels; // by ordinal
    private final long[] counts;

    /**
     * All at 0.
     *
     * @param what is counted, in words that a label follows
     * @param constants all that the enum has
     */
    public EnumCounts(String what, E[] constants, Function<E, String> label) {
        this.what = what;
        labels = Stream.of(constants).map(label).toList();
        counts = new long[constants.length];
    }

    /** Counts so many more. */
    public void add(E of, long more) {
        counts[of.ordinal()] = Count.sum(counts[of.ordinal()], more);
    }

    /** Replaces a count. */
    public void set(E of, long count) {
        counts[of.ordinal()] = count;
    }

    /** One of the counts. */
    public long get(E of) {
        return counts[of.ordinal()];
    }

    /** How many counts there are. */
    public int size() {
        return counts.length;
    }

    /** All counts together. */
    public long sum() {
        long sum = 0;
        for (long count : counts) {
            sum = Count.sum(sum, count);
        }
        return sum;
    }

    /** All counts, those at 0 as well, in the order of the enum. */
    public Map<String, Long> byLabel() {
        Map<String, Long> byLabel = new LinkedHashMap<>();
        for (int i = 0; i < counts.length; i++) {
            byLabel.put(labels.get(i), counts[i]);
        }
        return Collections.unmodifiableMap(byLabel);
    }

    /** Writes all counts; how many they are is for the caller to write. */
    public void save(DataOutput out) throws IOException {
        for (int i = 0; i < counts.length; i++) {
            out.writeUTF(labels.get(i));
            out.writeLong(counts[i]);
        }
    }

    /** Takes on so many saved counts; labels that are not known here are skipped. */
    public void restore(CheckedInput in, int saved) throws IOException {
        for (int i = 0; i < saved; i++) {
            String label = in.label();
            long count = in.count(what + " " + label);
            int known = labels.indexOf(label);
            if (known >= 0) {
                counts[known] = count;
            }
        }
    }
}
